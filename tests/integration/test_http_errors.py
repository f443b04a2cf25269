"""Every row of the contract's HTTP error table that one machine can produce, for /auth/token and /auth/ticket."""

import re
import signal
import subprocess
import time

import pytest

from gateway import b64url, make_jwt, wait_until
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
@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'"{}"', b"{} {}", b"{}x", b'{"a":tru}', b'{"a":01}', b"{'a':1}",
                                  b'{"a":1,}', b'{"a":"\xff"}', b"\xef\xbb\xbf{}", b"a=b"])
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


def unsigned(claims, algorithm="none", signature=""):
    head = b64url(b'{"alg":"%s","typ":"JWT"}' % algorithm.encode())
    return f"{head}.{make_jwt(claims).split('.')[1]}.{signature}"


def without_signature(token):
    return token.rsplit(".", 1)[0] + "."


def flipped(token):
    head, body, signature = token.split(".")
    return f"{head}.{body}.{'B' if signature[0] != 'B' else 'C'}{signature[1:]}"


NOW = int(time.time())
MINUTE, HOUR, DAY = 60, 3600, 86400

# What the token is -> how it is made, and the code.
TOKENS = {
    "not a token": (lambda g: "nonsense", "INVALID_TOKEN"),
    "two parts": (lambda g: g.token().rsplit(".", 1)[0], "INVALID_TOKEN"),
    "four parts": (lambda g: g.token() + ".e30", "INVALID_TOKEN"),
    "algorithm none": (lambda g: unsigned(g.claims()), "INVALID_TOKEN"),
    "algorithm None with a signature": (lambda g: unsigned(g.claims(), "None", "AAAA"), "INVALID_TOKEN"),
    "another algorithm of the same family": (
        lambda g: make_jwt(g.claims(), header={"alg": "HS512", "typ": "JWT"}), "INVALID_TOKEN"),
    "a public key's algorithm": (
        lambda g: make_jwt(g.claims(), header={"alg": "RS256", "typ": "JWT"}), "INVALID_TOKEN"),
    "an algorithm in lower case": (
        lambda g: make_jwt(g.claims(), header={"alg": "hs256", "typ": "JWT"}), "INVALID_TOKEN"),
    "a critical extension": (
        lambda g: make_jwt(g.claims(), header={"alg": "HS256", "crit": ["exp"]}), "INVALID_TOKEN"),
    "a key of its own": (
        lambda g: make_jwt(g.claims(), header={"alg": "HS256", "jwk": {"kty": "oct", "k": "AA"}}), "INVALID_TOKEN"),
    "another secret": (lambda g: make_jwt(g.claims(), secret="x" * 48), "INVALID_TOKEN"),
    "a flipped signature": (lambda g: flipped(g.token()), "INVALID_TOKEN"),
    "no signature": (lambda g: without_signature(g.token()), "INVALID_TOKEN"),
    "padding": (lambda g: g.token() + "=", "INVALID_TOKEN"),
    "over 8 KiB": (lambda g: g.token(pad="a" * 8192), None),  # does not fit the header either
    "no exp": (lambda g: g.token(exp=None), "INVALID_TOKEN"),
    "exp as a string": (lambda g: g.token(exp=str(NOW + HOUR)), "INVALID_TOKEN"),
    "exp as true": (lambda g: g.token(exp=True), "INVALID_TOKEN"),
    "exp in milliseconds": (lambda g: g.token(exp=(NOW + HOUR) * 1000), "INVALID_TOKEN"),
    "negative exp": (lambda g: g.token(exp=-1), "INVALID_TOKEN"),
    "nbf in an hour": (lambda g: g.token(nbf=NOW + HOUR), "INVALID_TOKEN"),
    "nbf as a string": (lambda g: g.token(nbf="0"), "INVALID_TOKEN"),
    "issued in an hour": (lambda g: g.token(iat=NOW + HOUR), "INVALID_TOKEN"),
    "a session that is a number": (lambda g: g.token(sessionId=7), "INVALID_TOKEN"),
    "a session that is null": (lambda g: make_jwt({**g.claims(), "sessionId": None}), "INVALID_TOKEN"),
    "a session that is a number, beside a good sid": (lambda g: g.token(sessionId=7, sid="s"), "INVALID_TOKEN"),
    "a sid that is a number": (lambda g: g.token(sessionId=None, sid=7), "INVALID_TOKEN"),
    "a session with a line end": (lambda g: g.token(sessionId="a\nb"), "INVALID_TOKEN"),
    "a user that is a list": (lambda g: g.token(sub=["ada"]), "INVALID_TOKEN"),
    "a jti that is a number": (lambda g: g.token(jti=1), "INVALID_TOKEN"),
    "channels that are a string": (lambda g: g.token(channels="orders:42"), "INVALID_TOKEN"),
    "a channel that is a number": (lambda g: g.token(channels=[1]), "INVALID_TOKEN"),
    "expired an hour ago": (lambda g: g.token(exp=NOW - HOUR), "TOKEN_EXPIRED"),
    "expired, beyond the leeway": (lambda g: g.token(exp=int(time.time()) - 31), "TOKEN_EXPIRED"),
    "expired, and without a session": (lambda g: g.token(exp=NOW - HOUR, sessionId=None), "TOKEN_EXPIRED"),
    "no session": (lambda g: g.token(sessionId=None), "MISSING_SESSION"),
    "an empty session": (lambda g: g.token(sessionId=""), "MISSING_SESSION"),
    "an empty session beside a good sid": (lambda g: g.token(sessionId="", sid="s1"), "MISSING_SESSION"),
    "an empty sid": (lambda g: g.token(sessionId=None, sid=""), "MISSING_SESSION"),
}


