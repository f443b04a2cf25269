"""What a good ticket opens: in one write, however it is shown, in one hand only; and who has to leave for it."""

import socket

import pytest

from gateway import ORIGIN
from protocol import assert_alive
from upgrade import NOT_AUTHORIZED, race, refused_with, ticket_for, upgrade_request
from websocket import WebSocket, connect


def test_success_is_logged_word_for_word(start_gateway):
    gateway = start_gateway()
    ws = connect(gateway, ticket_for(gateway, ORIGIN, sub="ada"), origin=ORIGIN)
    gateway.wait_for_line("[WSTicket] Ticket generated { hasUserId: true, ttl: 30")
    gateway.wait_for_line("[WS] Authenticated via ticket { hasUserId: true")
    gateway.wait_for_line("websocket_connected { originHost: 'app.example'")
    ws.close()
    gateway.wait_for_line("websocket_disconnected { code: 1000, reason: ''")
    connect(gateway).abort()
    gateway.wait_for_line("[WS] Authenticated via ticket { hasUserId: false")
    gateway.wait_for_line("websocket_disconnected { code: 1006, reason: ''")


def test_the_connect_push_comes_in_the_same_segment_as_the_101(gateway):
    with socket.create_connection((gateway.host, gateway.port), timeout=10) as s:
        s.sendall(upgrade_request(gateway.ticket()))
        first = s.recv(65536)
    head, rest = first.split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 101 ")
    assert b'{"push":{"connect":{' in rest


def with_protocols(gateway, query, *protocols):
    return WebSocket(gateway.address, f"/ws{query}", protocols=protocols)


def test_the_ticket_may_come_as_subprotocol_and_is_not_echoed(gateway):
    for order in (1, -1):
        offered = ["usher.v1.json", f"usher.ticket.{gateway.ticket()}"][::order]
        ws = with_protocols(gateway, "", *offered)
        assert ws.protocol == "usher.v1.json"
        assert "usher.ticket" not in ws.head
        assert ws.read_connect()["session"] == "s1"
        ws.close()


def test_the_same_ticket_twice_is_one_and_two_different_ones_are_none(gateway):
    ticket = gateway.ticket()
    ws = with_protocols(gateway, f"?ticket={ticket}", "usher.v1.json", f"usher.ticket.{ticket}")
    assert ws.read_connect()["session"] == "s1"
    ws.close()
    one, other = gateway.ticket(), gateway.ticket()
    different = [
        (f"?ticket={one}", "usher.v1.json", f"usher.ticket.{other}"),
        (f"?ticket={one}&ticket={other}", "usher.v1.json"),
        ("", "usher.v1.json", f"usher.ticket.{one}", f"usher.ticket.{other}"),
    ]
    for query, *protocols in different:
        ws = with_protocols(gateway, query, *protocols)
        assert ws.protocol == "usher.v1.json"
        assert ws.read_close() == NOT_AUTHORIZED


def test_only_the_query_parameter_of_that_name_counts(gateway):
    ticket = gateway.ticket()
    for query in (f"?xticket={ticket}", f"?Ticket={ticket}", f"?a=ticket={ticket}"):
        assert refused_with(gateway, query) == NOT_AUTHORIZED
    ws = WebSocket(gateway.address, f"/ws?v=1&ticket={ticket}&x=")
    assert ws.read_connect()["session"] == "s1"
    ws.close()


def test_of_1000_simultaneous_upgrades_with_one_ticket_over_two_shards_exactly_one_connects(start_gateway):
    gateway = start_gateway({"server": {"threads": 2}, "limits": {"half_open_per_address": 0}})
    outcomes = race([gateway], gateway.ticket(), 1000)
    assert outcomes.count("connected") == 1
    assert outcomes.count(NOT_AUTHORIZED) == 999
    assert gateway.metric("usher_ticket_replays_total") == 999
    assert gateway.metric("usher_ticket_redeems_total", outcome="ok") == 1
    assert gateway.metric("usher_upgrades_total", result="ticket_replayed") == 999


# ---- 10: the newcomer is let in ----


@pytest.mark.parametrize("key, claims", [("connections_per_session", [{}, {}, {}]),
                                         ("connections_per_user", [dict(sub="ada", sessionId=s) for s in "abc"])])
def test_over_the_limit_the_oldest_goes_and_the_newcomer_stays(start_gateway, key, claims):
    gateway = start_gateway({"limits": {key: 2}})
    oldest, second = [connect(gateway, gateway.ticket(**claims[i])) for i in range(2)]
    newcomer = connect(gateway, gateway.ticket(**claims[2]))
    assert oldest.read_close() == (3504, "CONNECTION_LIMIT")
    gateway.wait_for_line("websocket_disconnected { code: 3504, reason: 'CONNECTION_LIMIT'")
    for ws in (second, newcomer):
        assert_alive(ws)
        ws.close()
