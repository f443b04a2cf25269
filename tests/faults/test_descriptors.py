"""No file descriptor is left: who is only keeping a connection warm makes room for who has something to say."""

import http.client
import pathlib
import resource

import pytest
from protocol import assert_alive
from websocket import connect

ROOM = 40


@pytest.fixture
def cramped(start_gateway):
    """A gateway that may open ROOM more descriptors than it has."""
    gateway = start_gateway({"server": {"threads": 1}})
    gateway.tickets = [gateway.ticket(sessionId=f"s{i}") for i in range(3)]
    open_now = len(list(pathlib.Path(f"/proc/{gateway.process.pid}/fd").iterdir()))
    resource.prlimit(gateway.process.pid, resource.RLIMIT_NOFILE, (open_now + ROOM, open_now + ROOM))
    return gateway


def keep_warm(gateway):
    """A connection that has had its answer, and waits."""
    idle = http.client.HTTPConnection(gateway.host, gateway.port, timeout=10)
    idle.request("GET", "/nowhere")
    idle.getresponse().read()
    return idle


def has_ended(idle):
    idle.sock.setblocking(False)
    try:
        return idle.sock.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def test_idle_connections_are_given_up_before_anybody_is_turned_away(cramped):
    warm = [keep_warm(cramped) for _ in range(ROOM + 5)]
    clients = [connect(cramped, ticket) for ticket in cramped.tickets]
    for client in clients:
        assert_alive(client)
    assert any(has_ended(idle) for idle in warm)

