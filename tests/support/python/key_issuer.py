"""An issuer of tokens with a published key set, as jwt.jwks_url wants it."""

import json
import subprocess
import time

from gateway import b64url
from hook_server import HookServer


def openssl(*args, **options):
    return subprocess.run(["openssl", *args], check=True, capture_output=True, **options).stdout


class Issuer:
    """Signs tokens, with ES256 if nothing else is said, and publishes its keys."""

    def __init__(self, folder, name="https://id.example"):
        self.folder, self.name, self.keys, self.extra = folder, name, {}, []
        self.answer = None
        self.server = HookServer(lambda hit: self.answer(hit) if self.answer else (200, self.key_set()))

    def add(self, kid, alg="ES256"):
        path = self.folder / f"{len(self.keys)}-{b64url(self.name.encode())[:40]}.pem"
        if alg == "ES256":
            openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path)
            der = openssl("ec", "-in", path, "-pubout", "-outform", "DER")
            jwk = {"kty": "EC", "crv": "P-256", "x": b64url(der[-64:-32]), "y": b64url(der[-32:])}
        else:
            openssl("genrsa", "-out", path, "2048")
            modulus = openssl("rsa", "-in", path, "-noout", "-modulus").decode().strip().removeprefix("Modulus=")
            jwk = {"kty": "RSA", "e": "AQAB", "n": b64url(bytes.fromhex(modulus))}
        self.keys[kid] = (path, {**jwk, "kid": kid})

    def key_set(self):
        return json.dumps({"keys": [jwk for _, jwk in self.keys.values()] + self.extra})

    def sign(self, header, claims, signer=None):
        """A token with exactly this header and these claims, by the key that the header names, or `signer`."""
        text = ".".join(b64url(json.dumps(part).encode()) for part in (header, claims))
        signature = openssl("dgst", "-sha256", "-sign", self.keys[signer or header["kid"]][0], input=text.encode())
        if header["alg"] == "ES256":
            signature = raw_signature(signature)
        return f"{text}.{b64url(signature)}"

    def token(self, kid, signer=None, **claims):
        now = int(time.time())
        return self.sign({"alg": "ES256", "kid": kid},
                         {"sessionId": "s1", "iss": self.name, "aud": "app", "iat": now, "exp": now + 3600, **claims}, signer)

    @property
    def entry(self):
        """Its [[jwt.issuers]]."""
        return {"issuer": self.name, "audience": "app", "jwks_url": self.server.url("/jwks.json")}

    @property
    def config(self):
        return {"jwt": {"secret_file": None, **self.entry}, "guest": {"enabled": False}}

    @property
    def fetches(self):
        return len(self.server.hits)


def raw_signature(der):
    """r and s of an ECDSA signature in DER, 32 bytes each."""
    first = der[4:4 + der[3]]
    second = der[6 + der[3]:]
    return b"".join(part.lstrip(b"\0").rjust(32, b"\0") for part in (first, second))
