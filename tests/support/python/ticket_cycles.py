"""Ticket cycles (issue, upgrade, redeem, farewell) on each engine: how many a second, and what they cost the servers.

    ticket_cycles.py [COUNT [CONCURRENCY]]      prints one JSON object a line; USHER_BIN_DIR names the programs to measure
"""

import json
import pathlib
import sys
import tempfile

from gateway import Gateway
from program import DONE, usher
from redis_server import RedisServer, on_redis

CONFIG = {"log": {"level": "info"}, "limits": {"upgrades_per_address": "0", "tickets_per_session": "0",
                                                "connections_per_session": 0, "half_open_per_address": 20000}}


def measure(gateway, pid, count, concurrency):
    """usher bench's report, with the CPU of one process."""
    done = usher("bench", "connect", "--url", f"http://{gateway.address}", "--count", count,
                 "--concurrency", concurrency, "--secret-file", gateway.folder / "jwt.secret",
                 "--target-pid", pid, "--json", timeout=120)
    if done.returncode != DONE:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def redis_calls(redis):
    """Commands that gateways have sent, by name; not those that scripts call."""
    calls = {}
    for line in redis.call("INFO", "commandstats").split("\r\n"):
        name, _, rest = line.partition(":calls=")
        if name.removeprefix("cmdstat_") in ("eval", "evalsha", "subscribe", "unsubscribe"):
            calls[name.removeprefix("cmdstat_")] = int(rest.split(",")[0])
    return calls


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    concurrency = int(sys.argv[2]) if len(sys.argv) > 2 else 64
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        redis = RedisServer(folder / "redis-server").start()
        try:
            for engine in ("memory", "redis"):
                over = on_redis(url=redis.url) if engine == "redis" else {}
                gateway = Gateway(folder / engine, {**CONFIG, **over}).start()
                try:
                    gateway.wait_until_ready()
                    measure(gateway, gateway.process.pid, 500, concurrency)
                    calls, redis_cpu = redis_calls(redis), cpu_seconds(redis.process.pid)
                    report = measure(gateway, gateway.process.pid, count, concurrency)
                    extra = {}
                    if engine == "redis":
                        extra = {"redis_cpu_s": round(cpu_seconds(redis.process.pid) - redis_cpu, 2),
                                 "redis_commands_per_cycle": {name: round((now - calls.get(name, 0)) / count, 3)
                                                              for name, now in redis_calls(redis).items()}}
                    print(json.dumps({"engine": engine, "threads": 2, **report, **extra}), flush=True)
                finally:
                    gateway.stop()
        finally:
            redis.kill()


if __name__ == "__main__":
    main()
