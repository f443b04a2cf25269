"""100 clients on 20 channels, at random, against real gateways: support/python/property_run.py says what holds.

USHER_PROPERTY_SECONDS (10 for each configuration) and USHER_PROPERTY_SEED; scripts/soak runs it for longer.
"""

import os
import random

import pytest
from property_run import NAMESPACES, PropertyRun
from redis_server import RedisServer, on_redis

SECONDS = float(os.environ.get("USHER_PROPERTY_SECONDS", "10"))
CONFIG = {"channel": {"namespaces": NAMESPACES},
          "limits": {"connections_per_session": 0, "channels_per_connection": 64}}


@pytest.fixture(params=["memory", "redis"])
def gateways(request, start_gateway, tmp_path):
    """One with its own memory; two that share a Redis."""
    if request.param == "memory":
        yield [start_gateway(CONFIG)]
        return
    with RedisServer(tmp_path / "redis").start() as redis:
        yield [start_gateway({**CONFIG, **on_redis(url=redis.url)}) for _ in range(2)]


def test_each_view_of_a_channel_is_a_gap_free_run_or_its_client_was_told(gateways):
    seed = int(os.environ.get("USHER_PROPERTY_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"USHER_PROPERTY_SEED={seed}")
    run = PropertyRun(gateways, seed, shared_memory=len(gateways) > 1, kill_every=min(6.0, SECONDS / 3)).run(SECONDS)
    truth = run.truth
    print(f"{run.ids} publications, {truth.seen} seen; {truth.recovered} recoveries, {truth.gaps} gaps told, "
          f"{truth.activated} activations, {run.kills} kills")
    # A Redis forgets nothing when a gateway is killed, so there a short run may tell of no gap.
    tried = [truth.seen, truth.recovered, truth.activated, run.kills, truth.gaps or run.shared_memory]
    assert all(tried), f"a run that tried nothing: {tried}"
