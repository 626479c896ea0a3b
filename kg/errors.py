"""Every error of the engine, and who must act on it.

KgError                     every error: code, message, subject, location, repair
├── KnowledgeError          an author must act; stops a release
│   ├── TurtleError         file, line, column
│   ├── TableError          a code table, by file and line
│   ├── UnknownTerm         an undefined name; suggests the nearest
│   ├── ShapeViolation      the shape's own message
│   ├── Inconsistency       OWL contradiction, with the terms involved
│   └── Untranslatable      an axiom outside the fragment the compiler can prove
├── SnapshotError           an operator must act; nothing is answered without a release
│   ├── SnapshotMissing     there is no release, or a part of it is gone
│   └── SnapshotAltered     content does not match its hash
├── StoreError              a SPARQL store did not answer within its bounds, or not at all; 503
└── CaseError               the caller must act; 422
    ├── MalformedRequest    a field, type or word that the contract does not know
    ├── QueryRefused        a query is malformed, changes something or reaches outside; 400, 403
    ├── UnknownRelease      no release, or more than one, has the name given
    ├── UnknownSubject      there is nothing of this name to explain
    ├── ReviewRefused       a signature or an account may not do this; 401, 403, 409, 422
    └── TooLarge            more or longer than the bounds allow

A code, name or unit that is not recognised is no error: it is a gap in the report.
"""

from __future__ import annotations


class KgError(Exception):
    """Something went wrong; says what, where and how to fix it."""

    def __init__(
        self, *, code: str, message: str, subject: str = "", location: str = "", repair: str = ""
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.subject = subject
        self.location = location
        self.repair = repair

    def __str__(self) -> str:
        """Say it in one line: where, what, about what, and the repair."""
        where = f"{self.location}: " if self.location else ""
        about = f" [{self.subject}]" if self.subject else ""
        mend = f"; to fix it: {self.repair}" if self.repair else ""
        return f"{where}{self.message}{about}{mend} ({self.code})"


class KnowledgeError(KgError):
    """The ontology's author must act; no release is made."""


class TurtleError(KnowledgeError):
    """A file is not Turtle, or not in the one canonical form."""


class TableError(KnowledgeError):
    """A table cannot be read, has a value that is not allowed, or is not in canonical form."""


class UnknownTerm(KnowledgeError):
    """A term of this ontology is used but no file describes it."""


class ShapeViolation(KnowledgeError):
    """A term lacks what its shape asks for."""


class Inconsistency(KnowledgeError):
    """The axioms contradict each other, or the reasoners do."""


class Untranslatable(KnowledgeError):
    """An axiom is outside the fragment for which the compiler is proven."""


class SnapshotError(KgError):
    """An operator must act; nothing is answered without a valid release."""


class SnapshotMissing(SnapshotError):
    """There is no release, or a part of it is gone."""


class SnapshotAltered(SnapshotError):
    """A release's content does not match its hash."""


class StoreError(KgError):
    """A SPARQL store did not answer within its bounds, or not at all."""


class CaseError(KgError):
    """The caller must act."""


class MalformedRequest(CaseError):
    """A request holds a field, a type or a word that the contract does not know."""


class QueryRefused(CaseError):
    """A query is malformed, changes something, or reaches outside the store."""


class UnknownRelease(CaseError):
    """No release has the name that was given, or more than one has."""


class UnknownSubject(CaseError):
    """There is nothing of this name to explain."""


class ReviewRefused(CaseError):
    """A signature, an account or a stored review is refused, and why."""


class TooLarge(CaseError):
    """A request is larger than the bounds allow."""
