"""The process of good_client.py: prints one JSON object a line: {"kind", "at", "wait"}, {"fault"}, and {"end"} at last.

Ends when its standard input does."""

import http.client
import json
import os
import select
import ssl
import sys
import threading
import time

from good_client import KINDS
from peers import dial, trust_nobody
from websocket import Closed, Refused, WebSocket

PATIENCE, FAULTS_TOLD_MAX = 60.0, 20


class SharedTls:
    """A TLS socket that one thread reads while another writes, which Python's own does not promise to survive."""

    def __init__(self, raw, context):
        self.tls, self.lock = context.wrap_socket(raw), threading.Lock()
        self.tls.setblocking(False)

    def _do(self, action):
        while True:
            with self.lock:
                try:
                    return action()
                except ssl.SSLWantReadError:
                    waits = [self.tls], []
                except ssl.SSLWantWriteError:
                    waits = [], [self.tls]
            if not any(select.select(*waits, [], PATIENCE)):
                raise TimeoutError

    def recv(self, count):
        return self._do(lambda: self.tls.recv(count))

    def sendall(self, data):
        while data:
            data = data[self._do(lambda: self.tls.send(data)):]

    def settimeout(self, _):
        pass

    def close(self):
        self.tls.close()


class Client:
    def __init__(self, address, key, source, tls, name, token, forgives):
        self.address, self.key, self.source, self.token = address, key, source, token
        self.forgives, self.channel = set(forgives), f"good:{name}"
        self.context = trust_nobody() if tls else None
        self.stop, self.lock = threading.Event(), threading.Lock()
        self.published, self.delivered, self.faults, self.open = 0, 0, 0, {}

    # ---- what is printed ----

    def say(self, **what):
        with self.lock:
            try:
                print(json.dumps(what), flush=True)
            except BrokenPipeError:
                os._exit(1)  # nobody listens any more

    def begin(self, kind, what=0):
        self.open[kind, what] = time.monotonic()

    def end(self, kind, what=0):
        begun = self.open.pop((kind, what), None)
        if begun is not None:
            self.say(kind=kind, at=begun, wait=time.monotonic() - begun)

    def fault(self, text):
        self.faults += 1
        if self.faults <= FAULTS_TOLD_MAX:
            self.say(fault=text)

    # ---- the ways in ----

    def dial(self):
        return dial(self.address, self.source, timeout=PATIENCE, tls=self.context)

    def call(self, path, body, headers, connection=None):
        """(status, parsed body) of a POST; over a connection of its own unless one is given."""
        used = connection or http.client.HTTPConnection(self.address)
        try:
            if used.sock is None:
                used.sock = self.dial()
            used.request("POST", path, json.dumps(body), headers)
            answer = used.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        finally:
            if connection is None:
                used.close()

    def ticket(self, subs):
        status, answer = self.call("/auth/ticket", {"subs": subs}, {"Authorization": f"Bearer {self.token}"})
        if status != 200:
            raise LookupError(answer.get("code", status))
        return answer["ticket"]

    def connect(self, subs):
        path = f"/ws?ticket={self.ticket(subs)}"
        wrap = (lambda raw: SharedTls(raw, self.context)) if self.context else None
        ws = WebSocket(self.address, path, timeout=PATIENCE, wrap=wrap, source=self.source)
        ws.connected = ws.read_connect()
        return ws

    # ---- what goes on all the time ----

    def read(self):
        try:
            while True:
                message = self.ws.read()
                if "id" in message:
                    self.end("ping", message["id"])
                push = message.get("push", {})
                if push.get("channel") == self.channel and "pub" in push:
                    self.take(push["pub"])
                elif "unsubscribe" in push:
                    self.fault(f"unsubscribed: {push}")
        except Closed as closed:
            if not self.stop.is_set():
                self.fault(f"the live connection was {closed}")
        except (OSError, ValueError) as error:
            if not self.stop.is_set():
                self.fault(f"the live connection failed: {error!r}")

    def take(self, publication):
        number = publication["data"]
        self.end("delivery", number)
        self.delivered += 1
        if number != self.delivered:
            self.fault(f"publication {number} came as number {self.delivered}")

    def ping(self):
        number = 0
        while not self.stop.wait(KINDS["ping"]):
            if any(kind == "ping" for kind, _ in list(self.open)):
                continue
            number += 1
            self.begin("ping", number)
            self.ws.send({"id": number, "ping": {}})

    def publish(self):
        connection, number = http.client.HTTPConnection(self.address), 0
        while not self.stop.is_set():
            number += 1
            self.begin("delivery", number)
            body = {"channel": self.channel, "data": number, "idempotency_key": f"{self.channel}-{number}"}
            while not self.accepted(connection, body):
                if self.stop.is_set() and time.monotonic() > self.stopped + 15:
                    return
                time.sleep(0.02)
            self.published = number
            self.stop.wait(KINDS["delivery"])

    def accepted(self, connection, body):
        try:
            status, answer = self.call("/api/publish", body, {"X-API-Key": self.key}, connection)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            connection.sock = None
            if not isinstance(error, http.client.RemoteDisconnected):  # a kept connection may be ended between two calls
                self.fault(f"publishing failed: {error!r}")
            return False
        if status != 200 or "error" in answer and answer["error"]["code"] not in self.forgives:
            self.fault(f"publishing was answered {status} {answer}")
        return "result" in answer

    def come_in(self):
        while not self.stop.wait(KINDS["fresh"]):
            self.begin("fresh")
            try:
                self.connect({}).close()
            except (LookupError, Closed, Refused) as refusal:
                code = refusal.reason if isinstance(refusal, Closed) else refusal.args[0]
                if code not in self.forgives and not self.stop.is_set():
                    self.fault(f"a fresh connection was refused: {refusal!r}")
            except (OSError, http.client.HTTPException) as error:
                if not self.stop.is_set():
                    self.fault(f"a fresh connection failed: {error!r}")
            self.end("fresh")

    def run(self):
        self.ws = self.connect({self.channel: {}})
        self.ws.socket.settimeout(3 * PATIENCE)
        works = [threading.Thread(target=work, daemon=True) for work in (self.read, self.ping, self.publish, self.come_in)]
        for work in works:
            work.start()
        sys.stdin.read()
        self.stopped = time.monotonic()
        self.stop.set()
        works[2].join(20)
        deadline = time.monotonic() + 15
        while self.delivered < self.published and time.monotonic() < deadline:
            time.sleep(0.01)
        for kind, what in list(self.open):
            self.end(kind, what)  # what never came has waited until now
        self.say(end={"published": self.published, "delivered": self.delivered})


if __name__ == "__main__":
    client = Client(**json.loads(sys.argv[1]))
    try:
        client.run()
    except (LookupError, Closed, OSError) as error:
        client.fault(f"not let in: {error!r}")
