"""`usher token` mints, `usher checktoken` says what a token holds or why it is none."""

import json
import re
import time

import pytest

from gateway import SECRET, b64url, make_jwt
from program import BAD_USAGE, DONE, FAILED, usher, write_file
from websocket import connect


def mint(secret, *args):
    answer = usher("token", "--secret-file", secret, *args)
    assert answer.returncode == DONE, answer
    return answer.stdout.strip()


def test_a_minted_token_is_checked_and_its_claims_are_printed(secret):
    token = mint(secret, "--session", "sess_1", "--user", "ada", "--channel", "orders:42", "--channel", "news:*",
                 "--iss", "https://id.example", "--aud", "app", "--ttl", "10m", "--claim", 'extra={"a":[1,"b"]}')
    answer = usher("checktoken", "--secret-file", secret, "--iss", "https://id.example", "--aud", "app", token)
    assert (answer.returncode, answer.stderr) == (DONE, "")
    claims = json.loads(answer.stdout)
    assert claims["exp"] - claims["iat"] == 600 and abs(claims["iat"] - time.time()) < 60
    del claims["exp"], claims["iat"]
    assert claims == {"sessionId": "sess_1", "sub": "ada", "channels": ["orders:42", "news:*"],
                      "iss": "https://id.example", "aud": "app", "extra": {"a": [1, "b"]}}


def test_a_token_can_be_read_from_standard_input(secret):
    answer = usher("checktoken", "--secret-file", secret, "-", stdin=mint(secret, "--session", "s") + "\n")
    assert answer.returncode == DONE and json.loads(answer.stdout)["sessionId"] == "s"


def test_the_gateway_takes_what_token_mints_with_its_configuration(start_gateway):
    gateway = start_gateway({"jwt": {"session_claim": "session"}})
    answer = usher("token", "--config", gateway.folder / "usher.toml", "--session", "cli", "--user", "ada")
    ws = connect(gateway, gateway.ticket(answer.stdout.strip()))
    assert set(ws.connected["subs"]) == {"session:cli", "user:ada"}
    ws.close()
    answer = usher("checktoken", "--config", gateway.folder / "usher.toml", gateway.guest()["token"])
    assert answer.returncode == DONE and json.loads(answer.stdout)["guest"] is True


WRONG_TOKENS = {
    "expired": (["--session", "s", "--ttl=-1h"], [], "TOKEN_EXPIRED"),
    "without a session": ([], [], "MISSING_SESSION"),
    "of another issuer": (["--session", "s", "--iss", "a"], ["--iss", "b"], "INVALID_TOKEN"),
    "for another audience": (["--session", "s", "--aud", "a"], ["--aud", "b"], "INVALID_TOKEN"),
    "not yet valid": (["--session", "s", "--claim", "nbf=99999999999"], [], "INVALID_TOKEN"),
    "with a claim of the wrong type": (["--session", "s", "--claim", 'jti=1'], [], "INVALID_TOKEN"),
}


@pytest.mark.parametrize("minting, checking, code", WRONG_TOKENS.values(), ids=WRONG_TOKENS)
def test_a_token_is_refused_as_code_and_reason_with_exit_code_1_if_it_is(secret, minting, checking, code):
    answer = usher("checktoken", "--secret-file", secret, *checking, mint(secret, *minting))
    assert answer.returncode == FAILED
    assert re.fullmatch(code + r": \S.*\n", answer.stdout)


def test_forged_tokens_are_refused_with_a_reason(tmp_path, secret):
    other = write_file(tmp_path / "other", "another secret of 32 bytes or more...")
    for token, reason in ((mint(other, "--session", "s"), "signature"), ("nonsense", "two dots"),
                          (make_jwt({"exp": 1}, header={"alg": "none"}), "algorithm")):
        answer = usher("checktoken", "--secret-file", secret, token)
        assert answer.returncode == FAILED
        assert answer.stdout.startswith("INVALID_TOKEN: ") and reason in answer.stdout, answer.stdout


@pytest.mark.parametrize("claim", ["x", "x={", "x=1 2", "x="])
def test_a_claim_that_is_no_json_is_refused_by_name(secret, claim):
    answer = usher("token", "--secret-file", secret, "--session", "s", "--claim", claim)
    assert answer.returncode in (FAILED, BAD_USAGE) and answer.stdout == ""
    assert "claim" in answer.stderr and "x" in answer.stderr


def test_a_key_set_needs_the_kid_of_one_of_its_keys(tmp_path, secret):
    keys = {"keys": [{"kty": "oct", "kid": "k1", "alg": "HS256", "k": b64url(SECRET.encode())}]}
    jwks = write_file(tmp_path / "jwks.json", json.dumps(keys))
    now = int(time.time())
    claims = {"sessionId": "s", "exp": now + 60, "iss": "i", "aud": "a"}
    for kid, code in (("k1", DONE), ("k2", FAILED)):
        token = make_jwt(claims, header={"alg": "HS256", "kid": kid})
        answer = usher("checktoken", "--jwks", jwks, "--iss", "i", "--aud", "a", token)
        assert answer.returncode == code, answer
        if code == FAILED:
            assert answer.stdout == "INVALID_TOKEN: no key has the token's kid 'k2'\n"


def test_a_secret_that_is_too_short_signs_nothing(tmp_path):
    answer = usher("token", "--secret-file", write_file(tmp_path / "short", "x" * 31), "--session", "s")
    assert (answer.returncode, answer.stdout) == (FAILED, "")
    assert "31 bytes" in answer.stderr and "openssl rand -hex 32" in answer.stderr
