"""The kinds of refusals, each with a name that leads to what it means and how to fix it.

A refusal's own text says what was wrong with one request; the text here applies to every refusal
of its kind. Every kind that the service can send has an entry, and tests enforce that.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import pyoxigraph as ox

from kg import terms


class ProblemKind(NamedTuple):
    """What all refusals of one kind have in common."""

    status: int
    means: str
    repair: str


_UNSOUND = "The operator of the service should rebuild the release with: inokg build."
_SEE = "See /openapi.json for what the address takes."
KINDS: Final[dict[str, ProblemKind]] = {
    # Refusals by status alone.
    "bad-request": ProblemKind(400, "The request could not be read.", _SEE),
    "unauthorized": ProblemKind(
        401,
        "The call bears no token of a program that this service knows.",
        "Send Authorization: Bearer and the token that the operator of the service gave you.",
    ),
    "forbidden": ProblemKind(
        403,
        "The caller may not ask here.",
        "Ask from an origin that the operator of the service lists.",
    ),
    "not-implemented": ProblemKind(
        501,
        "The service was set up without this part.",
        "The operator should install the part that the refusal names.",
    ),
    "no-mcp": ProblemKind(
        500,
        "The SDK of the Model Context Protocol is not installed.",
        "The operator should install it with: pip install --editable '.[mcp]'.",
    ),
    "no-callers": ProblemKind(
        422,
        "The file of the callers and their tokens cannot be used.",
        "The operator should write it with: inokg token add NAME.",
    ),
    "too-many-requests": ProblemKind(
        429,
        "The program has sent more requests than it may send in a minute.",
        "Send it again after the time in Retry-After.",
    ),
    "not-found": ProblemKind(
        404,
        "There is nothing of this name.",
        "See /openapi.json for the addresses, and /id/ or the lists under /v1/ for the names.",
    ),
    "method-not-allowed": ProblemKind(
        405,
        "This method is not allowed at this address.",
        "Use a method listed in the Allow header.",
    ),
    "not-acceptable": ProblemKind(
        406,
        "The address offers no format that Accept allows.",
        "Ask for a format that the refusal lists, or accept any.",
    ),
    "request-timeout": ProblemKind(
        408, "The body took too long to arrive.", "Send it again, without a pause."
    ),
    "unsupported-media-type": ProblemKind(
        415,
        "The media type of the body is not accepted at this address.",
        "Say in Content-Type what the body is, as /openapi.json lists it.",
    ),
    "internal-server-error": ProblemKind(
        500,
        "The service met an unexpected error.",
        "Send it again; if it fails again, tell the operator of this service.",
    ),
    "service-unavailable": ProblemKind(
        503, "The service is busy.", "Send it again after the time in Retry-After."
    ),
    # What a request says that cannot be taken.
    "wrong-parameter": ProblemKind(422, "A parameter of the address is out of bounds.", _SEE),
    "not-json": ProblemKind(
        422, "The body is not JSON, or nested too deeply.", "Send one JSON object, in UTF-8."
    ),
    "repeated-field": ProblemKind(
        422,
        "A field appears twice in one object, and only one of them would count.",
        "Send each field once.",
    ),
    "unknown-field": ProblemKind(
        422,
        "The contract has no such field, and its meaning would be lost.",
        "Leave the field out, or correct its spelling.",
    ),
    "wrong-type": ProblemKind(
        422, "A field has the wrong type.", "Send the type that the contract names."
    ),
    "wrong-value": ProblemKind(
        422, "A field has a value that is not allowed.", "Follow the repair given in the refusal."
    ),
    "unknown-word": ProblemKind(
        422, "A word is not in the closed list of its field.", "Send one of the list."
    ),
    "unknown-part": ProblemKind(
        422, "There is no such part that can be declared empty.", "Name one that the refusal lists."
    ),
    "some-and-none": ProblemKind(
        422, "A part is declared empty but has entries.", "Send only one of the two."
    ),
    "given-twice": ProblemKind(
        422, "A field of the context is given twice.", "Give each field once."
    ),
    "wrong-number": ProblemKind(
        422, "A box of the form does not hold a number.", "Write a number, or leave the box empty."
    ),
    "too-large": ProblemKind(
        422, "There are more items, or longer ones, than the limits allow.", "Send one patient."
    ),
    "body-too-large": ProblemKind(
        413, "The body is larger than the service accepts.", "Send one patient per request."
    ),
    "line-too-long": ProblemKind(
        422, "A line of the batch is larger than a patient needs.", "Send one patient per line."
    ),
    "unknown-subject": ProblemKind(
        404,
        "There is nothing of this name to explain.",
        "Name what the refusal suggests, or see the lists under /v1/.",
    ),
    "not-a-bundle": ProblemKind(
        422,
        "The body is not a FHIR Bundle.",
        "Send one FHIR R4 Bundle with the patient's resources.",
    ),
    "not-fhir": ProblemKind(
        422,
        "A part of the body does not have the form that FHIR R4 defines.",
        "Send the type that FHIR R4 names for this element.",
    ),
    "fhir-version": ProblemKind(
        422, "This version of FHIR is not read.", "Send FHIR R4 (fhirVersion=4.0)."
    ),
    "two-patients": ProblemKind(
        422, "The request holds more than one patient.", "Send one patient per request."
    ),
    "file-and-arguments": ProblemKind(
        422,
        "A complete document was given together with arguments that repeat it.",
        "Leave one of the two out.",
    ),
    "wrong-call": ProblemKind(
        422,
        "A hook call does not have the form that CDS Hooks defines.",
        "Correct the field that the refusal names.",
    ),
    "unknown-release": ProblemKind(
        404, "No release that is kept has this name.", "Name one that the refusal lists."
    ),
    "ambiguous-release": ProblemKind(
        404, "Several releases have this name.", "Name one by more of its hash."
    ),
    # What the bench of reviewers refuses.
    "not-signed-in": ProblemKind(
        401,
        "This takes an account of the bench, and nobody is signed in.",
        "Sign in at /review/sign-in.",
    ),
    "wrong-password": ProblemKind(
        401,
        "No account has this name and this password.",
        "Try again, or ask a lead for a link to set a new password.",
    ),
    "account-locked": ProblemKind(
        403,
        "Too many wrong passwords were given for this account.",
        "Wait a quarter of an hour, or ask a lead for a link to set a new password.",
    ),
    "foreign-form": ProblemKind(
        403,
        "The form was not made for this session, or comes from another site.",
        "Open the page again and send its own form.",
    ),
    "role-too-low": ProblemKind(403, "The role of the account does not allow this.", "Ask a lead."),
    "self-approval": ProblemKind(
        403, "Who asked for a text does not approve it.", "Ask a colleague to read and sign it."
    ),
    "second-signature-own": ProblemKind(
        403, "The second signature is another person's.", "Ask a colleague to read and sign it."
    ),
    "stale-form": ProblemKind(
        409,
        "What was signed is not what stands there now, or somebody signed meanwhile.",
        "Read it again as it stands now.",
    ),
    "link-used": ProblemKind(
        410, "The one-time link was used already, or is too old.", "Ask a lead for a new one."
    ),
    "no-subject": ProblemKind(
        404, "The release has nothing of this name to sign.", "See the queue at /review."
    ),
    "no-account": ProblemKind(404, "No account has this name.", "See the list of accounts."),
    "no-reason": ProblemKind(
        422, "A signature has a reason, of a bounded length.", "Say what you read and why you sign."
    ),
    "wrong-verdict": ProblemKind(
        422, "There is no such verdict.", "Choose one that the page offers."
    ),
    "sample-unread": ProblemKind(
        422, "Not all of the sample of a set are marked.", "Mark each as right or wrong."
    ),
    "sample-wrong": ProblemKind(
        422, "Too many of the sample of a set are wrong.", "Sign smaller sets."
    ),
    "draft-too-long": ProblemKind(422, "The draft is too long.", "Shorten the reason."),
    "no-comment": ProblemKind(422, "A comment has some words, and not too many.", "Write it anew."),
    "severity-unstated": ProblemKind(
        422, "A severity is stated before ours is shown.", "State one for each jurisdiction."
    ),
    "severity-stated": ProblemKind(
        409, "The severity was stated before, and ours was seen since.", "Say why in the reason."
    ),
    "weak-password": ProblemKind(
        422, "The password is too easy to guess.", "Take a longer one, without the account's name."
    ),
    "wrong-name": ProblemKind(
        422,
        "This cannot be the name of an account.",
        "Take small letters, figures, dots and dashes.",
    ),
    "name-taken": ProblemKind(422, "An account has this name already.", "Choose another name."),
    "last-lead": ProblemKind(422, "One lead must remain.", "Make somebody else a lead first."),
    "review-altered": ProblemKind(
        422,
        "An exported review is not what its hash says.",
        "Export it again from where it was signed.",
    ),
    "not-empty": ProblemKind(
        422, "There are reviews in the database already.", "Name an empty database."
    ),
    "reviews-unreachable": ProblemKind(
        503, "The database of reviews did not answer as it should.", "Try again in a while."
    ),
    "wrong-setting": ProblemKind(
        422,
        "A setting of the service has a value that it does not accept.",
        "The operator should correct the variable that the refusal names.",
    ),
    # What a query may not ask.
    "query-malformed": ProblemKind(
        400,
        "The query, or the request around it, is not SPARQL 1.1.",
        "Correct it at the place that the refusal names.",
    ),
    "unknown-function": ProblemKind(
        400,
        "The query calls a function that SPARQL 1.1 does not have.",
        "Use the functions of SPARQL 1.1, or casts such as xsd:integer.",
    ),
    "query-too-deep": ProblemKind(
        400,
        "The query is nested too deeply, or joins too many parts.",
        "Ask in several queries, or list values with VALUES.",
    ),
    "query-too-long": ProblemKind(413, "The query is too long.", "Ask in several queries."),
    "update-refused": ProblemKind(
        403,
        "An update would change the store, and it is only read.",
        "Change the ontology's files and make a release.",
    ),
    "service-refused": ProblemKind(
        403,
        "SERVICE would call another server, and no query leaves the store.",
        "Take it out, and ask the other server yourself.",
    ),
    "from-outside": ProblemKind(
        403,
        "A graph is named that the release does not have. Answered, it would be empty, and that "
        "would read as nothing found.",
        "Name a graph of the release, or none.",
    ),
    "query-timeout": ProblemKind(
        503, "The query was stopped at its time limit.", "Ask for less, or bind more variables."
    ),
    "query-too-heavy": ProblemKind(
        503,
        "The query was stopped at its memory limit, or its answer is too large.",
        "Ask for less, or in several queries.",
    ),
    "query-failed": ProblemKind(
        503, "The store could not answer this query.", "Ask in another way."
    ),
    "row-cap": ProblemKind(
        200,
        "This is not a refusal: the answer to a query stops at the row limit, and "
        "there may be more rows.",
        "Ask for a part at a time with ORDER BY, LIMIT and OFFSET.",
    ),
    "store-busy": ProblemKind(
        503, "The queue of waiting queries is full.", "Ask again after the time in Retry-After."
    ),
    "store-unusable": ProblemKind(503, "The triple store cannot be used.", _UNSOUND),
    "store-unreachable": ProblemKind(
        503,
        "The SPARQL store did not answer.",
        "The operator should check that it is running at the address in INOKG_STORE.",
    ),
    "store-failed": ProblemKind(
        503, "The SPARQL store answered with an error.", "Ask for less, or see what it says."
    ),
    "store-of-another-release": ProblemKind(
        503,
        "The SPARQL store holds a different release from the one in use.",
        "The operator of the service should load the release's graph into it.",
    ),
    # What is wrong with the service itself.
    "snapshot-missing": ProblemKind(503, "There is no release to answer from.", _UNSOUND),
    "snapshot-altered": ProblemKind(
        503, "A release does not match its hash, and nothing is answered from it.", _UNSOUND
    ),
    "graph-missing": ProblemKind(503, "The release has no graph.", _UNSOUND),
    "graph-altered": ProblemKind(503, "The graph does not match its hash.", _UNSOUND),
    "release-gone": ProblemKind(
        503, "The files of the release in use are no longer there.", _UNSOUND
    ),
    "question-malformed": ProblemKind(
        500,
        "A file of the example questions is not valid.",
        "The operator of the service should correct it in ontology/questions.",
    ),
}


def title(code: str) -> str:
    """Give the title of a kind, as a refusal has it."""
    return code.replace("-", " ")


def described() -> list[ox.Triple]:
    """Describe every kind as RDF: a list of concepts, with status and repair."""
    scheme = ox.NamedNode(terms.PROBLEM)
    triples = [
        _to(scheme, terms.TYPE, terms.SKOS + "ConceptScheme"),
        _say(scheme, terms.LABEL, "problem types"),
        _say(scheme, terms.DEFINITION, "The kinds of refusals, as RFC 9457 names them."),
    ]
    for code, kind in KINDS.items():
        iri = ox.NamedNode(terms.PROBLEM + code)
        triples += [
            _to(iri, terms.TYPE, terms.SKOS + "Concept"),
            _to(iri, terms.SKOS + "inScheme", terms.PROBLEM),
            _say(iri, terms.LABEL, title(code)),
            _say(iri, terms.DEFINITION, kind.means),
            _say(iri, terms.SCOPE_NOTE, f"To fix it: {kind.repair}"),
            ox.Triple(iri, ox.NamedNode(terms.NOTATION), ox.Literal(str(kind.status))),
        ]
    return triples


def _to(subject: ox.NamedNode, predicate: str, target: str) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), ox.NamedNode(target))


def _say(subject: ox.NamedNode, predicate: str, text: str) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), ox.Literal(text, language="en"))
