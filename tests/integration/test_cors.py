"""CORS of the /auth/ calls: the list that guards the sockets, the exact Origin echoed, refusals that can be read."""

import pytest

from gateway import ORIGIN
from problem import assert_problem
from websocket import WebSocket, connect

PATHS = ["/auth/token", "/auth/ticket"]

ALLOWED = {
    "the origin on the list": "https://app.example",
    "the default port written out": "https://app.example:443",
    "another case of the same host": "https://APP.Example",
    "one label under the wildcard": "https://one.wild.example",
    "one label with a digit and a dash": "https://a-1.wild.example",
}
FOREIGN = {
    "another host": "https://evil.example",
    "null": "null",
    "an empty Origin": "",
    "the listed host as a label of another": "https://app.example.evil.com",
    "the listed host as the end of another": "https://evilapp.example",
    "a subdomain of the listed host": "https://sub.app.example",
    "the listed host's parent": "https://example",
    "another port": "https://app.example:444",
    "http instead of https": "http://app.example",
    "http on the port of https": "http://app.example:443",
    "a user before the host": "https://user@app.example",
    "the listed origin as a user of another": "https://app.example@evil.example",
    "a slash at the end": "https://app.example/",
    "a path": "https://app.example/path",
    "a query": "https://app.example?x",
    "a dot at the end of the host": "https://app.example.",
    "a space behind which is another": "https://app.example https://evil.example",
    "a comma behind which is another": "https://app.example,https://evil.example",
    "no scheme": "app.example",
    "two labels under the wildcard": "https://a.b.wild.example",
    "no label under the wildcard": "https://wild.example",
    "an empty label under the wildcard": "https://.wild.example",
    "the wildcard itself": "https://*.wild.example",
    "the wildcard's host as the end of another": "https://evilwild.example",
    "the wildcard's host as a label of another": "https://one.wild.example.evil.com",
    "http under the wildcard": "http://one.wild.example",
    "a port under the wildcard": "https://one.wild.example:8443",
    "a star": "*",
    "a page on localhost": "http://localhost:3000",
    "a file": "file://",
    "a browser extension": "chrome-extension://abcdefghijklmnop",
}

allowed = pytest.mark.parametrize("origin", ALLOWED.values(), ids=ALLOWED)
foreign = pytest.mark.parametrize("origin", FOREIGN.values(), ids=FOREIGN)
both = pytest.mark.parametrize("path", PATHS)


def preflight(gateway, path, origin):
    return gateway.request("OPTIONS", path, {"Origin": origin, "Access-Control-Request-Method": "POST",
                                             "Access-Control-Request-Headers": "authorization,content-type"})


def assert_readable_by(answer, origin):
    """What a browser asks for before it hands an answer to a page of `origin`."""
    assert answer.headers.get_all("Access-Control-Allow-Origin") == [origin], "exactly that Origin, once, never '*'"
    assert answer.headers.get_all("Vary") == ["Origin"]
    assert answer.headers["Access-Control-Expose-Headers"] == "Retry-After"
    assert "Access-Control-Allow-Credentials" not in answer.headers


def listed(answer, name):
    return {item.strip().lower() for item in answer.headers[name].split(",")}


@both
@pytest.mark.parametrize("origin", [*ALLOWED.values(), *FOREIGN.values()])
def test_every_origin_gets_its_preflight_answered(gateway, path, origin):
    answer = preflight(gateway, path, origin)
    assert (answer.status, answer.body) == (204, b"")
    assert_readable_by(answer, origin)
    assert "post" in listed(answer, "Access-Control-Allow-Methods")
    assert {"authorization", "content-type", "traceparent", "tracestate", "baggage", "sentry-trace", "newrelic",
            "x-requested-with", "x-request-id"} <= listed(answer, "Access-Control-Allow-Headers")


