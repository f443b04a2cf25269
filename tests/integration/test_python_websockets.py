"""Debian's python3-websockets, a client that was not written by us, against the gateway."""

import asyncio
import json

import pytest
import websockets

from gateway import ORIGIN




def run(gateway, conversation, ticket=None, path="/ws", **options):
    """`conversation(ws)` on an open connection, with a deadline that is no part of what is tested."""

    async def talk():
        query = f"?ticket={ticket}" if ticket else ""
        async with websockets.connect(f"ws://{gateway.address}{path}{query}", **options) as ws:
            return await conversation(ws)

    return asyncio.run(asyncio.wait_for(talk(), 20))


def test_it_connects_receives_and_answers_the_close(gateway):
    async def conversation(ws):
        assert ws.subprotocol == "usher.v1.json"
        body = json.loads(await ws.recv())["push"]["connect"]
        await asyncio.to_thread(gateway.publish, f"session:{body['session']}", {"hello": "world"})
        assert json.loads(await ws.recv())["push"]["pub"]["data"] == {"hello": "world"}
        await asyncio.to_thread(gateway.api, "disconnect", {"client": body["client"]})
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await ws.recv()
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (3503, "FORCE_DISCONNECT")

    run(gateway, conversation, gateway.ticket(), subprotocols=["usher.v1.json"])


def test_its_fragments_pings_and_compression_offer_are_understood(gateway):
    async def conversation(ws):
        assert ws.extensions == [], "no compression was negotiated"
        await ws.recv()
        await (await ws.ping(b"now"))
        await ws.send(['{"id":1,', '"ping"', ":{}}"])
        assert json.loads(await ws.recv()) == {"id": 1, "ping": {}}

    run(gateway, conversation, gateway.ticket(), compression="deflate")


@pytest.mark.parametrize("ticket, origin, closed", [
    (None, ORIGIN, (1008, "NOT_AUTHORIZED")),
    ("nonsense", ORIGIN, (1008, "NOT_AUTHORIZED")),
    ("nonsense", "https://evil.example", (1008, "ORIGIN_BLOCKED")),
])
def test_it_reads_why_it_was_refused(gateway, ticket, origin, closed):
    async def conversation(ws):
        with pytest.raises(websockets.ConnectionClosed) as ended:
            await ws.recv()
        return ended.value.rcvd.code, ended.value.rcvd.reason

    assert run(gateway, conversation, ticket, origin=origin, subprotocols=["usher.v1.json"]) == closed


def test_its_own_close_is_echoed(gateway):
    async def conversation(ws):
        await ws.recv()
        await ws.close(4001, "enough")
        return ws.close_code

    assert run(gateway, conversation, gateway.ticket()) == 4001


def test_on_connection_websocket_it_connects_with_a_ticket_in_its_first_command(gateway):
    async def conversation(ws):
        await ws.send(json.dumps({"id": 1, "connect": {"token": gateway.ticket()}}))
        return json.loads(await ws.recv())

    assert run(gateway, conversation, path="/connection/websocket")["connect"]["session"] == "s1"
