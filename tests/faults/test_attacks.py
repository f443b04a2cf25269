"""What an attacker sends: smuggled requests, slow ones, floods. A good client must be served meanwhile."""

import selectors
import socket
import subprocess
import threading
import time

import pytest
from gateway import ORIGIN, wait_until
from protocol import assert_alive
from websocket import WebSocket, connect


def exchange(gateway, data, timeout=5.0):
    """Sends raw bytes; returns everything that comes until the server closes, or nothing more comes for a moment."""
    with socket.create_connection((gateway.host, gateway.port), timeout=timeout) as raw:
        raw.sendall(data)
        raw.settimeout(1.0)
        received = b""
        try:
            while chunk := raw.recv(65536):
                received += chunk
            return received, True
        except ConnectionResetError:
            return received, True
        except TimeoutError:
            return received, False


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /auth/token HTTP/1.1\r\nHost: x\r\n"
REFUSED = {
    "Content-Length and Transfer-Encoding": POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "Transfer-Encoding: gzip": POST + b"Transfer-Encoding: gzip\r\n\r\n" + SMUGGLED,
    "Transfer-Encoding: chunked, identity": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "Transfer-Encoding twice": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "Transfer-Encoding in HTTP/1.0": b"POST /auth/token HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "two equal Content-Length": POST + b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n" + SMUGGLED,
    "two different Content-Length": POST + b"Content-Length: 0\r\nContent-Length: 5\r\n\r\n" + SMUGGLED,
    "Content-Length: +2": POST + b"Content-Length: +2\r\n\r\n{}" + SMUGGLED,
    "Content-Length: 0x2": POST + b"Content-Length: 0x2\r\n\r\n{}" + SMUGGLED,
    "Content-Length list": POST + b"Content-Length: 2, 2\r\n\r\n{}" + SMUGGLED,
    "bare LF": b"POST /auth/token HTTP/1.1\nHost: x\n\n" + SMUGGLED,
    "bare LF in one line": POST + b"X-A: b\nContent-Length: 0\r\n\r\n" + SMUGGLED,
    "bare CR": POST + b"X-A: b\rContent-Length: 0\r\n\r\n" + SMUGGLED,
    "obs-fold": POST + b"X-A: b\r\n c\r\n\r\n" + SMUGGLED,
    "space before colon": POST + b"Content-Length : 0\r\n\r\n" + SMUGGLED,
    "NUL in a value": POST + b"X-A: \0\r\n\r\n" + SMUGGLED,
    "empty field name": POST + b": x\r\n\r\n" + SMUGGLED,
    "no Host": b"POST /auth/token HTTP/1.1\r\n\r\n" + SMUGGLED,
    "two Hosts": POST + b"Host: y\r\n\r\n" + SMUGGLED,
    "two Origins": POST + f"Origin: {ORIGIN}\r\nOrigin: https://evil.example\r\n\r\n".encode() + SMUGGLED,
    "two Authorizations": POST + b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n" + SMUGGLED,
    "absolute-form with a user": b"POST http://y@x/auth/token HTTP/1.1\r\nHost: x\r\n\r\n" + SMUGGLED,
    "absolute-form without a Host beside it": b"POST http://x/auth/token HTTP/1.1\r\n\r\n" + SMUGGLED,
    "absolute-form of another scheme": b"POST ftp://x/auth/token HTTP/1.1\r\nHost: x\r\n\r\n" + SMUGGLED,
    "a trailer that frames": POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 50\r\n\r\n" + SMUGGLED,
    "five empty lines": b"\r\n" * 5 + POST + b"\r\n" + SMUGGLED,
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/3.0": b"POST /auth/token HTTP/3.0\r\nHost: x\r\n\r\n" + SMUGGLED,
    "two spaces in the request line": b"POST  /auth/token HTTP/1.1\r\nHost: x\r\n\r\n" + SMUGGLED,
    "chunk size with sign": POST + b"Transfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n" + SMUGGLED,
    "chunk without its CRLF": POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n" + SMUGGLED,
    "wrong version with a pipelined request":
        b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" + SMUGGLED,
    "head over 16 KiB": POST + b"X-A: " + b"a" * 17000 + b"\r\n\r\n" + SMUGGLED,
    "101 fields": POST + b"".join(b"X-%d: y\r\n" % i for i in range(100)) + b"\r\n" + SMUGGLED,
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_ambiguous_request_is_refused_and_what_follows_it_is_never_read(gateway, name):
    answer, closed = exchange(gateway, REFUSED[name])
    status = int(answer.split(b" ", 2)[1])
    expected = (426 if "version with" in name else 431 if "KiB" in name or "fields" in name else
                505 if name.startswith("HTTP/") else 400)
    assert status == expected, answer
    assert closed, "the connection must end"
    assert answer.count(b"HTTP/1.1 ") == 1, "the smuggled request was answered"


def test_pipelined_requests_are_answered_in_their_order(gateway):
    answer, _ = exchange(gateway, POST + b"Content-Length: 2\r\n\r\n{}" + b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n" +
                         POST + b"Content-Length: 0\r\nConnection: close\r\n\r\n")
    assert [part.split(b" ", 1)[0] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"200", b"404", b"200"]


def test_a_good_client_is_served_while_1000_slow_ones_trickle(start_gateway):
    gateway = start_gateway({"limits": {"half_open_per_address": 2000}})
    stop = threading.Event()
    slow = [socket.create_connection((gateway.host, gateway.port)) for _ in range(1000)]
    head = b"POST /auth/token HTTP/1.1\r\nHost: x\r\nX-Slow: "

    def trickle():
        position = 0
        while not stop.wait(0.2):
            for raw in slow:
                try:
                    raw.send(head[position:position + 1] or b"a")
                except OSError:
                    pass
            position += 1

    thread = threading.Thread(target=trickle)
    thread.start()
    try:
        for i in range(20):
            client = connect(gateway, gateway.ticket(sessionId=f"good{i}"))
            assert_alive(client)
            client.close()
        # And the slow ones do not live for ever: ten seconds from their first byte, however thinly they send.
        wait_until(lambda: gateway.metric("usher_sockets") < 100, "the slow ones to be ended", timeout=30)
    finally:
        stop.set()
        thread.join()
        for raw in slow:
            raw.close()


def test_half_open_connections_of_an_address_are_capped_at_the_bound(start_gateway):
    gateway = start_gateway({"limits": {"half_open_per_address": 5}})
    held = [socket.create_connection((gateway.host, gateway.port)) for _ in range(5)]
    wait_until(lambda: gateway.metric("usher_sockets") >= 5, "five to be accepted")
    with socket.create_connection((gateway.host, gateway.port), timeout=5) as sixth:
        sixth.settimeout(5)
        assert sixth.recv(1) == b"", "the sixth must be closed at once"
    held.pop().close()
    wait_until(gateway.serves, "room for another")
    for raw in held:
        raw.close()


def test_random_tickets_from_one_address_do_not_keep_another_out(start_gateway):
    gateway = start_gateway({"server": {"listen": "0.0.0.0:0"}, "limits": {"upgrades_per_address": "200/1s"}})
    port = gateway.port
    stop = threading.Event()
    counts = {"sent": 0, "refused": 0}

    def attack():
        upgrade = ("GET /ws?ticket=%032x HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        while not stop.is_set():
            batch = []
            for _ in range(50):
                raw = socket.socket()
                raw.setblocking(False)
                raw.bind(("127.0.0.2", 0))
                raw.connect_ex(("127.0.0.1", port))
                batch.append(raw)
            waiting = selectors.DefaultSelector()
            for raw in batch:
                waiting.register(raw, selectors.EVENT_WRITE)
            left = len(batch)
            while left and not stop.is_set():
                for key, events in waiting.select(0.5):
                    raw = key.fileobj
                    try:
                        if events & selectors.EVENT_WRITE:
                            raw.send((upgrade % counts["sent"]).encode())
                            counts["sent"] += 1
                            waiting.modify(raw, selectors.EVENT_READ)
                            continue
                        counts["refused"] += b" 503 " in raw.recv(4096)
                    except OSError:
                        pass
                    waiting.unregister(raw)
                    raw.close()
                    left -= 1
            waiting.close()
            for raw in batch:
                raw.close()

    thread = threading.Thread(target=attack)
    thread.start()
    try:
        wait_until(lambda: counts["refused"] > 500, "the attacker's bucket to be empty", timeout=30)
        for i in range(20):
            client = WebSocket(f"127.0.0.1:{port}", f"/ws?ticket={ask(port, gateway, i)}")
            client.read_connect()
            client.close()
    finally:
        stop.set()
        thread.join()
    assert counts["refused"] > counts["sent"] // 2


def ask(port, gateway, i):
    answer = gateway.request("POST", "/auth/ticket", {"Authorization": f"Bearer {gateway.token(sessionId=f'good{i}')}"},
                             address=f"127.0.0.1:{port}")
    assert answer.status == 200, answer
    return answer.json()["ticket"]


def test_a_flood_of_rejections_does_not_fill_the_log(start_gateway):
    gateway = start_gateway()
    for _ in range(300):
        ws = WebSocket(gateway.address, "/ws?ticket=" + "0" * 32)
        ws.read_close()
        ws.socket.close()
    lines = gateway.count_lines("WS: Rejected - ticket")
    assert 1 <= lines < 300
    time_before = time.monotonic()
    wait_until(lambda: time.monotonic() - time_before > 1.0, "the limiter's window to pass")
    WebSocket(gateway.address, "/ws?ticket=" + "0" * 32).read_close()
    gateway.wait_for_line("suppressed: ")


def test_no_secret_is_ever_in_the_log(start_gateway):
    gateway = start_gateway({"log": {"level": "debug"}})
    token, guest = gateway.token(), gateway.guest()["token"]
    ticket = gateway.ticket(token)
    connect(gateway, ticket).close()
    WebSocket(gateway.address, f"/ws?ticket={ticket}").read_close()
    gateway.request("GET", f"/nowhere?ticket={ticket}&token={token}")
    gateway.request("POST", "/auth/ticket", {"Authorization": f"Bearer {token}x"})
    gateway.request("POST", "/api/publish", {"X-API-Key": "wrong-key-that-is-secret-too"}, "{}")
    gateway.wait_for_line("ticket replayed")
    gateway.stop()
    page = gateway.log
    for secret in (token, guest, ticket, "wrong-key-that-is-secret-too"):
        assert secret not in page
    assert "?ticket" not in page


def test_running_out_of_descriptors_answers_and_recovers(start_gateway):
    gateway = start_gateway({"limits": {"half_open_per_address": 0}})
    subprocess.run(["prlimit", "--pid", str(gateway.process.pid), "--nofile=120:120"], check=True)
    held = [socket.create_connection((gateway.host, gateway.port)) for _ in range(150)]
    gateway.wait_for_line("out of file descriptors")
    for raw in held:
        raw.close()
    wait_until(gateway.serves, "service to be back")
