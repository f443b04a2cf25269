"""A real redis-server process on a free port, in a temporary folder. Ends exactly what it started."""

import pathlib
import signal
import socket
import subprocess

from gateway import wait_until


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def on_redis(**keys):
    """The configuration of a gateway on Redis: `keys` of the section [redis]."""
    return {"engine": {"type": "redis"}, "redis": keys}


class RedisError(Exception):
    """What Redis answers with a minus in front."""


def encode(words):
    parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


class RedisClient:
    """A connection that says one thing at a time."""

    def __init__(self, port, timeout=5.0):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.stream = self.socket.makefile("rb")

    def call(self, *words):
        self.socket.sendall(encode(words))
        return self._read()

    def _read(self):
        line = self.stream.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("no answer")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RedisError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"+":
            return rest.decode()
        if kind == b"$":
            return None if rest == b"-1" else self.stream.read(int(rest) + 2)[:-2].decode("utf-8", "replace")
        return None if rest == b"-1" else [self._read() for _ in range(int(rest))]

    def close(self):
        self.stream.close()
        self.socket.close()


class RedisServer:
    """`options` are lines of redis.conf. It saves nothing unless they say so."""

    def __init__(self, folder, *options, port=None, sentinel=False):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = port or free_port()
        self.options = list(options)
        self.sentinel = sentinel
        self.process = None

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def start(self):
        config = self.folder / "redis.conf"
        if not (self.sentinel and config.exists()):  # a sentinel keeps its state there
            lines = [f"port {self.port}", "bind 127.0.0.1", f"dir {self.folder}", *self.options]
            config.write_text("\n".join(lines + ([] if self.sentinel else ['save ""'])) + "\n")
        command = ["redis-server", str(config)] + (["--sentinel"] if self.sentinel else [])
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until(lambda: self.answers() or self.process.poll() is not None, "redis-server to answer")
        if self.process.poll() is not None:
            raise AssertionError("redis-server did not start:\n" + (self.folder / "log").read_text()[-2000:])
        return self

    def answers(self):
        try:
            self.call("PING")
            return True
        except RedisError as error:
            return str(error).startswith("NOAUTH")
        except OSError:
            return False

    def call(self, *words):
        client = RedisClient(self.port)
        try:
            return client.call(*words)
        finally:
            client.close()

    def info(self, section, key):
        for line in self.call("INFO", section).split("\r\n"):
            if line.startswith(key + ":"):
                return line[len(key) + 1:]
        return None

    def role(self):
        """None: it hung up, as servers do on everybody when a sentinel gives them another role."""
        try:
            return self.info("replication", "role")
        except OSError:
            return None

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        if self.process is None:
            return
        self.process.kill()
        self.process.wait()
        self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
