"""Hooks that tell the backend who comes and goes: connected, disconnected (docs/hooks.md)."""

import threading

import pytest

from gateway import wait_until
from hook_server import hooked
from protocol import ask, error
from websocket import connect


def test_the_backend_is_told_who_comes_and_goes(start_gateway, backend, tmp_path):
    server = backend()
    gateway = hooked(start_gateway, server, tmp_path, ["connected", "disconnected"])
    ws = connect(gateway, gateway.ticket(sessionId="s7", sub="ada"))
    who = {"client": ws.connected["client"], "session": "s7", "user": "ada"}
    wait_until(lambda: server.of_type("connected"), "connected")
    assert server.of_type("connected")[0].json() == who
    ws.close(4001)
    wait_until(lambda: server.of_type("disconnected"), "disconnected")
    hit = server.of_type("disconnected")[0]
    assert hit.json() == {**who, "code": 4001, "reason": ""} and hit.path == "/disconnected"
    assert error(connect(gateway), "rpc", method="m")[0] == 108  # no rpc hook, as without any


def test_notifications_are_tried_again_with_the_same_id_until_they_are_taken(start_gateway, backend, tmp_path):
    answers = iter([(503, ""), (500, ""), (204, "")])
    server = backend(lambda hit: next(answers))
    gateway = hooked(start_gateway, server, tmp_path, ["connected"])
    connect(gateway)
    wait_until(lambda: gateway.metric("usher_hook_events_total", event="connected", outcome="answered") == 1, "it")
    assert len(server.hits) == 3 and len({hit.headers["ce-id"] for hit in server.hits}) == 1
    assert gateway.metric("usher_hook_retries_total") == 2


@pytest.mark.parametrize("status, attempts", [(400, 1), (503, 2)])
def test_notifications_are_given_up_and_counted(start_gateway, backend, tmp_path, status, attempts):
    server = backend(lambda hit: (status, ""))
    gateway = hooked(start_gateway, server, tmp_path, ["connected"], attempts=2)
    connect(gateway)
    wait_until(lambda: gateway.metric("usher_hook_events_total", event="connected", outcome="failed") == 1, "it")
    assert len(server.hits) == attempts
    assert f"attempts: {attempts}" in gateway.wait_for_line("hook failed")


def test_notifications_beyond_the_queue_are_dropped_and_counted(start_gateway, backend, tmp_path):
    release = threading.Event()
    server = backend(lambda hit: release.wait(20) and (200, "{}"))
    gateway = hooked(start_gateway, server, tmp_path, ["connected"], concurrency=1, queue=1, timeout="20s")
    clients = [connect(gateway) for _ in range(5)]
    assert gateway.metric("usher_hook_events_total", event="connected", outcome="no_room") == 3
    release.set()
    wait_until(lambda: len(server.hits) == 2, "the two that had room")
    assert all(ask(ws, "ping") == {"ping": {}} for ws in clients)


def test_a_stopping_gateway_still_tells_of_those_who_left(start_gateway, backend, tmp_path):
    server = backend()
    gateway = hooked(start_gateway, server, tmp_path, ["disconnected"])
    for _ in range(20):
        connect(gateway)
    assert gateway.stop() == 0
    assert len(server.of_type("disconnected")) == 20
