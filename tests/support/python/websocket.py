"""A WebSocket client that hides nothing: raw frames over a socket, so that a test can send what no library would."""

import base64
import hashlib
import json
import os
import socket
import struct

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def frame(opcode, payload=b"", fin=True, mask=b"\x01\x02\x03\x04", rsv=0):
    """One frame as a client sends it; mask=None leaves it unmasked."""
    if isinstance(payload, str):
        payload = payload.encode()
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    bit = 0x80 if mask else 0
    if len(payload) < 126:
        head = struct.pack("!BB", first, bit | len(payload))
    elif len(payload) < 65536:
        head = struct.pack("!BBH", first, bit | 126, len(payload))
    else:
        head = struct.pack("!BBQ", first, bit | 127, len(payload))
    if not mask:
        return head + payload
    repeated = (mask * (len(payload) // 4 + 1))[:len(payload)]
    masked = (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(len(payload), "big")
    return head + mask + masked


class Refused(Exception):
    """The server answered the upgrade with something other than 101."""

    def __init__(self, status, head, body):
        super().__init__(f"{status} {body!r}")
        self.status, self.head, self.body = status, head, body

    def json(self):
        return json.loads(self.body)


class Closed(Exception):
    """The server has sent a close frame, or ended the connection without one (1006)."""

    def __init__(self, code, reason=""):
        super().__init__(f"closed {code} {reason}")
        self.code, self.reason = code, reason


class WebSocket:
    """Opens `path` at `address`, from the address `source`. `headers` are added; a value of None removes one of the usual
    ones."""

    def __init__(self, address, path, origin=None, protocols=("usher.v1.json",), headers=None, timeout=10.0, wrap=None,
                 source=None):
        if address.startswith("unix:"):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(address[5:])
            host = "localhost"
        else:
            host, port = address.rsplit(":", 1)
            self.socket = socket.create_connection((host.strip("[]"), int(port)), timeout=timeout,
                                                   source_address=(source, 0) if source else None)
            host = address
        if wrap:
            self.socket = wrap(self.socket)
        self.buffer = b""
        self.messages = []
        key = base64.b64encode(os.urandom(16)).decode()
        fields = {"Host": host, "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                  "Sec-WebSocket-Key": key}
        if protocols:
            fields["Sec-WebSocket-Protocol"] = ", ".join(protocols)
        if origin is not None:
            fields["Origin"] = origin
        fields.update(headers or {})
        lines = [f"GET {path} HTTP/1.1"] + [f"{name}: {value}" for name, value in fields.items() if value is not None]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        self._read_answer(key)

    def _read_answer(self, key):
        while b"\r\n\r\n" not in self.buffer:
            self._fill()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        self.head = head.decode("latin-1")
        status = int(self.head.split(" ", 2)[1])
        self.headers = {}
        for line in self.head.split("\r\n")[1:]:
            name, value = line.split(":", 1)
            self.headers[name.strip().lower()] = value.strip()
        if status != 101:
            length = int(self.headers.get("content-length", 0))
            while len(self.buffer) < length:
                self._fill()
            self.socket.close()
            raise Refused(status, self.head, self.buffer[:length])
        expected = base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()
        assert self.headers["sec-websocket-accept"] == expected
        self.protocol = self.headers.get("sec-websocket-protocol")

    def _fill(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            raise Closed(1006)
        self.buffer += data

    def _take(self, count):
        while len(self.buffer) < count:
            self._fill()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def send_raw(self, data):
        self.socket.sendall(data)

    def send_frame(self, opcode, payload=b"", **options):
        self.send_raw(frame(opcode, payload, **options))

    def send(self, *commands):
        self.send_frame(TEXT, "\n".join(c if isinstance(c, str) else json.dumps(c) for c in commands))

    def read_frame(self):
        """(opcode, payload) of the next frame, whatever it is."""
        first, second = self._take(2)
        assert first & 0x70 == 0 and second & 0x80 == 0, "reserved bits, or a masked frame from a server"
        length = second & 0x7F
        if length == 126:
            length = struct.unpack("!H", self._take(2))[0]
        elif length == 127:
            length = struct.unpack("!Q", self._take(8))[0]
        return first & 0x0F, self._take(length)

    def read(self):
        """The next JSON message. Pings are answered on the way. Raises Closed."""
        while not self.messages:
            opcode, payload = self.read_frame()
            if opcode == TEXT:
                self.messages = [json.loads(line) for line in payload.decode().split("\n")]
                if self.messages == [{}]:
                    self.messages = []
                    self.send_frame(TEXT, "{}")
            elif opcode == PING:
                self.send_frame(PONG, payload)
            elif opcode == CLOSE:
                code = struct.unpack("!H", payload[:2])[0] if payload else 1005
                raise Closed(code, payload[2:].decode())
        return self.messages.pop(0)

    def read_connect(self):
        """The connect push, which a client waits for before it calls itself connected."""
        return self.read()["push"]["connect"]

    def read_reply(self, command_id):
        """The reply to a command; pushes before it are dropped."""
        while True:
            message = self.read()
            if message.get("id") == command_id:
                return message

    def read_publication(self):
        """(channel, publication) of the next publication push; others are dropped."""
        while True:
            push = self.read().get("push", {})
            if "pub" in push:
                return push["channel"], push["pub"]

    def read_close(self):
        """Reads on until the server has closed; returns (code, reason)."""
        try:
            while True:
                self.read()
        except Closed as closed:
            return closed.code, closed.reason

    def close(self, code=1000):
        try:
            self.send_frame(CLOSE, struct.pack("!H", code))
        except OSError:
            pass
        self.socket.close()

    def abort(self):
        """Gone without a word: a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def connect(gateway, ticket=None, address=None, **options):
    """A connected client of `gateway`, past its connect push (in `.connected`)."""
    query = f"?ticket={ticket if ticket is not None else gateway.ticket()}"
    ws = WebSocket(address or gateway.address, f"/ws{query}", **options)
    ws.connected = ws.read_connect()
    return ws


def open_client(gateway, endpoint="/ws", subs=None, **claims):
    """A connected client, at either endpoint, with `subs` that ride on its ticket or on its `connect`."""
    body = json.dumps({"subs": subs}) if subs and endpoint == "/ws" else None
    answer = gateway.ask_ticket(body=body, **claims)
    assert answer.status == 200, answer
    if endpoint == "/ws":
        return connect(gateway, answer.json()["ticket"])
    ws = WebSocket(gateway.address, endpoint, protocols=())
    ws.send({"id": 1, "connect": {"token": answer.json()["ticket"], **({"subs": subs} if subs else {})}})
    ws.connected = ws.read_reply(1)["connect"]
    return ws
