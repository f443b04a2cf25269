"""Close codes of the contract that one machine can produce, with their reasons, on real sockets. Those of broken frames
are in test_broken_frames.py, those of disconnects and revocations in test_disconnects.py."""

import json
import re
import signal
import struct
import threading
import time

import pytest

from gateway import ORIGIN, Gateway, wait_until
from protocol import assert_alive
from websocket import CLOSE, PING, TEXT, Closed, WebSocket, connect

BAD_REQUEST = (3501, "BAD_REQUEST")


def sdk(gateway, **options):
    """A client of /connection/websocket that has not said anything yet."""
    return WebSocket(gateway.address, "/connection/websocket", protocols=(), **options)


class Reader(threading.Thread):
    """Reads and answers pings until the server closes; `closed` is (code, reason) then."""

    def __init__(self, ws):
        super().__init__(daemon=True)
        self.ws, self.closed = ws, None
        ws.socket.settimeout(60)
        self.start()

    def run(self):
        try:
            self.closed = self.ws.read_close()
        except OSError:
            pass  # the test closed it


# What ends only after seconds begins before the other tests of this file, so that nobody waits for it.


@pytest.fixture(scope="module")
def slow_gateway(tmp_path_factory):
    gateway = Gateway(tmp_path_factory.mktemp("slow"), {"client": {"ping_interval": "1s"}}).start()
    yield gateway
    gateway.stop()


@pytest.fixture(scope="module", autouse=True)
def slow(slow_gateway):
    gateway = slow_gateway
    soon = int(time.time()) + 1
    return {
        "began": time.monotonic(),
        "expiring": Reader(connect(gateway, gateway.ticket(exp=soon))),
        "refreshed": refreshing(gateway, soon),
        "silent": connect(gateway, timeout=30),
        "silent and bare": connect(gateway, protocols=(), timeout=30),
        "answering": Reader(connect(gateway)),
        "answering and bare": Reader(connect(gateway, protocols=())),
        "dumb": sdk(gateway, timeout=30),
    }


def refreshing(gateway, soon):
    ws = connect(gateway, gateway.ticket(exp=soon))
    ws.send({"id": 1, "refresh": {"token": gateway.ticket()}})
    assert ws.read_reply(1)["refresh"]["ttl"] > 3000
    return Reader(ws)


# ---- 1001: the node goes away ----


def test_1001_each_client_is_told_when_to_come_back_and_the_program_exits_with_0(start_gateway):
    gateway = start_gateway({"shutdown": {"timeout": "1s"}})
    clients = [connect(gateway, ticket) for ticket in (gateway.ticket(), gateway.ticket())]
    gateway.signal(signal.SIGTERM)
    for ws in clients:
        push = ws.read()["push"]["disconnect"]
        assert (push["code"], push["reason"], push["reconnect"]) == (1001, "SERVER_SHUTDOWN", True)
        assert 0 <= push.get("retry_after_ms", 0) <= 1000
        assert ws.read_close() == (1001, "SERVER_SHUTDOWN")
        ws.close()
    assert gateway.process.wait(10) == 0
    gateway.wait_for_line("websocket_disconnected { code: 1001, reason: 'SERVER_SHUTDOWN'")


# ---- 3008: who does not read ----


def test_3008_for_a_client_that_does_not_read_while_others_get_everything(start_gateway):
    gateway = start_gateway({"limits": {"outbox_bytes": 131072}})
    lazy, quick = connect(gateway), connect(gateway)
    payload = "x" * 60_000
    published = 0

    def publish_until_it_is_too_much():
        nonlocal published
        for _ in range(10):  # the kernel takes some megabytes, then the outbox fills up
            assert gateway.publish("session:s1", [published, payload]) == {"result": {}}
            assert quick.read_publication()[1]["data"][0] == published
            published += 1
        return gateway.has_line("websocket_disconnected { code: 3008, reason: 'SLOW_CONSUMER'")

    wait_until(publish_until_it_is_too_much, "the slow consumer to be closed", timeout=30)
    seen = []
    with pytest.raises(Closed) as closed:
        while True:
            seen.append(lazy.read_publication()[1]["data"][0])
    assert (closed.value.code, closed.value.reason) == (3008, "SLOW_CONSUMER")
    assert seen == list(range(len(seen))) and len(seen) < published, "what came was whole and in order"
    assert_alive(quick)
    lazy.close()
    quick.close()


# ---- 3100: who comes with an old ticket ----


def test_3100_for_a_ticket_that_a_young_store_may_have_forgotten(start_gateway):
    ws = WebSocket(start_gateway().address, "/ws?ticket=" + "0" * 32)
    assert ws.read_close() == (3100, "TICKET_EXPIRED")
    ws.close()


# ---- 3501: what no correct client sends ----

WRONG_COMMANDS = {
    "no JSON": "nonsense",
    "a list": "[]",
    "a number": "1",
    "a command without an id": '{"subscribe":{"channel":"a"}}',
    "an id that is a string": '{"id":"1","ping":{}}',
    "a negative id": '{"id":-1,"ping":{}}',
    "an id over 32 bits": '{"id":4294967296,"ping":{}}',
    "a second connect": '{"id":1,"connect":{}}',
    "a good command behind which is a bad one": '{"id":1,"ping":{}}\nnonsense',
}


@pytest.mark.parametrize("text", WRONG_COMMANDS.values(), ids=WRONG_COMMANDS)
def test_3501_for(gateway, text):
    ws = connect(gateway)
    ws.send(text)
    assert ws.read_close() == BAD_REQUEST
    ws.close()


