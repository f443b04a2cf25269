"""jwt.jwks_url: the issuer's published keys, fetched when they are needed and not more often."""

import concurrent.futures
import json
import signal
import threading
import time

import pytest
from gateway import b64url, wait_until
from key_issuer import Issuer
from program import DONE, FAILED, usher
from websocket import WebSocket, connect


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
    # In the first 30 s after a fetch nobody is asked again.
    assert status_and_code(by_token, token) == (401, "INVALID_TOKEN")
    by_signal.signal(signal.SIGHUP)
    by_signal.wait_for_line("keys and certificate reloaded")
    assert status_and_code(by_signal, issuer.token("k1"))[0] == 200  # published keys stay over a reload
    assert issuer.fetches == 2
    by_signal.wait_for_line("key set of jwt.jwks_url in use { keys: 2, skipped: 0 }", 40)
    assert time.monotonic() - begun > 25
    # The first token that names the new key waits for it.
    wait_until(lambda: status_and_code(by_token, token)[0] == 200, "the interval to be over", 40)
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
        assert forged.result() == (401, "INVALID_TOKEN")
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
    (lambda i: (200, json.dumps({"keys": [{"kty": "oct", "kid": str(n), "k": "eA"} for n in range(33)]})), "32 keys"),
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


def test_old_keys_stay_while_the_source_is_down_and_random_keys_ask_nobody(start_gateway, issuer):
    gateway = start_gateway(issuer.config)
    gateway.wait_for_line("key set of jwt.jwks_url in use")
    issuer.answer = lambda hit: (503, "")
    signed = issuer.token("k1").split(".")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        def ask(n):
            head = b64url(json.dumps({"alg": "ES256", "kid": f"random-{n}"}).encode())
            return status_and_code(gateway, ".".join([head, *signed[1:]]))
        assert set(pool.map(ask, range(400))) == {(401, "INVALID_TOKEN")}
    assert issuer.fetches == 1
    assert status_and_code(gateway, issuer.token("k1"))[0] == 200


def test_a_jwt_with_a_new_key_on_the_sdk_door_is_answered_109(start_gateway, issuer):
    config = issuer.config
    config["client"] = {"accept_jwt": True}
    gateway = start_gateway(config)
    gateway.wait_for_line("key set of jwt.jwks_url in use")
    ws = WebSocket(gateway.address, "/connection/websocket", protocols=())
    issuer.add("k2")
    ws.send({"id": 1, "connect": {"token": issuer.token("k2")}})
    assert ws.read_reply(1)["error"]["code"] == 109
    ws.send({"id": 2, "connect": {"token": issuer.token("k1")}})
    assert ws.read_reply(2)["connect"]["session"] == "s1"


def test_checktoken_fetches_the_key_set_of_its_configuration(start_gateway, issuer, tmp_path):
    gateway = start_gateway(issuer.config)
    command = ["checktoken", "--config", gateway.folder / "usher.toml", issuer.token("k1")]
    done = usher(*command)
    assert (done.returncode, json.loads(done.stdout)["sessionId"]) == (DONE, "s1"), done
    issuer.answer = lambda hit: (404, "")
    done = usher(*command)
    assert done.returncode == FAILED and "jwt.jwks_url: the status is 404, not 200" in done.stderr
