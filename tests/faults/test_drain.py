"""SIGTERM under many connections: goodbyes are spread evenly, nothing accepted is lost, and the door answers to the end."""

import datetime
import http.client
import json
import os
import selectors
import signal
import socket
import threading
import time

from gateway import wait_until
from upgrade import upgrade_request

CONNECTIONS = int(os.environ.get("USHER_DRAIN_CONNECTIONS", "600"))
WINDOW = 4.0  # seconds
BINS = 4
NEWS = {"channel": {"namespaces": [{"name": "news", "subscribe": "anyone", "history_size": 0}]}}


class Client:
    """A socket, and what came."""

    def __init__(self, gateway, ticket):
        self.socket = socket.create_connection((gateway.host, gateway.port))
        self.socket.sendall(upgrade_request(ticket))
        self.received = b""
        while b'"connect"' not in self.received:
            self.received += self.socket.recv(65536)

    def read(self):
        """False: the server has closed."""
        data = self.socket.recv(65536)
        self.received += data
        return bool(data)

    def numbers(self):
        return [int(part.split(b"}", 1)[0]) for part in self.received.split(b'"data":{"n":')[1:]]


def open_clients(gateway):
    asking = http.client.HTTPConnection(gateway.host, gateway.port)
    clients = []
    for i in range(CONNECTIONS):
        asking.request("POST", "/auth/ticket", '{"subs":{"news:1":{}}}',
                       {"Authorization": f"Bearer {gateway.token(sessionId=f's{i}')}"})
        clients.append(Client(gateway, json.loads(asking.getresponse().read())["ticket"]))
    return clients


def publish_on(gateway, accepted, stop):
    n = 0
    while not stop.wait(0.05):  # no faster than the clients here can read
        n += 1
        try:
            if "result" in gateway.publish("news:1", {"n": n}):
                accepted.append((time.time(), n))
        except OSError:
            return


def read_until_all_have_left(clients):
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.socket, selectors.EVENT_READ, client)
        while selector.get_map():
            for key, _ in selector.select(10):
                if not key.data.read():
                    selector.unregister(key.data.socket)
                    key.data.socket.close()


def time_of(line):
    return datetime.datetime.fromisoformat(line.split(" ", 1)[0].replace("Z", "+00:00")).timestamp()


def goodbye_times(gateway):
    """By the gateway's own log: how fast we can read is no part of what is tested."""
    return [time_of(line) for line in gateway.lines if "websocket_disconnected { code: 1001" in line]


def test_goodbyes_are_spread_evenly_and_what_was_accepted_reaches_all_who_are_still_there(start_gateway):
    gateway = start_gateway({**NEWS, "shutdown": {"timeout": f"{WINDOW:.0f}s"}})
    clients = open_clients(gateway)
    accepted, stop = [], threading.Event()
    publisher = threading.Thread(target=publish_on, args=(gateway, accepted, stop))
    publisher.start()
    wait_until(lambda: len(accepted) > 2, "publications to flow")
    gateway.signal(signal.SIGTERM)
    read_until_all_have_left(clients)
    stop.set()
    publisher.join()
    assert gateway.process.wait(10) == 0
    gateway.reader.join(10)

    began = next(time_of(line) for line in gateway.lines if " draining " in line)
    goodbyes = goodbye_times(gateway)
    assert len(goodbyes) == CONNECTIONS
    bins = [sum(i <= (at - began) / WINDOW * BINS < i + 1 for at in goodbyes) for i in range(BINS)]
    print("goodbyes in each part of the window:", bins, "last after", round(max(goodbyes) - began, 2), "s")
    even = CONNECTIONS / BINS
    assert all(even * 0.5 < count < even * 1.5 for count in bins), bins
    assert accepted[-1][0] - began > WINDOW / 2, "publishing went on"
    for client in clients:
        assert b'"retry_after_ms":1000' in client.received and b"SERVER_SHUTDOWN" in client.received
        numbers = client.numbers()
        assert numbers == list(range(1, len(numbers) + 1)), "in order, each once, none left out"
        client.got = len(numbers)
    for at, n in accepted:
        still_there = sum(goodbye > at + 0.5 for goodbye in goodbyes)
        assert sum(client.got >= n for client in clients) >= still_there, n


def knock_until_nobody_is_there(gateway, outcomes):
    """One request after the other, each on a connection of its own."""
    while True:
        try:
            with socket.create_connection((gateway.host, gateway.port), timeout=10) as door:
                door.sendall(b"POST /auth/ticket HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
                answer = b""
                while chunk := door.recv(65536):  # a kept connection would time out here
                    answer += chunk
                outcomes.append(answer)
        except ConnectionRefusedError:
            return
        except ConnectionResetError:
            outcomes.append(b"reset")


def test_until_the_end_the_door_answers_and_nobody_in_its_queue_is_reset(start_gateway):
    gateway = start_gateway({"shutdown": {"timeout": "1s"}})
    stays = Client(gateway, gateway.ticket())
    gateway.signal(signal.SIGTERM)
    wait_until(lambda: gateway.admin("/readyz").status == 503, "the drain to begin")
    outcomes = []
    knocking = [threading.Thread(target=knock_until_nobody_is_there, args=(gateway, outcomes)) for _ in range(8)]
    for thread in knocking:
        thread.start()
    read_until_all_have_left([stays])
    for thread in knocking:
        thread.join()
    assert gateway.process.wait(10) == 0
    answers = [answer for answer in outcomes if answer != b"reset"]
    assert len(answers) > 8
    assert all(answer.startswith(b"HTTP/1.1 503 ") and b"\r\nConnection: close\r\n" in answer for answer in answers)
    # Between the last accept and the close of a listener the kernel may take one more.
    assert len(outcomes) - len(answers) <= 2
