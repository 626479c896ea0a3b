"""A small FHIR server of a prescribing program, real and on this machine only."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.fhir.resources import Json

Answer = Callable[["Ehr", str], tuple[int, dict[str, str], bytes]]


@dataclass
class Ehr:
    """What a server holds, how it answers, and what it was asked."""

    resources: dict[str, Json] = field(default_factory=dict)
    answer: Answer | None = None
    asked: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    base: str = ""

    def respond(self, target: str, token: str) -> tuple[int, dict[str, str], bytes]:
        """Answer one request."""
        self.asked.append(target)
        self.tokens.append(token)
        if self.answer is not None:
            return self.answer(self, target)
        query = target.removeprefix("/fhir/")
        for start, resource in self.resources.items():
            if query.startswith(start):
                return fhir(resource)
        return 404, {"Content-Type": "application/fhir+json"}, b"{}"


def fhir(resource: Any, status: int = 200) -> tuple[int, dict[str, str], bytes]:
    """Write a resource as a server sends it."""
    return status, {"Content-Type": "application/fhir+json"}, json.dumps(resource).encode()


@contextmanager
def serving(ehr: Ehr, *, chunked: bool = False, tls: Path | None = None) -> Iterator[Ehr]:
    """Run the server on a free port until done."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            token = self.headers.get("Authorization", "")
            status, headers, body = ehr.respond(self.path, token)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if chunked:
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for at in range(0, len(body), 7):
                    part = body[at : at + 7]
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
                self.wfile.write(b"0\r\n\r\n")
            else:
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Write nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """A client that goes away is no fault here."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "https" if tls else "http"
    ehr.base = f"{scheme}://127.0.0.1:{server.server_address[1]}/fhir"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield ehr
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def slow(seconds: float) -> Answer:
    """Answer late."""

    def answer(_: Ehr, __: str) -> tuple[int, dict[str, str], bytes]:
        time.sleep(seconds)
        return fhir({"resourceType": "Bundle", "type": "searchset"})

    return answer


def certificate(folder: Path) -> Path:
    """Make a certificate of this machine that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path
