"""Tickets on a Redis that many gateways share, and that stops, dies and forgets: real redis-server processes, gateways
as processes of their own, sockets of ours.

For each fault: the promised status or close code within the store's timeout and half a second, no ticket redeemed
twice, no crash, and everything back within two seconds of Redis.
"""

from gateway import wait_until
from protocol import assert_alive
from redis_server import RedisServer, on_redis
from store_promises import assert_back, assert_unavailable, timed
from upgrade import NOT_AUTHORIZED, STORE_UNAVAILABLE, TICKET_EXPIRED, outcome_of, race
from websocket import connect

# ---- one ticket, many hands ----


def test_of_a_thousand_upgrades_over_two_gateways_exactly_one_wins(redis, start_ready):
    patient = {"ticket": {"store_timeout": "10s"}}  # a slow machine is no part of what is tested
    first, second = start_ready(redis.url, patient), start_ready(redis.url, patient)
    count = 1000
    outcomes = race([first, second], first.ticket(), count)
    assert outcomes.count("connected") == 1
    assert outcomes.count(NOT_AUTHORIZED) == count - 1
    assert first.metric("usher_ticket_redeems_total", outcome="consumed") \
        + second.metric("usher_ticket_redeems_total", outcome="consumed") == count - 1


def test_a_ticket_of_one_gateway_opens_the_other_and_only_once(redis, start_ready):
    first, second = start_ready(redis.url), start_ready(redis.url)
    ticket = first.ticket()
    assert outcome_of(second, ticket) == "connected"
    assert outcome_of(first, ticket) == NOT_AUTHORIZED
    assert outcome_of(second, ticket) == NOT_AUTHORIZED
    assert outcome_of(first, "0" * 32) == TICKET_EXPIRED  # this Redis is young


def test_live_tickets_of_all_gateways_are_bounded_together(redis, start_ready):
    few = {"ticket": {"outstanding_max": 8, "ttl": "6s"}, "limits": {"tickets_per_session": "0"}}
    first, second = start_ready(redis.url, few), start_ready(redis.url, few)
    tickets = [gateway.ticket() for gateway in (first, second) for _ in range(4)]
    for gateway in first, second:
        answer = gateway.ask_ticket()
        assert (answer.status, answer.json()["code"]) == (503, "OVERLOADED")
    assert outcome_of(second, tickets[0]) == "connected"
    assert second.ask_ticket().status == 200 and first.ask_ticket().status == 503
    redis.call("SET", "usher:tickets:outstanding", "spoilt")
    assert first.ask_ticket().status == 503
    redis.call("DEL", "usher:tickets:outstanding")
    assert first.ask_ticket().status == 200, "a count that was lost begins anew"
    assert outcome_of(first, tickets[1]) == "connected"
    wait_until(lambda: all(first.ask_ticket().status == 200 for _ in range(8)), "unused ones to make room", 10)


def test_what_live_tickets_occupy_in_redis_is_bounded_and_an_address_has_a_share(redis, start_ready):
    config = {"ticket": {"outstanding_bytes": 4 << 20}, "limits": {"tickets_per_session": "0"},
              "server": {"trusted_proxies": ["127.0.0.1"]}}
    gateway = start_ready(redis.url, config)
    body = b'{"subs":{"%s":{}}}' % (b"a" * 16_000)
    token = gateway.token()

    def ask(address, wishes):
        return gateway.ask_ticket(token, body=wishes, headers={"X-Forwarded-For": address})
    before = int(redis.info("memory", "used_memory"))
    for i in range(12):
        while ask(f"192.0.2.{i}", body).status == 200:
            pass
    assert int(redis.info("memory", "used_memory")) - before < 6 << 20
    for i in range(20):
        assert ask(f"198.51.100.{i}", b"{}").status == 200, "somebody else's"


# ---- Redis stops, dies, comes back ----


def test_stopped_and_continued(redis, start_ready):
    gateway = start_ready(redis.url)
    ws = connect(gateway)
    ticket = gateway.ticket()
    redis.pause()
    for _ in range(3):
        assert_unavailable(gateway, ticket)
    wait_until(lambda: "redis can't be reached" in gateway.not_ready_reasons(), "/readyz to say why")
    redis.resume()
    assert_back(gateway)
    assert_alive(ws)
    ws.close()


def test_killed_and_restarted_empty(redis, start_ready):
    gateway = start_ready(redis.url)
    spent, live = gateway.ticket(), gateway.ticket()
    assert outcome_of(gateway, spent) == "connected"
    redis.kill()
    gateway.wait_until_not_ready()
    answer, took = timed(gateway.ask_ticket)
    assert answer.status == 503 and took < 0.1, "at once"
    assert_unavailable(gateway, live)
    redis.start()
    assert_back(gateway)
    assert outcome_of(gateway, spent) == TICKET_EXPIRED
    assert outcome_of(gateway, live) == TICKET_EXPIRED
    assert gateway.count_lines("redis_down") <= 2 and gateway.count_lines("redis_up") <= 4, "transitions, once"


def test_killed_and_restarted_with_its_append_only_file(tmp_path, start_ready):
    with RedisServer(tmp_path / "aof", "appendonly yes", "appendfsync always").start() as redis:
        gateway = start_ready(redis.url)
        spent, live = gateway.ticket(), gateway.ticket()
        assert outcome_of(gateway, spent) == "connected"
        redis.kill()
        gateway.wait_until_not_ready()
        redis.start()
        assert_back(gateway)
        assert outcome_of(gateway, spent) == NOT_AUTHORIZED
        assert outcome_of(gateway, live) == TICKET_EXPIRED


def test_killed_and_restarted_from_a_snapshot_older_than_the_redeem(redis, start_ready):
    gateway = start_ready(redis.url)
    spent, live = gateway.ticket(), gateway.ticket()
    redis.call("SAVE")
    assert outcome_of(gateway, spent) == "connected"
    redis.kill()
    gateway.wait_until_not_ready()
    redis.start()
    assert_back(gateway)
    assert outcome_of(gateway, spent) == TICKET_EXPIRED, "never twice"
    assert outcome_of(gateway, live) == TICKET_EXPIRED


def test_not_there_at_the_start(tmp_path, start_gateway):
    with RedisServer(tmp_path / "redis") as redis:
        gateway = start_gateway(on_redis(url=redis.url))
        assert_unavailable(gateway, "0" * 32)
        assert "redis can't be reached" in gateway.not_ready_reasons()
        redis.start()
        assert_back(gateway)


# ---- Redis has lost or mistaken what it was told ----


def test_keys_of_the_wrong_type(redis, start_ready):
    gateway = start_ready(redis.url)
    ticket = gateway.ticket()
    for key in redis.call("KEYS", "usher:ticket:*"):
        redis.call("DEL", key)
        redis.call("RPUSH", key, "x")
    assert outcome_of(gateway, ticket) == STORE_UNAVAILABLE
    assert_back(gateway)
    redis.call("DEL", "usher:tickets:memory")
    redis.call("RPUSH", "usher:tickets:memory", "x")
    assert_unavailable(gateway, ticket)
    redis.call("DEL", "usher:tickets:memory")
    assert_back(gateway)


def test_flushall(redis, start_ready):
    gateway = start_ready(redis.url)
    spent, live = gateway.ticket(), gateway.ticket()
    assert outcome_of(gateway, spent) == "connected"
    redis.call("FLUSHALL")
    assert outcome_of(gateway, spent) == TICKET_EXPIRED
    assert outcome_of(gateway, live) == TICKET_EXPIRED
    assert_back(gateway)
