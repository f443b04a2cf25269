"""The servers that `make bench` compares: each started on a free port of 127.0.0.1, pinned to a core, in a temporary folder."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
USHER = pathlib.Path(os.environ.get("USHER_BIN_DIR", ROOT / "build/release/bin")) / "usher"
SECRET = "the benchmark's secret, of 32 bytes or more"
API_KEY = "the benchmark's API key, long enough"
START_MAX_S = 20

USHER_CONFIG = """
[server]
listen = "127.0.0.1:{port}"
threads = {threads}
[admin]
listen = ""
[jwt]
secret_file = "{folder}/jwt.secret"
[api]
key_file = "{folder}/api.key"
[client]
allowed_origins = []
[limits]
upgrades_per_address = "0"
tickets_per_session = "0"
commands = "0"
half_open_per_address = 20000
[[channel.namespaces]]
name = "bench"
publish = "anyone"
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


class Server:
    """A running server. Its log goes to a file, at level info where it has levels."""

    def __init__(self, name, folder, cores):
        self.name, self.folder, self.port = name, pathlib.Path(folder), free_port()
        self.folder.mkdir(parents=True, exist_ok=True)
        for file, text in (("jwt.secret", SECRET), ("api.key", API_KEY)):
            (self.folder / file).write_text(text)
            (self.folder / file).chmod(0o600)
        environment = {**os.environ, "PORT": str(self.port), "NODE_ENV": "production",
                       "JWT_SECRET_FILE": str(self.folder / "jwt.secret"), "API_KEY_FILE": str(self.folder / "api.key")}
        self.log = open(self.folder / "log", "w")
        self.process = subprocess.Popen(["taskset", "-c", cores, *self.command()], env=environment, cwd=self.folder,
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self._wait_until_it_listens()

    def command(self):
        kind, _, threads = self.name.partition("-")
        if kind == "usher":
            config = self.folder / "usher.toml"
            config.write_text(USHER_CONFIG.format(port=self.port, folder=self.folder, threads=threads or 1))
            return [str(USHER), "serve", "--config", str(config)]
        if kind == "bun":
            return [str(ROOT / "bench/peers/node_modules/.bin/bun"), str(ROOT / "bench/peers/bun_server.js")]
        if kind == "ws":
            return ["node", str(ROOT / "bench/peers/ws_server.js")]
        if kind == "node":
            return ["node", str(ROOT / "bench/baseline/node/server.js")]
        text = (ROOT / "bench/peers/nchan.conf").read_text()
        for word, value in (("FOLDER", self.folder), ("PORT", self.port), ("MODULES", "/usr/lib/nginx/modules")):
            text = text.replace(word, str(value))
        (self.folder / "nchan.conf").write_text(text)
        return [shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(self.folder), "-c", str(self.folder / "nchan.conf")]

    def _wait_until_it_listens(self):
        deadline = time.monotonic() + START_MAX_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"{self.name} did not start:\n{(self.folder / 'log').read_text()[-2000:]}")

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

    # ---- how `usher bench` reaches it ----

    def has_tickets(self):
        return self.name.startswith(("usher", "node"))

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
