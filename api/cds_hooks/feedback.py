"""Feedback as clients send it: the outcome of cards, checked against the standard's rules.

Only ids, codes and timestamps are kept; free-text comments are counted and discarded, since they
may name a patient.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from api.cds_hooks.call import wrong
from api.cds_hooks.store import FeedbackEntry

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|\+00:00)\Z")
_CODE = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_SYSTEM = re.compile(r"(?:https?://|urn:)[A-Za-z0-9./:_#-]{1,200}\Z")
_MOST, _MOST_SUGGESTIONS = 1000, 20
_OTHER = "other"


class _Reason(msgspec.Struct):
    code: str
    system: str = ""
    display: str | None = None


class _Override(msgspec.Struct, rename="camel"):
    reason: _Reason | None = None
    user_comment: str | None = None


class _Accepted(msgspec.Struct):
    id: UUID


class _Feedback(msgspec.Struct, rename="camel"):
    card: UUID
    outcome: Literal["accepted", "overridden"]
    outcome_timestamp: str
    accepted_suggestions: list[_Accepted] | None = None
    override_reason: _Override | None = None


class _FeedbackBody(msgspec.Struct):
    feedback: list[_Feedback]


_decoder = msgspec.json.Decoder(_FeedbackBody)


def decode_feedback(body: bytes, offered: Collection[tuple[str, str]]) -> list[FeedbackEntry]:
    """Read feedback, or say which entry breaks which rule.

    A reason that no card offers is stored as "other", since its code could be anything.
    """
    try:
        sent = _decoder.decode(body).feedback
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$.")
        raise wrong(place.rstrip("`") or "the body", what.replace("`", "'")) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise wrong("the body", "this is not JSON") from error
    if len(sent) > _MOST:
        raise wrong("feedback", f"these are more than {_MOST} entries")
    return [_entry(f"feedback[{n}]", one, offered) for n, one in enumerate(sent)]


def _entry(place: str, sent: _Feedback, offered: Collection[tuple[str, str]]) -> FeedbackEntry:
    if not _is_moment(sent.outcome_timestamp):
        raise wrong(f"{place}.outcomeTimestamp", "this is no moment in UTC, as RFC 3339 writes it")
    if sent.outcome == "accepted" and not sent.accepted_suggestions:
        raise wrong(f"{place}.acceptedSuggestions", "what was accepted is named")
    if len(sent.accepted_suggestions or ()) > _MOST_SUGGESTIONS:
        raise wrong(
            f"{place}.acceptedSuggestions", f"these are more than {_MOST_SUGGESTIONS} suggestions"
        )
    reason = comment = None
    if sent.override_reason is not None:
        reason, comment = sent.override_reason.reason, sent.override_reason.user_comment
        if reason is None and not comment:
            raise wrong(f"{place}.overrideReason", "a reason has a code or a comment")
    if reason is not None and not (_CODE.match(reason.code) and _is_system(reason.system)):
        raise wrong(f"{place}.overrideReason.reason", "this is no code of a code system")
    given = (reason.system, reason.code) if reason else ("", "")
    if reason and given not in offered:
        given = ("", _OTHER)
    return FeedbackEntry(
        card=str(sent.card),
        outcome=sent.outcome,
        at=sent.outcome_timestamp.replace("+00:00", "Z"),
        reason_system=given[0],
        reason_code=given[1],
        commented=bool(comment),
        suggestions=tuple(str(s.id) for s in sent.accepted_suggestions or ()),
    )


def _is_system(system: str) -> bool:
    return not system or bool(_SYSTEM.match(system))


def _is_moment(text: str) -> bool:
    if not _MOMENT.match(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
