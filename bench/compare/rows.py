"""Which rows docs/performance.md has, in which order, and which ratios are held against a target."""

import dataclasses

from scenarios import AS_API, AS_CLIENT, SCENARIOS

NAMES = {"usher": "usher", "usher:api": "usher, server API", "usher:ws": "usher, client publishes", "bun": "Bun (uWebSockets)",
         "ws": "ws on Node", "nchan": "nchan (nginx)", "node": "Node baseline", "usher-1": "one shard", "usher-2": "two shards",
         "usher-1:api": "one shard", "usher-2:api": "two shards", "usher@redis": "usher",
         "usher@tunnel": "usher's proxy door", "nginx@tunnel": "nginx, proxy_pass",
         "usher@sends:api": "usher without io_uring, server API", "node@redis": "Node baseline",
         AS_API: f"Bun, messages of {AS_API[4:]} bytes: as long as usher's frames, server API",
         AS_CLIENT: f"Bun, messages of {AS_CLIENT[4:]} bytes: as long as usher's frames, client publishes"}
# Scenario, contender, what it is, the most bytes of it.
MEMORY_TARGETS = [("idle", "usher", "an idle connection, 8,000 of them", 640),
                  ("tunnel_idle", "usher@tunnel", "an idle tunnel, both sockets, 8,000 of them", 1229)]


@dataclasses.dataclass(frozen=True)
class Row:
    scenario: str
    title: str
    detail: str = ""
    metric: str = ""  # the scenario's own, unless said
    contenders: tuple = ()  # all, unless said

    def __post_init__(self):
        if not self.metric:
            object.__setattr__(self, "metric", SCENARIOS[self.scenario].metric)


@dataclasses.dataclass(frozen=True)
class Comparison:
    title: str
    scenario: str
    ours: str
    theirs: str
    wanted: float | None = None  # the ratio of the medians; None: shown, but no target
    by_upper_end: bool = False  # the upper end of its interval counts, not the median
    metric: str = ""

    __post_init__ = Row.__post_init__


ROWS = [
    Row("upgrade", "Upgrade and close, µs of server CPU", "usher redeems a ticket in each, the others let everybody in"),
    Row("cycle", "Ticket, upgrade and close, µs of server CPU", "JWT verified, ticket stored in memory and redeemed"),
    Row("cycle_redis", "Ticket, upgrade and close, µs of server CPU", "the same, ticket stored in Redis"),
    Row("cycle_redis", "of which in Redis, µs of redis-server's CPU", "beside the server's", "redis_cpu_us_per_handshake"),
    Row("fanout1", "Delivery, 1 message in flight, µs of server CPU", "1,000 subscribers, 128 bytes"),
    Row("fanout4", "Delivery, 4 messages in flight, µs of server CPU", "the same"),
    Row("fanout16", "Delivery, 16 messages in flight, µs of server CPU", "the same"),
    Row("latency", "p99 of publish to delivery, ms", "all at half of Bun's maximal rate"),
    Row("latency", "p50 of publish to delivery, ms", "the same runs", "delivery_p50_ms"),
    Row("latency", "how late the load itself published, p99, ms", "the same runs; it is part of the above", "publish_late_p99_ms"),
    Row("latency", "how busy the load's core was", "the same runs; 1 is all the time", "load_busy"),
    Row("echo", "Round trip, µs of server CPU", "100 connections; usher: its `ping` command, the others: echo of 64 bytes"),
    Row("tunnel64", "Echo through a proxy, µs of the proxy's CPU", "100 connections, 64 bytes, the same echo server behind both"),
    Row("tunnel64", "p99 of that round trip, ms", "of 64 bytes", "round_trip_p99_ms"),
    Row("tunnel16k", "Echo through a proxy, µs of the proxy's CPU", "100 connections, 16 KiB"),
    Row("tunnel16k", "p99 of that round trip, ms", "of 16 KiB", "round_trip_p99_ms"),
    Row("tunnel_upgrade", "Upgrade and close through a proxy, µs of its CPU", "usher redeems a ticket in each, nginx lets everybody in"),
    Row("tunnel_idle", "Idle tunnel, bytes of the proxy's memory", "8,000 tunnels; both sockets together"),
    Row("http", "HTTP call, µs of server CPU", "usher and the Node baseline: a ticket for a JWT; the others: GET of two bytes"),
    Row("shards_fanout", "Delivery on two shards, µs of server CPU", "both on two cores, which the load shares"),
    Row("shards_upgrade", "Upgrade on two shards, µs of server CPU", "both on two cores, which the load shares"),
    Row("idle", "Idle connection, bytes of user-space memory", "8,000 more after the first 1,000; subscribed"),
    Row("idle1000", "Idle connection, bytes of user-space memory", "1,000 more after the first 1,000"),
    Row("idle16000", "Idle connection, bytes of user-space memory", "16,000 more after the first 1,000"),
]


