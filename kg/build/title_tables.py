"""Tables of titles: the words that a classification itself gives its codes.

One table a system, `mappings/SYSTEM.titles.tsv`: a code and a title a line, sorted. A title that
several codes share stands once, with the code of which it is true whatever else is meant.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from kg.errors import TableError
from kg.snapshot.spelling import title_key

SUFFIX: Final = ".titles.tsv"
_REMARK: Final = "#"


def titles_of(root: Path, system: str) -> str:
    """Give the titles of a system as lines of a code and a title in the form of look-ups."""
    path = root / "mappings" / f"{system}{SUFFIX}"
    if not path.exists():
        return ""
    shown = path.relative_to(root.parent).as_posix()
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [(n, line) for n, line in enumerate(lines, 1) if not line.startswith(_REMARK)]
    seen: dict[str, str] = {}
    before = ""
    for number, line in rows:
        code, _, title = line.partition("\t")
        key = title_key(title)
        if not code or not key or line <= before or seen.get(key, code) != code:
            raise TableError(
                code="title-row",
                message="this is no code and title, stands out of its order, or stands twice",
                subject=line[:80],
                location=f"{shown}:{number}",
                repair="write CODE, a tab and the title, sorted, each title once",
            )
        seen[key], before = code, line
    return "".join(f"{code}\t{key}\n" for key, code in sorted(seen.items()))
