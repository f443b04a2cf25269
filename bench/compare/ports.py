"""Ports of 127.0.0.1: one that is free, and whether somebody listens on it by now."""

import pathlib
import socket
import time

START_MAX_S = 20


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def wait_until_it_listens(name, process, port, log):
    deadline = time.monotonic() + START_MAX_S
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    if process.poll() is None:
        process.kill()
    process.wait()
    raise RuntimeError(f"{name} did not start:\n{pathlib.Path(log).read_text()[-2000:]}")
