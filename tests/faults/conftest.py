"""Gateways on a Redis of each test's own."""

import pytest

from redis_server import RedisServer, on_redis


@pytest.fixture
def redis(tmp_path):
    with RedisServer(tmp_path / "redis").start() as server:
        yield server


@pytest.fixture
def start_ready(start_gateway):
    """start_ready(url, config): a gateway on the Redis at `url` that is ready."""
    return lambda url, config=None: start_gateway({**on_redis(url=url), **(config or {})}).wait_until_ready()
