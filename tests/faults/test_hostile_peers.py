"""Peers that send without end, read nothing, or come in hundreds when the gateway leaves. Each was a bug once."""

import json
import signal
import socket
import threading
import time

import pytest
from gateway import API_KEY, wait_until
from protocol import assert_alive
from test_signals import make_certificate, tls_ticket, trusting
from websocket import TEXT, Closed, WebSocket, connect, frame


def test_every_one_of_many_is_told_of_the_shutdown_and_the_gateway_ends(start_gateway):
    gateway = start_gateway({"server": {"threads": 1}, "shutdown": {"timeout": "1s"},
                             "limits": {"connections_per_session": 0}})
    clients = [connect(gateway, gateway.ticket(sessionId=f"s{i}")) for i in range(200)]
    gateway.signal(signal.SIGTERM)
    for client in clients:
        assert client.read_close() == (1001, "SERVER_SHUTDOWN")
        client.socket.close()
    assert gateway.process.wait(15) == 0


def test_a_forged_line_of_x_forwarded_for_before_the_proxys_own_changes_nothing(start_gateway):
    gateway = start_gateway({"server": {"trusted_proxies": ["127.0.0.1"]}, "limits": {"tokens_per_address": "2/1h"}})
    statuses = []
    for i in range(5):
        with socket.create_connection((gateway.host, gateway.port), timeout=5) as raw:
            raw.sendall(f"POST /auth/token HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.{i}\r\n"
                        "X-Forwarded-For: 198.51.100.7\r\nContent-Length: 0\r\n\r\n".encode())
            statuses.append(int(raw.recv(4096).split(b" ", 2)[1]))
    assert statuses == [200, 200, 429, 429, 429]


def test_pipelined_requests_are_all_answered_in_order_however_late_they_are_read(start_gateway):
    gateway = start_gateway({"limits": {"refusals_per_address": "0"}})
    count = 20_000
    with socket.create_connection((gateway.host, gateway.port), timeout=30) as raw:
        def send():
            for begin in range(0, count, 500):
                raw.sendall(b"".join(b"GET /nowhere HTTP/1.1\r\nHost: x\r\nX-Request-ID: n%d\r\n\r\n" % i
                                     for i in range(begin, begin + 500)))

        sender = threading.Thread(target=send)
        sender.start()
        received, answered = b"", 0
        while answered < count:
            chunk = raw.recv(1 << 16)
            assert chunk, f"ended after {answered} answers"
            received += chunk
            while (at := received.find(b'"trace_id":"n')) >= 0 and (end := received.find(b'"', at + 13)) >= 0:
                assert received[at + 13:end] == b"%d" % answered
                answered += 1
                received = received[end:]
        sender.join()


@pytest.mark.parametrize("exp", [20_000_000_000, 253_402_300_799, 7_000_000_000])
def test_a_token_that_ends_in_a_far_future_is_simply_long_lived(gateway, exp):
    client = connect(gateway, gateway.ticket(exp=exp))
    assert 0 < client.connected["ttl"] <= 2**31 - 1
    assert_alive(client)


@pytest.fixture
def tls_gateway(start_gateway, tmp_path):
    certificate, key = make_certificate(tmp_path, "live")
    gateway = start_gateway({"tls": {"certificate_file": str(certificate), "key_file": str(key)},
                             "server": {"threads": 1}, "limits": {"outbox_bytes": 65536}})
    gateway.trust = trusting(certificate)
    gateway.connect = lambda: WebSocket(gateway.address, f"/ws?ticket={tls_ticket(gateway, gateway.trust)}",
                                        wrap=gateway.trust)
    return gateway


def test_a_tls_peer_that_sends_without_end_keeps_nobody_waiting(tls_gateway):
    hog = tls_gateway.connect()
    hog.read_connect()
    stop = threading.Event()
    flood = frame(TEXT, "\n".join(["{}"] * 20_000))

    def send():
        try:
            while not stop.is_set():
                hog.send_raw(flood)
        except OSError:
            pass

    thread = threading.Thread(target=send)
    thread.start()
    try:
        for _ in range(5):
            assert tls_gateway.admin("/healthz").status == 200
            tls_gateway.connect().read_connect()
    finally:
        stop.set()
        thread.join()


def test_a_slow_consumer_is_told_so_over_tls_too(tls_gateway):
    slow = tls_gateway.connect()
    session = slow.read_connect()["session"]
    with tls_gateway.trust(socket.create_connection((tls_gateway.host, tls_gateway.port), timeout=20)) as api:
        body = json.dumps({"channel": f"session:{session}", "data": "x" * 20_000})
        request = (f"POST /api/publish HTTP/1.1\r\nHost: x\r\nX-API-Key: {API_KEY}\r\nContent-Length: {len(body)}\r\n\r\n"
                   f"{body}").encode()
        while not tls_gateway.has_line("code: 3008"):
            api.sendall(request)
            assert b"result" in api.recv(65536)
    assert slow.read_close() == (3008, "SLOW_CONSUMER")


def test_commands_right_behind_connect_are_answered_after_it(gateway):
    ws = WebSocket(gateway.address, "/connection/websocket", protocols=())
    ws.send({"id": 1, "connect": {"token": gateway.ticket()}}, {"id": 2, "ping": {}})
    assert ws.read()["id"] == 1
    assert ws.read() == {"id": 2, "ping": {}}


def test_who_shows_one_false_credential_after_the_other_is_ended(gateway):
    ws = WebSocket(gateway.address, "/connection/websocket", protocols=())
    begun = time.monotonic()
    with pytest.raises(Closed) as closed:
        for i in range(1, 100):
            ws.send({"id": i, "connect": {"token": f"{i:032x}"}})
            assert ws.read_reply(i)["error"]["code"] == 109
    assert (closed.value.code, closed.value.reason) == (3500, "NOT_AUTHORIZED")
    assert time.monotonic() - begun < 10


def test_connections_kept_alive_count_against_their_address(start_gateway):
    gateway = start_gateway({"limits": {"half_open_per_address": 10}})
    held = []
    for _ in range(10):
        raw = socket.create_connection((gateway.host, gateway.port), timeout=5)
        raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"404" in raw.recv(4096)[:16]
        held.append(raw)
    with socket.create_connection((gateway.host, gateway.port), timeout=5) as eleventh:
        assert eleventh.recv(1) == b""
    assert gateway.admin("/healthz").status == 200
    held[0].close()
    wait_until(gateway.serves, "room for another")
