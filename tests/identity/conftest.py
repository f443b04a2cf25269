"""A real OpenID provider, and gateways that accept its tokens and its logouts."""

import pytest

from gateway import Gateway, wait_until
from openid_browser import CLIENT, Provider
from redis_server import RedisServer, on_redis

AUDIENCE = "https://api.example"


def accepts(provider):
    """The configuration of a gateway for the provider. The session is the token's own: not that of the provider."""
    return {"guest": {"enabled": False},
            "jwt": {"secret_file": [], "issuer": provider.issuer, "audience": [AUDIENCE], "jwks_url": provider.issuer + "/jwks",
                    "session_claim": ["jti"], "logout_audience": [CLIENT]}}


@pytest.fixture
def provider():
    started = Provider()
    yield started
    started.stop()


@pytest.fixture
def pair(provider, tmp_path):
    """Two gateways on one Redis. The provider tells the first one of logouts."""
    (tmp_path / "redis").mkdir()
    with RedisServer(tmp_path / "redis").start() as redis:
        both = [Gateway(tmp_path / f"gateway{i}", {**on_redis(url=redis.url), **accepts(provider)}).start() for i in range(2)]
        for gateway in both:
            gateway.wait_until_ready()
        wait_until(lambda: "result" in both[0].api("info", {}), "both gateways to answer")
        provider.tell(backchannel_logout_uri=f"http://{both[0].address}/auth/backchannel-logout")
        yield both
        for gateway in both:
            gateway.stop()


@pytest.fixture
def single(provider, start_gateway):
    """One gateway, with the memory engine."""
    gateway = start_gateway(accepts(provider)).wait_until_ready()
    provider.tell(backchannel_logout_uri=f"http://{gateway.address}/auth/backchannel-logout")
    return gateway
