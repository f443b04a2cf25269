"""[[jwt.issuers]]: whose tokens are accepted is chosen by `iss`, and nothing of one issuer counts for another."""

import json
import signal
import threading
import time

import pytest
from gateway import SECRET, b64url, bearer, make_jwt, wait_until
from key_issuer import Issuer
from program import DONE, FAILED, usher, write_file
from websocket import Closed, WebSocket, connect

A, B, SHARED = "https://a.example", "https://b.example", "https://shared.example"


@pytest.fixture
def issuer(tmp_path):
    made = []

    def make(name, *kids, alg="ES256"):
        issuer = Issuer(tmp_path, name)
        for kid in kids:
            issuer.add(kid, alg)
        made.append(issuer)
        return issuer

    yield make
    for each in made:
        each.server.stop()


def config_of(*issuers, **jwt):
    return {"jwt": {"secret_file": None, "issuers": list(issuers), **jwt}, "client": {"accept_jwt": True},
            "guest": {"enabled": False}}


def status_and_code(gateway, token):
    answer = gateway.ask_ticket(token)
    return answer.status, answer.json().get("code")


def by_jwt(gateway, token):
    """The same at the door of the SDKs."""
    ws = WebSocket(gateway.address, "/connection/websocket", protocols=())
    ws.send({"id": 1, "connect": {"token": token}})
    return ws.read_reply(1)


@pytest.fixture
def pair(issuer, start_gateway, tmp_path):
    """A gateway with the issuers A and B, each with a key set of its own, and guests."""
    a, b = issuer(A, "ka"), issuer(B, "kb")
    guests = {"enabled": True, "secret_file": write_file(tmp_path / "guest.secret", "g" * 32)}
    gateway = start_gateway({**config_of(
        {**a.entry, "user_prefix": "a:", "algorithms": ["ES256"]},
        {**b.entry, "audience": ["b-app", "b-web"], "user_claim": "uid", "session_claim": ["login.session", "jti"],
         "channels_claim": "scope"}), "guest": guests})
    for name in (A, B):
        gateway.wait_for_line(f"key set of jwt.issuers '{name}' in use")
    gateway.a, gateway.b = a, b
    return gateway


def test_each_issuers_tokens_are_read_by_its_own_rules(pair):
    ws = connect(pair, pair.ticket(pair.a.token("ka", sub="ada")))
    assert ws.connected["session"] == "a:s1" and set(ws.connected["subs"]) == {"session:a:s1", "user:a:ada"}
    ws.close()
    token = pair.b.token("kb", aud="b-web", uid="bob", login={"session": "l1"}, jti="j", scope="live:1 live:2")
    ws = connect(pair, pair.ticket(token))
    assert ws.connected["session"] == "l1"
    assert {"session:l1", "user:bob"} <= set(ws.connected["subs"])
    ws.close()
    assert connect(pair, pair.ticket(pair.b.token("kb", aud="b-app", jti="j"))).connected["session"] == "j"
    guest = pair.guest()
    assert connect(pair, pair.ticket(guest["token"])).connected["session"] == guest["session_id"]
    assert pair.request("POST", "/auth/token", bearer(guest["token"])).json()["session_id"] == guest["session_id"]


def wrong_tokens(a, b):
    now = int(time.time())
    claims = {"iss": A, "aud": "app", "sid": "s", "exp": now + 600}
    of_b = {"iss": B, "aud": "b-app", "jti": "j", "exp": now + 600}
    unsigned = ".".join(b64url(json.dumps(part).encode()) for part in ({"alg": "none", "kid": "ka"}, claims))
    return {
        "an iss that nobody has": a.sign({"alg": "ES256", "kid": "ka"}, {**claims, "iss": "https://c.example"}),
        "an iss with a slash": a.sign({"alg": "ES256", "kid": "ka"}, {**claims, "iss": A + "/"}),
        "no iss": a.sign({"alg": "ES256", "kid": "ka"}, {"aud": "app", "sid": "s", "exp": now + 600}),
        "A's key for B, under B's name": a.sign({"alg": "ES256", "kid": "kb"}, of_b, "ka"),
        "A's key for B, without a name": a.sign({"alg": "ES256"}, of_b, "ka"),
        "B's key for A, under A's name": b.sign({"alg": "ES256", "kid": "ka"}, claims, "kb"),
        "an audience of B for A": a.sign({"alg": "ES256", "kid": "ka"}, {**claims, "aud": "b-app"}),
        "no audience": a.sign({"alg": "ES256", "kid": "ka"}, {k: v for k, v in claims.items() if k != "aud"}),
        "an algorithm that A does not use": make_jwt(claims, header={"alg": "HS256", "kid": "ka"}),
        "alg none": unsigned + ".AA",
        "alg none, no signature": unsigned + ".",
        "B's user with A's prefix": b.sign({"alg": "ES256", "kid": "kb"}, {**of_b, "uid": "a:ada"}),
        "B's session with A's prefix": b.sign({"alg": "ES256", "kid": "kb"}, {**of_b, "jti": "a:s1"}),
        "a guest's claims by A": a.sign({"alg": "ES256", "kid": "ka"},
                                        {"iss": "usher", "guest": True, "sessionId": "g", "exp": now + 600}),
        "A's claims by the guests' secret": make_jwt(claims, "g" * 32),
    }


