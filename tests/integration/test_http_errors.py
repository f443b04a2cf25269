"""Every row of the contract's HTTP error table that one machine can produce, for /auth/token and /auth/ticket."""

import re
import signal

import pytest

from gateway import make_jwt, wait_until
from problem import assert_problem
from websocket import Refused, WebSocket, connect

FOREIGN = "https://evil.example"
OVERSIZE = b"{" + b" " * 20 * 1024 + b"}"
BOTH = pytest.mark.parametrize("path", ["/auth/token", "/auth/ticket"])


def post(gateway, path, headers=None, body=None):
    return gateway.request("POST", path, headers, body)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


# ---- path, method, size ----


@pytest.mark.parametrize("path", ["/auth", "/auth/", "/auth/tokens", "/auth/ticket/", "/AUTH/ticket", "//auth/ticket",
                                  "/auth/%74icket", "/realtime/auth/ticket", "/metrics", "/healthz"])
def test_a_path_that_is_not_there_is_not_found(gateway, path):
    assert_problem(post(gateway, path), 404, "NOT_FOUND")


@BOTH
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_is_refused_and_told_which_are_allowed(gateway, path, method):
    answer = gateway.request(method, path)
    assert_problem(answer, 405, "METHOD_NOT_ALLOWED")
    assert {m.strip() for m in answer.headers["Allow"].split(",")} == {"POST", "OPTIONS"}


@BOTH
def test_head_is_refused_like_get_but_without_a_body(gateway, path):
    answer = gateway.request("HEAD", path)
    assert (answer.status, answer.body) == (405, b"")


@BOTH
def test_a_body_over_the_limit_is_too_large(gateway, path):
    assert_problem(post(gateway, path, bearer(gateway.token()), OVERSIZE), 413, "TOO_LARGE")


@BOTH
def test_a_header_over_8_kib_is_too_large(gateway, path):
    assert_problem(post(gateway, path, {"X-Long": "a" * 8192}), 431, "HEADERS_TOO_LARGE")


@BOTH
@pytest.mark.parametrize("count, fits", [(100, True), (101, False)])
def test_a_header_may_have_100_fields_and_not_one_more(gateway, path, count, fits):
    usual = {**bearer(gateway.guest()["token"]), "Host": "usher", "Accept-Encoding": "identity", "Content-Length": "0"}
    fields = {**usual, **{f"X-{i}": "" for i in range(count - len(usual))}}
    answer = post(gateway, path, fields)
    if fits:
        assert answer.status == 200, answer
    else:
        assert_problem(answer, 431, "HEADERS_TOO_LARGE")


# ---- bodies ----

JSON_TYPES = ["application/json", "text/plain", "application/x-www-form-urlencoded", "nonsense", None]


@BOTH
@pytest.mark.parametrize("content_type", JSON_TYPES)
@pytest.mark.parametrize("body", [b"", b"{}", b" {} \r\n"], ids=["empty", "braces", "braces in white space"])
def test_no_body_and_an_empty_object_are_fine_under_any_content_type(gateway, path, content_type, body):
    headers = bearer(gateway.guest()["token"])
    if content_type:
        headers["Content-Type"] = content_type
    assert post(gateway, path, headers, body).status == 200


@BOTH
@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'"{}"', b"{} {}", b"{}x", b'{"a":tru}', b'{"a":01}',
                                  b"{'a':1}", b'{"a":1,}', b'{"a":"\xff"}', b"\xef\xbb\xbf{}", b"a=b"])
def test_a_body_that_is_no_json_object_is_a_bad_request(gateway, path, body):
    assert_problem(post(gateway, path, bearer(gateway.guest()["token"]), body), 400, "BAD_REQUEST")


def entries(count):
    return b'{"subs":{%s}}' % b",".join(b'"news:%d":{}' % i for i in range(count))


SUBS = {
    "a list": (b'{"subs":[]}', 400, "BAD_REQUEST"),
    "an entry that is no object": (b'{"subs":{"news:1":1}}', 400, "BAD_REQUEST"),
    "a negative offset": (b'{"subs":{"news:1":{"recover":true,"epoch":"a","offset":-1}}}', 400, "BAD_REQUEST"),
    "an epoch that is a number": (b'{"subs":{"news:1":{"recover":true,"epoch":1,"offset":1}}}', 400, "BAD_REQUEST"),
    "a channel without a name": (b'{"subs":{"":{}}}', 400, "BAD_REQUEST"),
    "the same channel twice": (b'{"subs":{"news:1":{},"news:1":{}}}', 400, "BAD_REQUEST"),
    "one entry more than a connection may have channels": (entries(129), 400, "BAD_REQUEST"),
    "one byte over 16 KiB": (b'{"subs":{"%s":{}}}' % (b"a" * (16385 - 7)), 413, "TOO_LARGE"),
}