def fanouts():
    for count in (1, 4, 16):
        for ours in ("usher:api", "usher:ws"):
            yield Comparison(f"Delivery, {count} in flight", f"fanout{count}", ours, "bun", 1.05, by_upper_end=True)


COMPARISONS = [
    Comparison("Upgrade and close", "upgrade", "usher", "bun", 1.15),
    Comparison("Ticket, upgrade and close, in memory", "cycle", "usher", "node", 0.2),
    Comparison("Ticket, upgrade and close, on Redis", "cycle_redis", "usher@redis", "node@redis", 0.2),
    Comparison("the same, CPU of redis-server", "cycle_redis", "usher@redis", "node@redis", metric="redis_cpu_us_per_handshake"),
    *fanouts(),
    *(Comparison(f"Delivery, {count} in flight, what io_uring gains", f"fanout{count}", "usher:api", "usher@sends:api")
      for count in (1, 4, 16)),
    Comparison("Delivery, 16 in flight, frames of the same length", "fanout16", "usher:api", AS_API),
    Comparison("Delivery, 16 in flight, frames of the same length", "fanout16", "usher:ws", AS_CLIENT),
    Comparison("Delivery, 16 in flight, what the length alone costs", "fanout16", AS_API, "bun"),
    Comparison("Delivery, 16 in flight, what the length alone costs", "fanout16", AS_CLIENT, "bun"),
    Comparison("Delivery, 1 in flight", "fanout1", "usher:api", "ws", 0.6),
    Comparison("Delivery, 1 in flight, for comparison", "fanout1", "bun", "ws"),
    Comparison("Delivery, 16 in flight", "fanout16", "usher:api", "ws", 0.1),
    Comparison("p99 of publish to delivery", "latency", "usher:ws", "bun", 1.0),
    Comparison("p99 of publish to delivery", "latency", "usher:api", "bun", 1.0),
    Comparison("Echo through a tunnel, 64 bytes", "tunnel64", "usher@tunnel", "nginx@tunnel", 1.0),
    Comparison("p99 of an echo through a tunnel, 64 bytes", "tunnel64", "usher@tunnel", "nginx@tunnel", 1.0, metric="round_trip_p99_ms"),
    Comparison("Echo through a tunnel, 16 KiB", "tunnel16k", "usher@tunnel", "nginx@tunnel", 1.0),
    Comparison("p99 of an echo through a tunnel, 16 KiB", "tunnel16k", "usher@tunnel", "nginx@tunnel", 1.0, metric="round_trip_p99_ms"),
    Comparison("Upgrade and close through a tunnel", "tunnel_upgrade", "usher@tunnel", "nginx@tunnel"),
    Comparison("Delivery on two shards", "shards_fanout", "usher-2:api", "usher-1:api", 1.1),
    Comparison("Upgrade on two shards", "shards_upgrade", "usher-2", "usher-1", 1.1),
]
