"""What `make bench` measures: each scenario is one kind of work, for several servers.

A contender is "server", or "server:way" where the same server is asked in several ways: usher:api and usher:ws are
published to by the server API and by a client; bun:176 has messages of 176 bytes. "server@redis" keeps its tickets in Redis,
"usher@sends" makes one system call for each send.
"""

import dataclasses
import os
from typing import Callable

QUICK = bool(os.environ.get("BENCH_QUICK"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", 2 if QUICK else 7))
SCALE = float(os.environ.get("BENCH_SCALE", 0.2 if QUICK else 1.0))
SUBSCRIBERS = 1000
MESSAGE_BYTES = 128

# What stands around a message in usher's frames, published by the server API, and by a client (16 digits name it).
ENVELOPE = '{"push":{"channel":"bench:all","pub":{"data":}}}'
ENVELOPE_OF_CLIENT = ENVELOPE[:-3] + ',"info":{"user":"","client":"0123456789abcdef"}}}}'
AS_API, AS_CLIENT = (f"bun:{MESSAGE_BYTES + len(text)}" for text in (ENVELOPE, ENVELOPE_OF_CLIENT))

LATE_MS_MAX = 5
LATENCY_S, LATENCY_WARM_UP_S = (1.5, 0.3) if QUICK else (4, 0.5)


@dataclasses.dataclass(frozen=True)
class Scenario:
    contenders: list
    arguments: Callable  # (server, way, results) -> of `usher bench`
    metric: str  # of its report: what is compared
    rounds: int = ROUNDS
    warm_up: bool = not QUICK  # each contender once before, uncounted: what compiles itself while it runs has done so then
    cores: str = "0"
    fresh: bool = False  # each run in a process that has done nothing before
    is_sound: Callable = bool  # whether a report says something about the server; a round in which one does not is repeated


def scaled(count):
    return str(max(int(count * SCALE), 50))


def fanout(in_flight, messages):
    def arguments(server, way, _):
        # Those that gain nothing from several in flight show it in a fraction of the time.
        share = 0.15 if in_flight > 1 and server.kind in ("ws", "nchan", "node") else 1
        length = way if way.isdigit() else str(MESSAGE_BYTES)
        return ["fanout", "--subscribers", str(SUBSCRIBERS), "--bytes", length, "--in-flight", str(in_flight),
                "--messages", scaled(messages * share), *server.target("/sub"), *server.publish_args(way)]
    return arguments


def upgrade(server, _way, _results):
    tickets = ["--tickets", "prepared"] if server.has_tickets() else []
    return ["connect", "--count", scaled(10_000), *tickets, *server.target("/sub")]


def cycle(server, _way, _results):
    return ["connect", "--count", scaled(3_000), "--tickets", "each", *server.target()]


def half_of_maximal_rate(results):
    """Messages a second: half of what Bun could do at best with one in flight. The same for all."""
    found = results.get("fanout1", {}).get("bun")
    if not found:
        raise RuntimeError("latency: half of Bun's maximal rate is not known; measure fanout1 first")
    return max(run["deliveries_per_second"] for run in found) / SUBSCRIBERS / 2


def latency(server, way, results):
    rate = half_of_maximal_rate(results)
    warm_up = int(rate * LATENCY_WARM_UP_S)
    return ["fanout", "--subscribers", str(SUBSCRIBERS), "--bytes", str(MESSAGE_BYTES), "--rate", f"{rate:.2f}",
            "--messages", str(int(rate * LATENCY_S) + warm_up + 1), "--warm-up", str(warm_up),
            *server.target("/sub"), *server.publish_args(way)]


def load_was_in_time(report):
    """It is never busy for so long at a stretch: where it published later than that, somebody else had its core."""
    return bool(report) and report["publish_late_p99_ms"] <= LATE_MS_MAX


def echo(server, _way, _results):
    return ["echo", "--messages", scaled(200_000), "--bytes", "64", *server.target("/echo")]


def tunnel_path(server):
    return ["--path", "/echo"] if server.has_tickets() else []


def tunnel(size, messages):
    def arguments(server, _way, _results):
        mode = "tunnel" if server.has_tickets() else "echo"
        return [mode, "--messages", scaled(messages), "--bytes", str(size), *server.target("/echo"), *tunnel_path(server)]
    return arguments


def tunnel_upgrade(server, way, results):
    return [*upgrade(server, way, results), *tunnel_path(server)]


def http(server, _way, _results):
    return ["ticket", "--count", scaled(20_000), *server.target("/")]


def idle(count, through=lambda _server: []):
    def arguments(server, _way, _results):
        return ["idle", "--count", str(count), *server.target("/sub"), *through(server)]
    return arguments


EVERYBODY = ["usher:api", "usher:ws", "usher@sends:api", "bun", "ws", "nchan", "node"]
PER_HANDSHAKE, PER_DELIVERY, MEMORY = "server_cpu_us_per_handshake", "server_cpu_us_per_delivery", "memory_bytes_per_connection"
ONCE = {"rounds": 1 if QUICK else 3, "warm_up": False, "fresh": True}
NO_TARGET = min(ROUNDS, 5)

SCENARIOS = {
    "upgrade": Scenario(["usher", "bun", "ws", "nchan"], upgrade, PER_HANDSHAKE),
    "cycle": Scenario(["usher", "node"], cycle, PER_HANDSHAKE),
    "cycle_redis": Scenario(["usher@redis", "node@redis"], cycle, PER_HANDSHAKE),
    "fanout1": Scenario(EVERYBODY, fanout(1, 250), PER_DELIVERY),
    "fanout4": Scenario(EVERYBODY, fanout(4, 600), PER_DELIVERY),
    "fanout16": Scenario([*EVERYBODY, AS_API, AS_CLIENT], fanout(16, 1600), PER_DELIVERY),
    # Twice as many pairs: the last percent is the noisiest number of all.
    "latency": Scenario(["usher:ws", "usher:api", "bun"], latency, "delivery_p99_ms", rounds=ROUNDS if QUICK else 2 * ROUNDS, warm_up=False,
                        is_sound=bool if QUICK else load_was_in_time),
    "echo": Scenario(["usher", "bun", "ws"], echo, "server_cpu_us_per_echo", rounds=NO_TARGET),
    "http": Scenario(["usher", "bun", "ws", "nchan", "node"], http, "server_cpu_us_per_call", rounds=NO_TARGET),
    # Two shards need two cores; the load shares the second.
    "shards_fanout": Scenario(["usher-2:api", "usher-1:api"], fanout(1, 250), PER_DELIVERY, cores="0,1"),
    "shards_upgrade": Scenario(["usher-2", "usher-1"], upgrade, PER_HANDSHAKE, cores="0,1"),
    "tunnel64": Scenario(["usher@tunnel", "nginx@tunnel"], tunnel(64, 200_000), "server_cpu_us_per_echo"),
    "tunnel16k": Scenario(["usher@tunnel", "nginx@tunnel"], tunnel(16 * 1024, 50_000), "server_cpu_us_per_echo"),
    "tunnel_upgrade": Scenario(["usher@tunnel", "nginx@tunnel"], tunnel_upgrade, PER_HANDSHAKE),
    "tunnel_idle": Scenario(["usher@tunnel", "nginx@tunnel"], idle(8000, tunnel_path), MEMORY, **ONCE),
    "idle": Scenario(["usher", "bun", "ws", "nchan", "node"], idle(8000), MEMORY, **ONCE),
    "idle1000": Scenario(["usher"], idle(1000), MEMORY, **ONCE),
    "idle16000": Scenario(["usher"], idle(16000), MEMORY, **ONCE),
}
