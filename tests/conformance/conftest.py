"""Starts the echo server that USHER_ECHO_SERVER names, once without a tight limit and once with one of 65536 bytes.

With `--door` the tests reach it through usher's proxy door, each connection with a ticket of its own. The results are the same.
"""
import itertools
import os
import subprocess
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from gateway import Gateway
from raw_client import LIMIT, TIMEOUT, RawClient, Server


def pytest_addoption(parser):
    parser.addoption("--door", action="store_true", help="put usher's proxy door in front of the echo server")


@dataclass(frozen=True)
class Door(Server):
    gateway: Gateway
    sessions = itertools.count()  # one for each connection: a session may have only a few

    def target(self):
        return f"/echo?ticket={self.gateway.ticket(sessionId=f's{next(self.sessions)}')}"


@contextmanager
def echo_server(*options):
    program = os.environ.get("USHER_ECHO_SERVER")
    if not program:
        pytest.exit("USHER_ECHO_SERVER does not name the echo server", returncode=2)
    process = subprocess.Popen([program, "--port", "0", *options], stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    assert line.startswith("listening on 127.0.0.1:"), line
    yield Server(int(line.rsplit(":", 1)[1]))
    assert process.poll() is None, f"the echo server ended by itself with {process.returncode}"
    process.terminate()
    process.wait(TIMEOUT)
    process.stdout.close()


@contextmanager
def door_to(server, folder):
    upstream = {"name": "echo", "path": "/echo", "url": f"http://127.0.0.1:{server.port}/"}
    gateway = Gateway(folder, {"upstreams": [upstream]}).start()
    yield Door(gateway.port, gateway)
    gateway.stop()


@pytest.fixture(scope="session")
def start_server(request, tmp_path_factory):
    """Starts an echo server with `options`, and a door where one was asked for."""
    with ExitStack() as running:

        def start(*options):
            server = running.enter_context(echo_server(*options))
            if request.config.getoption("--door"):
                server = running.enter_context(door_to(server, tmp_path_factory.mktemp("door")))
            return server

        yield start


@pytest.fixture(scope="session")
def server(start_server):
    return start_server()


@pytest.fixture(scope="session")
def limited_server(start_server):
    return start_server("--message-bytes", str(LIMIT))


@pytest.fixture
def client(server):
    with RawClient(server) as raw:
        yield raw.open()


@pytest.fixture
def limited_client(limited_server):
    with RawClient(limited_server) as raw:
        yield raw.open()
