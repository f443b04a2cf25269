"""What clients ask of the backend through hooks: rpc, send, publish (docs/hooks.md)."""

import json
import re
import threading

import pytest

from gateway import wait_until
from hook_server import hooked
from protocol import ask, error
from websocket import connect


def test_rpc_is_answered_by_the_backend_byte_for_byte(start_gateway, backend, tmp_path):
    server = backend(lambda hit: (200, b'{"data": {"n":12345678901234567890123,\n"x":1.0}}'))
    gateway = hooked(start_gateway, server, tmp_path, ["rpc"])
    ws = connect(gateway, gateway.ticket(sessionId="s9", sub="ada"))
    ws.send('{"id":7,"rpc":{"method":"s\u00fcm of","data":{"a": 1.50,"b":[1,2]}}}')
    message = ws.read_frame()[1]
    assert message == b'{"id":7,"rpc":{"data":{"n":12345678901234567890123, "x":1.0}}}'
    hit = server.of_type("rpc")[0]
    assert hit.path == "/rpc" and hit.headers["content-type"] == "application/json"
    assert hit.body.endswith(b',"data":{"a": 1.50,"b":[1,2]}}')
    assert {k: v for k, v in hit.json().items() if k != "data"} == {
        "client": ws.connected["client"], "session": "s9", "user": "ada", "method": "s\u00fcm of"}
    assert hit.headers["ce-specversion"] == "1.0"
    assert hit.headers["ce-subject"] == "s%C3%BCm%20of"
    assert hit.headers["ce-source"] == "/usher/" + ws.connected["node"]
    assert re.fullmatch(r"[0-9a-f]{32}", hit.headers["ce-id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", hit.headers["ce-time"])
    assert gateway.metric("usher_hook_events_total", event="rpc", outcome="answered") == 1


@pytest.mark.parametrize("status, body, expected", [
    (200, '{"error":{"code":1000,"message":"not in stock"}}', (1000, "not in stock", False)),
    (200, '{"error":{"code":1001,"message":"later","temporary":true},"data":null}', (1001, "later", True)),
    (200, "{}", (100, "internal server error", True)),
    (200, "not json", (100, "internal server error", True)),
    (200, '{"data":{"x":tru}}', (100, "internal server error", True)),
    (200, '{"data":1,"error":{"code":1}}', (100, "internal server error", True)),
    (200, '{"error":{"code":0}}', (100, "internal server error", True)),
    (500, '{"data":1}', (100, "internal server error", True)),
    (302, '{"data":1}', (100, "internal server error", True)),
    (200, '{"data":"' + "x" * 70000 + '"}', (100, "internal server error", True)),
])
def test_what_is_no_answer_is_a_temporary_error(start_gateway, backend, tmp_path, status, body, expected):
    server = backend(lambda hit: (status, body, {"Location": "/elsewhere"} if status == 302 else {}))
    gateway = hooked(start_gateway, server, tmp_path, ["rpc"])
    said = ask(connect(gateway), "rpc", method="m")["error"]
    assert (said["code"], said["message"], said.get("temporary", False)) == expected
    assert len(server.hits) == 1
    if expected[0] == 100:
        assert "hook: 'rpc'" in gateway.wait_for_line("hook failed")


def test_answers_come_in_any_order_and_a_slow_one_blocks_nothing(start_gateway, backend, tmp_path):
    release = threading.Event()

    def answer(hit):
        if hit.json()["method"] == "slow":
            release.wait(20)
        return 200, json.dumps({"data": hit.json()["method"]})

    gateway = hooked(start_gateway, backend(answer), tmp_path, ["rpc"], timeout="20s")
    ws = connect(gateway)
    ws.send({"id": 1, "rpc": {"method": "slow"}})
    ws.send({"id": 2, "rpc": {"method": "quick"}}, {"id": 3, "ping": {}})
    assert {ws.read()["id"] for _ in range(2)} == {2, 3}
    gone = connect(gateway)
    gone.send({"id": 1, "rpc": {"method": "slow"}})
    gone.abort()
    assert ask(connect(gateway), "rpc", method="other") == {"rpc": {"data": "other"}}
    release.set()
    assert ws.read() == {"id": 1, "rpc": {"data": "slow"}}
    assert ask(ws, "ping") == {"ping": {}}


def test_a_hook_that_does_not_answer_in_time_is_a_temporary_error(start_gateway, backend, tmp_path):
    release = threading.Event()
    server = backend(lambda hit: release.wait(20) and (200, "{}") or (200, "{}"))
    gateway = hooked(start_gateway, server, tmp_path, ["rpc"], timeout="200ms")
    assert error(connect(gateway), "rpc", method="m") == (100, True)
    release.set()
    assert gateway.metric("usher_hook_events_total", event="rpc", outcome="late") == 1


def test_a_hook_that_is_not_there_is_a_temporary_error(start_gateway, backend, tmp_path):
    server = backend()
    gateway = hooked(start_gateway, server, tmp_path, ["rpc"])
    server.stop()
    server.stop = lambda: None
    assert error(connect(gateway), "rpc", method="m") == (100, True)
    assert "Connection refused" in gateway.wait_for_line("hook failed")


def test_requests_to_a_hook_are_bounded_and_those_beyond_are_answered_at_once(start_gateway, backend, tmp_path):
    release = threading.Event()
    server = backend(lambda hit: release.wait(20) and (200, '{"data":1}'))
    gateway = hooked(start_gateway, server, tmp_path, ["rpc"], timeout="20s", concurrency=2, queue=3,
                     calls_per_connection=4)
    first, second = connect(gateway), connect(gateway)
    for n in range(1, 6):
        first.send({"id": n, "rpc": {"method": "m"}})
    reply = first.read()  # the fifth: four of one connection may wait
    assert (reply["id"], reply["error"]["code"], reply["error"]["temporary"]) == (5, 111, True)
    second.send({"id": 1, "rpc": {"method": "m"}})
    assert error(second, "rpc", method="m") == (111, True)  # the sixth of the node: 2 run, 3 wait
    wait_until(lambda: len(server.hits) == 2, "two requests")
    release.set()
    assert {first.read()["id"] for _ in range(4)} == {1, 2, 3, 4}
    assert second.read()["id"] == 1
    assert server.running_max == 2
    assert gateway.metric("usher_hook_events_total", event="rpc", outcome="no_room") == 1
    assert ask(second, "rpc", method="m") == {"rpc": {"data": 1}}  # there is room again


def test_a_connection_to_the_backend_is_used_again_unless_it_has_been_closed(start_gateway, backend, tmp_path):
    server = backend(lambda hit: (200, '{"data":1}'))
    gateway = hooked(start_gateway, server, tmp_path, ["rpc"], concurrency=1)
    ws = connect(gateway)
    for _ in range(20):
        assert ask(ws, "rpc", method="m") == {"rpc": {"data": 1}}
    # (A busy machine may pause for so long that a connection is let go.)
    assert len({hit.peer for hit in server.hits}) <= 3
    server.hangs_up = True
    ask(ws, "rpc", method="last on this connection")
    before = len({hit.peer for hit in server.hits})
    for _ in range(3):
        wait_until(lambda: server.connections == 0, "the backend to hang up")
        assert ask(ws, "rpc", method="m") == {"rpc": {"data": 1}}
    assert len({hit.peer for hit in server.hits}) == before + 3


def test_a_methods_name_has_255_bytes_at_most(start_gateway, backend, tmp_path):
    gateway = hooked(start_gateway, backend(lambda hit: (200, '{"data":1}')), tmp_path, ["rpc"])
    ws = connect(gateway)
    assert ask(ws, "rpc", method="m" * 255) == {"rpc": {"data": 1}}
    assert error(ws, "rpc", method="m" * 256) == (107, False)


def test_send_reaches_the_rpc_hook_and_is_not_answered(start_gateway, backend, tmp_path):
    server = backend(lambda hit: (500, ""))
    gateway = hooked(start_gateway, server, tmp_path, ["rpc"])
    ws = connect(gateway)
    ws.send({"send": {"data": {"typing": True}}})
    wait_until(lambda: server.of_type("send"), "the send")
    hit = server.hits[0]
    assert hit.path == "/rpc" and hit.json()["data"] == {"typing": True} and "method" not in hit.json()
    wait_until(lambda: gateway.metric("usher_hook_events_total", event="send", outcome="failed") == 1, "the count")
    assert len(server.hits) == 1 and ask(ws, "ping") == {"ping": {}}


# ---- publish ----


def test_publish_is_permitted_changed_or_refused_by_the_backend(start_gateway, backend, tmp_path):
    def answer(hit):
        text = hit.json()["data"]["text"]
        return 200, {"yes": "{}", "other": '{"data":{"text":  "this"}}',
                     "no": '{"error":{"code":1403,"message":"be nice"}}'}.get(text, "what?")

    server = backend(answer)
    gateway = hooked(start_gateway, server, tmp_path, ["publish"])
    ws = connect(gateway, gateway.ticket(sub="ada"))
    ask(ws, "subscribe", channel="chat:1")
    for text in ("yes", "other"):
        ws.send({"id": 1, "publish": {"channel": "chat:1", "data": {"text": text}}})
        got = [ws.read(), ws.read()]
        assert {"id": 1, "publish": {}} in got
        pub = next(m["push"]["pub"] for m in got if "push" in m)
        assert pub["data"] == {"text": "yes" if text == "yes" else "this"} and pub["info"]["user"] == "ada"
    assert ask(ws, "publish", channel="chat:1", data={"text": "no"})["error"] == {"code": 1403, "message": "be nice"}
    assert error(ws, "publish", channel="chat:1", data={"text": "?"}) == (100, True)
    assert len(ask(ws, "history", channel="chat:1", limit=10)["history"]["publications"]) == 2
    assert server.hits[0].json()["channel"] == server.hits[0].headers["ce-subject"] == "chat:1"


def test_the_backend_is_not_asked_about_what_the_namespace_refuses(start_gateway, backend, tmp_path):
    server = backend()
    gateway = hooked(start_gateway, server, tmp_path, ["publish"])
    ws = connect(gateway, gateway.ticket(sessionId="mine"))
    assert error(ws, "publish", channel="news:1", data=1)[0] == 103
    assert error(ws, "publish", channel="jobs:1", data=1)[0] == 103  # bound to nobody
    assert server.hits == []
    assert "result" in gateway.api("bind", {"channel": "jobs:1", "session": "mine", "ttl": 60})
    assert ask(ws, "publish", channel="jobs:1", data=1) == {"publish": {}}
    assert len(server.hits) == 1
    gateway.publish("chat:1", {"from": "the backend"})
    assert len(server.hits) == 1


def test_rights_that_end_while_the_backend_thinks_are_gone(start_gateway, backend, tmp_path):
    asked, release = threading.Event(), threading.Event()

    def answer(hit):
        asked.set()
        release.wait(20)
        return 200, "{}"

    gateway = hooked(start_gateway, backend(answer), tmp_path, ["publish"], timeout="20s")
    gateway.api("bind", {"channel": "jobs:1", "session": "mine", "ttl": 60})
    ws = connect(gateway, gateway.ticket(sessionId="mine"))
    ws.send({"id": 1, "publish": {"channel": "jobs:1", "data": 1}})
    assert asked.wait(10)
    gateway.api("bind", {"channel": "jobs:1", "session": "another", "ttl": 60})
    release.set()
    assert ws.read_reply(1)["error"]["code"] == 103


def test_a_session_that_sends_without_end_leaves_room_for_the_others(start_gateway, backend, tmp_path):
    release = threading.Event()
    server = backend(lambda hit: release.wait(20) and (200, '{"data":1}'))
    gateway = hooked(start_gateway, server, tmp_path, ["rpc"], timeout="20s", concurrency=2, queue=98, queue_per_session=10)
    greedy = connect(gateway, gateway.ticket(sessionId="greedy"))
    for n in range(90):
        greedy.send({"send": {"data": n}})
    wait_until(lambda: gateway.metric("usher_hook_events_total", event="send", outcome="no_room") == 80, "80 without room")
    assert error(greedy, "rpc", method="m") == (111, True), "its share is its share, whatever the command"
    other = connect(gateway, gateway.ticket(sessionId="other"))
    other.send({"id": 1, "rpc": {"method": "m"}})
    release.set()
    assert other.read()["rpc"] == {"data": 1}
    wait_until(lambda: len(server.hits) == 11, "what had room")
    assert ask(greedy, "rpc", method="m") == {"rpc": {"data": 1}}
