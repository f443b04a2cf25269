"""`usher connect`, the C++ client, and programs like it, as processes whose lines a test reads while they run."""

import re
import signal
import subprocess
import threading

from gateway import wait_until
from program import USHER

SECRETS = re.compile(r"eyJ[\w-]+\.|\b[0-9a-f]{32}\b")  # how a token begins, and a ticket


class ClientProcess:
    """`lines`: what it said on stderr; `messages`: what it printed on stdout."""

    def __init__(self, command, stdin=None):
        self.lines, self.messages = [], []
        self.process = subprocess.Popen(command, text=True, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._readers = [threading.Thread(target=self._read, args=pair, daemon=True)
                         for pair in ((self.process.stderr, self.lines), (self.process.stdout, self.messages))]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream, into):
        for line in stream:
            into.append(line.rstrip("\n"))

    def wait_for_exit(self, timeout=10.0):
        code = self.process.wait(timeout)
        for reader in self._readers:
            reader.join(5)
        return code

    def leaks(self):
        return [line for line in self.lines + self.messages if SECRETS.search(line)]


class CppClient(ClientProcess):
    def __init__(self, url, *args):
        super().__init__([USHER, "connect", url, *args])

    def wait_for_line(self, part, timeout=10.0):
        wait_until(lambda: any(part in line for line in list(self.lines)), f"{part!r} in {self.lines}", timeout)

    def count(self, part):
        return sum(part in line for line in list(self.lines))

    def is_connected(self):
        """By its own words: the last that it said of a connection is that it has one."""
        told = [line for line in list(self.lines) if line.startswith(("[WS] Connected", "[WS] Disconnected"))]
        return bool(told) and told[-1] == "[WS] Connected"

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.wait_for_exit()
