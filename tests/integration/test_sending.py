"""What leaves for many sockets at once, with io_uring, without wanting it and without having it: the same for everybody."""

import sys

import pytest

import without_io_uring
from websocket import Closed, connect

SUBSCRIBERS = 150


@pytest.fixture(params=["io_uring", "unwanted", "forbidden"])
def gateway(request, start_gateway):
    config = {"server": {"threads": 1, "io_uring": request.param != "unwanted"},
              "limits": {"outbox_bytes": 262144, "connections_per_session": 0, "upgrades_per_address": "0"},
              "channel": {"namespaces": [{"name": "news", "subscribe": "anyone"}]}}
    if request.param != "forbidden":
        return start_gateway(config)
    gateway = start_gateway(config, under=[sys.executable, without_io_uring.__file__])
    assert gateway.has_line("no io_uring here: one system call for each send { reason: 'Operation not permitted' }")
    return gateway


def join(gateway, session):
    return connect(gateway, gateway.ticket(sessionId=session, channels=["news:all"]))


def payloads():
    """Small ones that are joined, one of each size at which that ends, one that no joining is done for."""
    sizes = [1, 100, 100, 16_000, 16_384, 1, 40_000, 0, 200, 8_000, 8_000, 8_000]
    return [[number, "x" * size] for number, size in enumerate(sizes)]


def test_every_subscriber_gets_every_publication_in_order_whatever_their_sizes(gateway):
    clients = [join(gateway, f"s{number}") for number in range(SUBSCRIBERS)]
    expected = payloads()
    commands = [{"publish": {"channel": "news:all", "data": data}} for data in expected]
    answer = gateway.api("batch", {"commands": commands})
    assert len(answer["replies"]) == len(expected)
    for number, client in enumerate(clients):
        assert [client.read_publication()[1]["data"] for _ in expected] == expected, f"client {number}"
        assert client.connected["session"] == f"s{number}"
        client.close()


def test_who_reads_nothing_and_who_has_gone_hold_up_nobody(gateway):
    lazy = join(gateway, "lazy")
    gone = join(gateway, "gone")
    quick = [join(gateway, f"q{number}") for number in range(20)]
    gone.socket.close()
    number = 0
    while not gateway.has_line("SLOW_CONSUMER"):
        assert number < 500, "8 MiB at most in the kernel, 256 KiB in the outbox"
        gateway.publish("news:all", [number, "x" * 60_000])
        for client in quick:
            assert client.read_publication()[1]["data"][0] == number
        number += 1
    seen = []
    with pytest.raises(Closed) as closed:
        while True:
            seen.append(lazy.read_publication()[1]["data"][0])
    assert (closed.value.code, closed.value.reason) == (3008, "SLOW_CONSUMER")
    assert seen == list(range(len(seen))) and 0 < len(seen) < number
    for client in quick:
        client.close()
    lazy.close()
