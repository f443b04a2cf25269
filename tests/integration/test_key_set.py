"""jwt.jwks_url: the issuer's published keys, fetched when they are needed and not more often."""

import concurrent.futures
import json
import signal
import threading
import time

import pytest
from gateway import b64url, bearer, wait_until
from key_issuer import Issuer
from program import DONE, FAILED, usher, write_file
from websocket import WebSocket, connect


def forged_with(issuer, kid, signed=None):
    head = b64url(json.dumps({"alg": "ES256", "kid": kid}).encode())
    return ".".join([head, *(signed or issuer.token("k1")).split(".")[1:]])


def is_temporary(reply):
    return reply["error"]["code"] == 100 and reply["error"]["temporary"] is True


@pytest.fixture
def issuer(tmp_path):
    made = Issuer(tmp_path)
    made.add("k1")
    yield made
    made.server.stop()


def status_and_code(gateway, token):
    answer = gateway.ask_ticket(token)
    return answer.status, answer.json().get("code")


def test_keys_are_fetched_at_the_start_and_open_the_door(start_gateway, issuer):
    gateway = start_gateway(issuer.config)
    gateway.wait_for_line("key set of jwt.jwks_url in use { keys: 1, skipped: 0 }")
    assert connect(gateway, gateway.ticket(issuer.token("k1")))
    assert gateway.admin("/readyz").status == 200
    assert status_and_code(gateway, issuer.token("k1", aud="other")) == (401, "INVALID_TOKEN")
    hit = issuer.server.hits[0]
    assert (issuer.fetches, hit.path, hit.headers["accept"]) == (1, "/jwks.json", "application/json")


def test_new_keys_come_with_the_first_token_or_sighup_once_the_interval_is_over(start_gateway, issuer):
    by_token, by_signal = start_gateway(issuer.config), start_gateway(issuer.config)
    for gateway in (by_token, by_signal):
        gateway.wait_for_line("key set of jwt.jwks_url in use { keys: 1, skipped: 0 }")
    begun = time.monotonic()
    issuer.add("k2")
    token = issuer.token("k2")
    # In the first 30 s after a fetch the issuer is not asked again, and the client is told when.
    assert status_and_code(by_token, token) == (503, "STORE_UNAVAILABLE")
    by_signal.signal(signal.SIGHUP)
    by_signal.wait_for_line("keys and certificate reloaded")
    assert status_and_code(by_signal, issuer.token("k1"))[0] == 200  # published keys stay over a reload
    assert issuer.fetches == 2
    by_signal.wait_for_line("key set of jwt.jwks_url in use { keys: 2, skipped: 0 }", 40)
    assert time.monotonic() - begun > 25
    # The first token that names the new key waits for it.
    seen = set()
    wait_until(lambda: seen.add(status_and_code(by_token, token)) or (200, None) in seen, "the interval to be over", 40)
    assert seen <= {(503, "STORE_UNAVAILABLE"), (200, None)}
    assert status_and_code(by_token, issuer.token("k1"))[0] == 200
    assert issuer.fetches == 4


def test_all_who_ask_while_a_fetch_is_under_way_get_its_answer(start_gateway, issuer):
    asked, release = threading.Event(), threading.Event()

    def slow(hit):
        asked.set()
        release.wait(20)
        return 200, issuer.key_set()

    issuer.answer = slow
    gateway = start_gateway(issuer.config)
    assert asked.wait(10)
    token = issuer.token("k1")
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(status_and_code, gateway, token) for _ in range(20)]
        forged = pool.submit(status_and_code, gateway, issuer.token("nobody", signer="k1"))
        assert not concurrent.futures.wait(waiting, timeout=0.3).done
        release.set()
        assert {done.result() for done in waiting} == {(200, None)}
        # Its key may be newer than the answer that it waited for.
        assert forged.result() == (503, "STORE_UNAVAILABLE")
    assert issuer.fetches == 1


def test_without_any_key_it_says_so_and_refuses_softly(start_gateway, issuer):
    issuer.answer = lambda hit: (500, "")
    gateway = start_gateway(issuer.config)
    line = gateway.wait_for_line("no key set from jwt.jwks_url yet")
    assert "the status is 500, not 200" in line
    ready = gateway.admin("/readyz")
    assert ready.status == 503 and b"no key set from jwt.jwks_url yet" in ready.body
    assert status_and_code(gateway, issuer.token("k1")) == (503, "STORE_UNAVAILABLE")
    assert gateway.ask_ticket(issuer.token("k1")).headers["Retry-After"]
    assert issuer.fetches == 1


def with_guests(issuer, tmp_path, **client):
    guests = {"enabled": True, "secret_file": write_file(tmp_path / "guest.secret", "x" * 32)}
    return {**issuer.config, "guest": guests, "client": client}


