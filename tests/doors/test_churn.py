"""Many short tunnels at once, each ended by chance in one of all ways: afterwards nothing is left, and the gateway serves on."""

import os
import random
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

from gateway import wait_until
from raw_upstream import End, answer, open_tunnel, text, wait_for_no_tunnel
from raw_http import UPGRADE, request_bytes
from websocket import BINARY, CLOSE, PONG, frame

TUNNELS = int(os.environ.get("USHER_DOOR_CHURN", "400"))
THREADS = 8


def bytes_of(chance, mask):
    whole = frame(BINARY, bytes(chance.choice([0, 1, 125, 126, 5000, 70_000, 400_000])), mask=mask)
    return chance.choice([whole, whole * 3, whole[:chance.randrange(1, len(whole) + 1)], frame(CLOSE, b"\x03\xe8", mask=mask), frame(PONG, mask=mask)])


def play(end, chance, mask):
    """One end says something, perhaps reads something, and leaves."""
    try:
        end.send(bytes_of(chance, mask))
        end.socket.settimeout(chance.choice([0.001, 0.05]))
        how = chance.choice(["read", "close", "reset", "finish_sending"])
        if how == "read":
            end.socket.recv(1 << 16)
        else:
            getattr(end, how)()
            if how == "finish_sending":
                end.socket.recv(1 << 16)
    except OSError:
        pass  # the other end was faster
    finally:
        end.close()


def descriptors(gateway):
    return len(os.listdir(f"/proc/{gateway.process.pid}/fd"))


class Upstream(threading.Thread):
    """Takes every connection; some it refuses, some it drops before the answer."""

    def __init__(self, upstream, chance):
        super().__init__(daemon=True)
        self.upstream, self.chance, self.going = upstream, chance, True
        self.pool = ThreadPoolExecutor(THREADS)

    def run(self):
        self.upstream.listener.settimeout(0.1)
        while self.going:
            try:
                end = End(self.upstream.listener.accept()[0])
            except TimeoutError:
                continue
            self.pool.submit(self.serve, end, random.Random(self.chance.random()))

    def serve(self, end, chance):
        try:
            fields = dict(line.split(": ", 1) for line in end.take_head().decode().split("\r\n")[1:])
            how = chance.random()
            if how < 0.1:
                return end.reset() if how < 0.05 else end.close()
            if how < 0.2:
                end.send(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")
                return end.close()
            self.upstream.welcome(end, fields)
        except (OSError, AssertionError):
            return end.close()
        play(end, chance, None)

    def stop(self):
        self.going = False
        self.join()
        self.pool.shutdown()
        self.upstream.listener.settimeout(10)


def test_whatever_ends_tunnels_nothing_is_left_of_them(upstream, start_gateway):
    seed = int(os.environ.get("USHER_DOOR_SEED", random.randrange(1 << 32)))
    print("USHER_DOOR_SEED =", seed)
    chances = random.Random(seed)
    gateway = start_gateway({"upstreams": [upstream.upstream(buffer_bytes=32 << 10)]})

    def client(chance):
        session = f"s{chance.randrange(20)}"
        end = End(socket.create_connection((gateway.host, gateway.port)))
        try:
            end.send(request_bytes(f"GET /raw?ticket={gateway.ticket(sessionId=session)} HTTP/1.1", UPGRADE))
            if chance.random() < 0.8:
                end.take_head()
        except (OSError, AssertionError):
            return end.close()
        if chance.random() < 0.2:
            gateway.api("disconnect", {"session": session})
        play(end, chance, b"\1\2\3\4")

    gateway.guest()
    before = descriptors(gateway)
    serving = Upstream(upstream, chances)
    serving.start()
    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(client, random.Random(chances.random())) for _ in range(TUNNELS)]:
            done.result()
    wait_for_no_tunnel(gateway, timeout=20)
    wait_until(lambda: gateway.metric("usher_connections") == 0, "every connection to be gone", 20)
    wait_until(lambda: descriptors(gateway) <= before, f"{before} descriptors, as before; there are {descriptors(gateway)}", 20)
    serving.stop()
    assert gateway.process.poll() is None
    assert gateway.count_lines(" error ") == 0, [line for line in gateway.lines if " error " in line]
    last, server = open_tunnel(gateway, upstream)
    assert gateway.metric("usher_connections") == 1
    last.send(text("hello"))
    server.expect(text("hello"))
    server.send(answer("hello"))
    last.expect(answer("hello"))
    last.close()
