"""Tunnels on two gateways with one Redis: a ticket of one opens the other, and an order to one reaches the tunnels of both."""

import signal

import pytest

from gateway import API_KEY, Gateway, wait_until
from raw_upstream import answer, open_tunnel, text
from redis_server import RedisServer, on_redis
from websocket import connect


@pytest.fixture
def pair(upstream, tmp_path):
    (tmp_path / "redis").mkdir()
    with RedisServer(tmp_path / "redis").start() as redis:
        config = {**on_redis(url=redis.url), "upstreams": [upstream.upstream(claims=["org"])]}
        both = [Gateway(tmp_path / f"gateway{i}", config).start() for i in range(2)]
        for gateway in both:
            gateway.wait_until_ready()
        wait_until(lambda: "result" in both[0].api("channels", {}), "both gateways to answer")
        yield both
        for gateway in both:
            gateway.stop()


def test_a_ticket_of_one_opens_a_tunnel_of_the_other_with_its_claims(pair, upstream):
    client, server = open_tunnel(pair[0], upstream, ticket=pair[1].ticket(sessionId="s1", sub="u1", org="acme"))
    assert server.fields["X-Usher-User"] == "u1"
    assert server.fields["X-Usher-Claims"] == "eyJvcmciOiJhY21lIn0"  # {"org":"acme"}
    client.close()


@pytest.mark.parametrize("method, params, outcome", [
    ("revoke", {"session": "s1", "ttl": 60}, (3520, "SESSION_REVOKED")),
    ("revoke", {"user": "u1", "ttl": 60}, (3520, "SESSION_REVOKED")),
    ("disconnect", {"session": "s1"}, (3503, "FORCE_DISCONNECT")),
    ("disconnect", {"user": "u1", "disconnect": {"code": 4400, "reason": "moved"}}, (4400, "moved")),
])
def test_an_order_to_one_ends_the_tunnels_of_both_and_no_other(pair, upstream, method, params, outcome):
    mine = [open_tunnel(gateway, upstream, ticket=gateway.ticket(sessionId="s1", sub="u1")) for gateway in pair]
    others = [open_tunnel(gateway, upstream, ticket=gateway.ticket(sessionId="s2", sub="u2")) for gateway in pair]
    assert "result" in pair[0].api(method, params)
    for client, server in mine:
        client.expect_close(*outcome)
        server.expect_close(*outcome)
    for client, server in others:
        client.send(text("still here"))
        server.expect(text("still here"))
        server.send(answer("so am I"))
        client.expect(answer("so am I"))
        client.close()


def test_sessions_lists_the_connections_and_tunnels_of_both(pair, upstream):
    tunnel, _ = open_tunnel(pair[0], upstream, ticket=pair[1].ticket(sessionId="s1", sub="u1"))
    socket = connect(pair[1], pair[0].ticket(sessionId="s2", sub="u1"))
    for gateway in pair:
        listed = gateway.request("GET", "/api/sessions?user=u1", {"X-API-Key": API_KEY}).json()["result"]
        assert listed["partial"] is False
        assert sorted((each["session"], each["transport"]) for each in listed["sessions"]) == [
            ("s1", "tunnel:" + upstream.upstream()["name"]), ("s2", "websocket")]
        assert len({each["node"] for each in listed["sessions"]}) == 2
    tunnel.close()
    socket.close()


def test_sessions_is_partial_while_a_node_does_not_answer(pair):
    socket = connect(pair[0], pair[0].ticket(sessionId="s1", sub="u1"))
    pair[1].suspend()
    try:
        listed = pair[0].request("GET", "/api/sessions?user=u1", {"X-API-Key": API_KEY}).json()["result"]
    finally:
        pair[1].signal(signal.SIGCONT)
    assert listed["partial"] is True and [each["session"] for each in listed["sessions"]] == ["s1"]
    socket.close()
