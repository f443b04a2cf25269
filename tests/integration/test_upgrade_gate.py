"""Who is turned away before the upgrade: 503 with a time to come back, and no ticket is burnt for it."""

import signal

import pytest

from gateway import wait_until
from raw_http import UPGRADE, exchange
from upgrade import EVIL, NOT_AUTHORIZED, ORIGIN_BLOCKED, refused_with
from websocket import Refused, WebSocket, connect


def assert_turned_away(gateway, code, query="", **options):
    with pytest.raises(Refused) as refused:
        WebSocket(gateway.address, f"/ws{query}", **options)
    answer = refused.value
    assert answer.status == 503
    assert answer.json()["code"] == code
    assert answer.json()["retry_after_ms"] > 0
    assert "retry-after: " in answer.head.lower()
    assert "connection: close" in answer.head.lower()
    assert "content-type: application/problem+json" in answer.head.lower()


def test_an_address_opens_exactly_as_many_as_its_bucket_holds_and_then_gets_503_before_the_upgrade(start_gateway):
    gateway = start_gateway({"limits": {"upgrades_per_address": "2/1h"}})
    assert refused_with(gateway, "") == NOT_AUTHORIZED
    assert refused_with(gateway, "?ticket=x", origin=EVIL) == ORIGIN_BLOCKED
    assert_turned_away(gateway, "OVERLOADED")
    assert_turned_away(gateway, "OVERLOADED", origin=EVIL)
    assert gateway.metric("usher_upgrades_total", result="rate_limited") == 2


def test_an_upgrade_refused_by_http_is_in_the_log_with_its_trace_id_and_reason(start_gateway):
    gateway = start_gateway({"limits": {"upgrades_per_address": "1/1h"}})
    connect(gateway)
    with pytest.raises(Refused) as refused:
        WebSocket(gateway.address, "/ws")
    line = gateway.wait_for_line(refused.value.json()["trace_id"])
    assert "route: 'websocket', status: 503, code: 'OVERLOADED'" in line and "reason: 'address'" in line


def test_a_bad_request_costs_the_address_nothing(start_gateway):
    gateway = start_gateway({"limits": {"upgrades_per_address": "1/1h"}})
    for _ in range(3):
        assert exchange(gateway, "GET /ws HTTP/1.1", {**UPGRADE, "Sec-WebSocket-Key": "x"})[0] == 400
    connect(gateway).close()


def test_at_limits_connections_newcomers_wait_outside_a_good_ticket_in_hand_too_and_it_is_not_burnt(start_gateway):
    gateway = start_gateway({"limits": {"connections": 2}})
    first, second = connect(gateway), connect(gateway)
    ticket = gateway.ticket()
    assert_turned_away(gateway, "OVERLOADED", f"?ticket={ticket}")
    assert gateway.metric("usher_upgrades_total", result="overloaded") == 1
    first.close()

    def let_in():
        try:
            return connect(gateway, ticket)
        except Refused:
            return None

    third = wait_until(let_in, "the place of the one who left")
    second.close()
    third.close()


def test_a_good_ticket_in_hand_is_not_turned_away_by_the_nodes_accept_rate(start_gateway):
    gateway = start_gateway({"limits": {"upgrades_per_second": 1}})

    def turned_away():
        try:
            return WebSocket(gateway.address, "/ws").close()
        except Refused as refused:
            return refused

    assert wait_until(turned_away, "an upgrade over the rate").json()["code"] == "OVERLOADED"
    clients = [connect(gateway) for _ in range(5)]
    for ws in clients:
        ws.close()


def test_guessing_tickets_is_refused_before_the_store_is_asked_and_others_get_in(start_gateway):
    gateway = start_gateway({"limits": {"upgrades_per_second": 1}, "server": {"trusted_proxies": ["127.0.0.1"]}})
    ticket = gateway.ticket()

    def guess():
        try:
            return WebSocket(gateway.address, "/ws?ticket=" + "0" * 32, headers={"X-Forwarded-For": "192.0.2.1"})
        except Refused as refused:
            return refused

    def shown_to_the_store():
        return sum(gateway.metric("usher_ticket_redeems_total", outcome=o) for o in ("unknown", "expired"))

    refused = wait_until(lambda: isinstance(r := guess(), Refused) and r, "the one who guesses to be turned away")
    assert refused.status == 503 and refused.json()["code"] == "OVERLOADED" and refused.json()["retry_after_ms"] > 0
    before = shown_to_the_store()
    for _ in range(50):
        guess()
    assert shown_to_the_store() - before < 25, "most were not"
    connect(gateway, ticket, headers={"X-Forwarded-For": "192.0.2.2"}).close()


def test_a_draining_node_turns_upgrades_away(start_gateway):
    gateway = start_gateway({"server": {"threads": 1}, "shutdown": {"timeout": "1h"}})
    clients = [connect(gateway) for _ in range(3)]
    ticket = gateway.ticket()
    gateway.signal(signal.SIGTERM)
    gateway.wait_for_line("draining { windowMs: 3600000 }")
    wait_until(lambda: gateway.admin("/readyz").status == 503, "the node to be draining")
    assert_turned_away(gateway, "DRAINING", f"?ticket={ticket}")
    assert_turned_away(gateway, "DRAINING", origin=EVIL)
    for ws in clients:
        ws.close()
