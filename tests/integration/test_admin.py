"""The operator's listener: health, readiness, metrics; and nothing else."""

import re

import pytest

from gateway import API_KEY, wait_until
from websocket import Refused, WebSocket, connect


def test_a_fresh_gateway_is_healthy_and_ready(gateway):
    assert gateway.admin("/healthz").status == 200
    assert gateway.admin("/readyz").status == 200


@pytest.mark.parametrize("path", ["/", "/auth/token", "/auth/ticket", "/ws", "/connection/websocket", "/api/info"])
def test_what_is_for_clients_and_backends_is_not_on_the_operators_listener(gateway, path):
    answer = gateway.request("POST", path, {"X-API-Key": API_KEY}, b"{}", address=gateway.admin_address)
    assert (answer.status, answer.json()["code"]) == (404, "NOT_FOUND")


def test_no_socket_opens_on_the_operators_listener(gateway):
    with pytest.raises(Refused) as refused:
        WebSocket(gateway.admin_address, f"/ws?ticket={gateway.ticket()}")
    assert refused.value.status == 404


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_another_method_is_refused(gateway, path):
    answer = gateway.request("POST", path, address=gateway.admin_address)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    head = gateway.request("HEAD", path, address=gateway.admin_address)
    assert (head.status, head.body) == (200, b"")


def test_every_line_of_the_metrics_is_in_prometheus_text_format_and_described(gateway):
    answer = gateway.admin("/metrics")
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/plain")
    described = set()
    for line in answer.body.decode().strip().split("\n"):
        if match := re.fullmatch(r"# (HELP|TYPE) (\w+) .+", line):
            described.add((match.group(1), match.group(2)))
            continue
        match = re.fullmatch(r'(usher_\w+)(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [0-9.e+-]+', line)
        assert match, line
        assert {("HELP", match.group(1)), ("TYPE", match.group(1))} <= described


def test_what_happens_is_counted(start_gateway):
    gateway = start_gateway({"channel": {"namespaces": [{"name": "live"}]}})
    ws = connect(gateway, gateway.ticket(gateway.guest()["token"]))
    assert gateway.metric("usher_guests_created_total") == 1
    assert gateway.metric("usher_tickets_issued_total") == 1
    assert gateway.metric("usher_ticket_redeems_total", outcome="ok") == 1
    assert gateway.metric("usher_upgrades_total", result="connected") == 1
    assert gateway.metric("usher_connections") == 1
    ws.send({"id": 1, "ping": {}})
    ws.read_reply(1)
    assert gateway.metric("usher_messages_received_total") == 1
    gateway.publish("live:1", 1)
    assert gateway.metric("usher_publications_total") == 1
    assert gateway.metric("usher_api_calls_total", method="publish") == 1
    gateway.request("POST", "/auth/ticket")
    assert gateway.metric("usher_http_requests_total", route="ticket", status="401") == 1
    ws.close()
    wait_until(lambda: gateway.metric("usher_connections") == 0, "the connection to end")
    assert gateway.metric("usher_closes_total", code="1000") == 1


def test_a_scanner_makes_no_series(start_gateway):
    gateway = start_gateway()
    for i in range(20):
        gateway.request("GET", f"/wp-admin/{i}")
    lines = [line for line in gateway.admin("/metrics").body.decode().split("\n") if 'status="404"' in line]
    assert lines == ['usher_http_requests_total{route="other",status="404"} 20']


def test_without_an_address_there_is_no_operators_listener(start_gateway):
    gateway = start_gateway({"admin": {"listen": ""}})
    assert gateway.admin_address is None
    assert gateway.request("GET", "/metrics").status == 404