def test_what_is_wrong_with_a_token_is_wrong_at_every_door(pair):
    for name, token in wrong_tokens(pair.a, pair.b).items():
        assert status_and_code(pair, token) == (401, "INVALID_TOKEN"), name
        with pytest.raises(Closed) as closed:
            by_jwt(pair, token)
        assert closed.value.code == 3500, name
        renewed = pair.request("POST", "/auth/token", bearer(token))
        assert (renewed.status, renewed.json()["code"]) == (401, "INVALID_TOKEN"), name
    assert (pair.a.fetches, pair.b.fetches) == (1, 1), "nobody was asked for a key because of them"


def test_an_unknown_key_asks_its_own_issuer_alone(pair):
    pair.b.add("k2")
    token = pair.b.token("k2", aud="b-app", jti="j")
    for name in ("ka", "k2"):
        forged = pair.b.sign({"alg": "ES256", "kid": name}, {"iss": B, "aud": "b-app", "jti": "j", "exp": 2**33}, "k2")
        assert status_and_code(pair, forged) == (503, "STORE_UNAVAILABLE"), "B may have a newer key"
    pair.signal(signal.SIGHUP)
    pair.wait_for_line("keys and certificate reloaded")
    assert status_and_code(pair, pair.a.token("ka"))[0] == 200
    wait_until(lambda: status_and_code(pair, token)[0] == 200, "B's new key", 40)
    assert status_and_code(pair, pair.a.token("ka"))[0] == 200
    assert pair.b.fetches == 2 and pair.a.fetches <= 2, "A is asked again by SIGHUP only"


def test_an_issuer_that_hangs_delays_nobody_else(issuer, start_gateway):
    a, b = issuer(A, "ka"), issuer(B, "kb")
    asked, release = threading.Event(), threading.Event()

    def hangs(hit):
        asked.set()
        release.wait(20)
        return 200, b.key_set()

    b.answer = hangs
    gateway = start_gateway(config_of({**a.entry, "user_prefix": "a:"}, b.entry))
    assert asked.wait(10)
    try:
        wait_until(lambda: status_and_code(gateway, a.token("ka"))[0] == 200, "A's keys", 5)
        ready = gateway.admin("/readyz")
        assert ready.status == 503
        assert f"no key set from jwt.issuers '{B}' yet".encode() in ready.body and A.encode() not in ready.body
        assert "connect" in by_jwt(gateway, a.token("ka"))
    finally:
        release.set()
    gateway.wait_until_ready()
    assert status_and_code(gateway, b.token("kb"))[0] == 200


def test_an_issuer_of_which_a_file_has_a_key_is_ready_without_its_url(issuer, start_gateway, tmp_path):
    b = issuer(B, "kb")
    b.answer = lambda hit: (500, "")
    keys = write_file(tmp_path / "jwks.json", b.key_set())
    gateway = start_gateway(config_of({**b.entry, "jwks_file": keys}))
    gateway.wait_for_line(f"no key set from jwt.issuers '{B}' yet")
    assert gateway.admin("/readyz").status == 200
    assert status_and_code(gateway, b.token("kb"))[0] == 200


def test_the_plain_keys_are_one_more_issuer(issuer, start_gateway, tmp_path):
    a = issuer(A, "ka")
    own = str(write_file(tmp_path / "own.secret", SECRET))
    gateway = start_gateway(config_of({**a.entry, "user_prefix": "a:"}, secret_file=own, issuer=SHARED))
    gateway.wait_for_line("key set of jwt.issuers")
    claims = {"sessionId": "s", "exp": int(time.time()) + 600}
    assert status_and_code(gateway, make_jwt({**claims, "iss": SHARED}))[0] == 200
    assert status_and_code(gateway, a.token("ka"))[0] == 200
    assert status_and_code(gateway, make_jwt({**claims, "iss": A, "aud": "app"})) == (401, "INVALID_TOKEN")
    assert status_and_code(gateway, make_jwt(claims)) == (401, "INVALID_TOKEN")
    # `usher token` and `usher checktoken` choose alike.
    config = str(gateway.folder / "usher.toml")
    token = usher("token", "--config", config, "--session", "s").stdout.strip()
    assert status_and_code(gateway, token)[0] == 200
    assert usher("checktoken", "--config", config, token).returncode == DONE
    assert usher("checktoken", "--config", config, a.token("ka")).returncode == DONE
    stranger = usher("checktoken", "--config", config, make_jwt({**claims, "iss": "https://c.example"}))
    assert stranger.returncode == FAILED
    assert stranger.stdout == ("INVALID_TOKEN: no issuer of the configuration is named 'https://c.example', as the "
                               "token's iss says\n")


