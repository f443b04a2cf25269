"""POST /auth/ticket by cookies: the backend says whose ticket it is (docs/cookies.md)."""

import collections
import json
import socket
import threading
import time

import pytest

from gateway import API_KEY, ORIGIN, make_jwt, wait_until
from hook_server import CHANNELS, hooked
from problem import assert_problem
from websocket import connect

GOOD = {"session": "web-1", "user": "ada", "channels": ["news:1"], "info": {"name": "Ada"}, "expires_in": 600}


def good(**members):
    return 200, json.dumps({**GOOD, **members})


@pytest.fixture
def start(start_gateway, backend, tmp_path):
    """start(answer, **hooks): a gateway with a ticket hook, and its backend."""

    def run(answer=lambda hit: good(), **hooks):
        server = backend(answer)
        return hooked(start_gateway, server, tmp_path, ["ticket"], **hooks), server

    return run


def ask(gateway, cookie="sid=1", origin=ORIGIN, body=None, **headers):
    fields = {"Cookie": cookie, "Origin": origin, **{k.replace("_", "-"): v for k, v in headers.items()}}
    return gateway.request("POST", "/auth/ticket", {k: v for k, v in fields.items() if v is not None}, body)


def test_a_cookie_opens_a_socket_with_what_the_backend_says(start):
    gateway, server = start()
    answer = ask(gateway, body='{"subs":{"news:1":{}}}')
    assert answer.status == 200, answer
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    ws = connect(gateway, answer.json()["ticket"], origin=ORIGIN)
    assert set(ws.connected["subs"]) == {"news:1", "session:web-1", "user:ada"}
    hit = server.of_type("ticket")[0]
    assert hit.path == "/ticket" and hit.headers["cookie"] == "sid=1"
    assert hit.json() == {"origin": ORIGIN, "address": "127.0.0.1"}
    assert hit.headers["ce-subject"] == "127.0.0.1" and hit.headers["x-usher-signature"]
    assert gateway.metric("usher_hook_events_total", event="ticket", outcome="answered") == 1
    revoked = gateway.request("POST", "/api/revoke", {"X-API-Key": API_KEY}, '{"session":"web-1"}')
    assert revoked.status == 200
    assert ws.read_close() == (3520, "SESSION_REVOKED")
    assert_problem(ask(gateway), 401, "SESSION_REVOKED")


@pytest.mark.parametrize("answer, status, code", [
    ((401, ""), 401, "LOGIN_REQUIRED"),
    ((403, "<h1>403 Forbidden</h1>"), 403, "NOT_ALLOWED"),
    ((403, "x" * (1 << 20)), 403, "NOT_ALLOWED"),
    ((401, '{"error":{"status":401,"code":"NO_LOGIN","message":"Log in"}}'), 401, "NO_LOGIN"),
    ((200, '{"error":{"status":401,"code":"NO_LOGIN","message":"a \\"b\\" \\u2028<"}}'), 401, "NO_LOGIN"),
    ((200, '{"error":{"status":403,"code":"BANNED"}}'), 403, "BANNED"),
    ((200, '{"error":{"status":500}}'), 503, "BACKEND_UNAVAILABLE"),
    ((200, '{"error":{"status":401,"code":"A\\r\\nB"}}'), 503, "BACKEND_UNAVAILABLE"),
    ((500, json.dumps(GOOD)), 503, "BACKEND_UNAVAILABLE"),
    ((302, "", {"Location": "/ticket?again"}), 503, "BACKEND_UNAVAILABLE"),
    ((307, json.dumps(GOOD), {"Location": "/ticket?again"}), 503, "BACKEND_UNAVAILABLE"),
    ((200, "<!doctype html><form action='/login'>"), 503, "BACKEND_UNAVAILABLE"),
    ((200, ""), 503, "BACKEND_UNAVAILABLE"),
    ((200, "not json"), 503, "BACKEND_UNAVAILABLE"),
    ((200, "[]"), 503, "BACKEND_UNAVAILABLE"),
    ((200, '{"session":"s"'), 503, "BACKEND_UNAVAILABLE"),
    ((200, '{"expires_in":60}'), 503, "BACKEND_UNAVAILABLE"),
    ((200, '{"session":"s"}'), 503, "BACKEND_UNAVAILABLE"),
    ((200, '{"session":7,"expires_in":60}'), 503, "BACKEND_UNAVAILABLE"),
    ((200, '{"session":"s","expires_in":"60"}'), 503, "BACKEND_UNAVAILABLE"),
    ((200, '{"session":"s","expires_in":60,"jti":"j"}'), 503, "BACKEND_UNAVAILABLE"),
    ((200, '{"session":"s","expires_in":60,"info":"' + "x" * 1024 + '"}'), 503, "BACKEND_UNAVAILABLE"),
    ((200, '{"session":"s","expires_in":60,"info":"' + "x" * (1 << 20) + '"}'), 503, "BACKEND_UNAVAILABLE"),
    ((200, b'{"session":"\xff","expires_in":60}'), 503, "BACKEND_UNAVAILABLE"),
], ids=lambda value: None if isinstance(value, tuple) else str(value))
def test_each_answer_of_the_backend(start, answer, status, code):
    gateway, server = start(lambda hit: answer)
    said = ask(gateway)
    problem = assert_problem(said, status, code)
    assert said.headers["Access-Control-Allow-Credentials"] == "true", "a page must be able to read it"
    assert len(server.hits) == 1, "no redirect is followed, and nothing is tried twice"
    if status == 503:
        assert int(said.headers["Retry-After"]) >= 1
        assert "hook: 'ticket'" in gateway.wait_for_line("hook failed")
    if code == "NO_LOGIN":
        assert problem["detail"] in ("Log in", 'a "b" \u2028<')


