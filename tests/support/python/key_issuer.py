"""An issuer of tokens with a published key set, as jwt.jwks_url wants it."""

import json
import subprocess
import time

from gateway import b64url
from hook_server import HookServer


class Issuer:
    """Signs ES256 tokens, and publishes its keys."""

    def __init__(self, folder):
        self.folder, self.keys, self.extra = folder, {}, []
        self.answer = None
        self.server = HookServer(lambda hit: self.answer(hit) if self.answer else (200, self.key_set()))

    def add(self, kid):
        path = self.folder / f"{kid}.pem"
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path], check=True)
        der = subprocess.run(["openssl", "ec", "-in", path, "-pubout", "-outform", "DER"], check=True,
                             capture_output=True).stdout
        self.keys[kid] = (path, der[-64:-32], der[-32:])

    def key_set(self):
        keys = [{"kty": "EC", "crv": "P-256", "kid": kid, "x": b64url(x), "y": b64url(y)}
                for kid, (_, x, y) in self.keys.items()]
        return json.dumps({"keys": keys + self.extra})

    def token(self, kid, signer=None, **claims):
        head = b64url(json.dumps({"alg": "ES256", "kid": kid}).encode())
        now = int(time.time())
        body = b64url(json.dumps({"sessionId": "s1", "iss": "https://id.example", "aud": "app", "iat": now,
                                  "exp": now + 3600, **claims}).encode())
        done = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.keys[signer or kid][0]],
                              input=f"{head}.{body}".encode(), capture_output=True, check=True)
        return f"{head}.{body}.{b64url(raw_signature(done.stdout))}"

    @property
    def config(self):
        return {"jwt": {"secret_file": None, "jwks_url": self.server.url("/jwks.json"), "issuer": "https://id.example",
                        "audience": "app"}, "guest": {"enabled": False}}

    @property
    def fetches(self):
        return len(self.server.hits)


def raw_signature(der):
    """r and s of an ECDSA signature in DER, 32 bytes each."""
    first = der[4:4 + der[3]]
    second = der[6 + der[3]:]
    return b"".join(part.lstrip(b"\0").rjust(32, b"\0") for part in (first, second))
