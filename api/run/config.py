"""Whether every setting can be honoured: `inokg config`, and the start of the service."""

from __future__ import annotations

import argparse
import os
import ssl
import sys
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, fields
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from api.cds_hooks.trust import read_clients
from api.http.callers import read_callers
from api.review.database import Database
from api.settings import SHOWN, VARIABLE, HookSettings, ReviewSettings, Settings
from api.settings_file import CONFIG, unknown, use_file
from kg.errors import KgError, MalformedRequest
from kg.snapshot.file import CURRENT, read_snapshot

_REFUSED = 1


class SettingLine(NamedTuple):
    """One setting as people see it: its variable, its value, and where that comes from."""

    variable: str
    value: str
    comes_from: str


def add_config(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `config`."""
    jobs = parser.add_subparsers(dest="job", required=True, metavar="WHAT")
    for name, said in (
        ("check", "Say whether every setting can be honoured."),
        ("list", "Name every setting, its value, and where that comes from."),
    ):
        job = jobs.add_parser(name, help=said)
        job.add_argument("--config", metavar="FILE", help="settings in TOML")


def run(options: argparse.Namespace) -> int:
    """Check or list the settings."""
    if options.config:
        os.environ[CONFIG] = options.config
    from_file = use_file()
    lines = [line for line in listed(from_file) if options.job == "list" or line.comes_from]
    width = max((len(line.variable) for line in lines), default=0)
    for line in lines:
        print(f"{line.variable:{width}}  {line.value}  ({line.comes_from or 'default'})")
    if options.job == "list":
        return 0
    found = list(faults())
    if not found:
        # Without a sound release the service starts, says so, and waits for one.
        unsound = _fails(lambda: read_snapshot(Settings().releases / CURRENT))
        found = [unsound] if unsound else []
    for fault in found:
        print(f"inokg: {said(fault)}", file=sys.stderr)
    if found:
        return _REFUSED
    print(f"every setting can be honoured; {len(lines)} set, the rest as by default")
    return 0


def said(fault: KgError) -> str:
    """Say what is wrong with a setting, and how to mend it, in one line."""
    about = f" ({fault.subject})" if fault.subject else ""
    return f"{fault.location or fault.code}: {fault.message}{about}; to fix it: {fault.repair}"


def refuse_faults() -> None:
    """Refuse to start with a setting that cannot be honoured."""
    for fault in faults():
        raise fault


def listed(from_file: list[str]) -> Iterator[SettingLine]:
    """List every setting; what may hold a secret is not shown."""
    for declared in _declared():
        variable = str(declared.metadata[VARIABLE])
        value = os.environ.get(variable, "")
        comes_from = "file" if variable in from_file else "environment" if value else ""
        shown = value.rpartition("@")[2] if "@" in value else value
        yield SettingLine(variable, shown or str(declared.metadata.get(SHOWN) or "-"), comes_from)


def _declared() -> Iterator[Field[Any]]:
    for kind in (Settings, HookSettings, ReviewSettings):
        yield from (f for f in fields(kind) if VARIABLE in f.metadata)


def faults() -> Iterator[KgError]:
    """Give everything that cannot be honoured, and not the first alone."""
    yield from unknown()
    wrong = [error for error in map(_not_read, _declared()) if error]
    yield from wrong
    try:
        settings = Settings()
    except KgError as error:
        if not wrong:
            yield error
        return
    for attempt in _attempts(settings):
        fault = _fails(attempt)
        if fault is not None:
            yield fault


def _not_read(declared: Field[Any]) -> KgError | None:
    make = declared.default_factory
    return None if make is MISSING else _fails(make)


def _fails(attempt: Callable[[], object]) -> KgError | None:
    try:
        attempt()
    except KgError as error:
        return error
    return None


def _attempts(settings: Settings) -> Iterator[Callable[[], object]]:
    hooks = settings.hooks
    yield lambda: Database(settings.review.database)
    if settings.tokens is not None:
        tokens = settings.tokens
        yield lambda: read_callers(tokens)
    if hooks.clients is not None:
        clients = hooks.clients
        yield lambda: read_clients(clients)
        yield lambda: _address("INOKG_BASE_URL", hooks.base_url)
    if hooks.certificates is not None:
        yield lambda: _certificates(hooks)
    for variable, values in (
        ("INOKG_BASE_URL", [hooks.base_url] if hooks.base_url else []),
        ("INOKG_CORS_ORIGINS", [o for o in hooks.origins if o != "*"]),
        ("INOKG_FHIR_SERVERS", [s for s in hooks.servers if s != "*"]),
        ("INOKG_STORE", [settings.store] if settings.store else []),
    ):
        for value in values:
            yield lambda variable=variable, value=value: _address(variable, value)  # type: ignore[misc]


def _address(variable: str, value: str) -> None:
    try:
        parts = urlsplit(value)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound:
        raise MalformedRequest(
            code="wrong-setting",
            message="this is no address of http or https",
            subject=value[:80].rpartition("@")[2],
            location=variable,
            repair="write it whole, such as https://host.example/path",
        )


def _certificates(hooks: HookSettings) -> None:
    try:
        ssl.create_default_context().load_verify_locations(hooks.certificates)
    except (OSError, ssl.SSLError) as error:
        raise MalformedRequest(
            code="wrong-setting",
            message=f"these certificates cannot be used: {error.strerror or error}",
            location="INOKG_FHIR_CERTIFICATES",
            repair="name a file of certificates in PEM",
        ) from error
