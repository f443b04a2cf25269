"""limits.outbox_bytes is about the reader's slowness: what it reads as fast as it comes does not count."""

import threading

import pytest

from protocol import ask
from websocket import WebSocket, connect

KEPT = {"name": "kept", "subscribe": "anyone", "history_size": 1000, "history_ttl": "10m", "recovery": True}


@pytest.mark.parametrize("bytes_each, channels", [(20_000, 100), (60_000, 60), (200, 2000)])
def test_a_broadcast_larger_than_the_outbox_reaches_a_fast_reader_whole(start_gateway, bytes_each, channels):
    gateway = start_gateway({"server": {"threads": 1}, "limits": {"channels_per_connection": channels},
                             "channel": {"namespaces": [{"name": "live", "subscribe": "anyone"}]}})
    names = [f"live:{number}" for number in range(channels)]
    reader = connect(gateway, gateway.ticket())
    for name in names:
        reader.send({"id": 1, "subscribe": {"channel": name}})
        reader.read_reply(1)
    got = []
    reading = threading.Thread(target=lambda: got.extend(reader.read_publication()[0] for _ in names))
    reading.start()
    answer = gateway.api("broadcast", {"channels": names, "data": "x" * bytes_each})
    assert len(answer["result"]["responses"]) == channels
    reading.join(20)
    assert got == names
    assert gateway.metric("usher_closes_total", code="3008") == 0


def fill(gateway, channel, count, size):
    for number in range(count):
        gateway.publish(channel, [number, "x" * size])


@pytest.mark.parametrize("door", ["ws", "connection/websocket"])
def test_recoveries_larger_than_the_outbox_are_all_there_or_told_as_gaps(start_gateway, door):
    """Sent all the same, they would end the connection as a slow one, which comes back and asks for the same again."""
    gateway = start_gateway({"server": {"threads": 1}, "limits": {"outbox_bytes": 65_536, "message_bytes": 32_768},
                             "channel": {"namespaces": [KEPT]}})
    names = [f"kept:{number}" for number in range(8)]
    for name in names:
        fill(gateway, name, 3, 8_000)
    epochs = [gateway.api("history", {"channel": name, "limit": 0})["result"]["epoch"] for name in names]
    if door == "ws":
        reader = connect(gateway, gateway.ticket())
    else:
        reader = WebSocket(gateway.address, "/connection/websocket")
        ask(reader, "connect", token=gateway.ticket())
    whole = gaps = 0
    for number, name in enumerate(names):
        reader.send({"id": number + 2, "subscribe": {"channel": name, "recover": True, "epoch": epochs[number], "offset": 0}})
    for number, name in enumerate(names):
        answer = reader.read_reply(number + 2)["subscribe"]
        if answer.get("recovered"):
            assert [entry["data"][0] for entry in answer["publications"]] == [0, 1, 2]
            whole += 1
        else:
            assert answer.get("gap") in ("limit", "epoch_changed", "trimmed"), answer
            gaps += 1
    assert whole + gaps == len(names) and whole > 0
    gateway.publish(names[0], "after")
    assert reader.read_publication()[1]["data"] == "after"
