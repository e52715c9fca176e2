"""An OpenID Connect issuer of the tests: a real HTTP server that holds its client to the rules."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from veo_site.configuration import sign_in

CLIENT_ID, CLIENT_SECRET = "dailies", "issuer-secret-55aa"


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


class Issuer:
    """Signs in whoever `who` says, at once. What a test changes in `lies` goes into the id token.

    `asked` are the queries of those who were sent here.
    """

    def __init__(self, port: int = 0) -> None:
        self.who: dict[str, Any] = {"sub": "1001", "preferred_username": "grace"}
        self.lies: dict[str, Any] = {}
        self.config_lies: dict[str, Any] = {}
        self.userinfo_lies: dict[str, Any] = {}
        self.signing_key = key()
        self.refuses = ""
        self.configured = 0
        self.asked: list[dict[str, str]] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    # ── What it answers ──────────────────────────────────────────────────────
    def config(self) -> dict[str, Any]:
        self.configured += 1
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            **self.config_lies,
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent back to."""
        self.asked.append(query)
        if self.refuses:
            answer = {"error": self.refuses, "state": query["state"]}
        else:
            code = uuid4().hex
            self.codes[code] = query
            answer = {"code": code, "state": query["state"]}
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """The tokens for a code; None where a rule is broken."""
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or (form["client_id"], form["client_secret"]) != (
            CLIENT_ID,
            CLIENT_SECRET,
        ):
            return None
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (asked["code_challenge_method"], asked["code_challenge"]) != ("S256", challenge):
            return None
        if form["redirect_uri"] != asked["redirect_uri"]:
            return None
        now = time.time()
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "iat": int(now),
            "exp": int(now + 300),
            "auth_time": int(now),
            "nonce": asked["nonce"],
            **self.who,
            **self.lies,
        }
        signed = jwt.encode(claims, self.signing_key, "RS256", {"kid": "one"})
        return {"access_token": "an-access-token", "token_type": "Bearer", "id_token": signed}

    def jwks(self) -> dict[str, Any]:
        public: str = jwt.algorithms.RSAAlgorithm.to_jwk(key().public_key())
        return {"keys": [{**json.loads(public), "kid": "one", "alg": "RS256", "use": "sig"}]}

    def _handler(issuer: Issuer) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                at = urlsplit(self.path)
                match at.path:
                    case "/.well-known/openid-configuration":
                        self._say(issuer.config())
                    case "/authorize":
                        query = {name: values[0] for name, values in parse_qs(at.query).items()}
                        self.send_response(302)
                        self.send_header("Location", issuer.authorize(query))
                        self.end_headers()
                    case "/jwks":
                        self._say(issuer.jwks())
                    case "/userinfo":
                        self._say({**issuer.who, **issuer.userinfo_lies})
                    case _:
                        self.send_error(404)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                answer = issuer.token(form)
                self._say(answer or {"error": "invalid_grant"}, 200 if answer else 400)

            def _say(self, answer: dict[str, Any], status: int = 200) -> None:
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing: the tests look at what was asked."""

        return Handler


@pytest.fixture
def issuer(settings: Any) -> Iterator[Issuer]:
    """One that this server is set up for."""
    made = Issuer()
    settings.OIDC_ISSUER, settings.OIDC_NAME = made.url, "Studio ID"
    settings.OIDC_PROVIDER_ID = sign_in.provider_id(made.url)
    settings.SOCIALACCOUNT_PROVIDERS = sign_in.providers(
        issuer=made.url,
        client_id=CLIENT_ID,
        secret=CLIENT_SECRET,
        scope=["openid", "profile", "email"],
    )
    yield made
    made.close()