def test_made_up_kids_neither_fetch_without_end_nor_refuse_a_new_key_for_good(start_gateway, issuer, tmp_path):
    gateway = start_gateway(with_guests(issuer, tmp_path, accept_jwt=True))
    gateway.wait_for_line("key set of jwt.jwks_url in use { keys: 1, skipped: 0 }")
    begun = time.monotonic()
    issuer.add("k2")
    token, seen = issuer.token("k2"), set()

    def new_key_is_known():
        for path in ("/auth/ticket", "/auth/token"):
            forged = gateway.request("POST", path, bearer(forged_with(issuer, f"made-up-{time.monotonic()}")))
            assert forged.status == 503 or time.monotonic() - begun > 25
        ws = WebSocket(gateway.address, "/connection/websocket", protocols=())
        ws.send({"id": 1, "connect": {"token": token}})
        reply = ws.read_reply(1)
        assert "connect" in reply or is_temporary(reply)
        answer = gateway.ask_ticket(token)
        seen.add((answer.status, answer.json().get("code")))
        if answer.status == 503:
            assert 0 < answer.json()["retry_after_ms"] <= (31 - (time.monotonic() - begun)) * 1000
        return answer.status == 200 and "connect" in reply

    wait_until(new_key_is_known, "the new key", 40)
    assert time.monotonic() - begun < 32 and issuer.fetches == 2
    assert seen == {(503, "STORE_UNAVAILABLE"), (200, None)}


def test_a_gateway_without_a_key_of_its_issuer_is_not_ready_and_final_only_when_it_has_been_asked(
        start_gateway, issuer, tmp_path):
    issuer.answer = lambda hit: (200, "garbage")
    gateway = start_gateway(with_guests(issuer, tmp_path))
    assert "not a JWK set" in gateway.wait_for_line("no key set from jwt.jwks_url yet")
    forged = forged_with(issuer, "made-up")
    assert status_and_code(gateway, forged) == (503, "STORE_UNAVAILABLE")
    ready = gateway.admin("/readyz")
    assert ready.status == 503 and b"no key set from jwt.jwks_url yet" in ready.body
    assert connect(gateway, gateway.ticket(gateway.guest()["token"]))  # guests may come all the same
    wait_until(lambda: issuer.fetches == 2, "the next attempt", 40)
    issuer.answer = None
    assert gateway.count_lines("no key set from jwt.jwks_url yet: tokens") == 1  # once for each reason
    assert gateway.count_lines("not_ready") == 1
    gateway.wait_for_line("key set of jwt.jwks_url in use", 40)
    assert gateway.admin("/readyz").status == 200
    wait_until(lambda: status_and_code(gateway, forged) == (401, "INVALID_TOKEN"), "a final answer", 40)
    assert issuer.fetches == 4


def test_guests_and_file_keys_need_no_key_set_to_be_ready(start_gateway, issuer):
    issuer.answer = lambda hit: (500, "")
    config = issuer.config
    config["guest"] = {"enabled": True}
    del config["jwt"]["secret_file"]
    gateway = start_gateway(config)
    gateway.wait_for_line("no key set from jwt.jwks_url yet")
    assert gateway.admin("/readyz").status == 200
    assert connect(gateway, gateway.ticket(gateway.guest()["token"]))


@pytest.mark.parametrize("answer, reason", [
    (lambda i: (302, i.key_set(), {"Location": i.server.url("/other")}), "redirects"),
    (lambda i: (200, i.key_set() + " " * 65536), "body limit exceeded"),
    (lambda i: (200, "no keys"), "not a JWK set"),
    (lambda i: (200, '{"keys":[]}'), "no key that tokens can be verified with"),
    (lambda i: (200, json.dumps({"keys": [{"kty": "oct", "kid": str(n), "k": "eA"} for n in range(33)]})), "no key"),
    (lambda i: (200, json.dumps({"keys": [{"kty": "oct", "kid": "s", "k": b64url(b"x" * 32)}]})), "no key"),
])
def test_what_is_no_key_set_is_not_used(start_gateway, issuer, answer, reason):
    issuer.answer = lambda hit: answer(issuer)
    gateway = start_gateway(issuer.config)
    assert reason in gateway.wait_for_line("no key set from jwt.jwks_url yet")
    assert issuer.fetches == 1


def test_keys_that_can_not_be_used_are_named_in_the_log(start_gateway, issuer):
    issuer.extra = [{"kty": "EC", "crv": "secp256k1", "kid": "odd", "x": b64url(b"1" * 32), "y": b64url(b"2" * 32)}]
    gateway = start_gateway(issuer.config)
    assert "odd" in gateway.wait_for_line("a key of jwt.jwks_url can't be used")
    gateway.wait_for_line("key set of jwt.jwks_url in use { keys: 1, skipped: 1 }")
    assert status_and_code(gateway, issuer.token("k1"))[0] == 200


ODD_KEYS = [
    (lambda k: {**k, "x": b64url(b"1" * 31)}, "(kid \\'odd\\'): x has 31 bytes, not 32"),
    (lambda k: {**k, "use": None}, "(kid \\'odd\\'): use is not a string"),
    (lambda k: {**k, "kid": 7}, ": kid is not a string"),
    (lambda k: {"kty": "RSA", "kid": "odd", "e": "AQAB", "n": b64url(b"x" * 128)}, ": the RSA key has 1023 bits"),
    (lambda k: [], ": it is not a JSON object"),
]
# The operator's own file may hold such keys.
ODD_WHERE_ALL_CAN_READ = [
    (lambda k: {**k, "d": "AA"}, "its private part is published"),
    (lambda k: {"kty": "oct", "kid": "odd", "k": b64url(b"x" * 32)}, "it is a secret"),
]


