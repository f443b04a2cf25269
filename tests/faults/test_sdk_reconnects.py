"""An SDK shows its last ticket again when it reconnects: a replay only while the connection that it opened is alive."""

import pytest

from gateway import wait_until
from websocket import WebSocket


@pytest.fixture(params=["memory", "redis"])
def pair(request, tmp_path, start_gateway):
    """Two doors to the same tickets: one gateway twice, or two on one Redis."""
    if request.param == "memory":
        gateway = start_gateway({"server": {"threads": 2}})
        return gateway, gateway
    redis = request.getfixturevalue("redis")
    start_ready = request.getfixturevalue("start_ready")
    return start_ready(redis.url), start_ready(redis.url)


def sdk_connect(gateway, ticket):
    ws = WebSocket(gateway.address, "/connection/websocket", protocols=())
    ws.send({"id": 1, "connect": {"token": ticket}})
    return ws, ws.read_reply(1)


def count(pair, name, **labels):
    return sum(gateway.metric(name, **labels) for gateway in set(pair))


def replays(pair):
    return count(pair, "usher_ticket_replays_total")


def test_while_the_connection_lives_it_is_a_replay_and_afterwards_not(pair):
    first, second = pair
    for kind in "closed", "reset", "told":
        ticket = first.ticket(sessionId=kind)
        ws, reply = sdk_connect(first, ticket)
        assert "connect" in reply, reply
        before, reused = replays(pair), count(pair, "usher_ticket_redeems_total", outcome="reused")
        thief, reply = sdk_connect(second, ticket)
        assert reply["error"]["code"] == 109 and replays(pair) == before + 1
        thief.close()
        if kind == "told":
            assert second.api("disconnect", {"session": kind}) == {"result": {}}
            ws.read_close()
        ws.close() if kind == "closed" else ws.abort()
        wait_until(lambda: first.metric("usher_connections") == 0, "the connection to be gone")

        def comes_back():
            back, answer = sdk_connect(second, ticket)
            assert answer["error"]["code"] == 109
            back.close()
            return count(pair, "usher_ticket_redeems_total", outcome="reused") == reused + 1
        assert comes_back()
        assert replays(pair) == before + 1


def test_what_a_refresh_brought_counts_too(pair):
    first, second = pair
    ws, reply = sdk_connect(first, first.ticket())
    fresh = first.ticket()
    ws.send({"id": 2, "refresh": {"token": fresh}})
    assert "refresh" in ws.read_reply(2)
    sdk_connect(second, fresh)[0].close()
    assert replays(pair) == 1
    ws.abort()
    wait_until(lambda: first.metric("usher_connections") == 0, "the connection to be gone")
    sdk_connect(second, fresh)[0].close()
    assert replays(pair) == 1 and count(pair, "usher_ticket_redeems_total", outcome="reused") == 1


def test_on_ws_a_spent_ticket_is_always_a_replay(pair):
    first, second = pair
    ticket = first.ticket()
    ws, reply = sdk_connect(first, ticket)
    ws.abort()
    wait_until(lambda: first.metric("usher_connections") == 0, "the connection to be gone")
    assert WebSocket(second.address, f"/ws?ticket={ticket}").read_close() == (1008, "NOT_AUTHORIZED")
    assert replays(pair) == 1
