"""The storm: processes full of clients that misbehave together at random, against one good client.

    python3 tests/hostile/storm.py [--engine memory|redis] [--tls] [--seconds 20] [--seed N] [--without-io-uring]

Meanwhile the gateway is told to reload (SIGHUP), and its links to Redis are cut and Redis stands still. In the end the
gateway must be alive and in order, have found no invariant broken, have given its memory back and end with 0 on SIGTERM; the
good client must have kept its connection and got each publication once and in order. Prints one line that says all this.
The seed fixes what is done, not when: sockets have their own time. USHER_STORM_SECONDS and USHER_STORM_SEED do as well.
"""

import argparse
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support" / "python"))

from certificate import make_certificate  # noqa: E402
from gateway import API_KEY, Gateway, wait_until  # noqa: E402
from good_client import NAMESPACE, GoodClient  # noqa: E402
from misbehaviours import NAMESPACES  # noqa: E402
from redis_server import RedisError, RedisServer, on_redis  # noqa: E402
from survival import findings, resident_mib, sanitizer_of, sanitizer_options  # noqa: E402

ATTACKERS, SESSIONS = 3, 20
QUIET_SECONDS = 2.0
MEMORY_BACK_MIB = 64  # above what it was before: histories (8 MiB), what the allocator keeps
# Refusals that are true while Redis is cut off.
FORGIVEN_ON_REDIS = ("STORE_UNAVAILABLE", 100)
CONFIG = {"channel": {"namespaces": [NAMESPACE, *NAMESPACES]},
          "limits": {"commands": "2000/1s", "outbox_bytes": "256KiB", "history_bytes": "8MiB", "connections_per_session": 20,
                     "tickets_per_session": "0", "upgrades_per_address": "0", "half_open_per_address": 1024}}


class Storm:
    def __init__(self, folder, engine="memory", tls=False, seconds=20.0, seed=None, io_uring=True):
        self.folder, self.engine, self.tls, self.seconds = pathlib.Path(folder), engine, tls, seconds
        self.io_uring = io_uring
        self.seed = random.SystemRandom().randrange(1 << 32) if seed is None else seed
        self.dice, self.redis, self.gateway = random.Random(self.seed), None, None
        self.cuts = 0

    # ---- who takes part ----

    def start_gateway(self):
        config = {**CONFIG, "server": {"io_uring": self.io_uring}}
        if self.engine == "redis":
            self.redis = RedisServer(self.folder / "redis", "enable-debug-command local").start()
            config.update(on_redis(url=self.redis.url))
        if self.tls:
            certificate, key = make_certificate(self.folder, "storm")
            config["tls"] = {"certificate_file": str(certificate), "key_file": str(key)}
        self.gateway = Gateway(self.folder / "gateway", config, env=sanitizer_options())
        self.gateway.start(60).wait_until_ready(60)

    def start_attackers(self):
        tokens = {f"bad{n}": self.gateway.token(sessionId=f"bad{n}", sub=f"u{n}", jti=f"j{n}", channels=["chat:1", "live:*"])
                  for n in range(SESSIONS)}
        program = pathlib.Path(__file__).with_name("attacker.py")
        running = []
        for number in range(ATTACKERS):
            parameters = {"address": self.gateway.address, "source": f"127.0.0.{11 + number}", "key": API_KEY,
                          "tls": self.tls, "seed": self.seed + number, "seconds": self.seconds, "tokens": tokens}
            running.append(subprocess.Popen([sys.executable, str(program), json.dumps(parameters)],
                                            stdout=subprocess.PIPE, text=True))
        return running

    def cut(self):
        """One thing that an operator or a bad day does."""
        deeds = [lambda: self.gateway.signal(signal.SIGHUP)]
        if self.redis:
            deeds += [lambda: self.redis.call("CLIENT", "KILL", "TYPE", "normal"),
                      lambda: self.redis.call("CLIENT", "KILL", "TYPE", "pubsub"),
                      lambda: self.redis.call("CLIENT", "PAUSE", "200"), lambda: self.redis.call("DEBUG", "SLEEP", "0.2")]
        try:
            self.dice.choice(deeds)()
        except (RedisError, OSError):
            pass  # Redis kills the connection that asks, too
        self.cuts += 1

    # ---- the run ----

    def run(self):
        """What happened: a dict; "problems" is empty when all held."""
        try:
            self.start_gateway()
            before = resident_mib(self.gateway)
            good = GoodClient(self.gateway, API_KEY, source="127.0.0.2", tls=self.tls,
                              forgives=FORGIVEN_ON_REDIS if self.redis else ()).start(60)
            begun = time.monotonic()
            time.sleep(QUIET_SECONDS)  # the measure to compare with
            struck = time.monotonic()
            attackers = self.start_attackers()
            peak = self.watch(struck + self.seconds)
            calm = time.monotonic()
            reports = [self.report_of(process) for process in attackers]
            seen = {"quiet": good.figures(begun, struck), "attacked": good.figures(struck, calm)}
            good.finish()
            problems = self.end(before) + good.complaints()
            return {**seen, "problems": problems, "memory": [round(before), round(peak), round(self.after)],
                    "internal errors": self.internal_errors, "connections": sum(r["connections"] for r in reports),
                    "done": {name: sum(r["done"].get(name, 0) for r in reports)
                             for name in sorted({name for r in reports for name in r["done"]})}}
        finally:
            self.clear()

    def watch(self, until):
        """Cuts this and that while the storm is on; returns the most memory seen, in MiB."""
        peak, next_cut = 0.0, time.monotonic() + 1
        while time.monotonic() < until and self.gateway.process.poll() is None:
            time.sleep(0.1)
            if self.gateway.process.poll() is None:
                peak = max(peak, resident_mib(self.gateway))
            if time.monotonic() > next_cut:
                self.cut()
                next_cut = time.monotonic() + self.dice.uniform(0.5, 3.0)
        return peak

    @staticmethod
    def report_of(process):
        try:
            said, _ = process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
        return json.loads(said) if said else {"connections": 0, "done": {"an attacker failed": 1}}

    def end(self, before):
        """How the gateway is after it: what is wrong."""
        gateway, problems = self.gateway, []
        self.after, self.internal_errors = 0.0, None
        if gateway.process.poll() is None:
            self.internal_errors = int(gateway.metric("usher_internal_errors_total"))
            if self.internal_errors:
                problems.append(f"{self.internal_errors} internal errors")
            problems += self.memory_problems(before)
            gateway.signal(signal.SIGTERM)
            try:
                gateway.process.wait(60)
            except subprocess.TimeoutExpired:
                problems.append("did not end within 60 s of SIGTERM")
                gateway.kill()
        gateway.reader.join(5)
        if gateway.process.returncode != 0:
            problems.append(f"the gateway ended with {gateway.process.returncode}")
        problems += findings(gateway.log)
        return problems

    def memory_problems(self, before):
        def after():
            self.after = resident_mib(self.gateway)
            return self.after

        if sanitizer_of(self.gateway.binary) != "none":  # a sanitizer keeps what is freed
            after()
            return []
        try:
            wait_until(lambda: after() < before + MEMORY_BACK_MIB, "memory", 20)
            return []
        except AssertionError:
            return [f"{self.after:.0f} MiB are kept, {before:.0f} MiB before"]

    def clear(self):
        if self.gateway and self.gateway.process and self.gateway.process.poll() is None:
            self.gateway.kill()
        if self.redis:
            self.redis.kill()


