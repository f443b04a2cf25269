"""docs/tokens.md: each payload is accepted with the configuration beside it, and `usher token --like` makes the same."""

import base64
import json
import pathlib
import re
import time
import tomllib

import pytest
from gateway import make_jwt
from key_issuer import Issuer
from program import DONE, usher, write_file
from websocket import connect

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "tokens.md"
LIKE = {"Auth0": "auth0", "Firebase": "firebase", "Keycloak": "keycloak", "Amazon Cognito": "cognito",
        "Microsoft Entra ID": "entra", "Supabase": "supabase", "Clerk": "clerk", "Okta": "okta"}
TIMES = ("iat", "exp", "nbf", "auth_time")


class Example:
    def __init__(self, section):
        self.name, text = section.split("\n", 1)
        header, payload = re.findall(r"```json\n(.*?)```", text, re.S)
        self.header, self.payload = json.loads(header), json.loads(payload)
        self.settings = [tomllib.loads(block)["jwt"] for block in re.findall(r"```toml\n(.*?)```", text, re.S)]
        self.session, self.user = re.search(r"^Session: `(.*)`\. User: `(.*)`\.$", text, re.M).groups()

    def claims_now(self):
        shift = int(time.time()) - self.payload["iat"]
        return {name: value + shift if name in TIMES else value for name, value in self.payload.items()}


def examples():
    providers = PAGE.read_text().split("\n## Providers\n")[1].split("\n## ")[0]
    return {example.name: example for example in map(Example, providers.split("\n### ")[1:])}


EXAMPLES = examples()


def test_the_page_has_all_eight():
    assert list(EXAMPLES) == list(LIKE)


def config_of(settings, **more):
    return {"jwt": {"secret_file": None, **settings, **more}, "guest": {"enabled": False}}


def assert_lets_in(gateway, token, session, user):
    answer = gateway.ask_ticket(token)
    assert answer.status == 200, answer
    ws = connect(gateway, answer.json()["ticket"])
    assert ws.connected["session"] == session
    assert {f"session:{session}", f"user:{user}"} <= set(ws.connected["subs"])
    ws.close()


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_the_payload_is_accepted_with_the_configuration_below_it(start_gateway, tmp_path, example):
    issuer = Issuer(tmp_path, example.payload["iss"])
    try:
        issuer.add(example.header["kid"], example.header["alg"])
        issuer.add("another", example.header["alg"])
        settings = example.settings[0]
        assert settings["jwks_url"].startswith("https://")
        gateway = start_gateway(config_of(settings, jwks_url=issuer.server.url("/jwks.json")))
        gateway.wait_until_ready()
        claims = example.claims_now()
        assert_lets_in(gateway, issuer.sign(example.header, claims), example.session, example.user)
        audience = settings.get("audience_claim", "aud")
        for wrong in ({"iss": claims["iss"] + "x"}, {audience: "another"}, {"exp": int(time.time()) - 60}):
            assert gateway.ask_ticket(issuer.sign(example.header, {**claims, **wrong})).status == 401, wrong
        without = {name: value for name, value in claims.items() if name != audience}
        assert gateway.ask_ticket(issuer.sign(example.header, without)).status == 401
        assert gateway.ask_ticket(issuer.sign(example.header, claims, signer="another")).status == 401
    finally:
        issuer.server.stop()


def test_supabases_legacy_secret_is_accepted_too(start_gateway, tmp_path):
    example = EXAMPLES["Supabase"]
    settings = {**example.settings[1], "secret_file": str(write_file(tmp_path / "own.secret", "s" * 40))}
    gateway = start_gateway(config_of(settings))
    token = make_jwt(example.claims_now(), "s" * 40, {"alg": "HS256", "kid": "x+1/abc=", "typ": "JWT"})
    assert_lets_in(gateway, token, example.session, example.user)


def payload_of(token):
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


@pytest.mark.parametrize("name, like", LIKE.items(), ids=LIKE.values())
def test_a_token_like_it_has_its_payload_and_says_what_accepts_it(start_gateway, tmp_path, secret, name, like):
    example = EXAMPLES[name]
    made = usher("token", "--like", like, "--secret-file", secret)
    assert made.returncode == DONE, made
    token = made.stdout.strip()
    payload = payload_of(token)
    assert set(payload) == set(example.payload)
    for claim, value in example.payload.items():
        if claim in TIMES:
            assert isinstance(payload[claim], int)
        else:
            assert payload[claim] == value, claim
    settings = tomllib.loads(made.stderr)["jwt"]
    assert example.settings[0]["jwks_url"] in made.stderr
    told = {key: value for key, value in settings.items() if key != "secret_file"}
    lists = {key: [value] if key in ("audience", "session_claim") and isinstance(value, str) else value
             for key, value in example.settings[0].items() if key not in ("jwks_url", "algorithms")}
    assert told == lists
    gateway = start_gateway(config_of(settings))
    assert_lets_in(gateway, token, example.session, example.user)


def test_what_a_token_like_it_says_can_be_changed(secret):
    made = usher("token", "--like", "keycloak", "--secret-file", secret, "--user", "bob", "--channel", "news:1",
                 "--aud", "web", "--iss", "https://kc.example", "--claim", 'sid="s2"')
    payload = payload_of(made.stdout)
    assert payload["sub"] == "bob" and payload["channels"] == ["news:1"] and payload["sid"] == "s2"
    assert (payload["azp"], payload["aud"], payload["iss"]) == ("web", "account", "https://kc.example")
    settings = tomllib.loads(made.stderr)["jwt"]
    assert (settings["issuer"], settings["audience"]) == ("https://kc.example", ["web"])
    wrong = usher("token", "--like", "nobody", "--secret-file", secret)
    assert wrong.returncode != DONE and "keycloak" in wrong.stderr
