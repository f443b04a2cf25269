"""How much user-space memory does an idle, subscribed connection cost? Prints bytes per connection.

    python3 tests/support/python/idle_memory.py [CONNECTIONS]

Each has its ticket, its connect push, and its personal channel; memory is the growth of the process's anonymous pages
(RssAnon) from the first thousand connections to the last, so that what is there once does not count.
"""

import http.client
import json
import pathlib
import socket
import sys
import tempfile

from gateway import Gateway


def anonymous_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().split("\n"):
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no RssAnon")


def open_connections(gateway, count, first):
    """Plain sockets: the client's own memory must not matter."""
    http_client = http.client.HTTPConnection(gateway.host, gateway.port)
    sockets = []
    for i in range(first, first + count):
        token = gateway.token(sessionId=f"sess_{i:032x}", sub=f"user_{i:08x}")
        http_client.request("POST", "/auth/ticket", headers={"Authorization": f"Bearer {token}"})
        ticket = json.loads(http_client.getresponse().read())["ticket"]
        ws = socket.create_connection((gateway.host, gateway.port))
        ws.sendall(f"GET /ws?ticket={ticket} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                   "Sec-WebSocket-Protocol: usher.v1.json\r\n\r\n".encode())
        answer = ws.recv(4096)
        assert b"101" in answer[:20] and b'"connect"' in answer, answer
        sockets.append(ws)
    return sockets


def measure(count, threads=1):
    with tempfile.TemporaryDirectory() as folder:
        gateway = Gateway(folder, {"server": {"threads": threads}, "log": {"level": "info"},
                                   "client": {"ping_interval": "10m"}})
        gateway.start()
        try:
            warm = open_connections(gateway, 1000, 0)
            before = anonymous_bytes(gateway.process.pid)
            rest = open_connections(gateway, count - 1000, 1000)
            after = anonymous_bytes(gateway.process.pid)
            for ws in warm + rest:
                ws.close()
            return (after - before) / (count - 1000)
        finally:
            gateway.stop()


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    print(f"{measure(wanted):.0f} bytes of user-space memory per idle connection ({wanted} connections)")
