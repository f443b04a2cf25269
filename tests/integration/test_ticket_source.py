"""usher::TicketSource with a WebSocket library that is not ours (examples/ticket_source.cc, on Boost.Beast), over a tunnel of the
real gateway to an application's own server."""

import pytest
from cpp_client import ClientProcess
from gateway import Gateway, wait_until
from program import BIN_DIR
from upstream import Upstream


@pytest.fixture
def upstream():
    server = Upstream().start()
    yield server
    server.stop()


@pytest.fixture
def door(tmp_path, upstream):
    gateway = Gateway(tmp_path / "gateway", {"upstreams": [
        {"name": "board", "path": "/board", "url": upstream.url},
        {"name": "members", "path": "/members", "url": upstream.url, "who": "users"}]}).start()
    yield gateway
    gateway.stop()


@pytest.fixture
def example(door):
    running = []

    def run(path, *args):
        running.append(ClientProcess([str(BIN_DIR / "ticket_source_example"), f"http://{door.address}", path, *args]))
        return running[-1]

    yield run
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
        one.wait_for_exit(20)
        assert not one.leaks()


def test_it_reads_comes_back_and_stops_when_that_cannot_help(door, example, upstream):
    program = example("/board?room=7", door.token(sessionId="s7"))
    for text, connections in (("one", 1), ("two", 2)):
        wait_until(lambda: len(upstream.requests) == connections, "the socket")
        upstream.send(text)
        wait_until(lambda: program.messages and program.messages[-1] == text, f"{text!r} in {program.messages}")
        if connections == 1:
            upstream.close_all(1012, "restart")
    assert [path for path, _ in upstream.requests] == ["/socket?room=7"] * 2
    assert program.lines.count("[WS] Connected") == 2
    tickets = door.metric("usher_http_requests_total", route="ticket")
    assert tickets == 2
    door.api("revoke", {"session": "s7"})
    assert program.wait_for_exit(20) == 3
    assert program.lines[-1] == "log in again: SESSION_REVOKED"
    assert door.metric("usher_http_requests_total", route="ticket") == tickets, "no request left the machine"
    assert len(upstream.requests) == 2


def test_a_refusal_at_the_door_stops_it(door, example, upstream):
    program = example("/members")  # a guest
    assert program.wait_for_exit(20) == 3
    assert program.lines[-1] == "log in again: NOT_AUTHORIZED"
    assert "[WS] Connected" not in program.lines
    assert door.metric("usher_http_requests_total", route="ticket") == 1
    assert upstream.requests == []


def test_an_application_that_ends_every_socket_is_not_hammered(door, example, upstream):
    async def close(ws):
        await ws.close(1011, "broken")

    upstream.on_open = close
    program = example("/board")
    wait_until(lambda: any(line.endswith("(attempt 3)") for line in list(program.lines)), "the third failure", 20)
    waits = [line for line in program.lines if line.startswith("[WS] Reconnecting in ")]
    assert [line.split(" (")[1] for line in waits[:3]] == ["attempt 1)", "attempt 2)", "attempt 3)"]
    assert door.metric("usher_http_requests_total", route="token") == 1, "the guest's token is kept"
