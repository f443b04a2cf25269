"""A redis-server of the benchmark's own: in memory alone, on a free port of 127.0.0.1, ended with whoever started it."""

import pathlib
import shutil
import signal
import subprocess
import time

from ports import free_port, wait_until_it_listens

CORE = "1"  # the load's, as if it were another machine


class RedisServer:
    def __init__(self, folder):
        self.folder, self.port = pathlib.Path(folder), free_port()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = open(self.folder / "log", "w")
        program = shutil.which("redis-server") or "/usr/bin/redis-server"
        self.process = subprocess.Popen(
            ["taskset", "-c", CORE, program, "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder),
             "--save", "", "--appendonly", "no"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        wait_until_it_listens("redis-server", self.process, self.port, self.folder / "log")

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def cpu_s(self):
        """That it has used since it began. The clock of a process's CPU: see clock_getcpuclockid(3)."""
        return time.clock_gettime(~self.process.pid << 3 | 2)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
