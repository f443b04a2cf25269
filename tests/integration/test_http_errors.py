"""Rows of the contract's HTTP error table that one machine can produce, for /auth/token and /auth/ticket."""

import pytest

from gateway import bearer
from problem import assert_problem
from raw_http import exchange, request_bytes
from websocket import Refused, WebSocket

OVERSIZE = b"{" + b" " * 20 * 1024 + b"}"
BOTH = pytest.mark.parametrize("path", ["/auth/token", "/auth/ticket"])

# ---- path, method, size ----


@pytest.mark.parametrize("path", ["/auth", "/auth/", "/auth/tokens", "/auth/ticket/", "/AUTH/ticket", "//auth/ticket",
                                  "/auth/%74icket", "/realtime/auth/ticket", "/metrics", "/healthz"])
def test_a_path_that_is_not_there_is_not_found(gateway, path):
    assert_problem(gateway.post(path), 404, "NOT_FOUND")


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
    assert_problem(gateway.post(path, bearer(gateway.token()), OVERSIZE), 413, "TOO_LARGE")


@BOTH
def test_a_header_over_16_kib_is_too_large(gateway, path):
    assert gateway.post(path, {**bearer(gateway.guest()["token"]), "Cookie": "a" * 15_000}).status == 200
    assert_problem(gateway.post(path, {"X-Long": "a" * 16_384}), 431, "HEADERS_TOO_LARGE")


@pytest.mark.parametrize("size, fits", [(2048, True), (2049, False)])
def test_how_long_a_header_may_be_is_configured(start_gateway, size, fits):
    gateway = start_gateway({"limits": {"head_bytes": 2048}})
    fields = [("Host", "usher"), ("Connection", "close"), ("X-Long", "")]
    padding = size - len(request_bytes("POST /auth/token HTTP/1.1", fields))
    fields[-1] = ("X-Long", "a" * padding)
    status, _, _ = exchange(gateway, "POST /auth/token HTTP/1.1", fields)
    assert status == (200 if fits else 431)


@BOTH
@pytest.mark.parametrize("count, fits", [(100, True), (101, False)])
def test_a_header_may_have_100_fields_and_not_one_more(gateway, path, count, fits):
    usual = {**bearer(gateway.guest()["token"]), "Host": "usher", "Accept-Encoding": "identity", "Content-Length": "0"}
    fields = {**usual, **{f"X-{i}": "" for i in range(count - len(usual))}}
    answer = gateway.post(path, fields)
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
    assert gateway.post(path, headers, body).status == 200


@BOTH
@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'"{}"', b"{} {}", b"{}x", b'{"a":tru}', b'{"a":01}',
                                  b"{'a':1}", b'{"a":1,}', b'{"a":"\xff"}', b"\xef\xbb\xbf{}", b"a=b"])
def test_a_body_that_is_no_json_object_is_a_bad_request(gateway, path, body):
    assert_problem(gateway.post(path, bearer(gateway.guest()["token"]), body), 400, "BAD_REQUEST")


def entries(count):
    return b'{"subs":{%s}}' % b",".join(b'"news:%d":{}' % i for i in range(count))


SUBS = {
    "a list": (b'{"subs":[]}', 400, "BAD_REQUEST"),
    "an entry that is no object": (b'{"subs":{"news:1":1}}', 400, "BAD_REQUEST"),
    "a negative offset": (b'{"subs":{"news:1":{"recover":true,"epoch":"a","offset":-1}}}', 400, "BAD_REQUEST"),
    "an epoch that is a number": (b'{"subs":{"news:1":{"recover":true,"epoch":1,"offset":1}}}', 400, "BAD_REQUEST"),
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
    assert_problem(gateway.post("/auth/ticket"), 401, "MISSING_AUTH")


@BOTH
@pytest.mark.parametrize("value", MALFORMED_AUTHORIZATION)
def test_a_malformed_authorization_header_is_like_none(gateway, path, value):
    assert_problem(gateway.post(path, {"Authorization": value}), 401, "MISSING_AUTH")


def test_the_scheme_may_be_written_in_any_case(gateway):
    assert gateway.post("/auth/ticket", {"Authorization": "bEARER  " + gateway.token()}).status == 200


def two_authorizations(gateway):
    return {"Authorization": f"Bearer {gateway.token()}", "authorization": f"Bearer {gateway.token()}"}


@BOTH
def test_two_authorization_headers_are_a_bad_request(gateway, path):
    assert_problem(gateway.post(path, two_authorizations(gateway)), 400, "BAD_REQUEST")


# ---- the prefix ----


def test_behind_a_prefix_everything_is_there_and_nothing_elsewhere(start_gateway):
    gateway = start_gateway({"http": {"prefix": "/realtime"}})
    assert gateway.post("/realtime/auth/token").status == 200
    answer = gateway.post("/realtime/auth/ticket", bearer(gateway.token()))
    assert answer.status == 200
    assert_problem(gateway.post("/auth/token"), 404, "NOT_FOUND")
    assert_problem(gateway.post("/realtimeauth/token"), 404, "NOT_FOUND")
    ws = WebSocket(gateway.address, f"/realtime/ws?ticket={answer.json()['ticket']}")
    assert ws.read_connect()["session"] == "s1"
    ws.close()
    with pytest.raises(Refused) as refused:
        WebSocket(gateway.address, f"/ws?ticket={gateway_ticket(gateway)}")
    assert refused.value.status == 404


def gateway_ticket(gateway):
    return gateway.post("/realtime/auth/ticket", bearer(gateway.token())).json()["ticket"]
