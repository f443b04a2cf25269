"""A WebSocket client that can say anything, the forbidden included, and is strict about what it hears.

Knows nothing of usher's code: frames are written and read here from RFC 6455 alone.
"""
import base64
import hashlib
import os
import socket
import struct
from dataclasses import dataclass

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
TIMEOUT = 10  # seconds; a server that is silent for so long has failed the test
LIMIT = 65536  # bytes of a message, of the echo server with a tight one
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def encode_length(size, bits=None):
    """The 7 length bits and what follows them; `bits` 16 or 64 forces a longer form than needed."""
    if bits is None:
        bits = 7 if size < 126 else 16 if size < 65536 else 64
    if bits == 7:
        return size, b""
    return (126, struct.pack(">H", size)) if bits == 16 else (127, struct.pack(">Q", size))


def frame(opcode, payload=b"", *, fin=True, rsv=0, mask=b"\x37\xfa\x21\x3d", length_bits=None, announce=None):
    """One frame; `mask` None leaves it unmasked; `announce` states another length than that of the payload."""
    payload = payload.encode() if isinstance(payload, str) else bytes(payload)
    length, extended = encode_length(len(payload) if announce is None else announce, length_bits)
    head = bytes([fin << 7 | rsv << 4 | opcode, (0x80 if mask is not None else 0) | length]) + extended
    if mask is None:
        return head + payload
    return head + mask + apply_mask(payload, mask)


def apply_mask(payload, mask):
    if not payload:
        return b""
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


def close_body(code, reason=b""):
    return struct.pack(">H", code) + (reason.encode() if isinstance(reason, str) else reason)


def accept_of(key):
    return base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()


@dataclass(frozen=True)
class Frame:
    opcode: int
    payload: bytes


class Response:
    """The head of an HTTP response."""

    def __init__(self, head):
        lines = head.decode("ascii").split("\r\n")
        version, status, *_ = lines[0].split(" ")
        assert version == "HTTP/1.1", lines[0]
        self.status = int(status)
        self.fields = [(n.strip().lower(), v.strip()) for n, v in (line.split(":", 1) for line in lines[1:] if line)]

    def values(self, name):
        return [value for field, value in self.fields if field == name]


@dataclass(frozen=True)
class Server:
    """Where the server under test is."""

    port: int

    def target(self):
        """The target of the next upgrade request."""
        return "/"


class RawClient:
    def __init__(self, server):
        self.server = server
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    # Sending.

    def send(self, data):
        self.socket.sendall(data)

    def send_in_pieces(self, data, size=1):
        for at in range(0, len(data), size):
            self.socket.sendall(data[at : at + size])

    # The handshake.

    def upgrade(self, pipelined=b"", method="GET", version="HTTP/1.1", **changes):
        """Sends an upgrade request; `changes` replace fields (None leaves one out). Returns the response's head."""
        key = base64.b64encode(os.urandom(16)).decode()
        fields = {
            "Host": "127.0.0.1",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": key,
            "Sec-WebSocket-Version": "13",
        }
        fields.update({name.replace("_", "-"): value for name, value in changes.items()})
        lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
        self.send("\r\n".join([f"{method} {self.server.target()} {version}", *lines, "", ""]).encode() + pipelined)
        response = self.read_response()
        if response.status == 101:
            assert response.values("sec-websocket-accept") == [accept_of(fields["Sec-WebSocket-Key"])]
        return response

    def open(self):
        assert self.upgrade().status == 101
        return self

    def read_response(self):
        while b"\r\n\r\n" not in self.received:
            self._receive()
        head, self.received = self.received.split(b"\r\n\r\n", 1)
        return Response(head)

    # Receiving.

    def _receive(self):
        data = self.socket.recv(1 << 16)
        if not data:
            raise EOFError(f"the server ended the stream; unread: {self.received!r}")
        self.received += data

    def _take(self, size):
        while len(self.received) < size:
            self._receive()
        data, self.received = self.received[:size], self.received[size:]
        return data

    def read_frame(self):
        """The next frame; a server must send it whole, unmasked, without reserved bits, its length in shortest form."""
        first, second = self._take(2)
        assert first & 0x80, "fragmented without need"
        assert not first & 0x70, "reserved bit set"
        assert not second & 0x80, "masked"
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack(">H", self._take(2))
            assert size > 125
        elif size == 127:
            (size,) = struct.unpack(">Q", self._take(8))
            assert 65535 < size < 1 << 63
        opcode = first & 0x0F
        assert opcode in (TEXT, BINARY) or (opcode in (CLOSE, PING, PONG) and size <= 125)
        return Frame(opcode, self._take(size))

    def expect(self, opcode, payload=b""):
        payload = payload.encode() if isinstance(payload, str) else bytes(payload)
        seen = self.read_frame()
        # Compared in parts: pytest would take minutes to explain the difference of two megabytes.
        assert seen.opcode == opcode, seen
        assert len(seen.payload) == len(payload)
        assert seen.payload == payload or len(payload) > 1000 and not "payloads differ"

    def expect_end(self):
        """The server's FIN, with nothing before it. A reset raises: it could have swallowed the close frame."""
        data = self.received or self.socket.recv(1 << 16)
        assert data == b"", f"instead of the end: {data[:100]!r}"

    def expect_close(self, code, reason=None):
        """A close frame and the end of the stream. `code` None: a close frame without a body."""
        seen = self.read_frame()
        assert seen.opcode == CLOSE, seen
        if code is None:
            assert seen.payload == b""
        else:
            assert len(seen.payload) >= 2, seen
            assert struct.unpack(">H", seen.payload[:2])[0] == code, seen
            text = seen.payload[2:].decode("utf-8")
            assert reason is None or text == reason
        self.answer_close(seen.payload)
        self.expect_end()

    def answer_close(self, payload):
        """Our close frame, and the end of what we send: a server that waits for the one need not wait for long, though
        it may be lost in a frame that was left incomplete."""
        try:
            self.send(frame(CLOSE, payload[:2]))
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the server has closed its side already

    def close_properly(self):
        self.send(frame(CLOSE, close_body(1000)))
        self.expect_close(1000)
