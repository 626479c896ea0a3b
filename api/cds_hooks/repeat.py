"""Cards shown when an order was selected, withheld when it is signed if the client asks for that.

Only the client decides: without its two configuration items nothing is withheld. What was shown
is remembered for an hour in this process and nowhere else, under a keyed hash, so that no
patient data is kept. A worker that does not remember shows the card again.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable

from api.cds_hooks.call import Call
from api.cds_hooks.standard import SELECT, SIGN
from kg.contract.report import Finding

CACHE, FILTER = "cache-for-order-sign-filtering", "filter-out-repeated-alerts"
CONFIGURATION = (
    {
        "code": CACHE,
        "type": "boolean",
        "name": "Remember for signing",
        "description": "Remember the cards of order-select, so that order-sign can leave them out.",
    },
    {
        "code": FILTER,
        "type": "boolean",
        "name": "Leave out what was shown",
        "description": "Leave out of order-sign what order-select has shown to the same person.",
    },
)
_SECONDS = 3600.0
_MOST = 20_000


class Repeats:
    """Remembers which findings were shown to whom, about whom, within the last hour."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._shown: OrderedDict[bytes, float] = OrderedDict()

    def hidden(self, call: Call, findings: Iterable[Finding]) -> frozenset[str]:
        """Give the advisories that need not be said again, as far as the client asks for it."""
        # Where nobody is named, nobody can say that the same person has seen them.
        if not call.user or call.hook != SIGN or not call.configured(FILTER):
            return frozenset()
        return frozenset(f.advisory for f in findings if self._was_shown(self._key(call, f)))

    def remember(self, call: Call, advisories: Iterable[str], findings: Iterable[Finding]) -> None:
        """Remember what cards said, where the client asks for it."""
        if call.user and call.hook == SELECT and call.configured(CACHE):
            said = set(advisories)
            for finding in findings:
                if finding.advisory in said:
                    self._remember(self._key(call, finding))

    def _key(self, call: Call, finding: Finding) -> bytes:
        """Name a finding for one patient, encounter and person; stronger advice is another."""
        encounter = str(call.context.get("encounterId", ""))
        causes = sorted({b.term for b in finding.because})
        parts = (call.patient, encounter, call.user, finding.advisory, finding.severity, *causes)
        text = "\x1f".join(parts).encode()
        return hmac.new(self._secret, text, hashlib.sha256).digest()

    def _remember(self, key: bytes) -> None:
        self._shown[key] = self._clock()
        self._shown.move_to_end(key)
        while len(self._shown) > _MOST:
            self._shown.popitem(last=False)

    def _was_shown(self, key: bytes) -> bool:
        when = self._shown.get(key)
        if when is None:
            return False
        if self._clock() - when > _SECONDS:
            del self._shown[key]
            return False
        return True
