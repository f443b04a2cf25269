"""Runs usher and its peers in turn, interleaved, each pinned: server on one core, load on another. Writes results.json.

    python3 bench/compare/run.py [FOLDER]      BENCH_QUICK=1: two minutes; BENCH_ROUNDS, BENCH_SCALE, BENCH_ONLY=scenario,…: less of it

A round measures each contender of a scenario once. What is compared is the server's CPU (or memory, or a time), pairwise
within rounds: a noisy machine is then noisy for all.
"""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

from scenarios import QUICK, ROUNDS, SCALE, SCENARIOS
from servers import ROOT, USHER, Server


def measure(args):
    command = ["taskset", "-c", "1", str(USHER), "bench", *args, "--timeout", "60s", "--json"]
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode != 0:
        print(f"  failed: {answer.stderr.strip()}", file=sys.stderr)
        return None
    return json.loads(answer.stdout)


def measure_server(server, args):
    """As measure(); what its Redis has used for each handshake stands beside it."""
    if not server.redis:
        return measure(args)
    before = server.redis.cpu_s()
    report = measure(args)
    if report:
        report["redis_cpu_us_per_handshake"] = (server.redis.cpu_s() - before) * 1e6 / report["handshakes"]
    return report


class Runners:
    """The servers of one scenario, each started when it is first needed."""

    def __init__(self, name, scenario, folder):
        self.name, self.scenario, self.folder, self.running = name, scenario, folder, {}

    def measure(self, contender, results):
        who, _, way = contender.partition(":")
        if who not in self.running:
            self.running[who] = Server(who, self.folder / f"{self.name}-{who}-{time.monotonic_ns()}", self.scenario.cores)
        server = self.running[who]
        report = measure_server(server, self.scenario.arguments(server, way, results))
        if self.scenario.fresh:
            self.running.pop(who).stop()
        return report

    def stop(self):
        for server in self.running.values():
            server.stop()


def run_scenario(name, folder, results):
    """Adds to `results`. Returns how many rounds did not count; each is repeated, but at most half as many as there
    should be."""
    scenario = SCENARIOS[name]
    contenders = scenario.contenders
    found = {contender: [] for contender in contenders}
    good = unsound = 0
    with contextlib.ExitStack() as stack:
        runners = Runners(name, scenario, folder)
        stack.callback(runners.stop)
        number = 0 if scenario.warm_up else 1
        while good < scenario.rounds and number <= scenario.rounds * 1.5:
            turn = number % len(contenders)  # nobody is always first
            row = {contender: runners.measure(contender, results)
                   for contender in contenders[turn:] + contenders[:turn]}
            if number == 0:
                what = "warm-up"
            elif all(scenario.is_sound(report) for report in row.values()):  # a pair counts only whole
                for contender, report in row.items():
                    found[contender].append(report)
                good += 1
                what = f"{good}/{scenario.rounds}"
            else:
                unsound += 1
                what = "does not count"
            told = "  ".join(f"{c} {row[c][scenario.metric]:.2f}" for c in contenders if row[c])
            print(f"{name} {what}: {told}", flush=True)
            number += 1
    results[name] = found
    return unsound


def machine():
    cpu = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    return {"cpu": cpu, "cores": os.cpu_count(), "kernel": os.uname().release, "rounds": ROUNDS, "scale": SCALE,
            "quick": QUICK, "date": time.strftime("%Y-%m-%d"), "load": os.getloadavg()[0]}


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))  # so that what was started is ended too
    out = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/bench")
    out.mkdir(parents=True, exist_ok=True)
    only = [name for name in os.environ.get("BENCH_ONLY", "").split(",") if name]
    if unknown := [name for name in only if name not in SCENARIOS]:
        sys.exit(f"BENCH_ONLY: there is no '{unknown[0]}'; there are {', '.join(SCENARIOS)}")
    if (os.cpu_count() or 1) < 2:
        sys.exit("the server and the load need a core each: this machine has one")
    results, seconds, uncounted, about = {}, {}, {}, machine()
    file = out / "results.json"
    if only and file.exists():
        before = json.loads(file.read_text())
        results, seconds, uncounted = before["results"], before.get("seconds", {}), before.get("uncounted", {})
    with tempfile.TemporaryDirectory(prefix="usher-bench-") as folder:
        for name in only or SCENARIOS:
            began = time.monotonic()
            uncounted[name] = run_scenario(name, pathlib.Path(folder), results)
            seconds[name] = time.monotonic() - began
            print(f"{name}: {seconds[name]:.0f} s", flush=True)
            about["load"] = max(about["load"], os.getloadavg()[0])
            file.write_text(json.dumps({"machine": about, "seconds": seconds, "uncounted": uncounted, "results": results}))
    print(f"in all: {sum(seconds.values()):.0f} s")


if __name__ == "__main__":
    main()