@pytest.mark.parametrize("make, code", TOKENS.values(), ids=TOKENS)
def test_no_ticket_for_a_token_that_is_or_has(gateway, make, code):
    answer = post(gateway, "/auth/ticket", bearer(make(gateway)))
    if code is None:
        assert_problem(answer, 431, "HEADERS_TOO_LARGE")
    else:
        assert_problem(answer, 401, code)


GOOD_TOKENS = {
    "sid where the session claim is absent": (dict(sessionId=None, sid="from-sid"), "from-sid"),
    "a sid beside the session claim, which wins": (dict(sessionId="configured", sid="from-sid"), "configured"),
    "expired within the leeway": (dict(sessionId="late", exp=NOW - 5), "late"),
    "not yet valid, but within the leeway": (dict(sessionId="early", nbf=NOW + 15), "early"),
    "an exp with a fraction": (dict(sessionId="fraction", exp=NOW + HOUR + 0.5), "fraction"),
    "an issuer and audience that nobody asked for": (dict(sessionId="free", iss="x", aud=["y"]), "free"),
}


@pytest.mark.parametrize("claims, session", GOOD_TOKENS.values(), ids=GOOD_TOKENS)
def test_a_ticket_for_a_token_with(gateway, claims, session):
    claims = dict(claims)
    if session == "late":
        claims["exp"] = int(time.time()) - 5
    ws = connect(gateway, gateway.ticket(**claims))
    assert ws.connected["session"] == session
    ws.close()


def test_the_session_claim_can_have_another_name_and_then_sessionid_means_nothing(start_gateway):
    gateway = start_gateway({"jwt": {"session_claim": "session"}})
    ws = connect(gateway, gateway.ticket(session="mine", sessionId="other", sid="third"))
    assert ws.connected["session"] == "mine"
    ws.close()
    assert_problem(gateway.ask_ticket(sessionId="other"), 401, "MISSING_SESSION")


def test_the_leeway_is_configurable(start_gateway):
    gateway = start_gateway({"jwt": {"leeway": "0s"}})
    assert_problem(gateway.ask_ticket(exp=int(time.time()) - 1), 401, "TOKEN_EXPIRED")
    assert_problem(gateway.ask_ticket(nbf=int(time.time()) + 5), 401, "INVALID_TOKEN")


# ---- guests ----


def guest_token(gateway, age, life=DAY, **over):
    """A guest's token as the gateway would have made it `age` seconds ago."""
    born = int(time.time()) - age
    claims = {"iss": "usher", "guest": True, "sessionId": "sess_old", "born": born, "iat": born, "exp": born + life}
    return make_jwt({k: v for k, v in {**claims, **over}.items() if v is not None})


def test_a_new_guest_gets_a_session_and_a_token_for_it(gateway):
    answer = post(gateway, "/auth/token")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert set(body) == {"token", "session_id", "expires_in"}
    assert re.fullmatch(r"sess_[0-9a-f]{32}", body["session_id"])
    assert body["expires_in"] == DAY
    assert body["session_id"] != gateway.guest()["session_id"]


def test_a_ticket_is_32_lowercase_hex_digits_for_30_seconds(gateway):
    answer = gateway.ask_ticket()
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.json()) == {"ticket", "expires_in"}
    assert re.fullmatch(r"[0-9a-f]{32}", answer.json()["ticket"])
    assert answer.json()["expires_in"] == 30