REFRESHES = {
    "a ticket of another session": (dict(sessionId="s1"), dict(sessionId="s2"), None),
    "a ticket of another user": (dict(sub="ada"), dict(sub="bob"), None),
    "a ticket without the user": (dict(sub="ada"), dict(), None),
    "a ticket bound to another Origin": (dict(), dict(), ORIGIN),
}


@pytest.mark.parametrize("before, after, origin", REFRESHES.values(), ids=REFRESHES)
def test_3501_for_a_refresh_with(gateway, before, after, origin):
    ws = connect(gateway, gateway.ticket(**before))
    ticket = gateway.ask_ticket(headers={"Origin": origin} if origin else {}, **after).json()["ticket"]
    ws.send({"id": 1, "refresh": {"token": ticket}})
    assert ws.read_close() == BAD_REQUEST
    ws.close()


def test_3520_for_a_refresh_with_a_revoked_ticket(gateway):
    ws = connect(gateway, gateway.ticket(sessionId="turncoat"))
    ticket = gateway.ticket(sessionId="turncoat", jti="turned")
    gateway.api("revoke", {"jti": "turned"})
    ws.send({"id": 1, "refresh": {"token": ticket}})
    assert ws.read_close() == (3520, "SESSION_REVOKED")
    ws.close()


# ---- /connection/websocket has codes that its SDKs obey ----


def test_3521_for_a_foreign_origin_on_connection_websocket(gateway):
    ws = sdk(gateway, origin="https://evil.example")
    assert ws.read_close() == (3521, "ORIGIN_BLOCKED")
    ws.close()


@pytest.mark.parametrize("command", [{"id": 1, "connect": {}}, {"id": 1, "connect": {"token": ""}}], ids=str)
def test_3500_for_a_connect_with_nothing_usable(gateway, command):
    ws = sdk(gateway)
    ws.send(command)
    closed = ws.read_close()
    assert closed[0] == 3500
    ws.close()


@pytest.mark.parametrize("command", [{"id": 1, "ping": {}}, {"id": 1, "subscribe": {"channel": "a"}}, {}], ids=str)
def test_3501_for_a_command_before_connect(gateway, command):
    ws = sdk(gateway)
    ws.send(command)
    assert ws.read_close() == BAD_REQUEST
    ws.close()


def test_1009_for_a_connect_over_16_kib_and_not_for_one_at_the_bound(gateway):
    command = json.dumps({"id": 1, "connect": {"token": gateway.ticket()}})
    ws = sdk(gateway)
    ws.send(command + " " * (16 * 1024 - len(command)))
    assert ws.read_reply(1)["connect"]["session"] == "s1"
    ws.close()
    ws = sdk(gateway)
    ws.send(command + " " * (16 * 1024 + 1 - len(command)))
    assert ws.read_close() == (1009, "MESSAGE_TOO_BIG")
    ws.close()


def test_closes_are_counted_by_code(start_gateway):
    gateway = start_gateway()
    for count in (1, 2):
        ws = connect(gateway)
        gateway.api("disconnect", {"session": "s1"})
        ws.read_close()
        wait_until(lambda: gateway.metric("usher_closes_total", code="3503") == count, "the count")
        ws.close()
    assert gateway.metric("usher_connections") == 0


# ---- what takes seconds: 3005, 3500, 3012 ----


def test_3005_five_seconds_after_the_token_expired_unless_a_new_ticket_came_in_band(slow, slow_gateway):
    wait_until(lambda: slow["expiring"].closed, "the expiry", timeout=20)
    assert slow["expiring"].closed == (3005, "TOKEN_EXPIRED")
    assert time.monotonic() - slow["began"] > 4.5, "there is a grace"
    assert slow["refreshed"].closed is None
    slow_gateway.wait_for_line("websocket_disconnected { code: 3005, reason: 'TOKEN_EXPIRED'")


def test_3500_for_a_client_of_connection_websocket_that_says_nothing_for_10_seconds(slow):
    assert slow["dumb"].read_close()[0] == 3500
    assert time.monotonic() - slow["began"] > 9


@pytest.mark.parametrize("who", ["silent", "silent and bare"])
def test_3012_for_a_ping_without_an_answer_for_10_seconds(slow, slow_gateway, who):
    ws = slow[who]
    bare = who != "silent"
    assert ("ping" in ws.connected, "pong" in ws.connected) == (not bare, not bare)
    frames = [ws.read_frame()]
    while frames[-1][0] != CLOSE:
        frames.append(ws.read_frame())
    pings = frames[:-1]
    assert pings == [(PING, b"") if bare else (TEXT, b"{}")], "one ping, and no other while it is unanswered"
    assert frames[-1][1] == struct.pack("!H", 3012) + b"NO_PONG"
    slow_gateway.wait_for_line("websocket_disconnected { code: 3012, reason: 'NO_PONG'")


@pytest.mark.parametrize("who", ["answering", "answering and bare"])
def test_who_answers_its_pings_stays(slow, who):
    wait_until(lambda: time.monotonic() - slow["began"] > 11.5, "the time when others were closed", timeout=20)
    assert slow[who].closed is None and slow[who].is_alive()


def test_every_refusal_in_the_log_of_this_file_is_free_of_tickets_and_tokens(gateway, slow_gateway):
    for log in (gateway.log, slow_gateway.log):
        assert not [line for line in log.split("\n") if "WS" in line and re.search(r"\b[0-9a-f]{32}\b", line)]
        assert "eyJ" not in log
