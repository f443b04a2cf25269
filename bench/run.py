"""Runs usher and its peers in turn, interleaved, each pinned: server on one core, load on another. Writes results.json.

    python3 bench/run.py [FOLDER]      BENCH_QUICK=1: two minutes; BENCH_ROUNDS, BENCH_SCALE, BENCH_ONLY=scenario,…: less of it

A scenario is one kind of work for several servers; a round measures each of them once. What is compared is the server's
CPU (or memory, or a time), pairwise within rounds: a noisy machine is then noisy for all.
"""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from servers import ROOT, USHER, Server

QUICK = bool(os.environ.get("BENCH_QUICK"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", 2 if QUICK else 7))
SCALE = float(os.environ.get("BENCH_SCALE", 0.25 if QUICK else 1.0))
SUBSCRIBERS = 1000


def scaled(count):
    return str(max(int(count * SCALE), 50))


def fanout(in_flight, messages):
    def args(server, way, _):
        # Those that gain nothing from several in flight show it in a quarter of the time.
        scale = 0.25 if in_flight > 1 and server.name in ("ws", "nchan", "node") else 1
        return ["fanout", "--subscribers", str(SUBSCRIBERS), "--bytes", "128", "--in-flight", str(in_flight),
                "--messages", scaled(messages * scale), *server.target("/sub"), *server.publish_args(way)]
    return args


def upgrade(server, _way, _results):
    tickets = ["--tickets", "prepared"] if server.has_tickets() else []
    return ["connect", "--count", scaled(10_000), *tickets, *server.target("/sub")]


def cycle(server, _way, _results):
    return ["connect", "--count", scaled(3_000), "--tickets", "each", *server.target()]


def latency(server, way, results):
    """At half of what the first server of the list can do with one message in flight."""
    best = [run["deliveries_per_second"] for run in results["fanout1"]["bun"]]
    rate = max(best) / SUBSCRIBERS / 2
    return ["fanout", "--subscribers", str(SUBSCRIBERS), "--bytes", "128", "--rate", f"{rate:.2f}",
            "--messages", str(int(rate * (1 if QUICK else 3)) + 10), *server.target("/sub"), *server.publish_args(way)]


def echo(server, _way, _results):
    return ["echo", "--messages", scaled(200_000), "--bytes", "64", *server.target("/echo")]


def http(server, _way, _results):
    return ["ticket", "--count", scaled(20_000), *server.target("/")]


def idle(count):
    def args(server, _way, _results):
        return ["idle", "--count", str(count), *server.target("/sub")]
    return args


# name -> the servers ("server" or "server:how it publishes"), what is run, and of each report what is compared.
SCENARIOS = {
    "upgrade": (["usher", "bun", "ws", "nchan"], upgrade, "server_cpu_us_per_handshake"),
    "cycle": (["usher", "node"], cycle, "server_cpu_us_per_handshake"),
    "fanout1": (["usher:api", "usher:ws", "bun", "ws", "nchan", "node"], fanout(1, 250), "server_cpu_us_per_delivery"),
    "fanout4": (["usher:api", "usher:ws", "bun", "ws", "nchan", "node"], fanout(4, 600), "server_cpu_us_per_delivery"),
    "fanout16": (["usher:api", "usher:ws", "bun", "ws", "nchan", "node"], fanout(16, 1600), "server_cpu_us_per_delivery"),
    "latency": (["usher:api", "bun"], latency, "delivery_p99_ms"),
    "echo": (["usher", "bun", "ws"], echo, "server_cpu_us_per_echo"),
    "http": (["usher", "bun", "ws", "nchan", "node"], http, "server_cpu_us_per_call"),
    "shards_fanout": (["usher-2:api", "usher-1:api"], fanout(1, 250), "server_cpu_us_per_delivery"),
    "shards_upgrade": (["usher-2", "usher-1"], upgrade, "server_cpu_us_per_handshake"),
    "idle": (["usher", "bun", "ws", "nchan", "node"], idle(8000), "memory_bytes_per_connection"),
    "idle1000": (["usher"], idle(1000), "memory_bytes_per_connection"),
    "idle16000": (["usher"], idle(16000), "memory_bytes_per_connection"),
}
BOTH_CORES = ("shards_fanout", "shards_upgrade")  # two shards need two; the load shares the second
WITHOUT_TARGET = ("echo", "http")
ONCE = ("idle", "idle1000", "idle16000")  # each in a process that has done nothing before


def measure(args):
    command = ["taskset", "-c", "1", str(USHER), "bench", *args, "--timeout", "60s", "--json"]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode != 0:
        print(f"  failed: {answer.stderr.strip()}", file=sys.stderr)
        return None
    return json.loads(answer.stdout)


def run_scenario(name, folder, results):
    servers, make_args, metric = SCENARIOS[name]
    rounds = (1 if QUICK else 3) if name in ONCE else min(ROUNDS, 5) if name in WITHOUT_TARGET else ROUNDS
    found = {server: [] for server in servers}
    results[name] = found
    with contextlib.ExitStack() as stack:
        running = {}

        def server_of(who):
            if name in ONCE:
                running.clear()
            if who not in running:
                where = folder / f"{name}-{who}-{time.monotonic_ns()}"
                running[who] = Server(who, where, "0,1" if name in BOTH_CORES else "0")
                stack.callback(running[who].stop)
            return running[who]

        for number in range(rounds):
            row = {}
            turn = number % len(servers)  # nobody is always first
            for server in servers[turn:] + servers[:turn]:
                who, _, way = server.partition(":")
                subject = server_of(who)
                row[server] = measure(make_args(subject, way, results))
                if name in ONCE:
                    subject.stop()
            if all(row.values()):  # a pair counts only whole
                for server, report in row.items():
                    found[server].append(report)
            told = "  ".join(f"{s} {row[s][metric]:.2f}" for s in servers if row[s])
            print(f"{name} {number + 1}/{rounds}: {told}", flush=True)


def machine():
    cpu = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    return {"cpu": cpu, "cores": os.cpu_count(), "kernel": os.uname().release, "rounds": ROUNDS, "quick": QUICK,
            "date": time.strftime("%Y-%m-%d"), "load": os.getloadavg()[0]}


def main():
    out = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/bench")
    out.mkdir(parents=True, exist_ok=True)
    only = [name for name in os.environ.get("BENCH_ONLY", "").split(",") if name]
    if (os.cpu_count() or 1) < 2:
        sys.exit("the server and the load need a core each: this machine has one")
    results, about = {}, machine()
    file = out / "results.json"
    if only and file.exists():
        results = json.loads(file.read_text())["results"]
    with tempfile.TemporaryDirectory(prefix="usher-bench-") as folder:
        for name in only or SCENARIOS:
            run_scenario(name, pathlib.Path(folder), results)
            about["load"] = max(about["load"], os.getloadavg()[0])
            file.write_text(json.dumps({"machine": about, "results": results}))


if __name__ == "__main__":
    main()
