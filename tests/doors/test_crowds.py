"""Many tunnels, and ends that do not read: memory stays within the buffers, and a drain reaches everyone."""

import http.client
import json
import os
import re
import resource
import selectors
import signal
import socket
import struct
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway import wait_until
from raw_http import UPGRADE, request_bytes
from raw_upstream import fill, open_tunnel
from websocket import BINARY, frame

MIB = 1 << 20
BUFFER = 64 << 10  # upstreams.buffer_bytes
FLOODS = 8
TUNNELS = int(os.environ.get("USHER_DOOR_TUNNELS", "1000"))


def resident_bytes(gateway):
    with open(f"/proc/{gateway.process.pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1)) << 10


def connections_of(port):
    """How many connections the server on `port` still has, as the kernel says; those in time-wait are over. While others come
    and go the kernel may name one twice."""
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table.readlines()[1:]]
    return len({row[2] for row in rows if row[1].endswith(f":{port:04X}") and row[3] in ("01", "04", "05", "08", "09")})


@pytest.mark.parametrize("direction", ["to the upstream", "to the client"])
def test_a_flood_to_an_end_that_does_not_read_is_held_in_the_buffers_and_arrives_whole(upstream, start_gateway, direction):
    up = direction == "to the upstream"
    gateway = start_gateway({"upstreams": [upstream.upstream(buffer_bytes=BUFFER)]})
    tunnels = [open_tunnel(gateway, upstream, session=f"s{i}") for i in range(FLOODS)]
    before = resident_bytes(gateway)
    data = frame(BINARY, os.urandom(64 * MIB), mask=b"\1\2\3\4" if up else None)
    view = memoryview(data)
    pairs = [(client, server) if up else (server, client) for client, server in tunnels]
    with ThreadPoolExecutor(FLOODS) as pool:
        sent = list(pool.map(lambda pair: fill(pair[0], view), pairs))
        grown = resident_bytes(gateway) - before
        print("sent", [round(size / MIB, 1) for size in sent], "MiB; grown by", round(grown / MIB, 2), "MiB")
        assert all(size < len(data) for size in sent), "somebody has taken it all"
        assert grown < FLOODS * 2 * BUFFER + 4 * MIB
        # What has been taken arrives, and the rest behind it; one tunnel shows that.
        (sender, receiver), already = pairs[0], sent[0]
        rest = pool.submit(sender.socket.sendall, view[already:already + MIB])
        receiver.expect(data[:already + MIB])
        rest.result()
    for client, _ in tunnels:
        client.close()


class Client:
    """A socket, and what came behind the head of the 101."""

    def __init__(self, gateway, ticket):
        self.socket = socket.create_connection((gateway.host, gateway.port), timeout=10)
        self.socket.sendall(request_bytes(f"GET /echo?ticket={ticket} HTTP/1.1", UPGRADE))
        self.received = b""

    def read(self):
        """False: the end."""
        data = self.socket.recv(65_536)
        self.received += data
        return bool(data)

    def frames(self):
        return self.received.partition(b"\r\n\r\n")[2]


def test_a_drain_says_goodbye_to_every_tunnel_and_ends_every_connection_to_the_upstream(start_gateway, echo_server_program):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    echo = subprocess.Popen([echo_server_program, "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        port = int(echo.stdout.readline().rsplit(":", 1)[1])
        upstream = {"name": "echo", "path": "/echo", "url": f"http://127.0.0.1:{port}/"}
        gateway = start_gateway({"upstreams": [upstream], "shutdown": {"timeout": "2s"}})
        asking = http.client.HTTPConnection(gateway.host, gateway.port)
        clients = []
        for i in range(TUNNELS):
            asking.request("POST", "/auth/ticket", None, {"Authorization": f"Bearer {gateway.token(sessionId=f's{i}')}"})
            clients.append(Client(gateway, json.loads(asking.getresponse().read())["ticket"]))
        wait_until(lambda: gateway.metric("usher_upstream_connections", upstream="echo") == TUNNELS, "all to be open")
        wait_until(lambda: connections_of(port) == TUNNELS, "the upstream to have them all")
        gateway.signal(signal.SIGTERM)
        with selectors.DefaultSelector() as selector:
            for client in clients:
                selector.register(client.socket, selectors.EVENT_READ, client)
            while selector.get_map():
                ready = selector.select(10)
                assert ready, f"{len(selector.get_map())} clients wait in vain"
                for key, _ in ready:
                    if not key.data.read():
                        selector.unregister(key.data.socket)
                        key.data.socket.close()
        goodbye = struct.pack("!BBH", 0x88, 2 + len("SERVER_SHUTDOWN"), 1001) + b"SERVER_SHUTDOWN"
        assert [client for client in clients if client.frames() != goodbye] == []
        assert gateway.process.wait(10) == 0
        wait_until(lambda: connections_of(port) == 0, "the upstream to see every end")
        assert echo.poll() is None
    finally:
        echo.kill()
        echo.wait()
        echo.stdout.close()
