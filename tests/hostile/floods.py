"""Floods from one address that are fast enough to keep a gateway busy, each in a process of its own.

    with flooding(gateway, "pings", connections=40) as flood: …
    flood.report   what it did: {"connections", "sent_mb", "received_mb", "seconds"}

What a flood sends is made once and sent as often as it is taken. Its process is niced: attackers have machines of their own.
"""

import contextlib
import json
import os
import pathlib
import select
import subprocess
import sys
import time

from peers import (ANONYMOUS, EMPTY_COMMANDS, FRAGMENT_EMPTY, FRAGMENT_FIRST, GET_NOTHING, PING_EMPTY, PREFLIGHT, Repeated,
                   dial, drain, upgraded)

CHUNK = 64 * 1024
BROADCAST_CHANNELS = 10_000


def request(path, body, fields):
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n{fields}\r\n\r\n"
    return (head + body).encode()


def broadcast(key, namespace="flood"):
    channels = [f"{namespace}:{n}" for n in range(BROADCAST_CHANNELS)]
    return request("/api/broadcast", json.dumps({"channels": channels, "data": "x" * 100}), f"X-API-Key: {key}")


def payload(kind, parameters):
    """What a connection sends over and over; None once only."""
    if kind == "broadcasts":
        return broadcast(parameters["key"])
    if kind == "bad tokens":
        return b"".join(request("/auth/ticket", "", f"Authorization: Bearer {token}") for token in parameters["tokens"])
    whole = {"pipelines": GET_NOTHING, "preflights": PREFLIGHT, "pings": PING_EMPTY, "empty commands": EMPTY_COMMANDS,
             "empty fragments": FRAGMENT_EMPTY}[kind]
    return whole * max(1, CHUNK // len(whole))


class Flood:
    """The process's own side. `rate_mb`: of all its connections together."""

    def __init__(self, kind, address, source, seconds, connections, rate_mb=1000.0, tickets=(), **parameters):
        self.kind, self.address, self.source, self.seconds = kind, address, source, seconds
        self.wanted, self.rate = connections, rate_mb * 1e6
        self.tickets, self.data = list(tickets), payload(kind, parameters)
        self.chunk = len(self.data) if kind != "bad tokens" else len(self.data) // len(parameters["tokens"])
        self.peers, self.epoll = {}, select.epoll()
        self.connected, self.received, self.sent = 0, 0, 0

    def open(self):
        """One more connection, if the gateway lets it in."""
        with contextlib.suppress(OSError):
            if self.kind in ("pings", "empty commands", "empty fragments"):
                path = f"/ws?ticket={self.tickets.pop()}" if self.tickets else ANONYMOUS
                peer = upgraded(self.address, path, source=self.source)
                if self.kind == "empty fragments":
                    peer.sendall(FRAGMENT_FIRST)
            else:
                peer = dial(self.address, source=self.source)
            self.peers[peer.fileno()] = Repeated(peer, self.data)
            self.epoll.register(peer.fileno(), select.EPOLLIN | select.EPOLLOUT)
            self.connected += 1

    def drop(self, number):
        self.epoll.unregister(number)
        self.peers.pop(number).peer.close()

    def gather(self):
        """All its connections, before the first sends anything."""
        for _ in range(self.wanted):
            self.open()

    def run(self):
        begun = time.monotonic()
        while (now := time.monotonic()) < begun + self.seconds:
            for _ in range(min(10, self.wanted - len(self.peers))):
                self.open()
            may_send = self.sent < self.rate * (now - begun)
            for number, events in self.epoll.poll(0.02):
                flood = self.peers[number]
                if events & ~select.EPOLLOUT:
                    got = drain(flood.peer)
                    self.received += max(got, 0)
                    if got < 0:
                        self.drop(number)
                        continue
                if events & select.EPOLLOUT and may_send:
                    self.sent += max(flood.push(), 0)
                    may_send = self.sent < self.rate * (time.monotonic() - begun)
            if not may_send:
                time.sleep(0.002)
        return {"connections": self.connected, "sent_mb": round(self.sent / 1e6, 1),
                "received_mb": round(self.received / 1e6, 1), "seconds": round(time.monotonic() - begun, 1)}


class Running:
    """The other side: `report` is there when the flood is over."""

    report = None


@contextlib.contextmanager
def flooding(gateway, kind, seconds, source="127.0.0.9", **parameters):
    parameters = {"kind": kind, "address": gateway.address, "source": source, "seconds": seconds, **parameters}
    process = subprocess.Popen([sys.executable, str(pathlib.Path(__file__).resolve())], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    running = Running()
    try:
        process.stdin.write(json.dumps(parameters))
        process.stdin.close()
        process.stdout.readline()  # all its connections are there
        yield running
        said = process.stdout.read()
        running.report = json.loads(said) if said else {"failed": process.wait()}
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    os.nice(10)
    flood = Flood(**json.loads(sys.stdin.read()))
    flood.gather()
    print("ready", flush=True)
    print(json.dumps(flood.run()))
