"""Of two faults of a request to /auth/token or /auth/ticket, the one that the contract checks first is told."""

import signal

import pytest

from gateway import bearer, make_jwt, wait_until
from problem import assert_problem
from websocket import connect

FOREIGN = "https://evil.example"
OVERSIZE = b"{" + b" " * 20 * 1024 + b"}"

ORDER = {
    "an unknown path before the method": ("GET", "/nowhere", {}, None, 404, "NOT_FOUND"),
    "an unknown path before the Origin": ("POST", "/nowhere", {"Origin": FOREIGN}, None, 404, "NOT_FOUND"),
    "the method before the Origin": ("GET", "/auth/ticket", {"Origin": FOREIGN}, None, 405, "METHOD_NOT_ALLOWED"),
    "the method before the size": ("PUT", "/auth/ticket", {}, OVERSIZE, 405, "METHOD_NOT_ALLOWED"),
    "the Origin before the size": ("POST", "/auth/ticket", {"Origin": FOREIGN}, OVERSIZE, 403, "ORIGIN_BLOCKED"),
    "the Origin before Authorization": ("POST", "/auth/ticket", {"Origin": FOREIGN}, None, 403, "ORIGIN_BLOCKED"),
    "the size before Authorization": ("POST", "/auth/ticket", {}, OVERSIZE, 413, "TOO_LARGE"),
    "Authorization before the body": ("POST", "/auth/ticket", {}, b"nonsense", 401, "MISSING_AUTH"),
    "a token's signature before its session": (
        "POST", "/auth/ticket", bearer(make_jwt({"exp": 1 << 32}, "x" * 40)), None, 401, "INVALID_TOKEN"),
}


@pytest.mark.parametrize("method, path, headers, body, status, code", ORDER.values(), ids=ORDER)
def test_of_two_faults_the_one_that_is_told_is(gateway, method, path, headers, body, status, code):
    assert_problem(gateway.request(method, path, headers, body), status, code)


def test_the_session_is_looked_for_before_revocations(gateway):
    gateway.api("revoke", {"jti": "revoked-first"})
    assert_problem(gateway.ask_ticket(sessionId=None, jti="revoked-first"), 401, "MISSING_SESSION")


def test_the_size_counts_before_the_addresss_bucket_and_that_before_authorization(start_gateway):
    gateway = start_gateway({"limits": {"tokens_per_address": "1/1h"}})
    assert gateway.post("/auth/token", {"Origin": FOREIGN}).status == 403
    assert gateway.post("/auth/token", body=OVERSIZE).status == 413
    assert gateway.post("/auth/token").status == 200, "neither has used up the bucket"
    assert_problem(gateway.post("/auth/token", body=OVERSIZE), 413, "TOO_LARGE")
    assert_problem(gateway.post("/auth/token", {"Origin": FOREIGN}), 403, "ORIGIN_BLOCKED")
    assert_problem(gateway.post("/auth/token", {"Authorization": "nonsense"}), 429, "RATE_LIMITED")


def test_a_place_is_given_to_sessions_only_after_their_own_bucket(start_gateway):
    gateway = start_gateway({"limits": {"tickets_per_second": 1, "tickets_per_session": "3/1h"}})
    for _ in range(3):
        gateway.ask_ticket(sessionId="eager")
    assert_problem(gateway.ask_ticket(sessionId="eager"), 429, "RATE_LIMITED")
    assert_problem(gateway.post("/auth/ticket"), 401, "MISSING_AUTH")


def test_a_revoked_session_is_told_so_even_with_an_empty_bucket_and_that_comes_before_the_store(start_gateway):
    gateway = start_gateway({"limits": {"tickets_per_session": "1/1h"}, "ticket": {"outstanding_max": 1}})
    assert gateway.ask_ticket(sessionId="busy").status == 200
    assert_problem(gateway.ask_ticket(sessionId="busy"), 429, "RATE_LIMITED")
    assert_problem(gateway.ask_ticket(sessionId="fresh"), 503, "OVERLOADED")
    gateway.api("revoke", {"session": "busy"})
    assert_problem(gateway.ask_ticket(sessionId="busy"), 401, "SESSION_REVOKED")


def test_a_draining_node_says_so_after_the_addresss_bucket_and_before_authorization(start_gateway):
    gateway = start_gateway({"server": {"threads": 1}, "shutdown": {"timeout": "1h"},
                             "limits": {"tokens_per_address": "1/1h"}})
    clients = [connect(gateway) for _ in range(3)]  # the last leave at the end of the window
    gateway.signal(signal.SIGTERM)
    wait_until(lambda: gateway.post("/auth/ticket").json()["code"] == "DRAINING", "the node to drain")
    assert_problem(gateway.post("/auth/ticket"), 503, "DRAINING")
    assert_problem(gateway.ask_ticket(), 503, "DRAINING")
    assert_problem(gateway.post("/auth/ticket", {"Origin": FOREIGN}), 403, "ORIGIN_BLOCKED")
    assert_problem(gateway.post("/auth/ticket", body=OVERSIZE), 413, "TOO_LARGE")
    assert_problem(gateway.post("/auth/token"), 503, "DRAINING")
    assert_problem(gateway.post("/auth/token"), 429, "RATE_LIMITED")
    assert sum(not ws_is_closed(ws) for ws in clients) >= 2
    assert gateway.admin("/readyz").status == 503
    assert gateway.admin("/healthz").status == 200


def ws_is_closed(ws):
    ws.send({"id": 1, "ping": {}})
    try:
        ws.read_reply(1)
        return False
    except Exception:
        return True
