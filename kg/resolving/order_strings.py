"""Order strings: the name of a medicine among strengths, forms, routes, makers and remarks.

A text is taken apart from left to right: at each place the longest name or known word. What is
neither a name, a dose, a number nor a known word leaves a question, and so do two names that
nothing joins: a text is read whole or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from kg.resolving.combinations import combinations_by_parts, drugs_of
from kg.resolving.doses import NOT_SAID, daily
from kg.resolving.free_text import Lexicon, Said, lexicons
from kg.resolving.known import known_terms
from kg.resolving.medicine_names import Meaning, MedicineNames, medicine_names
from kg.resolving.order_tokens import OrderTokens, Token, split
from kg.snapshot.model import Snapshot, TextWord
from kg.snapshot.names import key_of

_JOINING = frozenset({"and", "with", "plus", "w", "und", "et", "e", "y", "mit", "avec", "con"})
# Joining words that may stand anywhere; the others join two names or are part of one.
_SILENT = frozenset({"and", "with", "und", "et", "w"})
# Behind these a fluid is that in which a medicine is given.
_DISSOLVING = frozenset({"in"})
# Numbers and marks of packs, cycles and days, which say nothing of the drug.
_NUMBERED = re.compile(
    r"(?:\d+|[xn]\d+|\d+x|[cd]\d+|c\d+d\d+|d\d+c\d+|\d+(?:st|nd|rd|th)|\d+s|nda\d+)\Z"
)
# The four letters behind a hyphen that tell products of one biological apart.
_SUFFIX = re.compile(r"[a-z]{4}\Z")
_BIOLOGICAL = re.compile(r"(?:mab|stim|cept|ase|gine|part|spro|lfa|ogamicin)\Z")
_FIGURES = {"one": 1, "two": 2, "three": 3, "four": 4}


class NamePart(NamedTuple):
    """A name in a text: where it stands among the pieces, and what it means."""

    start: int
    end: int
    depth: int
    meaning: Meaning
    written: str
    other_language: bool = False


class OrderRead(NamedTuple):
    """What a text names, what it says beside, or why it names nothing for certain."""

    terms: tuple[str, ...] = ()
    said: Said = Said()
    reason: str = ""
    suggestions: tuple[str, ...] = ()
    note: str = ""


class _Pieces(NamedTuple):
    """The names of a text, its known words, and what is neither."""

    names: list[NamePart]
    phrases: list[tuple[int, int, TextWord]]
    unknown: list[int]
    numbered: bool


def read_order(text: str, snapshot: Snapshot) -> OrderRead:
    """Read a text; without a reason where no name stands in it at all."""
    tokens = split(text)
    words = lexicons(snapshot)["medication"]
    names = medicine_names(snapshot)
    for words_first in (True, False):
        pieces = _taken_apart(tokens, names, words, words_first=words_first)
        if pieces.names:
            break
    return _OrderReader(tokens, pieces, words, snapshot).read()


def _taken_apart(
    order: OrderTokens, names: MedicineNames, words: Lexicon, *, words_first: bool
) -> _Pieces:
    """Find the longest name or known word at each place."""
    tokens = order.tokens
    found = _Pieces([], [], [], numbered=False)
    at, numbered = 0, False
    while at < len(tokens):
        token = tokens[at]
        if token.kind != "word":
            at += 1
            continue
        run = _run(tokens, at, names.longest)
        name = _name_at(order, run, names)
        word = words.at([tokens[n].text for n in run])
        length = len(run[: word[0]]) if word else 0
        if name is not None and (
            name.end - at > (run[length - 1] + 1 - at if length else 0)
            or (
                name.end - at == (run[length - 1] + 1 - at if length else 0)
                and not (words_first and (name.meaning.short or name.meaning.trade))
            )
        ):
            found.names.append(name)
            at = name.end
        elif word is not None:
            last = run[length - 1]
            found.phrases.append((at, last + 1, word[1]))
            at = last + 1
        else:
            if _NUMBERED.match(token.text):
                numbered = True
            elif token.text in _SILENT or token.text == "%":
                pass
            else:
                found.unknown.append(at)
            at += 1
    return found._replace(numbered=numbered)


def _run(tokens: Sequence[Token], at: int, longest: int) -> list[int]:
    """List the words from a place on that may belong to one name: no bracket or dose between."""
    run, depth = [at], tokens[at].depth
    for n in range(at + 1, len(tokens)):
        token = tokens[n]
        if token.kind in ("open", "close", "dose", "arrow", "date") or token.depth != depth:
            break
        if token.kind == "word":
            run.append(n)
            if len(run) == longest:
                break
    return run


def _name_at(order: OrderTokens, run: list[int], names: MedicineNames) -> NamePart | None:
    """Find the longest name that begins at a place."""
    tokens = order.tokens
    usable = 0
    for n in run:
        if tokens[n].text not in names.words and tokens[n].text not in _JOINING | {"of", "the"}:
            break
        usable += 1
    for length in range(usable, 0, -1):
        last = run[length - 1]
        if length == 1 and tokens[last].text in _JOINING:
            continue
        written = order.text[tokens[run[0]].start : tokens[last].end]
        meaning = names.of([tokens[n].text for n in run[:length]], written)
        if meaning is not None:
            return NamePart(run[0], last + 1, tokens[run[0]].depth, meaning, written)
    return None


def _inside(pieces: _Pieces, beside: str) -> set[int]:
    """Give the pieces that belong to known words of one kind."""
    return {n for a, b, w in pieces.phrases if w.beside == beside for n in range(a, b)}


def read_as(written: str, meaning: Meaning, snapshot: Snapshot) -> str:
    """Say as what a name was read that is spelt in another way."""
    known = known_terms(snapshot)
    return f"'{written}' is read as " + " with ".join(known[t].label for t in meaning.terms or ())


class _OrderReader:
    """Makes one reading of the pieces of a text."""

    def __init__(
        self, order: OrderTokens, pieces: _Pieces, words: Lexicon, snapshot: Snapshot
    ) -> None:
        self.order, self.tokens = order, order.tokens
        self.pieces, self.words, self.snapshot = pieces, words, snapshot
        self.first = min((n.start for n in pieces.names), default=0)
        self.ends = {n.end for n in pieces.names}
        self.fluid = _inside(pieces, "diluent")
        self.names = [n for n in pieces.names if not self._dissolves(n) and not self._is_salt(n)]
        self.skipped = self._makers()
        self.directed = self._directed()

    def read(self) -> OrderRead:
        """Read the text whole, or say why it cannot be."""
        names = [n for n in self.names if n.start not in self.skipped]
        unknown = self._unknown()
        names, unknown = self._other_languages(names, unknown)
        suggestions = tuple(dict.fromkeys(t for n in names for r in n.meaning.readings for t in r))
        if not names:
            return OrderRead()
        refused = [w for _, _, w in self.pieces.phrases if w.refutes]
        if refused:
            return OrderRead(reason="the text says that this is not taken", suggestions=suggestions)
        if unknown:
            first = self.order.text[self.tokens[unknown[0]].start : self.tokens[unknown[0]].end]
            return OrderRead(
                reason=f"'{first}' beside a name is no word that is known here",
                suggestions=suggestions,
            )
        return self._one_meaning(names, suggestions)

    def _one_meaning(self, names: list[NamePart], suggestions: tuple[str, ...]) -> OrderRead:
        certain = [n for n in names if n.meaning.terms is not None]
        whole: frozenset[str] = frozenset()
        last: NamePart | None = None
        for name in certain:
            terms = name.meaning.terms or ()
            drugs = drugs_of(terms, self.snapshot)
            if last is not None and not (drugs <= whole or whole <= drugs):
                narrower = self._narrower(whole, drugs)
                if narrower is not None:
                    whole, last = narrower, name
                    continue
                if not self._joined(last, name) and (
                    whole | drugs not in combinations_by_parts(self.snapshot)
                ):
                    return OrderRead(
                        reason="this names two medicines, and nothing says how they go together",
                        suggestions=suggestions,
                    )
            whole, last = whole | drugs, name
        for name in names:
            if name.meaning.terms is not None:
                continue
            readings = [drugs_of(r, self.snapshot) for r in name.meaning.readings]
            if not certain or whole not in readings:
                return OrderRead(reason=self._question(name), suggestions=suggestions)
        known = combinations_by_parts(self.snapshot).get(whole)
        terms = (known,) if known else tuple(self._in_order(certain, whole))
        note = "; ".join(
            read_as(n.written, n.meaning, self.snapshot)
            for n in certain
            if n.other_language or n.meaning.misspelt
        )
        return OrderRead(terms, self._said(certain), note=note)

    def _in_order(self, certain: list[NamePart], whole: frozenset[str]) -> list[str]:
        found = []
        for name in certain:
            for term in name.meaning.terms or ():
                drugs = drugs_of((term,), self.snapshot)
                if drugs <= whole:
                    found += [d for d in sorted(drugs) if d not in found]
        return found

    def _narrower(self, one: frozenset[str], other: frozenset[str]) -> frozenset[str] | None:
        """Give the drug where one of two names is a class that it belongs to."""
        classes = self.snapshot.classes
        for wide, narrow in ((one, other), (other, one)):
            group = classes.get(next(iter(wide))) if len(wide) == 1 else None
            if group is not None and narrow and narrow <= set(group.members):
                return narrow
        return None

    def _question(self, name: NamePart) -> str:
        readings = [r for r in name.meaning.readings if r]
        if not readings:
            return f"'{name.written}' is not read: write the name in full"
        what = "a trade name" if name.meaning.trade else "a name"
        known = known_terms(self.snapshot)
        listed = [" with ".join(known[t].label for t in r) for r in readings]
        if len(readings) < len(name.meaning.readings):
            listed.append("another product")
        return f"this is {what} of " + " and of ".join(listed)

    def _joined(self, one: NamePart, other: NamePart) -> bool:
        """Say whether something between two names joins them, on one level of brackets."""
        if one.depth != other.depth:
            return False
        for token in self.tokens[one.end : other.start]:
            if token.kind == "arrow":
                return False
            if token.kind == "join" or (token.kind == "stop" and token.text in ",;"):
                return True
            if token.kind == "word" and token.text in _JOINING:
                return True
        between = self.order.text[self.tokens[one.end - 1].end : self.tokens[other.start].start]
        return between.startswith("-") or between.endswith("-")

    # --- what is passed over -----------------------------------------------------------------

    def _dissolves(self, name: NamePart) -> bool:
        """Say whether a name is that of what another medicine is dissolved in."""
        if (
            name.start == self.first
            or key_of([t.text for t in self.tokens[name.start : name.end] if t.kind == "word"])
            not in self.words.diluents
        ):
            return False
        at = name.start - 1
        while at > self.first and (self._is_amount(at) or self.tokens[at].text in _SILENT):
            at -= 1
        return at in self.fluid or self.tokens[at].text in _DISSOLVING

    def _is_amount(self, at: int) -> bool:
        token = self.tokens[at]
        return token.kind in ("dose", "stop", "open") or token.text.isdecimal()

    def _is_salt(self, name: NamePart) -> bool:
        """Say whether a name is only the salt of the one right before it, or of a brand's."""
        inside = [t.text for t in self.tokens[name.start : name.end] if t.kind == "word"]
        if not all(word in self.words.salts for word in inside):
            return False
        return name.start in self.ends

    def _makers(self) -> set[int]:
        """Find the pieces in brackets that name a maker and no medicine."""
        makers = _inside(self.pieces, "maker")
        found: set[int] = set()
        start, named = -1, False
        for n, token in enumerate(self.tokens):
            if token.kind == "open" and token.depth == 1:
                start, named = n, False
            elif token.kind == "close" and token.depth == 1 and start >= 0:
                if named:
                    found.update(range(start, n + 1))
                start = -1
            named = named or n in makers
        return found

    def _unknown(self) -> list[int]:
        """List the words that are no name and not known, where they could change the reading."""
        left = []
        for at in self.pieces.unknown:
            text = self.tokens[at].text
            passed = (
                at in self.skipped
                or text in self.words.salts
                or self._is_suffix(at)
                or self._is_day(at)
                or at in self.directed
            )
            if not passed:
                left.append(at)
        return left

    def _is_suffix(self, at: int) -> bool:
        """Say whether a word is the suffix of a biological: four letters behind a hyphen."""
        if at == 0 or not _SUFFIX.match(self.tokens[at].text):
            return False
        before = self.tokens[at - 1]
        behind = self.order.text[before.end : self.tokens[at].start] == "-"
        return behind and at in self.ends and bool(_BIOLOGICAL.search(before.text))

    def _is_day(self, at: int) -> bool:
        """Say whether a letter stands for a day that is counted from a transplant."""
        return self.tokens[at].text in ("d", "d-", "d+") and (
            at + 1 < len(self.tokens) and self.tokens[at + 1].text.isdecimal()
        )

    def _directed(self) -> set[int]:
        """Find the pieces behind words that open directions, on the same level of brackets."""
        named = min((n.end for n in self.names), default=len(self.tokens))
        opened = {b for a, b, w in self.pieces.phrases if w.directs and a >= named}
        found: set[int] = set()
        behind = False
        for n, token in enumerate(self.tokens):
            behind = token.kind not in ("open", "close") and (behind or n in opened)
            if behind:
                found.add(n)
        return found

    def _other_languages(
        self, names: list[NamePart], unknown: list[int]
    ) -> tuple[list[NamePart], list[int]]:
        """Read unknown words as international names of other languages."""
        if not unknown:
            return names, unknown
        words = [n for n, t in enumerate(self.tokens) if t.kind == "word"]
        places = {n: place for place, n in enumerate(words)}
        found: list[NamePart] = []
        read: set[int] = set()
        for at in unknown:
            part = None if at in read else self._in_other_language(words, places[at])
            if part is not None:
                found.append(part)
                read.update(range(part.start, part.end))
        apart = [n for n in names if read.isdisjoint(range(n.start, n.end))]
        left = [at for at in unknown if at not in read]
        return sorted([*apart, *found], key=lambda n: n.start), left

    def _in_other_language(self, words: list[int], place: int) -> NamePart | None:
        """Read a word, or up to three of which it is one, as a name of another language."""
        index = medicine_names(self.snapshot)
        for first, last in ((place - 1, place + 1), (place, place + 1), (place - 1, place),
                            (place, place)):  # fmt: skip
            if first < 0 or last >= len(words):
                continue
            run = words[first : last + 1]
            tokens = self.tokens[run[0] : run[-1] + 1]
            if any(t.kind != "word" or t.depth != tokens[0].depth for t in tokens):
                continue
            meaning = index.in_other_language([t.text for t in tokens])
            if meaning is not None:
                written = self.order.text[tokens[0].start : tokens[-1].end]
                return NamePart(
                    run[0], run[-1] + 1, tokens[0].depth, meaning, written, other_language=True
                )
        return None

    # --- what is said beside -----------------------------------------------------------------

    def _said(self, names: list[NamePart]) -> Said:
        phrases = [
            (a, w)
            for a, _, w in self.pieces.phrases
            if w.beside == "medication" and a not in self.skipped
        ]
        words = tuple(w for _, w in phrases)
        routes = {n.meaning.route for n in names if n.meaning.route}
        begun = min(
            [n.start for n in names] + [n for n, t in enumerate(self.tokens) if t.kind == "dose"]
        )
        times = [Fraction(w.times_per_day) for a, w in phrases if w.times_per_day and a > begun]
        amount = NOT_SAID
        if self.order.doses or times:
            amount = daily(self.order.doses, times, self._count(phrases) if times else None)
        day = next((t.text for t in self.tokens if t.kind == "date"), None)
        return Said(
            words,
            amount,
            loosely=self.pieces.numbered or day is not None or bool(self.skipped),
            day=day,
            route=next(iter(routes)) if len(routes) == 1 else None,
            local=any(n.meaning.local for n in names),
        )

    def _count(self, phrases: list[tuple[int, TextWord]]) -> Fraction | None:
        """Find how many units are taken at a time: one, unless a number stands before a word."""
        starts = {a for a, _ in phrases}
        inside = {n for a, b, _ in self.pieces.phrases for n in range(a, b)}
        inside |= {n for name in self.names for n in range(name.start, name.end)}
        numbers = [
            (n, t.text)
            for n, t in enumerate(self.tokens)
            if t.kind == "word" and n not in inside and (t.text.isdecimal() or t.text in _FIGURES)
        ]
        if not numbers:
            return Fraction(1)
        at, text = numbers[0]
        if len(numbers) > 1 or at + 1 not in starts:
            return None
        return Fraction(_FIGURES.get(text) or int(text))
