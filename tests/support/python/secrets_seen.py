"""Every token and ticket that went through this test process, whichever library carried it, and a look for them in logs.

Watches sockets from import on: what is sent and received in clear, or inside TLS. That is all that a test asked a gateway
for, and all that a client sent through a proxy of ours."""

import re
import socket
import ssl

TOKEN = re.compile(rb"eyJ[\w-]+\.[\w-]+\.[\w-]+")
TICKET = re.compile(rb"ticket\W{1,5}([0-9a-f]{32})(?![0-9a-f])|usher\.ticket\.([0-9a-f]{32})")
# What in a log might be one: long hexadecimal words, and how a token begins.
SUSPECT = re.compile(r"(?<![\w-])[0-9a-f]{32}(?![\w-])|eyJ[\w-]{8,}(?:\.[\w-]+)*")

_seen = set()


def note(data):
    """Remembers the secrets in what was sent or received."""
    data = bytes(data)
    if b"eyJ" in data:
        _seen.update(found.decode() for found in TOKEN.findall(data))
    if b"ticket" in data:
        _seen.update((one or other).decode() for one, other in TICKET.findall(data))


def leaks(text):
    """The secrets that a log holds, whole or in part."""
    suspects = set(SUSPECT.findall(text))
    seen = _seen.copy()  # other threads go on
    return sorted(suspect for suspect in suspects if any(suspect in secret for secret in seen))


def _watch(owner):
    """Methods of the socket classes, with their data noted on the way."""
    recv, recv_into, send, sendall = owner.recv, owner.recv_into, owner.send, owner.sendall

    def watched_recv(self, *args):
        data = recv(self, *args)
        note(data)
        return data

    def watched_recv_into(self, buffer, *args):
        count = recv_into(self, buffer, *args)
        note(memoryview(buffer).cast("B")[:count])
        return count

    def watched_send(self, data, *args):
        note(data)
        return send(self, data, *args)

    def watched_sendall(self, data, *args):
        note(data)
        return sendall(self, data, *args)

    owner.recv, owner.recv_into, owner.send, owner.sendall = watched_recv, watched_recv_into, watched_send, watched_sendall


_watch(socket.socket)
_watch(ssl.SSLSocket)
