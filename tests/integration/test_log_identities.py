"""Ada can't get in: that is answered from the log: whose line it is, and which connection's."""

import hashlib
import json
import re
import subprocess

import pytest

from protocol import assert_alive
from redis_server import free_port
from upgrade import outcome_of
from websocket import WebSocket, connect

NEWS = {"channel": {"namespaces": [{"name": "news", "subscribe": "anyone"}, {"name": "team", "subscribe": "granted"}]}}


def digest(name):
    """As docs/operations.md says that an operator computes it."""
    shell = subprocess.run(["sh", "-c", f"printf %s {name} | sha256sum | cut -c1-12"], capture_output=True, text=True, check=True)
    assert shell.stdout.strip() == hashlib.sha256(name.encode()).hexdigest()[:12]
    return shell.stdout.strip()


def fields(line):
    return dict(re.findall(r"(\w+): '?([^',}]*)'?", line.split(" { ", 1)[1]))


def lines_of(gateway, message):
    return [fields(line) for line in list(gateway.lines) if f" {message} {{ " in line]


def one_visit(gateway):
    ws = connect(gateway, gateway.ticket(sub="ada", sessionId="s-ada"))
    client = ws.connected["client"]
    ws.send({"id": 1, "subscribe": {"channel": "team:secret"}})
    assert ws.read_reply(1)["error"]["code"] == 103
    ws.close()
    gateway.wait_for_line("websocket_disconnected")
    return client


def test_each_line_of_a_visit_has_its_client_session_and_user(start_gateway):
    gateway = start_gateway(NEWS)
    client = one_visit(gateway)
    who = {"session": digest("s-ada"), "user": digest("ada")}
    ticket, = lines_of(gateway, "[WSTicket] Ticket generated")
    assert who.items() <= ticket.items() and re.fullmatch("[0-9a-f]{12}", ticket["ticketHash"])
    visit = [lines_of(gateway, message) for message in
             ("[WS] Authenticated via ticket", "websocket_connected", "subscription refused", "websocket_disconnected")]
    assert [len(found) for found in visit] == [1, 1, 1, 1]
    assert {found[0]["client"] for found in visit} == {client}, "as the client itself knows it"
    for found in visit:
        assert who.items() <= found[0].items()
    assert visit[2][0] | {"channel": "team:secret", "code": "103", "reason": "permission denied"} == visit[2][0]
    assert visit[3][0]["transport"] == visit[1][0]["transport"] == "ws" and int(visit[3][0]["lastedMs"]) >= 0
    assert "ada" not in gateway.log


@pytest.mark.parametrize("identities", ["plain", "off"])
def test_identities_are_as_configured(start_gateway, identities):
    gateway = start_gateway({**NEWS, "log": {"identities": identities}})
    one_visit(gateway)
    found, = lines_of(gateway, "websocket_disconnected")
    assert re.fullmatch("[0-9a-f]{16}", found["client"])
    shown = {key: found.get(key) for key in ("session", "user")}
    assert shown == ({"session": "s-ada", "user": "ada"} if identities == "plain" else {"session": None, "user": None})


def test_json_lines_have_them_as_members(start_gateway):
    port = free_port()
    gateway = start_gateway({"log": {"format": "json"}, "server": {"listen": f"127.0.0.1:{port}"}})
    gateway.addresses.append(f"127.0.0.1:{port}")
    connect(gateway, gateway.ticket(sub="ada")).close()
    found = json.loads(gateway.wait_for_line('"websocket_disconnected"'))
    assert found["user"] == digest("ada") and found["transport"] == "ws"
    assert isinstance(found["lastedMs"], int) and len(found["client"]) == 16


def test_an_sdks_connection_and_a_wish_that_is_refused(start_gateway):
    gateway = start_gateway(NEWS)
    ws = WebSocket(gateway.address, "/connection/websocket", protocols=())
    ws.send({"id": 1, "connect": {"token": gateway.ticket(sub="ada"), "subs": {"team:x": {}, "news:1": {}, "user:eve": {}}}})
    assert ws.read_reply(1)["connect"]
    ws.close()
    gateway.wait_for_line("websocket_disconnected")
    assert lines_of(gateway, "websocket_connected")[0]["transport"] == "connection_websocket"
    refused = lines_of(gateway, "subscription refused")
    assert sorted(line["channel"] for line in refused) == ["team:x", f"user:{digest('eve')}"]
    assert "eve" not in gateway.log


def test_who_is_refused_is_named_where_it_is_known(start_gateway):
    gateway = start_gateway()
    who = {"session": digest("s-ada"), "user": digest("ada")}
    token, foreign = gateway.token(sub="ada", sessionId="s-ada"), {"Origin": "https://a.wild.example"}
    bound = gateway.ask_ticket(token, headers=foreign).json()["ticket"]
    assert outcome_of(gateway, bound) == (1008, "ORIGIN_BLOCKED")
    line = fields(gateway.wait_for_line("WS: Rejected - origin blocked"))
    assert who.items() <= line.items() and line["ticketHash"] == hashlib.sha256(bound.encode()).hexdigest()[:12]
    ticket = gateway.ticket(token)
    assert "result" in gateway.api("revoke", {"user": "ada"})
    outcome_of(gateway, ticket)
    assert who.items() <= fields(gateway.wait_for_line("WS: Rejected - session revoked")).items()
    assert gateway.ask_ticket(token).status == 401
    refused = fields(gateway.wait_for_line("http_refused { route: 'ticket', status: 401, code: 'SESSION_REVOKED'"))
    assert who.items() <= refused.items()


def test_a_flood_of_refused_subscriptions_leaves_few_lines(start_gateway):
    gateway = start_gateway({**NEWS, "limits": {"commands": "0"}})
    ws = connect(gateway, gateway.ticket())
    for n in range(1, 501):
        ws.send({"id": n, "subscribe": {"channel": f"team:{n}"}})
    for n in range(1, 501):
        assert ws.read_reply(n)["error"]["code"] == 103
    assert_alive(ws)
    assert 20 <= gateway.count_lines("subscription refused") < 250