def test_a_slow_backend_is_given_up_and_a_missing_one_too(start):
    release = threading.Event()
    gateway, server = start(lambda hit: (release.wait(20), good())[1], timeout="200ms")
    assert_problem(ask(gateway), 503, "BACKEND_UNAVAILABLE")
    release.set()
    assert gateway.metric("usher_hook_events_total", event="ticket", outcome="late") == 1
    server.stop()
    server.stop = lambda: None
    assert_problem(ask(gateway, cookie="sid=2"), 503, "BACKEND_UNAVAILABLE")


def test_without_a_session_the_users_own_is_meant_and_nobody_gets_none(start):
    gateway, _ = start(lambda hit: (200, '{"user":"bob","expires_in":60}'))
    ws = connect(gateway, ask(gateway).json()["ticket"], origin=ORIGIN)
    gateway.request("POST", "/api/revoke", {"X-API-Key": API_KEY}, '{"session":"user:bob"}')
    assert ws.read_close()[0] == 3520


def test_a_token_of_ours_is_never_the_backends_to_judge(start):
    gateway, server = start()
    now = int(time.time())
    for claims, secret, code in [
            ({"sessionId": "s", "exp": now - 3600}, None, "TOKEN_EXPIRED"),
            ({"sessionId": "s", "exp": now + 60}, "another secret of 32 bytes or even more", "INVALID_TOKEN"),
            ({"exp": now + 60}, None, "MISSING_SESSION")]:
        token = make_jwt(claims, secret) if secret else make_jwt(claims)
        assert_problem(ask(gateway, Authorization=f"Bearer {token}"), 401, code)
    good_token = make_jwt({"sessionId": "s", "exp": now + 60})
    assert ask(gateway, Authorization=f"Bearer {good_token}").status == 200
    assert not server.hits
    assert ask(gateway, cookie=None, Authorization="Bearer an-opaque-token").status == 200
    assert server.hits[0].headers["authorization"] == "Bearer an-opaque-token"
    assert ask(gateway, cookie=None, Authorization="Basic dXNlcjpwYXNz").status == 200


def test_no_key_of_tokens_is_needed_where_the_backend_decides(start_gateway, backend):
    server = backend(lambda hit: good())
    gateway = start_gateway({"hooks": {"ticket_url": server.url("/ticket")}, "jwt": {"secret_file": None},
                             "guest": {"enabled": False}, "channel": {"namespaces": CHANNELS}})
    token = make_jwt({"sessionId": "s", "exp": int(time.time()) + 60})
    assert ask(gateway).status == 200
    assert ask(gateway, cookie=None, Authorization=f"Bearer {token}").status == 200
    assert [hit.headers["authorization"] for hit in server.hits] == [None, f"Bearer {token}"]


