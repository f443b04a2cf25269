"""Trace ids of HTTP answers: the caller's if it is one, one of ours otherwise."""

import re

import pytest

from problem import assert_problem

TRACE = "0af7651916cd43dd8448eb211c80319c"
KEPT = {
    "traceparent": ({"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}, TRACE),
    "a later version's longer traceparent": ({"traceparent": f"01-{TRACE}-b7ad6b7169203331-01-more"}, TRACE),
    "X-Request-ID": ({"X-Request-ID": "req_1.a-B"}, "req_1.a-B"),
    "traceparent before X-Request-ID": (
        {"X-Request-ID": "mine", "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}, TRACE),
    "X-Request-ID beside an invalid traceparent": ({"X-Request-ID": "mine", "traceparent": "nonsense"}, "mine"),
}
REPLACED = {
    "an all-zero trace": {"traceparent": f"00-{'0' * 32}-b7ad6b7169203331-01"},
    "an all-zero parent": {"traceparent": f"00-{TRACE}-{'0' * 16}-01"},
    "upper case": {"traceparent": f"00-{TRACE.upper()}-b7ad6b7169203331-01"},
    "version ff": {"traceparent": f"ff-{TRACE}-b7ad6b7169203331-01"},
    "version 00 with something behind it": {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01-x"},
    "a quote": {"X-Request-ID": 'a"b'},
    "a script": {"X-Request-ID": "<script>"},
    "a space": {"X-Request-ID": "a b"},
    "nothing": {"X-Request-ID": ""},
    "too much": {"X-Request-ID": "a" * 1000},
}


@pytest.mark.parametrize("headers, trace_id", KEPT.values(), ids=KEPT)
def test_the_callers_trace_id_comes_back_from(gateway, headers, trace_id):
    refused = gateway.post("/auth/ticket", headers)
    assert assert_problem(refused, 401, "MISSING_AUTH")["trace_id"] == trace_id
    assert refused.headers["X-Request-ID"] == trace_id
    assert gateway.post("/auth/token", headers).headers["X-Request-ID"] == trace_id


@pytest.mark.parametrize("headers", REPLACED.values(), ids=REPLACED)
def test_a_trace_id_is_replaced_if_it_has(gateway, headers):
    refused = gateway.post("/auth/ticket", headers)
    trace_id = assert_problem(refused, 401, "MISSING_AUTH")["trace_id"]
    assert re.fullmatch(r"[0-9a-f]{32}", trace_id)
    assert trace_id not in "".join(headers.values()) and TRACE not in trace_id


@pytest.mark.parametrize("path, headers, status", [
    ("/nowhere", {}, 404),
    ("/ws", {"Upgrade": "websocket", "Connection": "Upgrade"}, 400),
    ("/ws", {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "8"}, 426),
    ("/ws", {}, 426),
], ids=["not found", "a malformed upgrade", "an old version's upgrade", "no upgrade at all"])
def test_refusals_outside_auth_carry_the_callers_trace_id_too(gateway, path, headers, status):
    answer = gateway.request("GET", path, {**headers, "X-Request-ID": "mine"})
    assert answer.status == status
    assert answer.json()["trace_id"] == "mine"