@pytest.mark.parametrize("body, status, code", SUBS.values(), ids=SUBS)
def test_wished_subscriptions_are_refused_with(gateway, body, status, code):
    assert_problem(gateway.ask_ticket(body=body), status, code)


def test_as_many_wished_subscriptions_as_a_connection_may_have_are_taken(gateway):
    assert gateway.ask_ticket(body=entries(128)).status == 200


# ---- Authorization ----

MALFORMED_AUTHORIZATION = ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer a b", "Bearer a,b", "Bearertoken",
                           "bearer\ttoken", 'Bearer "a.b.c"']


def test_a_ticket_without_authorization_is_refused(gateway):
    assert_problem(post(gateway, "/auth/ticket"), 401, "MISSING_AUTH")


@BOTH
@pytest.mark.parametrize("value", MALFORMED_AUTHORIZATION)
def test_a_malformed_authorization_header_is_like_none(gateway, path, value):
    assert_problem(post(gateway, path, {"Authorization": value}), 401, "MISSING_AUTH")


def test_the_scheme_may_be_written_in_any_case(gateway):
    assert post(gateway, "/auth/ticket", {"Authorization": "bEARER  " + gateway.token()}).status == 200


def two_authorizations(gateway):
    return {"Authorization": f"Bearer {gateway.token()}", "authorization": f"Bearer {gateway.token()}"}


@BOTH
def test_two_authorization_headers_are_a_bad_request(gateway, path):
    assert_problem(post(gateway, path, two_authorizations(gateway)), 400, "BAD_REQUEST")


# ---- limits ----


def test_a_session_gets_exactly_as_many_tickets_as_its_bucket_holds(start_gateway):
    gateway = start_gateway({"limits": {"tickets_per_session": "3/1m"}})
    assert [gateway.ask_ticket().status for _ in range(3)] == [200, 200, 200]
    body = assert_problem(gateway.ask_ticket(), 429, "RATE_LIMITED")
    assert 15_000 < body["retry_after_ms"] <= 20_000, "a third of a minute, until the next one is there"
    assert gateway.ask_ticket(sessionId="another").status == 200


def test_an_address_gets_exactly_as_many_tokens_as_its_bucket_holds(start_gateway):
    gateway = start_gateway({"limits": {"tokens_per_address": "2/1h"}})
    first, second = gateway.guest(), gateway.guest()
    assert_problem(post(gateway, "/auth/token"), 429, "RATE_LIMITED")
    assert_problem(post(gateway, "/auth/token", bearer(first["token"])), 429, "RATE_LIMITED")
    assert post(gateway, "/auth/ticket", bearer(second["token"])).status == 200, "tickets have buckets of their own"


def test_over_the_nodes_ticket_rate_each_session_gets_a_place_and_is_let_in_at_its_time(start_gateway):
    gateway = start_gateway({"limits": {"tickets_per_second": 1}})
    waits = {}
    for i in range(12):
        answer = gateway.ask_ticket(sessionId=f"s{i}")
        if answer.status != 200:
            waits[f"s{i}"] = assert_problem(answer, 503, "OVERLOADED", place=True)["retry_after_ms"]
    assert len(waits) >= 9 and gateway.metric("usher_ticket_places") == len(waits)
    order = sorted(waits.values())
    assert order == list(waits.values()), "first come, first served"
    assert order[-1] - order[0] > (len(waits) - 1) * 600, "a second each, less what asking took"
    again = assert_problem(gateway.ask_ticket(sessionId="s11"), 503, "OVERLOADED", place=True)
    assert again["retry_after_ms"] < waits["s11"], "asking early neither helps nor harms"
    first = min(waits, key=waits.get)
    wait_until(lambda: gateway.ask_ticket(sessionId=first).status == 200, "the first place")


