"""Fixtures of the tests that play an upstream, or its client, by hand."""

import os

import pytest

from raw_upstream import RawUpstream, open_tunnel


@pytest.fixture
def upstream():
    server = RawUpstream()
    yield server
    server.close()


@pytest.fixture
def tunnel_to(start_gateway):
    """Starts a gateway for an upstream and opens a tunnel: (gateway, client's end, upstream's end)."""
    opened = []

    def start(upstream, config=None, **keys):
        gateway = start_gateway({"upstreams": [upstream.upstream(**keys)], **(config or {})})
        client, server = open_tunnel(gateway, upstream)
        opened.append(client)
        return gateway, client, server

    yield start
    for client in opened:
        client.close()


@pytest.fixture
def echo_server_program():
    program = os.environ.get("USHER_ECHO_SERVER")
    assert program, "USHER_ECHO_SERVER does not name the echo server"
    return program
