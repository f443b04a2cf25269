"""An upstream that a test plays by hand: bytes as they come, endings as the test wants them."""

import base64
import hashlib
import selectors
import socket
import struct
from concurrent.futures import ThreadPoolExecutor

from gateway import wait_until
from raw_http import UPGRADE, request_bytes
from websocket import CLOSE, GUID, frame

TIMEOUT = 10  # seconds; an end that is silent for so long has failed the test


def accept_of(key):
    return base64.b64encode(hashlib.sha1(key + GUID).digest())


class End:
    """One end of a tunnel, as a plain socket."""

    def __init__(self, connection):
        self.socket = connection
        self.socket.settimeout(TIMEOUT)
        if connection.family != socket.AF_UNIX:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def send(self, data, piece=None):
        for at in range(0, len(data), piece or len(data)):
            self.socket.sendall(data[at:at + (piece or len(data))])

    def take(self, size):
        while len(self.received) < size:
            data = self.socket.recv(1 << 16)
            assert data, f"the end came after {len(self.received)} of {size} bytes"
            self.received += data
        taken, self.received = self.received[:size], self.received[size:]
        return taken

    def take_head(self):
        """The head of an HTTP message."""
        while b"\r\n\r\n" not in self.received:
            data = self.socket.recv(1 << 16)
            assert data, f"the end came in the middle of a head: {self.received!r}"
            self.received += data
        head, self.received = self.received.split(b"\r\n\r\n", 1)
        return head

    def expect(self, data):
        seen = self.take(len(data))
        assert seen == data, f"{len(data)} bytes came changed"

    def expect_close(self, code, reason):
        """The close frame of usher, masked or not, as the next thing."""
        first, second = self.take(2)
        assert first == 0x80 | CLOSE, hex(first)
        mask = self.take(4) if second & 0x80 else b"\0\0\0\0"
        body = bytes(byte ^ mask[i % 4] for i, byte in enumerate(self.take(second & 0x7F)))
        assert (struct.unpack("!H", body[:2])[0], body[2:].decode()) == (code, reason)

    def read_to_end(self):
        """All that still comes, up to the end. A reset is an end, too."""
        try:
            while data := self.socket.recv(1 << 16):
                self.received += data
        except ConnectionResetError:
            pass
        taken, self.received = self.received, b""
        return taken

    def expect_end(self):
        """The peer's FIN or reset, and nothing before it."""
        seen = self.read_to_end()
        assert seen == b"", f"instead of the end: {seen[:100]!r}"

    def finish_sending(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()


class RawUpstream:
    """Listens on a port that the kernel chose, or on a Unix socket. `host`: its name in the configuration."""

    def __init__(self, host="127.0.0.1", unix=None):
        self.listener = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
        self.listener.bind(str(unix) if unix else ("127.0.0.1", 0))
        self.listener.listen(128)
        self.listener.settimeout(TIMEOUT)
        self.port = None if unix else self.listener.getsockname()[1]
        self.url = f"unix:{unix}:/" if unix else f"http://{host}:{self.port}/"
        self.ends = []

    def upstream(self, **keys):
        """Its table of the configuration."""
        return {"name": "raw", "path": "/raw", "url": self.url, **keys}

    def accept(self, greeting=b""):
        """Takes the next connection and its upgrade, whose header fields are in `fields`."""
        end = End(self.listener.accept()[0])
        self.ends.append(end)
        end.fields = dict(line.split(": ", 1) for line in end.take_head().decode().split("\r\n")[1:])
        self.welcome(end, end.fields, greeting)
        return end

    def welcome(self, end, fields, greeting=b""):
        end.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 b"Sec-WebSocket-Accept: " + accept_of(fields["Sec-WebSocket-Key"].encode()) + b"\r\n\r\n" + greeting)

    def close(self):
        self.listener.close()
        for end in self.ends:
            end.close()


def open_tunnel(gateway, upstream, session="s1", ticket=None, early=b"", greeting=b""):
    """The two ends of a new tunnel: the client's and the upstream's. `early` is what the client sends with its request,
    `greeting` what the upstream sends with its 101."""
    with ThreadPoolExecutor(1) as pool:
        accepted = pool.submit(upstream.accept, greeting)
        client = End(socket.create_connection((gateway.host, gateway.port)))
        target = f"/raw?ticket={ticket or gateway.ticket(sessionId=session)}"
        client.send(request_bytes(f"GET {target} HTTP/1.1", UPGRADE) + early)
        head = client.take_head()
        assert head.startswith(b"HTTP/1.1 101 "), head
        return client, accepted.result(TIMEOUT)


def fill(sender, data, patience=1.0):
    """Sends until nothing more is taken for `patience` seconds, or all is sent; returns how much."""
    sent = 0
    with selectors.DefaultSelector() as selector:
        sender.socket.setblocking(False)
        selector.register(sender.socket, selectors.EVENT_WRITE)
        while sent < len(data) and selector.select(patience):
            try:
                sent += sender.socket.send(data[sent:sent + 65_536])
            except BlockingIOError:
                pass
    sender.socket.settimeout(TIMEOUT)
    return sent


def wait_for_no_tunnel(gateway, timeout=TIMEOUT):
    wait_until(lambda: gateway.metric("usher_upstream_connections", upstream="raw") == 0, "the tunnels to be gone", timeout)


def text(payload):
    """A frame of the client's; the upstream's has no mask."""
    return frame(1, payload)


def answer(payload):
    return frame(1, payload, mask=None)