def test_only_named_headers_go_along(start):
    gateway, server = start(ticket_headers=["X-Tenant", "X-CSRFToken"])
    ask(gateway, X_Tenant="acme", X_Other="no", X_CSRFToken="t")
    headers = server.hits[0].headers
    assert (headers["x-tenant"], headers["x-csrftoken"], headers["x-other"]) == ("acme", "t", None)
    assert headers["origin"] is None, "it stands in the body"


@pytest.mark.parametrize("name", ["Host", "Content-Length", "ce-id", "X-Usher-Signature", "Cookie", "Connection", "a b"])
def test_a_header_that_must_not_go_along_is_refused_at_start(start, name):
    with pytest.raises(AssertionError, match=r"hooks\.ticket_headers: "):
        start(ticket_headers=["X-Tenant", name])


def raw(gateway, fields):
    """The status of a request with these bytes as fields."""
    with socket.create_connection((gateway.host, gateway.port), timeout=10) as s:
        s.sendall(b"POST /auth/ticket HTTP/1.1\r\nHost: gw\r\nContent-Length: 0\r\nConnection: close\r\n" + fields + b"\r\n")
        return int(s.makefile("rb").readline().split(b" ")[1])


def test_odd_cookies_arrive_byte_for_byte_and_two_fields_become_one(start):
    gateway, server = start()
    odd = b'sid="a,b;\xe2\x82\xac\xff\x80"; =x; ;;%00\\'
    large = b"big=" + b"c" * 15000
    for cookies, expected in [([odd], odd), ([b"a=1", b"b=2"], b"a=1; b=2"), ([large], large)]:
        assert raw(gateway, b"".join(b"Cookie: " + cookie + b"\r\n" for cookie in cookies)) == 200
        assert server.hits[-1].headers["cookie"].encode("latin-1") == expected
    assert raw(gateway, b"Cookie: big=" + b"c" * 16384 + b"\r\n") == 431
    assert len(server.hits) == 3


def test_200_requests_at_once_cost_one_call_and_each_gets_a_ticket_of_its_own(start):
    entered, release = threading.Event(), threading.Event()

    def answer(hit):
        entered.set()
        release.wait(20)
        return good()

    gateway, server = start(answer, timeout="20s")
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(ask(gateway))) for _ in range(200)]
    for thread in threads:
        thread.start()
    assert entered.wait(10)
    release.set()
    for thread in threads:
        thread.join(30)
    assert collections.Counter(a.status for a in answers) == {200: 200}
    assert len({a.json()["ticket"] for a in answers}) == 200
    # One for each second in which requests came: they are not all there within the first one.
    assert len(server.hits) <= 2, [hit.headers["ce-time"] for hit in server.hits]
    assert ask(gateway, cookie="sid=2").status == 200
    assert len(server.of_type("ticket")) <= 3


def test_a_refusal_is_shared_too_and_not_kept_for_longer_than_a_second(start):
    gateway, server = start(lambda hit: (401, ""))
    began = time.monotonic()
    for _ in range(5):
        assert ask(gateway).status == 401
    within = time.monotonic() - began < 0.9
    assert len(server.hits) == 1 or not within
    server.answer = lambda hit: good()
    wait_until(lambda: ask(gateway).status == 200, "the next second")


def test_a_backend_that_hangs_does_not_slow_tokens(start):
    release = threading.Event()
    gateway, server = start(lambda hit: (release.wait(30), good())[1], timeout="30s")
    waiting = [threading.Thread(target=ask, args=(gateway, f"sid={n}"), daemon=True) for n in range(100)]
    for thread in waiting:
        thread.start()
    wait_until(lambda: len(server.hits) >= 64, "64 requests to the backend")
    token = make_jwt({"sessionId": "s", "exp": int(time.time()) + 60})
    times = []
    for _ in range(100):
        began = time.monotonic()
        assert gateway.request("POST", "/auth/ticket", {"Authorization": f"Bearer {token}"}).status == 200
        times.append(time.monotonic() - began)
    assert sorted(times)[50] < 0.5, sorted(times)[-5:]
    release.set()
    for thread in waiting:
        thread.join(30)
    assert server.running_max == 64


