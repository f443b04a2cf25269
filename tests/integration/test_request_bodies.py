"""Bodies of requests: whose are read at all, and what those that are not there as a whole may occupy."""

import contextlib
import socket

import pytest

from gateway import API_KEY, ORIGIN, wait_until
from raw_http import request_bytes

MIB = 1 << 20
KEY = ("X-API-Key", API_KEY)
FRAMINGS = [[("Content-Length", str(MIB))], [("Transfer-Encoding", "chunked")]]


def resident_mib(gateway):
    with open(f"/proc/{gateway.process.pid}/status", encoding="utf-8") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


@contextlib.contextmanager
def connected(gateway):
    with socket.create_connection((gateway.host, gateway.port), timeout=10) as s:
        yield s


def answer_to(s):
    """All that comes until the server closes its side."""
    answer = b""
    with contextlib.suppress(ConnectionResetError):
        while data := s.recv(65536):
            answer += data
    return answer


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer else None


@pytest.mark.parametrize("framing", FRAMINGS, ids=["length", "chunked"])
@pytest.mark.parametrize("path, fields, status", [
    ("/api/publish", [], 401),
    ("/api/publish", [("X-API-Key", "wrong")], 401),
    ("/api/publish", [("Authorization", "apikey wrong")], 401),
    ("/api/publish", [KEY, ("Origin", ORIGIN)], 403),
    ("/api/nothing", [KEY], 404),
    ("/auth/ticket", [("Origin", "https://evil.example")], 403),
    ("/auth/token", [("Origin", "https://evil.example")], 403),
])
def test_what_the_head_decides_is_answered_before_the_body_comes(gateway, path, fields, status, framing):
    with connected(gateway) as s:
        s.sendall(request_bytes(f"POST {path} HTTP/1.1", [("Host", "usher"), *fields, *framing]))
        answer = answer_to(s)
    assert status_of(answer) == status, answer
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize("fields, expected", [([], b"HTTP/1.1 401"), ([KEY], b"HTTP/1.1 100")])
def test_no_body_is_asked_for_that_will_not_be_looked_at(gateway, fields, expected):
    with connected(gateway) as s:
        s.sendall(request_bytes("POST /api/info HTTP/1.1", [("Host", "usher"), *fields, ("Content-Length", "2"),
                                                            ("Expect", "100-continue")]))
        assert s.recv(65536).startswith(expected)


def test_unfinished_bodies_of_callers_without_a_key_occupy_nothing(start_gateway):
    gateway = start_gateway({"limits": {"refusals_per_address": "0"}})
    before = resident_mib(gateway)
    head = request_bytes("POST /api/publish HTTP/1.1", [("Host", "usher"), ("Content-Length", str(MIB))])
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            s = stack.enter_context(connected(gateway))
            with contextlib.suppress(OSError):
                s.sendall(head + b"x" * (MIB - 1))
        assert resident_mib(gateway) - before < 40
    assert gateway.api("info", {})["result"]


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_unfinished_bodies_of_a_backend_are_bounded_for_its_address(start_gateway, chunked):
    gateway = start_gateway({"limits": {"request_bytes_per_address": 8 * MIB}, "channel": {"namespaces": [{"name": "live"}]}})
    before = resident_mib(gateway)
    framing = ("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(MIB))
    head = request_bytes("POST /api/publish HTTP/1.1", [("Host", "usher"), KEY, framing])
    body = (b"ffff0\r\n" if chunked else b"") + b"x" * (MIB - 100)
    with contextlib.ExitStack() as stack:
        for _ in range(60):
            s = stack.enter_context(connected(gateway))
            with contextlib.suppress(OSError):
                s.sendall(head + body)
        wait_until(lambda: gateway.metric("usher_http_requests_total", status="503") > 40, "the most to be refused")
        assert resident_mib(gateway) - before < 40
        assert gateway.ask_ticket(body=b'{"subs":{}}').status == 200, "clients have a room of their own"
    wait_until(lambda: gateway.api("publish", {"channel": "live:1", "data": "x" * 60_000}).get("result") is not None,
               "room again")


def test_the_memory_of_a_large_body_is_not_kept_with_the_connection(start_gateway):
    gateway = start_gateway({"server": {"threads": 1}})
    before = resident_mib(gateway)
    body = b'{"channel":"live:1","data":1}'.ljust(MIB - 1)
    head = request_bytes("POST /api/publish HTTP/1.1", [("Host", "usher"), KEY, ("Content-Length", str(len(body)))])
    with contextlib.ExitStack() as stack:
        for _ in range(60):
            s = stack.enter_context(connected(gateway))
            s.sendall(head + body)
            assert s.recv(65536).startswith(b"HTTP/1.1 200")
        assert resident_mib(gateway) - before < 30


def test_refused_requests_of_an_address_have_a_rate_and_good_ones_pass(start_gateway):
    gateway = start_gateway({"limits": {"refusals_per_address": "3/1h"}})
    wrong = request_bytes("GET /nothing HTTP/1.1", [("Host", "usher")])
    with connected(gateway) as s:
        s.sendall(wrong * 1000)
        answer = answer_to(s)
    assert answer.count(b"HTTP/1.1 404") == 3 and answer.count(b"HTTP/1.1 429") == 1
    assert answer.count(b"HTTP/1.1") == 4, "the connection ended"
    for bad in [b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", request_bytes("GET /ws HTTP/1.1", [("Host", "usher")])]:
        with connected(gateway) as s:
            s.sendall(bad)
            assert status_of(answer_to(s)) == 429
    assert gateway.ask_ticket().status == 200
    assert gateway.api("info", {})["result"]
    for _ in range(5):
        assert gateway.admin("/nothing").status == 404
    assert gateway.admin("/readyz").status == 200


def test_behind_a_proxy_the_client_is_charged_and_not_the_proxy(start_gateway):
    gateway = start_gateway({"server": {"trusted_proxies": ["127.0.0.1"]}, "limits": {"refusals_per_address": "2/1h"}})

    def ask(client):
        return gateway.request("GET", "/nothing", {"X-Forwarded-For": client} if client else {}).status

    assert [ask("192.0.2.1") for _ in range(4)] == [404, 404, 429, 429]
    assert ask("192.0.2.2") == 404
    assert [ask(None) for _ in range(4)] == [404] * 4, "the proxy's own health check"


def test_preflights_have_a_rate_too(start_gateway):
    gateway = start_gateway({"limits": {"refusals_per_address": "3/1h"}})
    preflight = request_bytes("OPTIONS /auth/token HTTP/1.1", [("Host", "usher"), ("Origin", ORIGIN)])
    with connected(gateway) as s:
        s.sendall(preflight * 1000)
        answer = answer_to(s)
    assert answer.count(b"HTTP/1.1 204") == 3 and answer.count(b"HTTP/1.1 429") == 1
    assert gateway.ask_ticket(headers={"Origin": ORIGIN}).status == 200
