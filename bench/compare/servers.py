"""The servers that `make bench` compares: each started on a free port of 127.0.0.1, pinned to a core, in a temporary folder."""

import os
import pathlib
import shutil
import signal
import subprocess

from ports import free_port, wait_until_it_listens
from redis_server import RedisServer

ROOT = pathlib.Path(__file__).resolve().parents[2]
USHER = pathlib.Path(os.environ.get("USHER_BIN_DIR", ROOT / "build/release/bin")) / "usher"
SECRET = "the benchmark's secret, of 32 bytes or more"
API_KEY = "the benchmark's API key, long enough"

USHER_CONFIG = """
[server]
listen = "127.0.0.1:{port}"
threads = {threads}
io_uring = {io_uring}
[admin]
listen = ""
[jwt]
secret_file = "{folder}/jwt.secret"
[api]
key_file = "{folder}/api.key"
[client]
allowed_origins = []
[ticket]
outstanding_share = 0
[limits]
upgrades_per_address = "0"
tickets_per_session = "0"
commands = "0"
half_open_per_address = 20000
[[channel.namespaces]]
name = "bench"
publish = "anyone"
"""
USHER_UPSTREAM = """
[[upstreams]]
name = "echo"
path = "/echo"
url = "http://127.0.0.1:{port}/"
"""
USHER_ON_REDIS = """
[engine]
type = "redis"
[redis]
url = "{url}"
"""


class EchoUpstream:
    """What the tunnels lead to."""

    def __init__(self, folder):
        self.port = free_port()
        self.process = subprocess.Popen(["taskset", "-c", "1", str(USHER.parent / "echo_server"), "--port", str(self.port)],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait_until_it_listens("echo_server", self.process, self.port, folder / "log")

    def stop(self):
        self.process.kill()
        self.process.wait()


class Server:
    """A running server, and the Redis that it keeps its tickets in, if its name says so: "usher", "usher-2" (two shards),
    "usher@redis", "usher@sends" (a system call for each send), "usher@tunnel" and "nginx@tunnel" (before an echo server, which
    runs on the load's core and is not measured). Its log goes to a file, at level info where it has levels."""

    def __init__(self, name, folder, cores):
        self.name, self.folder, self.port = name, pathlib.Path(folder), free_port()
        self.kind, self.threads = (name.partition("@")[0].split("-") + ["1"])[:2]
        self.folder.mkdir(parents=True, exist_ok=True)
        for file, text in (("jwt.secret", SECRET), ("api.key", API_KEY)):
            (self.folder / file).write_text(text)
            (self.folder / file).chmod(0o600)
        environment = {**os.environ, "PORT": str(self.port), "NODE_ENV": "production",
                       "JWT_SECRET_FILE": str(self.folder / "jwt.secret"), "API_KEY_FILE": str(self.folder / "api.key")}
        self.redis = RedisServer(self.folder / "redis") if name.endswith("@redis") else None
        self.upstream = EchoUpstream(self.folder) if name.endswith("@tunnel") else None
        environment["REDIS_URL"] = self.redis.url if self.redis else ""
        self.log = open(self.folder / "log", "w")
        self.process = subprocess.Popen(["taskset", "-c", cores, *self.command()], env=environment, cwd=self.folder,
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        try:
            wait_until_it_listens(name, self.process, self.port, self.folder / "log")
        except RuntimeError:
            self.stop_helpers()
            raise

    def command(self):
        if self.kind == "usher":
            config = self.folder / "usher.toml"
            text = USHER_CONFIG.format(port=self.port, folder=self.folder, threads=self.threads,
                                       io_uring="false" if self.name.endswith("@sends") else "true")
            text += USHER_ON_REDIS.format(url=self.redis.url) if self.redis else ""
            config.write_text(text + (USHER_UPSTREAM.format(port=self.upstream.port) if self.upstream else ""))
            return [str(USHER), "serve", "--config", str(config)]
        if self.kind == "bun":
            return [str(ROOT / "bench/peers/node_modules/.bin/bun"), str(ROOT / "bench/peers/bun_server.js")]
        if self.kind == "ws":
            return ["node", str(ROOT / "bench/peers/ws_server.js")]
        if self.kind == "node":
            return ["node", str(ROOT / "bench/baseline/node/server.js")]
        conf = "tunnel.conf" if self.kind == "nginx" else "nchan.conf"
        text = (ROOT / "bench/peers" / conf).read_text()
        for word, value in (("FOLDER", self.folder), ("UPSTREAM", self.upstream.port if self.upstream else ""),
                            ("PORT", self.port), ("MODULES", "/usr/lib/nginx/modules")):
            text = text.replace(word, str(value))
        (self.folder / conf).write_text(text)
        return [shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(self.folder), "-c", str(self.folder / conf)]

    def pids(self):
        """The process and its children: nginx works in one."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(0.5)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        self.stop_helpers()

    def stop_helpers(self):
        for helper in (self.redis, self.upstream):
            if helper:
                helper.stop()

    # ---- how `usher bench` reaches it ----

    def has_tickets(self):
        return self.kind in ("usher", "node")

    def target(self, path=""):
        args = []
        for pid in self.pids():
            args += ["--target-pid", str(pid)]
        if self.has_tickets():
            return [*args, "--url", f"http://127.0.0.1:{self.port}", "--secret-file", str(self.folder / "jwt.secret")]
        return [*args, "--bare", "--url", f"ws://127.0.0.1:{self.port}{path}"]

    def publish_args(self, way):
        if not self.has_tickets():
            return ["--publish", "ws", "--publish-path", "/pub"]
        if way == "ws":
            return ["--publish", "ws"]
        return ["--api-key-file", str(self.folder / "api.key")]
