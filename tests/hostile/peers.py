"""Raw peers that keep to no rule: sockets with small windows, resets, and bytes made once and sent as often as wanted."""

import contextlib
import json
import os
import pathlib
import socket
import ssl
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support" / "python"))

from raw_http import UPGRADE, request_bytes  # noqa: E402
from websocket import CONTINUATION, PING, TEXT, frame  # noqa: E402

NO_MASK = b"\0\0\0\0"  # a mask that leaves the payload as it is
PING_EMPTY = frame(PING, mask=NO_MASK)
PING_FULL = frame(PING, b"p" * 125, mask=NO_MASK)
FRAGMENT_FIRST = frame(TEXT, fin=False, mask=NO_MASK)
FRAGMENT_EMPTY = frame(CONTINUATION, fin=False, mask=NO_MASK)
EMPTY_COMMANDS = frame(TEXT, b"{}\n" * 21_000, mask=NO_MASK)  # keeps a loop busy for some milliseconds
GET_NOTHING = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
PREFLIGHT = (b"OPTIONS /auth/token HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.example\r\n"
             b"Access-Control-Request-Method: POST\r\n\r\n")
ANONYMOUS = "/connection/websocket"  # frames are read there before any credential is shown


def text(*commands):
    """One frame that holds these commands, dicts or strings."""
    lines = [command if isinstance(command, str) else json.dumps(command) for command in commands]
    return frame(TEXT, "\n".join(lines), mask=NO_MASK)


def trust_nobody():
    """For attackers: any certificate will do."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@contextlib.contextmanager
def closing():
    """A list of sockets that are closed in the end."""
    sockets = []
    try:
        yield sockets
    finally:
        for peer in sockets:
            peer.close()


def dial(address, source=None, window=None, timeout=5.0, tls=None):
    """A connected socket. `source`: our address. `window`: SO_RCVBUF, set before the handshake, and with it the least of
    segments: so the kernel on the other side keeps 50 KB for us instead of 2 MB, and is soon full. `tls`: an SSLContext."""
    host, port = address.rsplit(":", 1)
    peer = socket.socket()
    try:
        if window:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        if source:
            peer.bind((source, 0))
        peer.settimeout(timeout)
        peer.connect((host, int(port)))
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return tls.wrap_socket(peer) if tls else peer
    except OSError:
        peer.close()
        raise


def upgrade_bytes(path, protocol="usher.v1.json"):
    return request_bytes(f"GET {path} HTTP/1.1", {**UPGRADE, "Sec-WebSocket-Protocol": protocol})


def upgraded(address, path=ANONYMOUS, **options):
    """A socket past its 101, blocking. What came behind the head is thrown away. ConnectionError when it is refused."""
    peer = dial(address, **options)
    try:
        peer.sendall(upgrade_bytes(path, None if path == ANONYMOUS else "usher.v1.json"))
        head = b""
        while b"\r\n\r\n" not in head:
            chunk = peer.recv(1 if options.get("window") else 4096)  # a small window stays as it is
            if not chunk:
                raise ConnectionError("closed instead of 101")
            head += chunk
        if b" 101 " not in head[:16]:
            raise ConnectionError(head[:16].decode("latin-1"))
        return peer
    except OSError:
        peer.close()
        raise


def reset(peer):
    """Gone without a word: RST."""
    with contextlib.suppress(OSError):
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if isinstance(peer, ssl.SSLSocket):
            os.close(peer.detach())
    peer.close()


def push(peer, data):
    """Sends what goes out at once; returns how much that was, 0 when the peer is full, -1 when it is gone."""
    try:
        peer.setblocking(False)
        return peer.send(data)
    except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
        return 0
    except (OSError, ValueError):
        return -1


class Repeated:
    """Sends `data` over and over, however little of it the peer takes at a time: frames stay whole."""

    def __init__(self, peer, data):
        self.peer, self.data, self.at, self.sent = peer, memoryview(data), 0, 0

    def push(self):
        """As push() does, from where the last one ended."""
        count = push(self.peer, self.data[self.at:])
        if count > 0:
            self.at = (self.at + count) % len(self.data)
            self.sent += count
        return count


def drain(peer, limit=1 << 20):
    """Reads what is there; returns its size, -1 when the connection has ended."""
    got = 0
    try:
        peer.setblocking(False)
        while got < limit:
            chunk = peer.recv(1 << 18)
            if not chunk:
                return -1
            got += len(chunk)
    except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
        pass
    except (OSError, ValueError):
        return -1
    return got