RENEWED = {
    "a young one": dict(age=HOUR),
    "one that expired an hour ago": dict(age=DAY + HOUR),
    "one at the end of the renewal window": dict(age=DAY + 720 * HOUR - MINUTE),
    "one without born, whose iat counts": dict(age=HOUR, born=None),
}


@pytest.mark.parametrize("old", RENEWED.values(), ids=RENEWED)
def test_a_guests_token_is_renewed_for_the_same_session(gateway, old):
    answer = post(gateway, "/auth/token", bearer(guest_token(gateway, **old)))
    assert answer.status == 200, answer
    assert answer.json()["session_id"] == "sess_old"
    assert post(gateway, "/auth/ticket", bearer(answer.json()["token"])).status == 200


def test_a_guests_session_ends_at_session_max_however_often_it_is_renewed(gateway):
    almost = 8760 * HOUR - HOUR
    token = guest_token(gateway, age=almost, iat=NOW - HOUR, exp=NOW + HOUR)
    answer = post(gateway, "/auth/token", bearer(token))
    assert HOUR - MINUTE < answer.json()["expires_in"] <= HOUR


NOT_RENEWED = {
    "one beyond the renewal window": (lambda g: guest_token(g, age=DAY + 720 * HOUR + MINUTE), "TOKEN_EXPIRED"),
    "one whose session is over": (
        lambda g: guest_token(g, age=8761 * HOUR, iat=NOW - HOUR, exp=NOW + HOUR), "TOKEN_EXPIRED"),
    "one that is not a guest's": (lambda g: g.token(), "INVALID_TOKEN"),
    "one that says guest but not usher": (lambda g: g.token(guest=True), "INVALID_TOKEN"),
    "one that says usher but not guest": (lambda g: g.token(iss="usher"), "INVALID_TOKEN"),
    "an expired one that is not a guest's": (lambda g: g.token(exp=NOW - HOUR), "TOKEN_EXPIRED"),
    "one signed by somebody else": (lambda g: make_jwt(g.claims(iss="usher", guest=True), "x" * 40), "INVALID_TOKEN"),
    "one without a session": (lambda g: guest_token(g, age=HOUR, sessionId=None), "MISSING_SESSION"),
    "one that is no token": (lambda g: "nonsense", "INVALID_TOKEN"),
}


@pytest.mark.parametrize("make, code", NOT_RENEWED.values(), ids=NOT_RENEWED)
def test_renewal_is_refused_for(gateway, make, code):
    assert_problem(post(gateway, "/auth/token", bearer(make(gateway))), 401, code)


def test_an_expired_guests_token_gets_no_ticket_only_a_new_token(gateway):
    assert_problem(post(gateway, "/auth/ticket", bearer(guest_token(gateway, age=DAY + HOUR))), 401, "TOKEN_EXPIRED")


def test_without_guests_nobody_gets_a_token(start_gateway):
    gateway = start_gateway({"guest": {"enabled": False}})
    assert_problem(post(gateway, "/auth/token"), 403, "GUESTS_DISABLED")
    assert_problem(post(gateway, "/auth/token", bearer("nonsense")), 403, "GUESTS_DISABLED")


def test_with_a_guest_secret_of_its_own_neither_key_signs_for_the_other(start_gateway, tmp_path):
    secret = tmp_path / "guest.secret"
    secret.write_text("the guests' own secret of more than 32 bytes")
    secret.chmod(0o600)
    gateway = start_gateway({"guest": {"secret_file": str(secret)}})
    guest = gateway.guest()["token"]
    assert post(gateway, "/auth/ticket", bearer(guest)).status == 200
    assert post(gateway, "/auth/token", bearer(guest)).status == 200
    assert_problem(post(gateway, "/auth/token", bearer(guest_token(gateway, age=HOUR))), 401, "INVALID_TOKEN")
    forged = make_jwt(gateway.claims(), secret="the guests' own secret of more than 32 bytes")
    assert_problem(post(gateway, "/auth/ticket", bearer(forged)), 401, "INVALID_TOKEN")


# ---- revocation ----


@pytest.mark.parametrize("by", ["session", "user", "jti"])
def test_what_was_revoked_gets_no_ticket_and_is_told_so(gateway, by):
    claims = dict(sessionId="revoked-s", sub="revoked-u", jti="revoked-j")
    only = {"session": dict(claims, sub="u2", jti="j2"), "user": dict(claims, sessionId="s3", jti="j3"),
            "jti": dict(claims, sessionId="s4", sub="u4")}[by]
    token = gateway.token(**only)
    assert post(gateway, "/auth/ticket", bearer(token)).status == 200
    named = {"session": "sessionId", "user": "sub", "jti": "jti"}[by]
    assert gateway.api("revoke", {by: only[named]}) == {"result": {}}
    assert_problem(post(gateway, "/auth/ticket", bearer(token)), 401, "SESSION_REVOKED")