def test_a_client_that_leaves_while_the_backend_is_asked_costs_nothing(start):
    release = threading.Event()
    gateway, server = start(lambda hit: (release.wait(30), good())[1], timeout="30s")
    for n in range(10):
        leaver = socket.create_connection((gateway.host, gateway.port))
        leaver.sendall(f"POST /auth/ticket HTTP/1.1\r\nHost: gw\r\nCookie: sid={n}\r\nContent-Length: 0\r\n\r\n".encode())
        wait_until(lambda: len(server.hits) == n + 1, "the question")
        leaver.close()
    release.set()
    wait_until(lambda: gateway.metric("usher_hook_events_total", event="ticket", outcome="answered") == 10, "the answers")
    assert ask(gateway, "sid=next").status == 200


def test_a_revocation_while_the_backend_is_asked_wins(start):
    entered, release = threading.Event(), threading.Event()
    gateway, server = start(lambda hit: (entered.set(), release.wait(30), good())[2], timeout="30s")
    answers = []
    thread = threading.Thread(target=lambda: answers.append(ask(gateway)))
    thread.start()
    assert entered.wait(10)
    assert gateway.request("POST", "/api/revoke", {"X-API-Key": API_KEY}, '{"user":"ada"}').status == 200
    release.set()
    thread.join(30)
    assert_problem(answers[0], 401, "SESSION_REVOKED")
    # The user logs in again: a question that is asked in a later second counts.
    wait_until(lambda: ask(gateway).status == 200, "a new login")


FOREIGN = {
    "another site": {"origin": "https://evil.example", "Sec_Fetch_Site": "cross-site"},
    "an unlisted Origin of the same site": {"origin": "https://other.app.example", "Sec_Fetch_Site": "same-site"},
    "a sandboxed frame": {"origin": "null"},
    "a browser without an Origin": {"origin": None, "Sec_Fetch_Site": "same-origin"},
    "a navigation": {"origin": None, "Sec_Fetch_Mode": "navigate"},
    "an empty Origin": {"origin": ""},
}


@pytest.mark.parametrize("caller", FOREIGN.values(), ids=FOREIGN)
def test_a_page_that_is_not_listed_does_not_reach_the_backend(start, caller):
    gateway, server = start()
    said = ask(gateway, **caller)
    assert_problem(said, 403, "ORIGIN_BLOCKED")
    assert said.headers["Access-Control-Allow-Credentials"] is None
    assert not server.hits


def test_preflights_allow_credentials_for_listed_origins_of_this_call_alone(start):
    gateway, server = start()

    def allows(path, origin):
        fields = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
        answer = gateway.request("OPTIONS", path, fields)
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (204, origin)
        return answer.headers["Access-Control-Allow-Credentials"]

    assert allows("/auth/ticket", ORIGIN) == "true"
    assert allows("/auth/ticket", "https://one.wild.example") is None, "listed by a pattern: good for tokens, not for cookies"
    assert allows("/auth/ticket", "https://evil.example") is None
    assert allows("/auth/token", ORIGIN) is None


def test_a_program_without_an_origin_may_ask_unless_an_origin_is_required(start, start_gateway, backend):
    gateway, _ = start()
    assert ask(gateway, origin=None).status == 200
    server = backend(lambda hit: good())
    strict = start_gateway({"hooks": {"ticket_url": server.url("/ticket")}, "client": {"require_origin": True}})
    assert_problem(ask(strict, origin=None), 403, "ORIGIN_BLOCKED")
    assert not server.hits


def test_cookies_are_in_no_log_line_and_no_answer(start):
    gateway, server = start(lambda hit: (500, hit.headers["cookie"]))
    gateway_secret = "c00kie-secret-value"
    said = ask(gateway, cookie=f"sid={gateway_secret}", Authorization=f"Basic {gateway_secret}")
    assert said.status == 503 and gateway_secret.encode() not in said.body
    gateway.wait_for_line("hook failed")
    assert gateway_secret not in gateway.log


def test_a_refresh_with_a_ticket_of_the_hook_must_be_of_the_same_session(start):
    names = iter(["web-1", "web-1", "web-2"])
    gateway, _ = start(lambda hit: good(session=next(names)))
    ws = connect(gateway, ask(gateway, "a=1").json()["ticket"], origin=ORIGIN)
    ws.send({"id": 1, "refresh": {"token": ask(gateway, "a=2").json()["ticket"]}})
    reply = ws.read_reply(1)
    assert 500 < reply["refresh"]["ttl"] <= 630, reply
    ws.send({"id": 2, "refresh": {"token": ask(gateway, "a=3").json()["ticket"]}})
    assert ws.read_close()[0] >= 3500
