"""Which requests are a well-formed upgrade to WebSocket version 13: row 1 of the contract's table of checks."""

import json

import pytest

from raw_http import UPGRADE, exchange
from websocket import connect

UNKNOWN = "0123456789abcdef0123456789abcdef"

MALFORMED = {
    "no Connection": {"Connection": None},
    "another Connection": {"Connection": "close"},
    "no key": {"Sec-WebSocket-Key": None},
    "an empty key": {"Sec-WebSocket-Key": ""},
    "a key of 15 bytes": {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25j"},
    "a key of 17 bytes": {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZTE="},
    "a key that is not base64": {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZ!=="},
    "a key whose last bits are not zero": {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZR=="},
    "no version": {"Sec-WebSocket-Version": None},
    "no Host": {"Host": None},
    "a body": {"Content-Length": "2"},
    "a ticket as subprotocol, alone": {"Sec-WebSocket-Protocol": f"usher.ticket.{UNKNOWN}"},
    "a ticket as subprotocol beside another's": {"Sec-WebSocket-Protocol": f"graphql-ws, usher.ticket.{UNKNOWN}"},
}


@pytest.mark.parametrize("changes", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_upgrade_is_a_bad_request_and_ends_the_connection(gateway, changes):
    status, head, body = exchange(gateway, "GET /ws HTTP/1.1", {**UPGRADE, **changes}, b"{}")
    assert status == 400
    assert "connection: close" in head
    assert json.loads(body)["code"] == "BAD_REQUEST"


def test_a_ticket_as_subprotocol_alone_is_told_what_it_lacks(gateway):
    fields = {**UPGRADE, "Sec-WebSocket-Protocol": f"usher.ticket.{UNKNOWN}"}
    assert "usher.v1.json" in json.loads(exchange(gateway, "GET /ws HTTP/1.1", fields)[2])["detail"]


REFUSED_BEFORE_ANY_ROUTE = {
    "an upgrade without a key": (["GET /ws HTTP/1.1", {**UPGRADE, "Sec-WebSocket-Key": None}], "'websocket', status: 400"),
    "another version": (["GET /ws HTTP/1.1", {**UPGRADE, "Sec-WebSocket-Version": "8"}], "'websocket', status: 426"),
    "two Hosts": (["POST /auth/token HTTP/1.1", [("Host", "a"), ("Host", "b")]], "'other', status: 400"),
}


@pytest.mark.parametrize("request_of, where", REFUSED_BEFORE_ANY_ROUTE.values(), ids=REFUSED_BEFORE_ANY_ROUTE)
def test_what_is_refused_before_any_route_is_in_the_log_with_its_trace_id_and_reason(gateway, request_of, where):
    problem = json.loads(exchange(gateway, *request_of)[2])
    line = gateway.wait_for_line(problem["trace_id"])
    assert f"http_refused {{ route: {where}, code: '{problem['code']}'" in line and "reason: " in line
    assert problem["detail"] != "The request can't be read as what this call takes."


@pytest.mark.parametrize("first_line", ["POST /ws HTTP/1.1", "GET /ws HTTP/1.0"])
def test_an_upgrade_is_a_get_of_http_1_1(gateway, first_line):
    assert exchange(gateway, first_line, UPGRADE)[0] == 400


def test_two_keys_are_a_bad_request(gateway):
    fields = [*UPGRADE.items(), ("Sec-WebSocket-Key", UPGRADE["Sec-WebSocket-Key"])]
    assert exchange(gateway, "GET /ws HTTP/1.1", fields)[0] == 400


@pytest.mark.parametrize("version", ["0", "7", "8", "12", "14", "130", "13, 8", "x", ""])
def test_another_version_is_told_ours_and_ends_the_connection(gateway, version):
    status, head, body = exchange(gateway, "GET /ws HTTP/1.1", {**UPGRADE, "Sec-WebSocket-Version": version})
    assert status == 426
    assert "sec-websocket-version: 13" in head and "upgrade: websocket" in head and "connection: close, upgrade" in head
    assert json.loads(body)["code"] == "UPGRADE_REQUIRED"


def test_a_plain_get_is_told_to_upgrade(gateway):
    status, head, _ = exchange(gateway, "GET /ws HTTP/1.1", {"Host": "gateway"})
    assert status == 426 and "upgrade: websocket" in head


def test_a_plain_post_is_told_the_method(gateway):
    answer = gateway.request("POST", "/ws", body=b"{}")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET")


SPELLINGS = {
    "Upgrade in capitals": {"Upgrade": "WebSocket"},
    "Connection as a list": {"Connection": "keep-alive, Upgrade"},
    "Upgrade as a list": {"Upgrade": "h2c, websocket"},
}


@pytest.mark.parametrize("changes", SPELLINGS.values(), ids=SPELLINGS)
def test_a_well_formed_upgrade_may_be_spelled_with(gateway, changes):
    connect(gateway, headers=changes).close()
