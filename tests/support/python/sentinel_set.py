"""A Redis that fails over: real processes, on free ports, in temporary folders."""

import pathlib

from gateway import wait_until
from redis_server import RedisServer


class SentinelSet:
    """A master, a replica, and three sentinels that agree quickly."""

    NAME = "main"

    def __init__(self, folder, down_after_ms=300):
        folder = pathlib.Path(folder)
        self.master = RedisServer(folder / "master").start()
        self.replica = RedisServer(folder / "replica", f"replicaof 127.0.0.1 {self.master.port}").start()
        wait_until(lambda: self.replica.info("replication", "master_link_status") == "up", "the replica to follow")
        lines = [f"sentinel monitor {self.NAME} 127.0.0.1 {self.master.port} 2",
                 f"sentinel down-after-milliseconds {self.NAME} {down_after_ms}",
                 f"sentinel failover-timeout {self.NAME} 3000"]
        self.sentinels = [RedisServer(folder / f"sentinel{i}", *lines, sentinel=True).start() for i in range(3)]
        for sentinel in self.sentinels:
            wait_until(lambda s=sentinel: self._knows_all(s), "the sentinels to find each other", 30)

    def _knows_all(self, sentinel):
        known = sentinel.call("SENTINEL", "master", self.NAME)
        facts = dict(zip(known[::2], known[1::2]))
        return facts["num-other-sentinels"] == "2" and facts["num-slaves"] == "1"

    @property
    def addresses(self):
        return [f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels]

    def master_port(self):
        return int(self.sentinels[0].call("SENTINEL", "get-master-addr-by-name", self.NAME)[1])

    def stop(self):
        for server in (*self.sentinels, self.replica, self.master):
            server.kill()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
