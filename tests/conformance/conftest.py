"""Starts the echo server that USHER_ECHO_SERVER names, once without a tight limit and once with one of 65536 bytes."""
import os
import subprocess

import pytest

from raw_client import LIMIT, TIMEOUT, RawClient


def start(*options):
    program = os.environ.get("USHER_ECHO_SERVER")
    if not program:
        pytest.exit("USHER_ECHO_SERVER does not name the echo server", returncode=2)
    process = subprocess.Popen([program, "--port", "0", *options], stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    assert line.startswith("listening on 127.0.0.1:"), line
    return process, int(line.rsplit(":", 1)[1])


def stop(process):
    assert process.poll() is None, f"the echo server ended by itself with {process.returncode}"
    process.terminate()
    process.wait(TIMEOUT)
    process.stdout.close()


@pytest.fixture(scope="session")
def port():
    process, number = start()
    yield number
    stop(process)


@pytest.fixture(scope="session")
def limited_port():
    process, number = start("--message-bytes", str(LIMIT))
    yield number
    stop(process)


@pytest.fixture
def client(port):
    with RawClient(port) as raw:
        yield raw.open()


@pytest.fixture
def limited_client(limited_port):
    with RawClient(limited_port) as raw:
        yield raw.open()
