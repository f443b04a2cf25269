"""Numbered publications and those who listen to them: who got what, in which order, and what they were told is missing.

A listener keeps what it has seen in segments: an epoch, and offsets in a row. A segment ends only when the gateway says
that something is missing; so whatever lies between two segments was told, and inside of one nothing may be.
"""

import collections
import http.client
import json
import random
import socket
import threading
import time

from websocket import Closed, Refused, WebSocket


class Away(Exception):
    """The gateway, or what is behind it, can't be reached: try again."""


UNREACHABLE = (OSError, Closed, Refused, Away, http.client.HTTPException, IndexError)


class Segment:
    def __init__(self, epoch, offset):
        self.epoch, self.first, self.numbers = epoch, offset + 1, []

    @property
    def offset(self):
        return self.first - 1 + len(self.numbers)


class Listener(threading.Thread):
    """A client that comes back to any of the gateways until it is stopped, and goes on from where it was."""

    def __init__(self, name, gateways, channel):
        super().__init__(daemon=True)
        self.id, self.gateways, self.channel = name, gateways, channel
        self.random = random.Random(name)
        self.segments, self.wrong = [], []
        self.recoveries = self.gaps = self.connects = 0
        self.ended = False
        self.socket = self.last_error = None

    @property
    def position(self):
        return (self.segments[-1].epoch, self.segments[-1].offset) if self.segments else None

    def run(self):
        while not self.ended:
            try:
                self._connect()
                while not self.ended:
                    self._take(self.socket.read())
            except UNREACHABLE as error:
                self.last_error = repr(error)
                time.sleep(self.random.uniform(0.01, 0.1))
            except Exception as error:  # a thread that dies in silence would look like a client that hears nothing
                self.wrong.append(repr(error))
                return

    def stop(self):
        self.ended = True
        if self.socket:
            try:
                self.socket.socket.shutdown(socket.SHUT_RDWR)  # wakes the thread, which closing does not
            except OSError:
                pass

    def _since(self):
        if not self.segments:
            return {}
        epoch, offset = self.position
        return {"recover": True, "epoch": epoch, "offset": offset}

    def _connect(self):
        gateway = self.random.choice(self.gateways)
        answer = gateway.ask_ticket(body=json.dumps({"subs": {self.channel: self._since()}}), sessionId=self.id)
        if answer.status != 200:
            raise Away
        self.socket = WebSocket(gateway.address, f"/ws?ticket={answer.json()['ticket']}", timeout=60)
        result = self.socket.read_connect()["subs"][self.channel]
        self.connects += 1
        self._subscribed(result)

    def _subscribed(self, result):
        if "error" in result:
            raise Away
        if result.get("recovered"):
            self.recoveries += 1
        else:
            self.gaps += len(self.segments) > 0
            self.segments.append(Segment(result["epoch"], result.get("offset", 0)))
        for publication in result.get("publications", []):
            self._publication(publication)

    def _publication(self, publication):
        last = self.segments[-1]
        if publication["offset"] != last.offset + 1:
            self.wrong.append(f"offset {publication['offset']} after {last.offset}")
        last.numbers.append(publication["data"])

    def _take(self, message):
        push = message.get("push", {})
        if push.get("channel") != self.channel:
            if message.get("id") == 1:
                self._subscribed(message.get("subscribe", message))
        elif "pub" in push:
            self._publication(push["pub"])
        elif "unsubscribe" in push:
            self.socket.send({"id": 1, "subscribe": {"channel": self.channel, **self._since()}})


class Publisher(threading.Thread):
    """Publishes numbers at one gateway, each once, whatever the answer is."""

    def __init__(self, gateway, channel, numbers, key):
        super().__init__(daemon=True)
        self.gateway, self.channel, self.numbers, self.key = gateway, channel, numbers, key
        self.accepted = {}  # (epoch, offset) → number
        self.refused = 0
        self.connection = None

    def run(self):
        for number in self.numbers:
            position = self.publish(number)
            if position:
                self.accepted[position] = number
            else:
                self.refused += 1
                time.sleep(0.01)

    def publish(self, number):
        body = json.dumps({"channel": self.channel, "data": number})
        try:
            if self.connection is None:
                host, port = self.gateway.address.rsplit(":", 1)
                self.connection = http.client.HTTPConnection(host, int(port), timeout=10)
            self.connection.request("POST", "/api/publish", body, {"X-API-Key": self.key})
            answer = json.loads(self.connection.getresponse().read())
        except (*UNREACHABLE, ValueError):
            if self.connection:
                self.connection.close()
            self.connection = None
            return None
        result = answer.get("result")
        return (result["epoch"], result["offset"]) if result else None


def faults(listener, accepted):
    """What this listener was not given, or given wrongly, without being told."""
    found = list(listener.wrong)
    for segment in listener.segments:
        for i, number in enumerate(segment.numbers):
            expected = accepted.get((segment.epoch, segment.first + i), number)
            if expected != number:
                found.append(f"{segment.epoch} {segment.first + i}: {number}, accepted was {expected}")
    seen = collections.Counter(number for segment in listener.segments for number in segment.numbers)
    return found + [f"{number} twice" for number, times in seen.items() if times > 1]