def test_tokens_of_the_required_type_alone_pass(issuer, start_gateway):
    a, b = issuer(A, "ka"), issuer(B, "kb")
    gateway = start_gateway(config_of({**a.entry, "typ": "at+jwt", "user_prefix": "a:"}, b.entry))
    for name in (A, B):
        gateway.wait_for_line(f"key set of jwt.issuers '{name}' in use")
    claims = {"aud": "app", "sid": "s", "exp": int(time.time()) + 600}
    for typ, status in (("at+jwt", 200), ("application/AT+JWT", 200), ("JWT", 401), (None, 401)):
        header = {"alg": "ES256", "kid": "ka", **({"typ": typ} if typ else {})}
        assert status_and_code(gateway, a.sign(header, {**claims, "iss": A}))[0] == status, typ
    assert status_and_code(gateway, b.sign({"alg": "ES256", "kid": "kb", "typ": "JWT"}, {**claims, "iss": B}))[0] == 200


def test_issuers_that_can_name_the_same_user_are_named_at_the_start_and_by_checkconfig(issuer, start_gateway):
    a, b = issuer(A, "ka"), issuer(B, "kb")
    gateway = start_gateway(config_of(a.entry, b.entry))
    sentence = f"the issuers '{A}' and '{B}' can name the same user and session"
    assert sentence in gateway.log
    checked = usher("checkconfig", str(gateway.folder / "usher.toml"))
    assert checked.returncode == DONE and sentence in checked.stderr


def test_a_guest_of_dev_gets_in_beside_an_issuer(issuer, start_gateway):
    a = issuer(A, "ka")
    gateway = start_gateway({"jwt": {"secret_file": None, "issuers": [a.entry]}, "guest": {"enabled": None}},
                            args=["--dev"])
    gateway.wait_for_line(f"key set of jwt.issuers '{A}' in use")
    assert status_and_code(gateway, gateway.guest()["token"])[0] == 200
    assert status_and_code(gateway, a.token("ka"))[0] == 200


def test_info_of_a_jwt_is_shown_as_conn_info_and_one_that_is_too_long_is_refused(issuer, start_gateway):
    a = issuer(A, "ka")
    gateway = start_gateway({**config_of({**a.entry, "info_claim": "profile.public"}), "limits": {"info_bytes": 20},
                             "channel": {"namespaces": [{"name": "room", "subscribe": "users", "presence": True}]}})
    gateway.wait_for_line(f"key set of jwt.issuers '{A}' in use")
    token = a.token("ka", sub="ada", channels=["room:1"], profile={"public": {"name": "Ada Love"}})
    ws = WebSocket(gateway.address, "/connection/websocket", protocols=())
    ws.send({"id": 1, "connect": {"token": token}})
    client = ws.read_reply(1)["connect"]["client"]
    assert gateway.api("presence", {"channel": "room:1"})["result"]["presence"] == {
        client: {"user": "ada", "client": client, "conn_info": {"name": "Ada Love"}}}
    ws.close()
    long = a.token("ka", sub="ada", profile={"public": {"name": "Ada Lovel"}})
    assert status_and_code(gateway, long) == (401, "INVALID_TOKEN")


FAULTS = {
    "two of one name": ('issuer = "a"\nsecret_file = "{secret}"\n', 'issuer = "a"\nsecret_file = "{secret}"\n',
                        "jwt.issuers 'a' is there twice"),
    "a guest's name": ('issuer = "usher"\nsecret_file = "{secret}"\n', "", "must not be 'usher'"),
    "no name": ('secret_file = "{secret}"\n', "", "must have an issuer"),
    "no key": ('issuer = "a"\n', "", "jwt.issuers 'a' has no key"),
}


@pytest.mark.parametrize("first, second, sentence", FAULTS.values(), ids=FAULTS)
def test_checkconfig_names_what_is_wrong_with_an_issuer(tmp_path, secret, first, second, sentence):
    text = '[client]\nallowed_origins = []\n'
    for entry in filter(None, (first, second)):
        text += "[[jwt.issuers]]\n" + entry.format(secret=secret)
    checked = usher("checkconfig", str(write_file(tmp_path / "usher.toml", text)))
    assert checked.returncode == FAILED and sentence in checked.stderr, checked
