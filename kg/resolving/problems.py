"""NamedProblem texts: which conditions a text names, and what it says of each.

A part of a text counts only where all of it was understood. Words before names reach over the
names that follow as far as they surely do; where it is open how far they reach, nothing is read
and the part is given back as not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from kg.resolving.problem_parts import Link, Part, Piece, parts_of, whole
from kg.resolving.problem_words import Word, split
from kg.snapshot.model import Snapshot, TextWord

_HowFar: TypeAlias = Literal["yes", "no", "doubt"]
# How far what stands before one name goes on over the next, by what it says and what joins them.
_YES: Mapping[Link, _HowFar] = {"either": "yes", "slash": "yes"}
_REACHES: Mapping[str, Mapping[Link, _HowFar]] = {
    "absent": {**_YES, "also": "doubt", "comma": "doubt", "cause": "doubt"},
    "other": {**_YES, "also": "yes", "comma": "doubt", "cause": "doubt"},
    "suspected": {**_YES, "also": "doubt", "comma": "doubt", "cause": "doubt"},
    "open": {**_YES, "also": "yes", "comma": "yes", "cause": "yes"},
    "resolved": {**_YES, "also": "doubt"},
}
# Under a heading all that is listed stands, whatever joins it.
_HEADED = ("absent", "other", "suspected", "open", "resolved")
_ENDS: tuple[Link, ...] = ("hard", "break", "start")


class NamedProblem(msgspec.Struct, frozen=True):
    """One condition that a text names, and what the text says of it."""

    terms: tuple[str, ...]
    phrases: tuple[TextWord, ...] = ()
    broader: bool = False
    date: str = ""


class ProblemText(NamedTuple):
    """What was read of a text, what was not, and what is named in that."""

    problems: tuple[NamedProblem, ...]
    unread: tuple[str, ...] = ()
    named_in_unread: tuple[str, ...] = ()


class _Reaching(NamedTuple):
    """What reaches from the names of one part to those of the next."""

    word: TextWord
    kind: str
    headed: bool
    tight: bool


class _State:
    """The parts of a text as they are read, one after the other."""

    def __init__(self, parts: list[Part], snapshot: Snapshot) -> None:
        self.parts = parts
        self.snapshot = snapshot
        self.carried: list[_Reaching | None] = [None] * len(parts)
        self.behind: list[list[Piece]] = [[] for _ in parts]
        self.doubtful = [False] * len(parts)
        self.used = [False] * len(parts)


def read_problems(text: str, snapshot: Snapshot) -> ProblemText:
    """Read all problems that a text names."""
    typed = split(text)
    alone = whole(typed, snapshot)
    if alone is not None:
        return ProblemText((NamedProblem(alone.terms, broader=alone.broader),))
    parts = parts_of(typed, snapshot)
    state = _State(parts, snapshot)
    _look_back(state)
    _look_ahead(state)
    _spoil(state)
    problems: list[NamedProblem] = []
    unread: list[str] = []
    named: list[str] = []
    for n, part in enumerate(parts):
        if state.doubtful[n]:
            unread.append(_written(part, typed, text))
            named += [t for p in part.names for t in p.terms]
        elif part.names:
            problems += _problems(n, state)
    return ProblemText(_once(problems), tuple(unread), tuple(dict.fromkeys(named)))


def _once(problems: list[NamedProblem]) -> tuple[NamedProblem, ...]:
    """Give each problem once that a text names twice, as by its abbreviation in brackets."""
    seen: dict[tuple[tuple[str, ...], tuple[TextWord, ...]], NamedProblem] = {}
    for problem in problems:
        seen.setdefault((problem.terms, problem.phrases), problem)
    return tuple(seen.values())


def kind_of(word: TextWord, snapshot: Snapshot) -> str:
    """Give what a word says of whether a condition is there; '' where it says nothing of that."""
    if word.certainty is not None:
        return "suspected" if snapshot.values[word.certainty].key == "suspected" else ""
    if word.course is None:
        return ""
    return snapshot.values[word.course].key or "open"


def _look_back(state: _State) -> None:
    """Let parts without a name of their own speak of the part before, or head what follows."""
    before: int | None = None
    for n, part in enumerate(state.parts):
        if part.link in ("hard", "start"):
            before = None
        if part.names:
            before = n
        elif not part.broken and before is not None and part.link not in ("break", "cause"):
            state.behind[before] += part.pieces
            state.used[n] = True
            _doubt_before(before, part.pieces, state)
        elif part.link == "cause" and not part.broken:
            state.used[n] = True


def _doubt_before(last: int, pieces: tuple[Piece, ...], state: _State) -> None:
    """Doubt what a word behind a list is about: the last of it, or all."""
    kinds = {kind_of(p.word, state.snapshot) for p in pieces if p.word}
    if not kinds & {"absent", "suspected", "resolved", "other"}:
        return
    all_in_doubt = bool(kinds & {"absent", "suspected", "other"})
    n = last
    while n > 0 and state.parts[n].link in ("also", "either", "slash", "comma"):
        joined = state.parts[n].link != "comma" or all_in_doubt
        n -= 1
        if state.parts[n].names and joined and not _own(n, state):
            state.doubtful[n] = True


def _own(n: int, state: _State) -> TextWord | None:
    """Find what a part itself says of whether its conditions are there, before its names."""
    for piece in state.parts[n].pieces:
        if piece.terms:
            return None
        if piece.word and (kind_of(piece.word, state.snapshot) or piece.word.course):
            return piece.word
    return None


def _look_ahead(state: _State) -> None:
    """Let what stands before a name go on over those that follow, as far as it surely does."""
    carried: _Reaching | None = None
    for n, part in enumerate(state.parts):
        if part.link in _ENDS:
            carried = None
        own = _own(n, state)
        if own is not None and not state.used[n]:
            kind = kind_of(own, state.snapshot)
            headed = bool(not part.names and _next_link(n, state) == "colon") or _colon(part)
            carried = _Reaching(own, kind, headed, own.words == ("?",)) if kind else None
            state.used[n] = state.used[n] or not part.names
            continue
        if carried is None or not part.names:
            continue
        reach = _reach(carried, n, state)
        if reach == "yes":
            state.carried[n] = carried
        elif reach == "doubt":
            state.doubtful[n] = True
        else:
            carried = None


def _next_link(n: int, state: _State) -> Link | None:
    return state.parts[n + 1].link if n + 1 < len(state.parts) else None


def _colon(part: Part) -> bool:
    return part.link == "colon"


def _reach(said: _Reaching, n: int, state: _State) -> _HowFar:
    link = state.parts[n].link
    if said.headed or (link == "colon" and not state.parts[n - 1].names):
        return "yes"
    if said.tight and link in ("comma", "also"):
        return "no" if link == "comma" else "doubt"
    if said.kind == "absent" and link == "comma" and _ends_in_either(n, state):
        return "yes"
    return _REACHES.get(said.kind, {}).get(link, "no")


def _ends_in_either(n: int, state: _State) -> bool:
    """Say whether a list goes on to an 'or': then what denies its first denies all of it."""
    for part in state.parts[n:]:
        if part.link == "either":
            return True
        if part.link != "comma":
            return False
    return False


def _spoil(state: _State) -> None:
    """Give back what was not understood, and the parts whose meaning it may turn round."""
    for n, part in enumerate(state.parts):
        if part.names and not part.broken:
            if not _binds(part, state):
                state.doubtful[n] = True
            continue
        if not part.broken and (state.used[n] or part.names):
            continue
        state.doubtful[n] = True
        if part.names or part.link in ("also", "either", "cause"):
            continue
        if part.link in ("comma", "colon", "slash") and n > 0:
            state.doubtful[n - 1] = True
        elif n + 1 < len(state.parts) and state.parts[n + 1].link in ("comma", "colon"):
            state.doubtful[n + 1] = True


def _binds(part: Part, state: _State) -> bool:
    """Say whether it is plain which names of a part its words are about."""
    names = [n for n, p in enumerate(part.pieces) if p.terms]
    if len(names) == 1:
        return True
    if not all(part.pieces[n].short for n in names):
        # One name directly behind another may be but a part of a longer one that nobody listed.
        return False
    inner = [p for p in part.pieces[names[0] : names[-1]] if p.word]
    outer = [p for p in (*part.pieces[: names[0]], *part.pieces[names[-1] :]) if p.word]
    turning = any(
        p.word and kind_of(p.word, state.snapshot) in ("absent", "other", "suspected", "resolved")
        for p in outer
    )
    return not turning and not any(
        p.word and (kind_of(p.word, state.snapshot) or p.word.course) for p in inner
    )


def _problems(n: int, state: _State) -> list[NamedProblem]:
    """Give the problems of one part, each with the words that are about it."""
    part, carried, found = state.parts[n], state.carried[n], []
    names = [k for k, p in enumerate(part.pieces) if p.terms]
    shared = (carried.word,) if carried else _left_open(n, state)
    for place, k in enumerate(names):
        first = 0 if place == 0 else k
        last = names[place + 1] if place + 1 < len(names) else len(part.pieces)
        around = [*part.pieces[first:last]]
        if place > 0:
            around = [*part.pieces[: names[0]], *around]
        if place == len(names) - 1:
            around += state.behind[n]
        words = tuple([p.word for p in around if p.word])
        date = next((p.date for p in around if p.date), "")
        piece = part.pieces[k]
        found.append(NamedProblem(piece.terms, (*shared, *words), piece.broader, date))
    return found


def _left_open(n: int, state: _State) -> tuple[TextWord, ...]:
    """Give the word that leaves open whether it is this condition or the one beside it."""
    if _own(n, state) is not None:
        return ()
    after = state.parts[n + 1] if n + 1 < len(state.parts) else None
    for part in (state.parts[n], after):
        if part is not None and part.joint and part.joint.certainty and part.names:
            return (part.joint,)
    return ()


def _written(part: Part, typed: list[Word], text: str) -> str:
    first, last = typed[part.pieces[0].start], typed[part.pieces[-1].end - 1]
    return text[first.start : last.end].strip()
