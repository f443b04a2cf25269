"""Reloads while many clients listen and a backend publishes: nobody is dropped, nothing is lost, the order stays.

USHER_FULL_LOAD=1 (make nightly): 8,000 connections and 2,000 publications a second."""

import http.client
import json
import os
import selectors
import struct
import threading
import time

from gateway import API_KEY, ORIGIN
from test_reload import OTHER, ask_reload, configure, reload, ticket_status
from websocket import WebSocket

FULL = os.environ.get("USHER_FULL_LOAD") == "1"
CLIENTS, RATE, SECONDS = (8000, 2000, 12) if FULL else (600, 300, 4)
MEMBERS = 4  # of each channel
BATCHES = 10  # a second


class Listeners:
    """Sockets that a thread reads, each into a buffer of its own."""

    def __init__(self, sockets):
        self.buffers = {ws.socket: bytearray(ws.buffer if hasattr(ws, "buffer") else b"") for ws in sockets}
        self.selector = selectors.DefaultSelector()
        self.ended = set()
        self.going_on = True
        for sock in self.buffers:
            sock.setblocking(False)
            self.selector.register(sock, selectors.EVENT_READ)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        while self.going_on:
            for key, _ in self.selector.select(0.1):
                sock = key.fileobj
                try:
                    data = sock.recv(65536)
                except OSError:
                    data = b""
                self.buffers[sock] += data
                if not data:
                    self.ended.add(sock)
                    self.selector.unregister(sock)

    def finish(self):
        self.going_on = False
        self.thread.join(20)


def numbers_of(buffer):
    """The numbers in the publications of a stream of frames, in order."""
    numbers, at = [], 0
    while at < len(buffer):
        opcode, length, at = buffer[at] & 0x0F, buffer[at + 1] & 0x7F, at + 2
        if length == 126:
            length, at = struct.unpack_from("!H", buffer, at)[0], at + 2
        payload, at = bytes(buffer[at:at + length]), at + length
        assert opcode == 1, (opcode, payload)
        for line in payload.decode().split("\n"):
            pub = json.loads(line).get("push", {}).get("pub")
            if pub is not None:
                numbers.append(pub["data"])
    return numbers


class Backend:
    """Publishes numbers, 1 to …, to all channels in turn, RATE a second, in batches, until it is told to stop."""

    def __init__(self, gateway, channels):
        self.host, self.channels, self.published, self.going_on = gateway.address, channels, 0, True
        self.errors = []
        self.thread = threading.Thread(target=self._publish, daemon=True)
        self.thread.start()

    def _publish(self):
        connection = http.client.HTTPConnection(self.host, timeout=20)
        begin, each = time.monotonic(), RATE // BATCHES
        for batch in range(SECONDS * BATCHES):
            time.sleep(max(0.0, begin + batch / BATCHES - time.monotonic()))
            commands = []
            for _ in range(each):
                channel = self.channels[self.published % len(self.channels)]
                self.published += 1
                commands.append({"publish": {"channel": channel, "data": self.published}})
            connection.request("POST", "/api/batch", json.dumps({"commands": commands}), {"X-API-Key": API_KEY})
            replies = json.loads(connection.getresponse().read())["replies"]
            self.errors += [reply for reply in replies if "error" in reply]


def open_clients(gateway, channels):
    token = {channel: gateway.token(sessionId=f"of-{channel}", channels=[channel]) for channel in channels}
    sockets = []
    for number in range(CLIENTS):
        ws = WebSocket(gateway.address, "/connection/websocket", origin=ORIGIN, protocols=())
        ws.send({"id": 1, "connect": {"token": token[channels[number % len(channels)]]}})
        assert "connect" in ws.read_reply(1)
        sockets.append(ws)
    return sockets


def test_reloads_under_load_drop_nobody_and_lose_nothing(start_gateway):
    gateway = start_gateway({"client": {"accept_jwt": True, "ping_interval": "10m"}, "limits": {"connections_per_session": 0},
                             "channel": {"namespaces": [{"name": "load", "subscribe": "granted"}]}})
    channels = [f"load:{number}" for number in range(CLIENTS // MEMBERS)]
    sockets = open_clients(gateway, channels)
    listeners = Listeners(sockets)
    backend = Backend(gateway, channels)
    reloads = 0
    while backend.thread.is_alive():
        reload(gateway, {"client": {"allowed_origins": [ORIGIN, OTHER] if reloads % 2 else [ORIGIN]},
                         "limits": {"commands": f"{50 + reloads}/1s", "connections_per_user": 10 + reloads}})
        reloads += 1
        good = (gateway.folder / "usher.toml").read_text()
        gateway.write_file("usher.toml", good + "\n[limits\n")
        assert ask_reload(gateway).status == 422
        gateway.write_file("usher.toml", good)
    configure(gateway, {"client": {"allowed_origins": [OTHER]}})
    assert ask_reload(gateway).status == 200
    assert (ticket_status(gateway, ORIGIN), ticket_status(gateway, OTHER)) == (403, 200)
    assert backend.errors == [] and reloads >= 3
    expected = {channel: list(range(index + 1, backend.published + 1, len(channels))) for index, channel in enumerate(channels)}
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and gateway.metric("usher_deliveries_total") < backend.published * MEMBERS:
        time.sleep(0.05)
    time.sleep(0.3)  # for what is on its way to the thread that reads
    listeners.finish()
    assert not listeners.ended, f"{len(listeners.ended)} were dropped"
    assert gateway.metric("usher_connections") == CLIENTS
    for number, ws in enumerate(sockets):
        assert numbers_of(listeners.buffers[ws.socket]) == expected[channels[number % len(channels)]]
        ws.close()
