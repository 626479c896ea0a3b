"""Trust: a good token is let in, and every way to be wrong is refused."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import HookSettings, Settings
from kg.errors import MalformedRequest
from tests.cds_hooks.calls import BASE, INDEX, SERVICE, a_call, open_hooks
from tests.cds_hooks.ehr import Ehr, serving
from tests.conformance.clauses import clause
from tests.fhir.resources import Json, order

ISS = "https://ehr.example"
DISCOVERY = f"{BASE}/cds-services"
ADDRESS = f"{DISCOVERY}/{SERVICE}"


@dataclass
class Signer:
    """A client with its key."""

    key: Any
    kid: str
    algorithm: str

    def jwk(self, **more: Any) -> Json:
        """Give the public key."""
        algorithms = jwt.algorithms.get_default_algorithms()
        public: Json = json.loads(algorithms[self.algorithm].to_jwk(self.key.public_key()))
        return {**public, "kid": self.kid, "use": "sig", **more}

    def token(self, audience: Any = ADDRESS, headers: Json | None = None, **claims: Any) -> str:
        """Sign a token; a claim or header that is None is left out."""
        now = int(time.time())
        body = {
            "iss": ISS,
            "aud": audience,
            "iat": now,
            "exp": now + 300,
            "jti": str(uuid4()),
            **claims,
        }
        head = {"kid": self.kid, "typ": "JWT", **(headers or {})}
        return jwt.encode(
            {k: v for k, v in body.items() if v is not None},
            self.key,
            algorithm=self.algorithm,
            headers={k: v for k, v in head.items() if v is not None},
        )


EC384 = Signer(ec.generate_private_key(ec.SECP384R1()), "ec-1", "ES384")
RSA = Signer(rsa.generate_private_key(public_exponent=65537, key_size=2048), "rsa-1", "RS384")
STRANGER = Signer(ec.generate_private_key(ec.SECP384R1()), "ec-1", "ES384")


@pytest.fixture
def clients(tmp_path: Path) -> Path:
    path = tmp_path / "clients.json"
    keys = [EC384.jwk(), RSA.jwk()]
    path.write_text(json.dumps({"clients": [{"iss": ISS, "keys": keys}]}), encoding="utf-8")
    return path


@pytest.fixture
def guarded(release_folder: Path, tmp_path: Path, clients: Path) -> Iterator[TestClient]:
    """Open the service, trusting one client."""
    with open_hooks(release_folder, tmp_path, clients=clients) as client:
        yield client


def _call(client: TestClient, token: str | None, scheme: str = "Bearer ") -> Any:
    call = a_call().drafting(order("citalopram", "draft", "d1")).having("medications", INDEX)
    headers = {} if token is None else {"Authorization": scheme + token}
    return client.post(f"/cds-services/{SERVICE}", json=call.json(), headers=headers)


@clause("CH-60", "CH-61")
@pytest.mark.parametrize("signer", [EC384, RSA], ids=["ES384", "RS384"])
def test_a_good_token_is_let_in(guarded: TestClient, signer: Signer) -> None:
    answer = _call(guarded, signer.token())
    assert answer.status_code == 200
    assert answer.json()["cards"]
    several = _call(guarded, signer.token(["https://other.example", ADDRESS]))
    assert several.status_code == 200


@clause("CH-60", "CH-61")
def test_every_address_asks_for_a_token_that_names_it(guarded: TestClient) -> None:
    feedback = f"{ADDRESS}/feedback"
    assert guarded.get("/cds-services").status_code == 401
    assert guarded.post(f"/cds-services/{SERVICE}/feedback", json={}).status_code == 401
    found = guarded.get(
        "/cds-services", headers={"Authorization": f"Bearer {EC384.token(DISCOVERY)}"}
    )
    assert found.status_code == 200
    kept = guarded.post(
        f"/cds-services/{SERVICE}/feedback",
        json={"feedback": []},
        headers={"Authorization": f"Bearer {EC384.token(feedback)}"},
    )
    assert kept.status_code == 200
    unknown = guarded.post("/cds-services/unknown", json={})
    assert unknown.status_code == 401, "who is not trusted learns nothing"


def _tampered(token: str) -> str:
    head, body, signature = token.split(".")
    flipped = ("A" if signature[0] != "A" else "B") + signature[1:]
    return f"{head}.{body}.{flipped}"


def _unsigned() -> str:
    return jwt.encode(
        {"iss": ISS, "aud": ADDRESS, "iat": time.time(), "exp": time.time() + 300, "jti": "x"},
        "",
        algorithm="none",
        headers={"kid": "rsa-1", "typ": "JWT"},
    )


def _signed_with_the_public_key() -> str:
    """Use the public key as if it were a shared secret, as an attacker would."""
    import base64
    import hashlib
    import hmac

    def part(value: Json) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    public = RSA.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    now = int(time.time())
    head = part({"alg": "HS256", "kid": "rsa-1", "typ": "JWT"})
    body = part({"iss": ISS, "aud": ADDRESS, "iat": now, "exp": now + 300, "jti": "x"})
    mark = hmac.new(public, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


def _ago(seconds: int) -> int:
    return int(time.time()) - seconds


WRONG: dict[str, tuple[str | None, str]] = {
    "missing": (None, "no bearer token"),
    "empty": ("", "no bearer token"),
    "garbage": ("abc", "no header"),
    "expired": (EC384.token(iat=_ago(250), exp=_ago(120)), "expired"),
    "from the future": (EC384.token(iat=_ago(-86_400), exp=_ago(-90_000)), "in the future"),
    "too old": (EC384.token(iat=_ago(3600), exp=_ago(-86_400)), "too old"),
    "other service": (EC384.token(f"{DISCOVERY}/other"), "audience"),
    "constant audience": (EC384.token(BASE), "audience"),
    "discovery audience": (EC384.token(DISCOVERY), "audience"),
    "audience and more": (EC384.token(ADDRESS + "/"), "audience"),
    "no audience": (EC384.token(None), "not good"),
    "no issuer": (EC384.token(iss=None), "issuer"),
    "unknown issuer": (EC384.token(iss="https://evil.example"), "issuer"),
    "no expiry": (EC384.token(exp=None), "not good"),
    "no time": (EC384.token(iat=None), "not good"),
    "no name": (EC384.token(jti=None), "not good"),
    "odd times": (EC384.token(exp="soon"), ""),
    "an end that is no number": (EC384.token(exp=math.nan), "no numbers"),
    "a beginning that is no number": (EC384.token(iat=math.nan), "no numbers"),
    "an end beyond all days": (EC384.token(exp=10**400), "no numbers"),
    "not yet": (EC384.token(nbf=_ago(-86_400)), "not good"),
    "unknown key": (EC384.token(headers={"kid": "other"}), "key is not known"),
    "no key id": (EC384.token(headers={"kid": None}), "typ or kid"),
    "other type": (EC384.token(headers={"typ": "JOSE"}), "typ or kid"),
    "stranger": (STRANGER.token(), "not good"),
    "tampered": (_tampered(EC384.token()), "not good"),
    "no algorithm": (_unsigned(), "algorithm"),
    "public key as secret": (_signed_with_the_public_key(), "algorithm"),
    "key of another kind": (RSA.token(headers={"kid": "ec-1"}), "does not fit"),
    "unlisted jku": (EC384.token(headers={"jku": "https://evil.example/jwks"}), "jku"),
    "inner jku": (EC384.token(headers={"jku": "http://169.254.169.254/"}), "jku"),
}


@clause("CH-61", "CH-62")
@pytest.mark.parametrize("name", WRONG)
def test_every_way_to_be_wrong_is_refused(
    guarded: TestClient, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    token, why = WRONG[name]
    answer = _call(guarded, token)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert set(answer.json()) == {"resourceType", "issue"}
    (issue,) = answer.json()["issue"]
    assert issue["code"] == "login"
    assert "inotuzumab" not in answer.text
    assert "card" not in answer.text
    assert why in capfd.readouterr().err, "whoever runs the service learns the reason"


@clause("CH-60")
@pytest.mark.parametrize("scheme", ["Basic ", "bearer", "Bearer"])
def test_another_scheme_is_refused(guarded: TestClient, scheme: str) -> None:
    assert _call(guarded, EC384.token(), scheme).status_code == 401


@clause("CH-62")
def test_a_token_is_good_once(guarded: TestClient) -> None:
    token = EC384.token()
    assert [_call(guarded, token).status_code for _ in range(3)] == [200, 401, 401]


@clause("CH-62")
def test_a_token_used_in_one_process_is_used_in_all(
    release_folder: Path, tmp_path: Path, clients: Path
) -> None:
    token = EC384.token()
    with open_hooks(release_folder, tmp_path, clients=clients) as first:
        assert _call(first, token).status_code == 200
    with open_hooks(release_folder, tmp_path, clients=clients) as second:
        assert _call(second, token).status_code == 401


@clause("CH-62")
def test_where_used_tokens_cannot_be_kept_none_is_let_in(
    release_folder: Path, tmp_path: Path, clients: Path
) -> None:
    database = clients / "x.sqlite"  # below a file, where no file can be
    with open_hooks(release_folder, tmp_path, clients=clients, database=database) as client:
        assert _call(client, EC384.token()).status_code == 401


@clause("CH-61")
def test_keys_are_had_from_the_listed_address_only(release_folder: Path, tmp_path: Path) -> None:
    ehr = Ehr({"jwks.json": {"keys": [EC384.jwk()]}})
    path = tmp_path / "clients.json"
    with serving(ehr) as running:
        jku = f"{running.base}/jwks.json"
        path.write_text(json.dumps({"clients": [{"iss": ISS, "jku": jku}]}), encoding="utf-8")
        rules = {"private": True, "unencrypted": True, "clients": path}
        with open_hooks(release_folder, tmp_path, **rules) as client:
            assert _call(client, EC384.token(headers={"jku": jku})).status_code == 200
            assert _call(client, EC384.token()).status_code == 200
            elsewhere = f"{running.base}/other.json"
            assert _call(client, EC384.token(headers={"jku": elsewhere})).status_code == 401
            for _ in range(3):
                assert _call(client, EC384.token(headers={"kid": "new"})).status_code == 401
    assert ehr.asked == ["/fhir/jwks.json"], "had once, and not looked for again at once"
    assert ehr.tokens == [""], "nobody's token goes there"


@clause("CH-61")
def test_an_address_of_keys_on_an_inner_network_is_not_called(
    release_folder: Path, tmp_path: Path
) -> None:
    ehr = Ehr({"jwks.json": {"keys": [EC384.jwk()]}})
    path = tmp_path / "clients.json"
    with serving(ehr) as running:
        jku = f"{running.base}/jwks.json"
        path.write_text(json.dumps({"clients": [{"iss": ISS, "jku": jku}]}), encoding="utf-8")
        with open_hooks(release_folder, tmp_path, unencrypted=True, clients=path) as client:
            assert _call(client, EC384.token()).status_code == 401
    assert ehr.asked == []


@clause("CH-60")
@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"clients": [{"iss": "x"}]}', '{"clients": [{"keys": []}]}', '{"client": []}'],
)
def test_a_file_of_clients_that_cannot_be_used_stops_the_start(
    release_folder: Path, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "clients.json"
    path.write_text(text, encoding="utf-8")
    hooks = HookSettings(base_url=BASE, clients=path, database=tmp_path / "f.sqlite")
    with pytest.raises(MalformedRequest, match="file of trusted clients"):
        create_app(Settings(release_folder.parent, hooks=hooks))


@clause("CH-61")
def test_trust_without_an_address_of_its_own_stops_the_start(
    release_folder: Path, tmp_path: Path, clients: Path
) -> None:
    hooks = HookSettings(base_url="", clients=clients, database=tmp_path / "f.sqlite")
    with pytest.raises(MalformedRequest, match="address"):
        create_app(Settings(release_folder.parent, hooks=hooks))


# --- browsers -----------------------------------------------------------------------------------

ORIGIN = "https://sandbox.example"


def _preflight(client: TestClient, origin: str, path: str) -> Any:
    return client.options(
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )


@clause("CH-63")
def test_pages_of_named_origins_may_call_the_hooks(
    release_folder: Path, tmp_path: Path, clients: Path
) -> None:
    with open_hooks(release_folder, tmp_path, origins=(ORIGIN,), clients=clients) as client:
        answer = _preflight(client, ORIGIN, f"/cds-services/{SERVICE}")
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert "access-control-allow-credentials" not in answer.headers
        call = client.get(
            "/cds-services",
            headers={"Origin": ORIGIN, "Authorization": f"Bearer {EC384.token(DISCOVERY)}"},
        )
        assert call.status_code == 200
        assert call.headers["access-control-allow-origin"] == ORIGIN


@clause("CH-63")
@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{ORIGIN}.evil.example"])
def test_pages_of_other_origins_may_not(release_folder: Path, tmp_path: Path, origin: str) -> None:
    with open_hooks(release_folder, tmp_path, origins=(ORIGIN,)) as client:
        assert (
            "access-control-allow-origin" not in _preflight(client, origin, "/cds-services").headers
        )
        call = client.get("/cds-services", headers={"Origin": origin})
        assert "access-control-allow-origin" not in call.headers


@clause("CH-63")
def test_only_the_hooks_are_open_to_them_and_nothing_by_default(
    release_folder: Path, tmp_path: Path, hooks: TestClient
) -> None:
    with open_hooks(release_folder, tmp_path, origins=(ORIGIN,)) as client:
        other = client.get("/v1/release", headers={"Origin": ORIGIN})
        assert "access-control-allow-origin" not in other.headers
    default = hooks.get("/cds-services", headers={"Origin": ORIGIN})
    assert "access-control-allow-origin" not in default.headers
