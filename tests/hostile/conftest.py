"""Gateways on a Redis of each test's own."""

import pytest
from redis_server import RedisServer, on_redis


@pytest.fixture
def redis(tmp_path):
    with RedisServer(tmp_path / "redis").start() as server:
        yield server


@pytest.fixture
def start_on_redis(start_gateway):
    """start_on_redis(url, config): a gateway on the Redis at `url`, once it is ready."""
    return lambda url, config=None: start_gateway({**on_redis(url=url), **(config or {})}).wait_until_ready()