def test_a_revoked_user_can_log_in_again(gateway):
    assert gateway.api("revoke", {"user": "again"}) == {"result": {}}
    assert_problem(gateway.ask_ticket(sessionId="a1", sub="again"), 401, "SESSION_REVOKED")
    assert_problem(gateway.ask_ticket(sessionId="a1", sub="again", iat=None), 401, "SESSION_REVOKED")
    assert gateway.ask_ticket(sessionId="a1", sub="again", iat=int(time.time()) + 2).status == 200


def test_a_revoked_guest_is_not_renewed(gateway):
    guest = gateway.guest()
    gateway.api("revoke", {"session": guest["session_id"]})
    assert_problem(post(gateway, "/auth/token", bearer(guest["token"])), 401, "SESSION_REVOKED")


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


def test_the_nodes_ticket_rate_answers_overloaded(start_gateway):
    gateway = start_gateway({"limits": {"tickets_per_second": 1}})
    refused = wait_until(lambda: (a := gateway.ask_ticket()).status != 200 and a, "a ticket over the rate")
    body = refused.json()
    assert (refused.status, body["code"]) == (503, "OVERLOADED")
    assert body["retry_after_ms"] > 0 and "Retry-After" in refused.headers
    wait_until(lambda: gateway.ask_ticket().status == 200, "the next second's ticket")


def test_who_is_over_the_nodes_ticket_rate_is_given_a_place_in_the_queue(start_gateway):
    gateway = start_gateway({"limits": {"tickets_per_second": 1}})
    refused = wait_until(lambda: (a := gateway.ask_ticket()).status != 200 and a, "a ticket over the rate")
    assert refused.json().get("place") is True


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
        "POST", "/auth/ticket", bearer(make_jwt({"exp": NOW + HOUR}, "x" * 40)), None, 401, "INVALID_TOKEN"),
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


def test_overload_is_told_before_authorization_is_read(start_gateway):
    gateway = start_gateway({"limits": {"tickets_per_second": 1}})

    def refused_without_authorization():
        gateway.ask_ticket()
        return post(gateway, "/auth/ticket").status == 503

    wait_until(refused_without_authorization, "the bucket to be empty")


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


# ---- public keys ----


def make_key_pair(folder):
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", folder / "issuer.key"], check=True)
    subprocess.run(["openssl", "pkey", "-in", folder / "issuer.key", "-pubout", "-out", folder / "issuer.pem"],
                   check=True)

    def sign(claims):
        body = make_jwt(claims, header={"alg": "EdDSA", "typ": "JWT"}).rsplit(".", 1)[0]
        (folder / "input").write_text(body)
        signature = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", folder / "issuer.key",
                                    "-in", folder / "input"], check=True, capture_output=True).stdout
        return f"{body}.{b64url(signature)}"

    return str(folder / "issuer.pem"), sign


def test_with_a_public_key_issuer_and_audience_must_fit(start_gateway, tmp_path):
    public_key, sign = make_key_pair(tmp_path)
    gateway = start_gateway({"jwt": {"secret_file": None, "public_key_file": public_key, "issuer": "https://id.example",
                                     "audience": "app"}, "guest": {"enabled": False}})
    good = gateway.claims(iss="https://id.example", aud="app")
    table = {
        "one audience": (good, 200),
        "one of several audiences": ({**good, "aud": ["other", "app"]}, 200),
        "another issuer": ({**good, "iss": "https://evil.example"}, 401),
        "an issuer with a slash more": ({**good, "iss": "https://id.example/"}, 401),
        "no issuer": ({k: v for k, v in good.items() if k != "iss"}, 401),
        "another audience": ({**good, "aud": "ap"}, 401),
        "no audience": ({k: v for k, v in good.items() if k != "aud"}, 401),
        "an audience that is a number": ({**good, "aud": 1}, 401),
    }
    for name, (claims, status) in table.items():
        answer = post(gateway, "/auth/ticket", bearer(sign(claims)))
        assert answer.status == status, name
        if status == 401:
            assert_problem(answer, 401, "INVALID_TOKEN")
    confused = make_jwt(good, secret=open(public_key).read())
    assert_problem(post(gateway, "/auth/ticket", bearer(confused)), 401, "INVALID_TOKEN")


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
