"""Fixtures of the tests that run the real gateway: see support/python/gateway.py."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support" / "python"))

from gateway import Gateway  # noqa: E402


@pytest.fixture
def start_gateway(tmp_path):
    """Call it with configuration (a dict of sections) to get a running gateway; all are stopped after the test."""
    running = []

    def start(config=None, **options):
        gateway = Gateway(tmp_path / f"gateway{len(running)}", config or {}, **options)
        running.append(gateway)
        return gateway.start()

    yield start
    for gateway in running:
        gateway.stop()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """One gateway with guests, a JWT secret, an API key and two allowed origins, shared by a module's tests."""
    shared = Gateway(tmp_path_factory.mktemp("gateway"), {}).start()
    yield shared
    shared.stop()