def test_headers_of_tracing_libraries_and_configured_ones_are_allowed_by_preflights(start_gateway):
    gateway = start_gateway({"client": {"allowed_headers": ["X-Mine", "x-acme-*"]}})
    asked = "authorization,x-datadog-trace-id,x-datadog-parent-id,x-acme-one,x-other"
    answer = gateway.request("OPTIONS", "/auth/ticket", {
        "Origin": "https://app.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": asked})
    got = listed(answer, "Access-Control-Allow-Headers")
    assert {"x-datadog-trace-id", "x-datadog-parent-id", "x-acme-one", "x-mine"} <= got and "x-other" not in got


@allowed
def test_an_allowed_origin_gets_a_token_and_a_ticket_that_it_can_read(gateway, origin):
    token = gateway.request("POST", "/auth/token", {"Origin": origin})
    assert token.status == 200
    assert_readable_by(token, origin)
    ticket = gateway.ask_ticket(token.json()["token"], headers={"Origin": origin})
    assert ticket.status == 200
    assert_readable_by(ticket, origin)


@allowed
def test_an_allowed_origins_ticket_opens_a_socket_from_there(gateway, origin):
    ticket = gateway.ask_ticket(headers={"Origin": origin}).json()["ticket"]
    connect(gateway, ticket, origin=origin).close()


@both
@foreign
def test_a_foreign_origin_is_refused_in_a_way_that_its_page_can_read(gateway, path, origin):
    answer = gateway.request("POST", path, {"Origin": origin, "Authorization": f"Bearer {gateway.token()}"})
    assert_problem(answer, 403, "ORIGIN_BLOCKED")
    assert_readable_by(answer, origin)


@foreign
def test_a_foreign_origin_opens_no_socket(gateway, origin):
    ws = WebSocket(gateway.address, f"/ws?ticket={gateway.ticket()}", origin=origin)
    assert ws.read_close() == (1008, "ORIGIN_BLOCKED")


@both
def test_refusals_of_an_allowed_origin_can_be_read_by_its_page_too(gateway, path):
    for method, headers, body, status in [("GET", {}, None, 405), ("POST", {}, b"x" * 30_000, 413),
                                          ("POST", {"Authorization": "nonsense"}, None, 401)]:
        answer = gateway.request(method, path, {"Origin": ORIGIN, **headers}, body)
        assert answer.status == status
        assert_readable_by(answer, ORIGIN)


def test_a_rate_limited_page_can_read_how_long_to_wait(start_gateway):
    gateway = start_gateway({"limits": {"tokens_per_address": "1/1h"}})
    gateway.guest()
    answer = gateway.request("POST", "/auth/token", {"Origin": ORIGIN})
    assert_problem(answer, 429, "RATE_LIMITED")
    assert_readable_by(answer, ORIGIN)


@both
def test_without_an_origin_there_are_no_cors_headers_but_caches_know_that_it_would_matter(gateway, path):
    answer = gateway.request("POST", path, {"Authorization": f"Bearer {gateway.guest()['token']}"})
    assert answer.status == 200
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    assert answer.headers["Vary"] == "Origin"


def test_null_is_allowed_only_when_it_is_listed(start_gateway):
    gateway = start_gateway({"client": {"allowed_origins": ["null"]}})
    answer = gateway.ask_ticket(headers={"Origin": "null"})
    assert answer.status == 200
    assert_readable_by(answer, "null")
    connect(gateway, answer.json()["ticket"], origin="null").close()
    assert gateway.ask_ticket(headers={"Origin": ORIGIN}).status == 403


def test_with_an_empty_list_no_page_gets_in_but_programs_do(start_gateway):
    gateway = start_gateway({"client": {"allowed_origins": []}})
    assert gateway.ask_ticket(headers={"Origin": ORIGIN}).status == 403
    connect(gateway).close()


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
@pytest.mark.parametrize("origin", [ORIGIN, "https://evil.example", "null"])
def test_the_server_api_is_for_no_page_whichever_and_says_nothing_about_cors(gateway, method, origin):
    answer = gateway.request(method, "/api/publish", {"Origin": origin, "X-API-Key": "anything"}, b"{}")
    assert_problem(answer, 403, "ORIGIN_BLOCKED")
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
