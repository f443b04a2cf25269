"""Tickets on a Redis that many gateways share, and that stops, dies and forgets: real redis-server processes, gateways
as processes of their own, sockets of ours.

For each fault: the promised status or close code within the store's timeout and half a second, no ticket redeemed
twice, no crash, and everything back within two seconds of Redis.
"""

import concurrent.futures
import socket
import threading

from gateway import wait_until
from redis_server import RedisServer, on_redis
from ticket_outcomes import EXPIRED, SPENT, UNAVAILABLE, assert_back, assert_unavailable, timed, upgrade
from websocket import connect

# ---- one ticket, many hands ----


def test_of_a_thousand_upgrades_over_two_gateways_exactly_one_wins(redis, start_ready):
    patient = {"ticket": {"store_timeout": "10s"}}  # a slow machine is no part of what is tested
    first, second = start_ready(redis.url, patient), start_ready(redis.url, patient)
    ticket = first.ticket()
    count = 1000
    sockets = []
    for i in range(count):
        end = socket.create_connection(((first, second)[i % 2].host, (first, second)[i % 2].port), timeout=30)
        sockets.append(end)
    request = (f"GET /ws?ticket={ticket} HTTP/1.1\r\nHost: gw\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
               "Sec-WebSocket-Protocol: usher.v1.json\r\n\r\n").encode()
    halves = [sockets[i::4] for i in range(4)]

    def send(some):
        for end in some:
            end.sendall(request)

    threads = [threading.Thread(target=send, args=(some,)) for some in halves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    def answer(end):
        data = b""
        while True:
            chunk = end.recv(4096)
            data += chunk
            if b'"connect"' in data:
                return "connected"
            if b"NOT_AUTHORIZED" in data:
                return "refused"
            if not chunk:
                return data

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(answer, sockets))
    for end in sockets:
        end.close()
    assert answers.count("connected") == 1
    assert answers.count("refused") == count - 1
    assert first.metric("usher_ticket_redeems_total", outcome="consumed") \
        + second.metric("usher_ticket_redeems_total", outcome="consumed") == count - 1


def test_a_ticket_of_one_gateway_opens_the_other_and_only_once(redis, start_ready):
    first, second = start_ready(redis.url), start_ready(redis.url)
    ticket = first.ticket()
    assert upgrade(second, ticket) == "connected"
    assert upgrade(first, ticket) == SPENT
    assert upgrade(second, ticket) == SPENT
    assert upgrade(first, "0" * 32) == EXPIRED  # this Redis is young


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
    ws.send({"id": 1, "ping": {}})
    assert ws.read_reply(1)["id"] == 1, "open sockets have stayed open"
    ws.close()


def test_killed_and_restarted_empty(redis, start_ready):
    gateway = start_ready(redis.url)
    spent, live = gateway.ticket(), gateway.ticket()
    assert upgrade(gateway, spent) == "connected"
    redis.kill()
    gateway.wait_until_not_ready()
    answer, took = timed(gateway.ask_ticket)
    assert answer.status == 503 and took < 0.1, "at once"
    assert_unavailable(gateway, live)
    redis.start()
    assert_back(gateway)
    assert upgrade(gateway, spent) == EXPIRED
    assert upgrade(gateway, live) == EXPIRED
    assert gateway.count_lines("redis_down") <= 2 and gateway.count_lines("redis_up") <= 4, "transitions, once"


def test_killed_and_restarted_with_its_append_only_file(tmp_path, start_ready):
    with RedisServer(tmp_path / "aof", "appendonly yes", "appendfsync always").start() as redis:
        gateway = start_ready(redis.url)
        spent, live = gateway.ticket(), gateway.ticket()
        assert upgrade(gateway, spent) == "connected"
        redis.kill()
        gateway.wait_until_not_ready()
        redis.start()
        assert_back(gateway)
        assert upgrade(gateway, spent) == SPENT
        assert upgrade(gateway, live) == EXPIRED


def test_killed_and_restarted_from_a_snapshot_older_than_the_redeem(redis, start_ready):
    gateway = start_ready(redis.url)
    spent, live = gateway.ticket(), gateway.ticket()
    redis.call("SAVE")
    assert upgrade(gateway, spent) == "connected"
    redis.kill()
    gateway.wait_until_not_ready()
    redis.start()
    assert_back(gateway)
    assert upgrade(gateway, spent) == EXPIRED, "never twice"
    assert upgrade(gateway, live) == EXPIRED


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
    assert upgrade(gateway, ticket) == UNAVAILABLE
    assert_back(gateway)
    redis.call("DEL", "usher:tickets:memory")
    redis.call("RPUSH", "usher:tickets:memory", "x")
    assert_unavailable(gateway, ticket)
    redis.call("DEL", "usher:tickets:memory")
    assert_back(gateway)


def test_flushall(redis, start_ready):
    gateway = start_ready(redis.url)
    spent, live = gateway.ticket(), gateway.ticket()
    assert upgrade(gateway, spent) == "connected"
    redis.call("FLUSHALL")
    assert upgrade(gateway, spent) == EXPIRED
    assert upgrade(gateway, live) == EXPIRED
    assert_back(gateway)