def summary(storm, seen):
    def p99(kind):
        return f"{kind} {seen['quiet'][kind]['p99']:.1f} → {seen['attacked'][kind]['p99']:.1f}"

    worst = max(kind["worst"] for kind in seen["attacked"].values())
    return (f"storm: engine {storm.engine}, tls {'on' if storm.tls else 'off'}, "
            f"{'' if storm.io_uring else 'no io_uring, '}sanitizer {sanitizer_of(storm.gateway.binary)}, "
            f"{storm.seconds:.0f} s, USHER_STORM_SEED={storm.seed}, "
            f"{seen['connections']} connections, {storm.cuts} cuts, {'survived' if not seen['problems'] else 'FAILED'}; "
            f"the good client's p99, quiet → attacked, ms: {', '.join(map(p99, seen['quiet']))}; worst {worst:.0f}; "
            f"internal errors {seen['internal errors']}; MiB before, at most, after: "
            f"{', '.join(map(str, seen['memory']))}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--engine", choices=("memory", "redis"), default="memory")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("USHER_STORM_SECONDS", "20")))
    parser.add_argument("--seed", type=int, default=os.environ.get("USHER_STORM_SEED"))
    parser.add_argument("--without-io-uring", action="store_true")
    parser.add_argument("--done", action="store_true", help="also print how often each thing was done")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        storm = Storm(folder, chosen.engine, chosen.tls, chosen.seconds, chosen.seed,
                      not chosen.without_io_uring)
        print(f"USHER_STORM_SEED={storm.seed}", flush=True)
        seen = storm.run()
    print(summary(storm, seen))
    for name, count in seen["done"].items() if chosen.done else ():
        print(f"{count:8} {name}")
    for problem in seen["problems"][:40]:
        print(f"  {problem}")
    if seen["problems"]:
        print(storm.gateway.log[-6000:])
    return 1 if seen["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
