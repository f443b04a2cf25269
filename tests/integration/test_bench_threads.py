"""`usher bench --threads`: the same counts as with one thread, here and at the gateway."""

import asyncio
import threading

import pytest

from program import DONE, usher

websockets = pytest.importorskip("websockets")


@pytest.mark.parametrize("tickets", ["each", "prepared"])
def test_connect_of_two_threads_counts_every_handshake(bench, bench_gateway, tickets):
    before = bench_gateway.metric("usher_upgrades_total", result="connected")
    report = bench("connect", "--count", 201, "--concurrency", 5, "--tickets", tickets, "--threads", 2)
    assert (report["handshakes"], report["failed"], report["threads"]) == (201, 0, 2)
    assert bench_gateway.metric("usher_upgrades_total", result="connected") - before == 201


def test_idle_of_two_threads_is_as_many_connections_of_as_many_sessions(bench):
    report = bench("idle", "--count", 201, "--before", 50, "--threads", 2)
    assert (report["connections"], report["threads"]) == (251, 2)


@pytest.mark.parametrize("way", [("--publish", "api"), ("--publish", "ws", "--in-flight", 16), ("--rate", 500)])
@pytest.mark.parametrize("threads", [2, 7])
def test_fanout_of_several_threads_loses_nothing(bench, bench_gateway, way, threads):
    key = ["--api-key-file", bench_gateway.folder / "api.key"]
    by = "client" if "ws" in way else "backend"
    before = bench_gateway.metric("usher_publications_total", by=by)
    report = bench("fanout", "--subscribers", 51, "--messages", 200, "--threads", threads, *key, *way)
    assert (report["messages"], report["deliveries"]) == (200, 51 * 200)
    assert (report["lost"], report["disordered"], report["threads"]) == (0, 0, threads)
    assert bench_gateway.metric("usher_publications_total", by=by) - before == 200
    assert 0 < report["delivery_p50_ms"] <= report["delivery_max_ms"]


def test_echo_of_two_threads(bench):
    report = bench("echo", "--connections", 9, "--messages", 1001, "--threads", 2)
    assert (report["echoes"], report["lost"], report["threads"]) == (1001, 0, 2)


def test_ticket_of_two_threads(bench, bench_gateway):
    before = bench_gateway.metric("usher_tickets_issued_total")
    report = bench("ticket", "--count", 501, "--concurrency", 3, "--threads", 2)
    assert (report["calls"], report["failed"], report["threads"]) == (501, 0, 2)
    assert bench_gateway.metric("usher_tickets_issued_total") - before == 501


def test_two_threads_of_guests(bench, bench_gateway):
    before = bench_gateway.metric("usher_guests_created_total")
    assert bench("connect", "--count", 50, "--threads", 2, guests=True)["handshakes"] == 50
    assert bench_gateway.metric("usher_guests_created_total") - before == 50


# ---- what counts as in flight: a message has arrived when all subscribers of all threads have it ----


class SlowServer:
    """A broadcaster that keeps every message from one subscriber, each time another, until the others have long had it.

    `most_under_way`: how many messages there were at a time that not all had been sent.
    """

    def __init__(self, subscribers):
        self.wanted = subscribers
        self.subscribers = []
        self.under_way = self.most_under_way = self.published = 0
        self.later = set()
        self.ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True).start()
        assert self.ready.wait(10)

    async def serve(self):
        async with websockets.serve(self.talk, "127.0.0.1", 0, compression=None) as server:
            self.port = server.sockets[0].getsockname()[1]
            self.ready.set()
            await asyncio.Future()

    async def talk(self, ws):
        if ws.path == "/sub":
            self.subscribers.append(ws)
            return await ws.wait_closed()
        async for message in ws:
            assert len(self.subscribers) == self.wanted
            kept_from = self.subscribers[self.published % self.wanted]
            self.published += 1
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
            for other in self.subscribers:
                if other is not kept_from:
                    await other.send(message)
            task = asyncio.ensure_future(self.send_later(kept_from, message))
            self.later.add(task)
            task.add_done_callback(self.later.discard)

    async def send_later(self, subscriber, message):
        await asyncio.sleep(0.01)
        self.under_way -= 1
        await subscriber.send(message)


@pytest.mark.parametrize("in_flight", [1, 3])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_no_more_is_in_flight_than_was_told_and_no_less(threads, in_flight):
    server = SlowServer(subscribers=5)
    answer = usher("bench", "fanout", "--bare", "--url", f"ws://127.0.0.1:{server.port}/sub", "--publish-path", "/pub",
                         "--subscribers", 5, "--messages", 60, "--in-flight", in_flight, "--threads", threads)
    # Messages overtake each other here where several are under way: that is told, and no loss.
    assert answer.returncode == DONE or " 0 deliveries were lost" in answer.stderr, answer
    assert server.published == 60
    assert server.most_under_way == in_flight