def sources(issuer, keys, folder):
    published = json.dumps({"keys": keys})
    issuer.answer = lambda hit: (200, published)
    yield "jwks_url", issuer.config
    config = issuer.config
    del config["jwt"]["jwks_url"]
    config["jwt"]["jwks_file"] = write_file(folder / "jwks.json", published)
    yield "jwks_file", config


def with_odd_key(issuer, odd):
    issuer.add("odd")
    keys = json.loads(issuer.key_set())["keys"]
    return [odd(keys[1]), keys[0]]


@pytest.mark.parametrize("odd, reason", ODD_KEYS)
def test_an_odd_key_costs_itself_and_is_named(start_gateway, issuer, tmp_path, odd, reason):
    for source, config in sources(issuer, with_odd_key(issuer, odd), tmp_path):
        gateway = start_gateway(config)
        line = gateway.wait_for_line(f"a key of jwt.{source} can't be used")
        assert "key 1" in line and reason in line
        assert status_and_code(gateway, issuer.token("k1"))[0] == 200
        assert gateway.count_lines("can't be used") == 1
    gateway.signal(signal.SIGHUP)
    wait_until(lambda: gateway.count_lines("can't be used") == 2, "the line of the reload")
    checked = usher("checkconfig", gateway.folder / "usher.toml")
    assert checked.returncode == DONE and "key 1" in checked.stderr
    told = usher("checktoken", "--config", gateway.folder / "usher.toml", issuer.token("k1"))
    assert told.returncode == DONE and "key 1" in told.stderr


@pytest.mark.parametrize("odd, reason", ODD_WHERE_ALL_CAN_READ)
def test_a_published_secret_costs_itself(start_gateway, issuer, tmp_path, odd, reason):
    _, config = next(sources(issuer, with_odd_key(issuer, odd), tmp_path))
    gateway = start_gateway(config)
    assert reason in gateway.wait_for_line("a key of jwt.jwks_url can't be used")
    assert status_and_code(gateway, issuer.token("k1"))[0] == 200


def test_two_keys_with_one_kid_are_both_used(start_gateway, issuer):
    issuer.add("k2")
    keys = json.loads(issuer.key_set())["keys"]
    for key in keys:
        key["kid"] = "same"
    issuer.answer = lambda hit: (200, json.dumps({"keys": keys}))
    gateway = start_gateway(issuer.config)
    gateway.wait_for_line("key set of jwt.jwks_url in use { keys: 2, skipped: 0 }")
    for signer in ("k1", "k2"):
        assert status_and_code(gateway, issuer.token("same", signer=signer))[0] == 200


def test_old_keys_stay_while_the_source_is_down_and_random_keys_ask_nobody(start_gateway, issuer):
    gateway = start_gateway(issuer.config)
    gateway.wait_for_line("key set of jwt.jwks_url in use")
    issuer.answer = lambda hit: (503, "")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        def ask(n):
            return status_and_code(gateway, forged_with(issuer, f"random-{n}", signed))
        signed = issuer.token("k1")
        assert set(pool.map(ask, range(400))) == {(503, "STORE_UNAVAILABLE")}
    assert issuer.fetches == 1
    assert status_and_code(gateway, issuer.token("k1"))[0] == 200


def test_a_jwt_with_a_new_key_on_the_sdk_door_is_refused_for_now(start_gateway, issuer):
    config = issuer.config
    config["client"] = {"accept_jwt": True}
    gateway = start_gateway(config)
    gateway.wait_for_line("key set of jwt.jwks_url in use")
    ws = WebSocket(gateway.address, "/connection/websocket", protocols=())
    issuer.add("k2")
    ws.send({"id": 1, "connect": {"token": issuer.token("k2")}})
    assert is_temporary(ws.read_reply(1))
    ws.send({"id": 2, "connect": {"token": issuer.token("k1")}})
    assert ws.read_reply(2)["connect"]["session"] == "s1"
    ws.send({"id": 3, "refresh": {"token": issuer.token("k2")}})
    assert is_temporary(ws.read_reply(3))
    ws.send({"id": 4, "refresh": {"token": issuer.token("k1")}})
    assert "refresh" in ws.read_reply(4)


def test_checktoken_fetches_the_key_set_of_its_configuration(start_gateway, issuer, tmp_path):
    gateway = start_gateway(issuer.config)
    command = ["checktoken", "--config", gateway.folder / "usher.toml", issuer.token("k1")]
    done = usher(*command)
    assert (done.returncode, json.loads(done.stdout)["sessionId"]) == (DONE, "s1"), done
    issuer.answer = lambda hit: (404, "")
    done = usher(*command)
    assert done.returncode == FAILED and "jwt.jwks_url: the status is 404, not 200" in done.stderr
