"""An answer to an assistant, of which every part says by itself how far it can be relied on.

Hosts drop the text or the structured half, keep the first block, cut at some length from either
end, and leave out what is false or empty. So status, verdict and unread names stand first in both
halves and last in the text, in words that are never empty and never false.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from kg import terms

AnswerStatus = Literal["complete", "not complete", "not answered", "no patient"]

# A host may cut at this length; what must survive is never longer.
HEAD = 400
_SAID: dict[AnswerStatus, str] = {
    "complete": "COMPLETE: all that was given was read and judged.",
    "not complete": "NOT COMPLETE: what is not named here was not judged.",
    "not answered": "NOT ANSWERED: nothing was judged.",
    "no patient": "NO PATIENT: this is what the release knows; nothing follows for a patient.",
}
_LONGEST_VERDICT, _LONGEST_NAME, _MOST_NAMES = 150, 32, 3
# Shorter words of a caller's claim nothing.
_SHORTEST_CLAIM = 6
_LONGEST_UNREAD, _MOST_LINES, _LONGEST_LINE = 80, 80, 2_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\s]+")


@dataclass(frozen=True)
class ToldAnswer:
    """One answer: what must survive, then whatever else there is."""

    status: AnswerStatus
    verdict: str
    unread: Sequence[str] = ()
    lines: Sequence[str] = ()
    # What else the caller wrote and an answer may repeat.
    written: Sequence[str] = ()
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def head(self) -> str:
        """Give status, verdict and unread names in one line that no host cuts."""
        verdict = self._short_verdict
        said = f"{_SAID[self.status]} {verdict}{'' if verdict.endswith(('.', '?', '…')) else '.'}"
        if self.unread:
            shown = [quoted(name, _LONGEST_NAME) for name in self.unread[:_MOST_NAMES]]
            more = len(self.unread) - len(shown)
            said += f" Not read: {', '.join(shown)}{f' and {more} more' if more else ''}."
        return said

    @property
    def text(self) -> str:
        """Give the whole answer in words; what must survive stands at both ends."""
        shown = [_cut(self._quoting(line), _LONGEST_LINE) for line in self.lines[:_MOST_LINES]]
        if len(self.lines) > _MOST_LINES:
            shown.append(f"{len(self.lines) - _MOST_LINES} more lines stand in the other half.")
        if not shown:
            return self.head
        return "\n".join([self.head, *shown, terms.DISCLAIMER, self.head])

    @property
    def _short_verdict(self) -> str:
        return _cut(self._quoting(self.verdict), _LONGEST_VERDICT)

    def _quoting(self, line: str) -> str:
        """Put what a caller wrote in quotes, so that none of it is taken for ours."""
        for name in (*self.unread[:_MOST_LINES], *self.written):
            if len(name) >= _SHORTEST_CLAIM and name in line:
                line = line.replace(f"“{name}”", name).replace(name, quoted(name))
        return line

    @property
    def structured(self) -> dict[str, Any]:
        """Give the same as data; what must survive stands first, and is never false or empty."""
        unread = [_cut(name, _LONGEST_UNREAD) for name in self.unread]
        return {
            "said": self.head,
            "status": self.status,
            "verdict": self._short_verdict,
            "unread": unread or ["nothing"],
            **self.data,
        }


def quoted(name: str, longest: int = _LONGEST_UNREAD) -> str:
    """Quote a caller's own words, in one line and with an end."""
    return f"“{_cut(name.replace('“', chr(39)).replace('”', chr(39)), longest)}”"


def _cut(text: str, longest: int) -> str:
    plain = _CONTROL.sub(" ", text).strip()
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"


# What every answer holds, for a host that checks it.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["said", "status", "verdict", "unread"],
    "properties": {
        "said": {"type": "string", "description": "status, verdict and unread names in one line"},
        "status": {"type": "string", "enum": list(_SAID)},
        "verdict": {"type": "string"},
        "unread": {
            "type": "array",
            "items": {"type": "string"},
            "description": "entries that were not read; 'nothing' where all were",
        },
    },
}
