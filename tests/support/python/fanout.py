"""Fan-out: SUBSCRIBERS clients of one channel, MESSAGES publications of BYTES bytes. Prints deliveries per second and the
server's CPU seconds per million deliveries (from /proc).

    python3 tests/support/python/fanout.py [SUBSCRIBERS [MESSAGES [BYTES [THREADS]]]]
"""

import http.client
import json
import os
import selectors
import socket
import sys
import tempfile
import threading
import time

from gateway import API_KEY, Gateway


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def subscribe(gateway, count):
    """Sockets past their connect push; the token's exact `channels` entry subscribes them."""
    asking = http.client.HTTPConnection(gateway.host, gateway.port)
    sockets = []
    for i in range(count):
        token = gateway.token(sessionId=f"s{i}", channels=["bench:all"])
        asking.request("POST", "/auth/ticket", headers={"Authorization": f"Bearer {token}"})
        ticket = json.loads(asking.getresponse().read())["ticket"]
        raw = socket.create_connection((gateway.host, gateway.port))
        raw.sendall(f"GET /ws?ticket={ticket} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
        answer = raw.recv(4096)
        assert b'"bench:all":{}' in answer, answer
        raw.setblocking(False)
        sockets.append(raw)
    return sockets


def measure(subscribers, messages, size, threads):
    with tempfile.TemporaryDirectory() as folder:
        gateway = Gateway(folder, {"server": {"threads": threads}, "client": {"ping_interval": "10m"}}).start()
        try:
            sockets = subscribe(gateway, subscribers)
            body = json.dumps({"channel": "bench:all", "data": "x" * size})
            frame = json.dumps({"push": {"channel": "bench:all", "pub": {"data": "x" * size}}}, separators=(",", ":"))
            header = 2 if len(frame) < 126 else 4
            expected = subscribers * messages * (len(frame) + header)
            received = 0
            poll = selectors.EpollSelector()
            for raw in sockets:
                poll.register(raw, selectors.EVENT_READ)

            def publish():
                api = http.client.HTTPConnection(gateway.host, gateway.port)
                for _ in range(messages):
                    api.request("POST", "/api/publish", body, {"X-API-Key": API_KEY})
                    assert b"result" in api.getresponse().read()

            cpu, begun = cpu_seconds(gateway.process.pid), time.monotonic()
            publisher = threading.Thread(target=publish)
            publisher.start()
            while received < expected:
                for key, _ in poll.select(10):
                    received += len(key.fileobj.recv(1 << 16))
            publisher.join()
            elapsed, cpu = time.monotonic() - begun, cpu_seconds(gateway.process.pid) - cpu
            deliveries = subscribers * messages
            print(f"{deliveries} deliveries of {size} B to {subscribers} subscribers, {threads} shard(s): "
                  f"{deliveries / elapsed:,.0f} per second, {cpu / deliveries * 1e6:.2f} s of server CPU per million")
        finally:
            gateway.stop()


if __name__ == "__main__":
    given = [int(a) for a in sys.argv[1:]]
    measure(*(given + [1000, 300, 128, 1][len(given):]))