def test_live_tickets_are_bounded_and_a_used_one_makes_room(start_gateway):
    gateway = start_gateway({"ticket": {"outstanding_max": 2}})
    first = gateway.ticket()
    gateway.ticket()
    assert_problem(gateway.ask_ticket(), 503, "OVERLOADED")
    ws = connect(gateway, first)
    assert gateway.ask_ticket().status == 200
    ws.close()


def test_what_live_tickets_occupy_is_bounded_too(start_gateway):
    gateway = start_gateway({"ticket": {"outstanding_bytes": 1 << 20}})
    body = b'{"subs":{"%s":{}}}' % (b"a" * 16_000)
    token = gateway.token()
    answers = [gateway.ask_ticket(token, body=body) for _ in range(80)]
    assert 50 < sum(a.status == 200 for a in answers) < 66, "a MiB holds that many of 16 KiB"
    assert_problem(answers[-1], 503, "OVERLOADED")


# ---- the order of checks: each of these has two faults ----

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
    assert post(gateway, "/auth/token", {"Origin": FOREIGN}).status == 403
    assert post(gateway, "/auth/token", body=OVERSIZE).status == 413
    assert post(gateway, "/auth/token").status == 200, "neither has used up the bucket"
    assert_problem(post(gateway, "/auth/token", body=OVERSIZE), 413, "TOO_LARGE")
    assert_problem(post(gateway, "/auth/token", {"Origin": FOREIGN}), 403, "ORIGIN_BLOCKED")
    assert_problem(post(gateway, "/auth/token", {"Authorization": "nonsense"}), 429, "RATE_LIMITED")


def test_a_place_is_given_to_sessions_only_after_their_own_bucket(start_gateway):
    gateway = start_gateway({"limits": {"tickets_per_second": 1, "tickets_per_session": "3/1h"}})
    for _ in range(3):
        gateway.ask_ticket(sessionId="eager")
    assert_problem(gateway.ask_ticket(sessionId="eager"), 429, "RATE_LIMITED")
    assert_problem(post(gateway, "/auth/ticket"), 401, "MISSING_AUTH")


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
    wait_until(lambda: post(gateway, "/auth/ticket").json()["code"] == "DRAINING", "the node to drain")
    assert_problem(post(gateway, "/auth/ticket"), 503, "DRAINING")
    assert_problem(gateway.ask_ticket(), 503, "DRAINING")
    assert_problem(post(gateway, "/auth/ticket", {"Origin": FOREIGN}), 403, "ORIGIN_BLOCKED")
    assert_problem(post(gateway, "/auth/ticket", body=OVERSIZE), 413, "TOO_LARGE")
    assert_problem(post(gateway, "/auth/token"), 503, "DRAINING")
    assert_problem(post(gateway, "/auth/token"), 429, "RATE_LIMITED")
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


# ---- trace ids ----

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
    refused = post(gateway, "/auth/ticket", headers)
    assert assert_problem(refused, 401, "MISSING_AUTH")["trace_id"] == trace_id
    assert refused.headers["X-Request-ID"] == trace_id
    assert post(gateway, "/auth/token", headers).headers["X-Request-ID"] == trace_id


@pytest.mark.parametrize("headers", REPLACED.values(), ids=REPLACED)
def test_a_trace_id_is_replaced_if_it_has(gateway, headers):
    refused = post(gateway, "/auth/ticket", headers)
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


# ---- the prefix ----


def test_behind_a_prefix_everything_is_there_and_nothing_elsewhere(start_gateway):
    gateway = start_gateway({"http": {"prefix": "/realtime"}})
    assert post(gateway, "/realtime/auth/token").status == 200
    answer = post(gateway, "/realtime/auth/ticket", bearer(gateway.token()))
    assert answer.status == 200
    assert_problem(post(gateway, "/auth/token"), 404, "NOT_FOUND")
    assert_problem(post(gateway, "/realtimeauth/token"), 404, "NOT_FOUND")
    ws = WebSocket(gateway.address, f"/realtime/ws?ticket={answer.json()['ticket']}")
    assert ws.read_connect()["session"] == "s1"
    ws.close()
    with pytest.raises(Refused) as refused:
        WebSocket(gateway.address, f"/ws?ticket={gateway_ticket(gateway)}")
    assert refused.value.status == 404


def gateway_ticket(gateway):
    return post(gateway, "/realtime/auth/ticket", bearer(gateway.token())).json()["ticket"]
