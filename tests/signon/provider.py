"""A small OpenID Connect provider on the loopback interface: discovery, authorize, token, keys, userinfo."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.loopback import Got, Web, web

CLIENT, SECRET = "awx-client", "Oidc-secret-1"


def new_key() -> Any:
    """A key to sign with."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Provider:
    """The provider, and how it misbehaves."""

    site: Web | None = None
    key: Any = field(default_factory=new_key)
    signs_with: Any = None  # another key than the one that it publishes
    person: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)  # replace what the token would say; None leaves out
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Its address."""
        return self.site.url

    def answer(self, got: Got) -> Any:
        """One request."""
        ways = {
            "/.well-known/openid-configuration": self.configuration,
            "/authorize": self.authorize,
            "/token": self.token,
            "/jwks": self.jwks,
            "/userinfo": self.shown,
        }
        return ways[got.path](got) if got.path in ways else (404, {})

    def configuration(self, got: Got) -> Any:
        """Where what is."""
        return 200, {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def authorize(self, got: Got) -> Any:
        """The login page of a person who is logged in already."""
        asked = {name: values[0] for name, values in got.query.items()}
        code = secrets.token_hex(8)
        self.codes[code] = asked
        return 302, b"", {"Location": f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"}

    def token(self, got: Got) -> Any:
        """A code, with the proof of whoever asked for it, for tokens."""
        sent = {name: values[0] for name, values in parse_qs(got.body.decode()).items()}
        asked = self.codes.pop(sent.get("code", ""), None)
        known = got.headers.get("authorization") == "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        challenge = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(challenge).decode().rstrip("=")
        if not known or asked is None or asked.get("code_challenge") != proof:
            return 400, {"error": "invalid_grant"}
        claims = {"iss": self.url, "aud": CLIENT, "iat": int(time.time()), "exp": int(time.time()) + 300}
        claims |= {"nonce": asked["nonce"]} | self.person | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode(claims, self.signs_with or self.key, algorithm="RS256", headers={"kid": "k1"})
        return 200, {"access_token": "access-1", "token_type": "Bearer", "expires_in": 300, "id_token": token}

    def jwks(self, got: Got) -> Any:
        """The public key."""
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return 200, {"keys": [key | {"kid": "k1", "alg": "RS256", "use": "sig"}]}

    def shown(self, got: Got) -> Any:
        """Who the token is for."""
        if got.headers.get("authorization") != "Bearer access-1":
            return 401, {"error": "invalid_token"}
        return 200, self.person | self.userinfo


@contextmanager
def running() -> Iterator[Provider]:
    """The provider for the time of a block."""
    provider = Provider(
        person={
            "sub": "subject-1", "preferred_username": "ann", "given_name": "Ann", "family_name": "Example",
            "email": "ann@example.org", "email_verified": True,
        }
    )  # fmt: skip
    with web(provider.answer) as site:
        provider.site = site
        yield provider
