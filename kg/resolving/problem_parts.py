"""What stands in a problem text: names, words that say something of them, dates, and the rest.

The longest name or phrase at each place counts. What is none of these stays and spoils its part.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from kg.resolving.free_text import Lexicon, lexicons
from kg.resolving.problem_words import SEVERAL, Word
from kg.resolving.titles import titled, titles
from kg.snapshot.model import Snapshot, TextWord
from kg.snapshot.names import JOINING, key_of, names_of, words
from kg.snapshot.once import once_per_snapshot
from kg.snapshot.spelling import evenly

Link = Literal["start", "hard", "comma", "slash", "colon", "also", "either", "break", "cause"]
# Names are not longer than this; titles are.
_LONGEST_NAME = 14


class Piece(NamedTuple):
    """One name, phrase, date or unknown word of a text, from one word to another."""

    start: int
    end: int
    terms: tuple[str, ...] = ()
    broader: bool = False
    word: TextWord | None = None
    date: str = ""
    # Whether a name is an abbreviation, in capitals or with a figure.
    short: bool = False

    @property
    def unknown(self) -> bool:
        """Say whether this was not understood."""
        return not (self.terms or self.word or self.date)


class Part(NamedTuple):
    """A stretch of a text between marks and joining words, and how it hangs on the one before."""

    link: Link
    pieces: tuple[Piece, ...]
    # The words that join it to the part before, where there are such.
    joint: TextWord | None = None

    @property
    def names(self) -> list[Piece]:
        """Give the names of the part."""
        return [p for p in self.pieces if p.terms]

    @property
    def broken(self) -> bool:
        """Say whether the part holds what was not understood."""
        return any(p.unknown for p in self.pieces)


class ProblemNames(NamedTuple):
    """The names of conditions: as they are listed, in one spelling, and in their order."""

    exact: dict[str, tuple[str, ...]]
    even: dict[str, tuple[str, ...]]
    ordered: frozenset[tuple[str, ...]]
    capitals: frozenset[str]
    # Of each word the length of the longest name that holds it.
    longest: dict[str, int]


@once_per_snapshot
def problem_names(snapshot: Snapshot) -> ProblemNames:
    """Give the names under which conditions are looked up."""
    exact = names_of(snapshot)["condition"].proper
    even: dict[str, set[str]] = {}
    for key, found in exact.items():
        even.setdefault(key_of(evenly(key.split())), set()).update(found)
    for iri, condition in snapshot.conditions.items():
        for name in condition.names:
            if several := SEVERAL.search(name):
                one = name[: several.end() - 1] + name[several.end() :]
                even.setdefault(key_of(evenly(words(one))), set()).add(iri)
    ordered = {
        tuple(w for w in evenly(words(name)) if w not in JOINING)
        for condition in snapshot.conditions.values()
        for name in (condition.label, *condition.names)
    }
    longest: dict[str, int] = {}
    for name in even:
        held = name.split()
        for word in held:
            longest[word] = max(len(held), longest.get(word, 0))
    capitals = {key_of(words(t)) for w in snapshot.text_words if w.in_capitals for t in w.words}
    return ProblemNames(
        exact,
        {key: tuple(sorted(found)) for key, found in even.items()},
        frozenset(ordered),
        frozenset(capitals),
        longest,
    )


def parts_of(text: list[Word], snapshot: Snapshot) -> list[Part]:
    """Part a text, and find what stands in each part."""
    parts: list[Part] = []
    link: Link = "start"
    joint: TextWord | None = None
    pieces: list[Piece] = []
    for piece in _pieces(text, snapshot):
        joins = piece.word.joins if piece.word else None
        joins = None if joins == "caused" else joins
        by_mark = _link(text[piece.start], first=not parts and not pieces)
        if (by_mark or joins) and (pieces or by_mark == "hard"):
            if pieces:
                parts.append(Part(link, tuple(pieces), joint))
            link, joint, pieces = by_mark or "comma", None, []
        if joins:
            link = link if link == "hard" and not pieces else joins
            joint = piece.word
            continue
        if pieces and _begins_anew(piece, pieces):
            parts.append(Part(link, tuple(pieces), joint))
            link, joint, pieces = "also", None, []
        pieces.append(piece)
    if pieces:
        parts.append(Part(link, tuple(pieces), joint))
    return parts


def _begins_anew(piece: Piece, before: list[Piece]) -> bool:
    """Say whether a word that says something stands behind a name and does not look back."""
    word = piece.word
    says = word and (word.course or word.certainty or word.severity or word.grade)
    return bool(says and word and not word.looks_back and any(p.terms for p in before))


def _link(word: Word, *, first: bool) -> Link | None:
    if not word.marks or first:
        return None
    if word.hard:
        return "hard"
    if ":" in word.marks:
        return "colon"
    if "/" in word.marks:
        return "slash"
    return "also" if word.marks in ("&", "+") else "comma"


def _pieces(text: list[Word], snapshot: Snapshot) -> Iterator[Piece]:
    names, lexicon = problem_names(snapshot), lexicons(snapshot)["condition"]
    longest = max(_LONGEST_NAME, titles(snapshot).longest)
    at, caused = 0, False
    while at < len(text):
        word = text[at]
        if word.date:
            yield Piece(at, at + 1, date=word.text)
            at += 1
            continue
        end = at + 1
        while end < len(text) and end - at < longest and not (text[end].hard or text[end].date):
            end += 1
        named = _named(text[at:end], at, names, snapshot)
        said = _said(text[at:end], at, lexicon, caused=caused)
        if named is not None and _abbreviates(text[at : named.end]):
            named = named._replace(short=True)
        best = said if named is None or (said and said.end >= named.end) else named
        if named is not None and best is named and said is not None:
            # A name that only begins a longer one leaves its end unread: its first word may say
            # something of the longer name that stands behind it.
            behind = _named(text[said.end : end], said.end, names, snapshot)
            best = said if behind is not None and behind.end > named.end else named
        if best is None and word.text in JOINING:
            at += 1
            continue
        if best is None and caused:
            best = _cause(text[at:end], at, snapshot)
        caused = bool(best and best.word and best.word.joins == "cause") or (
            caused and not (best is None or best.terms)
        )
        yield best or Piece(at, at + 1)
        at = best.end if best else at + 1


def _named(text: list[Word], at: int, names: ProblemNames, snapshot: Snapshot) -> Piece | None:
    """Find the longest name or title that begins a text."""
    evened = [w.evened for w in text]
    most = _most_words(evened, names)
    titled_to = titles(snapshot).openings.get(tuple(evened[:2]), 1)
    for length in range(min(len(text), max(most, titled_to)), 0, -1):
        coded = titled(evened[:length], snapshot) if length <= titled_to else None
        found = _name(text[:length], names) if length <= most else ()
        if coded is not None and not _fits(found, coded.term, snapshot):
            return Piece(at, at + length, (coded.term,), coded.broader)
        if found:
            return Piece(at, at + length, found)
    return None


def _most_words(evened: list[str], names: ProblemNames) -> int:
    """Give the length of the longest beginning of a text that may be a name, by its words."""
    most, counted = _LONGEST_NAME, 0
    for length, word in enumerate(evened, 1):
        if word not in JOINING:
            counted += 1
            most = min(most, names.longest.get(word, 0))
        if counted > most:
            return length - 1
        if length == _LONGEST_NAME:
            break
    return min(len(evened), _LONGEST_NAME)


def _fits(found: tuple[str, ...], term: str, snapshot: Snapshot) -> bool:
    """Say whether a name stands before a title of these words: it is as close, or a question."""
    if len(found) != 1:
        return bool(found)
    wide = snapshot.conditions[term].unspecified_of or term
    return found[0] == term or wide in snapshot.conditions[found[0]].ancestors


def _abbreviates(name: list[Word]) -> bool:
    """Say whether a name is written as an abbreviation: in capitals, or mixed with figures."""
    letters = [w for w in name if not w.text.isdigit()]
    return bool(letters) and all(w.capitals or not w.text.isalpha() for w in letters)


def whole(text: list[Word], snapshot: Snapshot) -> Piece | None:
    """Read a text that is nothing but one name or title, whatever its marks and their order."""
    if not text or any(w.date and not w.text.isdigit() for w in text):
        return None
    names = problem_names(snapshot)
    key = key_of([w.text for w in text])
    found = names.exact.get(key) or names.exact.get("".join(key.split())) or ()
    if key in names.capitals and not all(w.capitals for w in text):
        found = ()
    coded = titled([w.evened for w in text], snapshot)
    if coded is not None and not _fits(found, coded.term, snapshot):
        return Piece(0, len(text), (coded.term,), coded.broader)
    return Piece(0, len(text), found) if found else None


def _name(text: list[Word], names: ProblemNames) -> tuple[str, ...]:
    if text[0].text in JOINING or text[-1].text in JOINING:
        return ()
    found = names.even.get(key_of([w.evened for w in text]))
    if found is None:
        return ()
    key = key_of([w.text for w in text])
    found = names.exact.get(key, found)
    if key in names.capitals and not all(w.capitals for w in text):
        return ()
    marks = "".join([w.marks for w in text[1:]])
    joined = any(w.text == "and" for w in text)
    if (joined or marks not in ("", ",")) and not _in_order(text, names):
        return ()
    return found


def _in_order(text: list[Word], names: ProblemNames) -> bool:
    return tuple([w.evened for w in text if w.text not in JOINING]) in names.ordered


def _said(text: list[Word], at: int, lexicon: Lexicon, *, caused: bool) -> Piece | None:
    for phrase, word in lexicon.phrases.get(text[0].text, ()):
        if word.joins == "caused" and not caused:
            continue
        if tuple([w.text for w in text[: len(phrase)]]) == phrase:
            return Piece(at, at + len(phrase), word=word)
    return None


_CAUSE = TextWord(words=(), beside="condition")


def _cause(text: list[Word], at: int, snapshot: Snapshot) -> Piece | None:
    """Find a medicine that is named as a cause: it is no condition, and was understood."""
    groups = names_of(snapshot)
    for length in (3, 2, 1):
        key = key_of([w.text for w in text[:length]])
        for group in ("drug", "class"):
            if len(text) >= length and (key in groups[group].proper or key in groups[group].brands):
                return Piece(at, at + length, word=_CAUSE)
    return None
