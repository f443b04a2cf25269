"""The way to Redis is cut, slow or leads elsewhere: no ticket opens twice, whatever becomes of the answers."""

import json
import threading
import time

import pytest

from delaying_proxy import DelayingProxy
from gateway import wait_until
from redis_server import on_redis
from sentinel_set import SentinelSet
from store_promises import BACK_MAX, assert_back, assert_unavailable
from upgrade import NOT_AUTHORIZED, STORE_UNAVAILABLE, TICKET_EXPIRED, outcome_of


def test_clients_killed_in_the_middle_of_replies(redis, start_ready):
    gateway = start_ready(redis.url)
    outcomes, refusals, done = [], [], threading.Event()

    def kill():
        while not done.is_set():
            redis.call("CLIENT", "KILL", "TYPE", "normal")
            done.wait(0.15)

    def cycles():
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            answer = gateway.ask_ticket()
            if answer.status == 200:
                ticket = answer.json()["ticket"]
                outcomes.append([outcome_of(gateway, ticket) for _ in range(2)])
            else:
                refusals.append(answer.json()["code"])
                done.wait(0.01)  # clients back off, too

    killer = threading.Thread(target=kill)
    killer.start()
    threads = [threading.Thread(target=cycles) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    killer.join()
    assert_back(gateway)
    for pair in outcomes:
        assert pair.count("connected") <= 1, pair
        assert all(outcome in ("connected", NOT_AUTHORIZED, STORE_UNAVAILABLE) for outcome in pair), pair
    assert set(refusals) == {"STORE_UNAVAILABLE"}
    won = sum("connected" in pair for pair in outcomes)
    print(json.dumps({"tickets": len(outcomes), "won": won, "refused": len(refusals)}))
    assert won > 0


def test_replies_two_seconds_late(redis, start_ready):
    with DelayingProxy(redis.port) as proxy:
        gateway = start_ready(proxy.url)
        ticket = gateway.ticket()
        proxy.delay = 2.0
        for _ in range(3):
            assert_unavailable(gateway, ticket)
        proxy.delay = 0.0
        assert_back(gateway)
        assert outcome_of(gateway, ticket) in (NOT_AUTHORIZED, "connected")
        assert outcome_of(gateway, ticket) == NOT_AUTHORIZED


@pytest.mark.parametrize("direction", ["to", "from"])
def test_one_direction_cut(redis, start_ready, direction):
    with DelayingProxy(redis.port) as proxy:
        gateway = start_ready(proxy.url)
        ticket = gateway.ticket()
        setattr(proxy, f"cut_{direction}_redis", True)
        assert_unavailable(gateway, ticket)
        setattr(proxy, f"cut_{direction}_redis", False)
        assert_back(gateway)
        outcomes = [outcome_of(gateway, ticket) for _ in range(2)]
        assert outcomes[1] == NOT_AUTHORIZED, outcomes


# ---- Sentinel ----


def test_failover_by_sentinel(tmp_path, start_gateway):
    with SentinelSet(tmp_path) as redis:
        config = on_redis(sentinels=redis.addresses, master=redis.NAME)
        first, second = (start_gateway(config).wait_until_ready() for _ in range(2))
        spent, live = first.ticket(), first.ticket()
        assert outcome_of(second, spent) == "connected"
        redis.sentinels[0].kill()  # two are enough, for them and for us
        redis.master.kill()
        first.wait_until_not_ready()
        assert_unavailable(first, live)
        wait_until(lambda: redis.replica.role() == "master", "the promotion", 30)
        promoted = time.monotonic()
        assert_back(first, promoted)
        assert_back(second, promoted, BACK_MAX + 1)
        assert outcome_of(first, spent) in (NOT_AUTHORIZED, TICKET_EXPIRED)
        assert outcome_of(second, live) == TICKET_EXPIRED

        # The old master comes back and is made a replica; nobody goes back to it.
        fresh = first.ticket()
        redis.master.start()
        wait_until(lambda: redis.master.role() == "slave", "the old master to follow", 30)
        assert outcome_of(second, fresh) == "connected"
        assert outcome_of(first, fresh) == NOT_AUTHORIZED
