"""Tickets on Redis' bad days: real redis-server processes, gateways as processes of their own, sockets of ours.

For each fault: the promised status or close code within the store's timeout and half a second, no ticket redeemed
twice, no crash, and everything back within two seconds of Redis.
"""

import concurrent.futures
import json
import pathlib
import re
import shutil
import socket
import threading
import time

import pytest

from gateway import wait_until
from redis_server import DelayingProxy, RedisServer, SentinelSet
from websocket import Closed, WebSocket, connect

pytestmark = pytest.mark.skipif(shutil.which("redis-server") is None, reason="no redis-server here")

STORE_TIMEOUT = 0.5
ANSWER_MAX = STORE_TIMEOUT + 0.5
BACK_MAX = 2.0
UNAVAILABLE = (1013, "STORE_UNAVAILABLE")
EXPIRED = (3100, "TICKET_EXPIRED")
SPENT = (1008, "NOT_AUTHORIZED")


def redis_config(url, **over):
    return {"engine": {"type": "redis"}, "redis": {"url": url, **over}}


@pytest.fixture
def redis(tmp_path):
    server = RedisServer(tmp_path / "redis").start()
    yield server
    server.kill()


@pytest.fixture
def start(start_gateway):
    """A gateway on Redis that is ready."""

    def ready(url, extra=None):
        gateway = start_gateway({**redis_config(url), **(extra or {})})
        wait_until(lambda: is_ready(gateway), f"readiness; {gateway.log[-2000:]}")
        return gateway

    return ready


def is_ready(gateway):
    return gateway.admin("/readyz").status == 200


def reasons(gateway):
    answer = gateway.admin("/readyz")
    return answer.json().get("reasons", [])


def timed(action):
    begin = time.monotonic()
    result = action()
    return result, time.monotonic() - begin


def upgrade(gateway, ticket):
    """"connected", or the (code, reason) that it was closed with."""
    ws = WebSocket(gateway.address, f"/ws?ticket={ticket}")
    try:
        ws.read_connect()
        return "connected"
    except Closed as closed:
        return closed.code, closed.reason
    finally:
        ws.close()


def assert_unavailable(gateway, ticket):
    """Both calls say so, in time."""
    answer, took = timed(gateway.ask_ticket)
    assert (answer.status, answer.json()["code"]) == (503, "STORE_UNAVAILABLE"), answer
    assert answer.headers["Retry-After"]
    assert took < ANSWER_MAX
    closed, took = timed(lambda: upgrade(gateway, ticket))
    assert closed == UNAVAILABLE
    assert took < ANSWER_MAX


def assert_back(gateway, since=None, within=BACK_MAX):
    """A whole cycle works, not later than `within` seconds after `since`."""
    since = since or time.monotonic()

    def cycle():
        answer = gateway.ask_ticket()
        return answer.status == 200 and upgrade(gateway, answer.json()["ticket"]) == "connected"

    wait_until(cycle, f"a ticket cycle; {gateway.log[-2000:]}", within + 5)
    took = time.monotonic() - since
    assert took < within, f"back after {took:.2f} s"
    wait_until(lambda: is_ready(gateway), "readiness", 2)
    print(f"back after {took * 1000:.0f} ms")


def assert_alive(gateway):
    assert gateway.process.poll() is None
    assert gateway.admin("/healthz").status == 200


# ---- one ticket, many hands ----


def test_of_a_thousand_upgrades_over_two_gateways_exactly_one_wins(redis, start):
    patient = {"ticket": {"store_timeout": "10s"}}  # a slow machine is no part of what is tested
    first, second = start(redis.url, patient), start(redis.url, patient)
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


def test_a_ticket_of_one_gateway_opens_the_other_and_only_once(redis, start):
    first, second = start(redis.url), start(redis.url)
    ticket = first.ticket()
    assert upgrade(second, ticket) == "connected"
    assert upgrade(first, ticket) == SPENT
    assert upgrade(second, ticket) == SPENT
    assert upgrade(first, "0" * 32) == EXPIRED  # this Redis is young


# ---- Redis stops, dies, comes back ----


def test_stopped_and_continued(redis, start):
    gateway = start(redis.url)
    ws = connect(gateway)
    ticket = gateway.ticket()
    redis.pause()
    for _ in range(3):
        assert_unavailable(gateway, ticket)
    wait_until(lambda: "redis can't be reached" in reasons(gateway), "/readyz to say why")
    redis.resume()
    assert_back(gateway)
    ws.send({"id": 1, "ping": {}})
    assert ws.read_reply(1)["id"] == 1, "open sockets have stayed open"
    ws.close()


def test_killed_and_restarted_empty(redis, start):
    gateway = start(redis.url)
    spent, live = gateway.ticket(), gateway.ticket()
    assert upgrade(gateway, spent) == "connected"
    redis.kill()
    wait_until(lambda: not is_ready(gateway), "/readyz")
    answer, took = timed(gateway.ask_ticket)
    assert answer.status == 503 and took < 0.1, "at once"
    assert_unavailable(gateway, live)
    redis.start()
    assert_back(gateway)
    assert upgrade(gateway, spent) == EXPIRED
    assert upgrade(gateway, live) == EXPIRED
    assert gateway.count_lines("redis_down") <= 2 and gateway.count_lines("redis_up") <= 4, "transitions, once"


def test_killed_and_restarted_with_its_append_only_file(tmp_path, start):
    redis = RedisServer(tmp_path / "aof", "appendonly yes", "appendfsync always").start()
    try:
        gateway = start(redis.url)
        spent, live = gateway.ticket(), gateway.ticket()
        assert upgrade(gateway, spent) == "connected"
        redis.kill()
        wait_until(lambda: not is_ready(gateway), "/readyz")
        redis.start()
        assert_back(gateway)
        assert upgrade(gateway, spent) == SPENT
        assert upgrade(gateway, live) == EXPIRED
    finally:
        redis.kill()


def test_killed_and_restarted_from_a_snapshot_older_than_the_redeem(redis, start):
    gateway = start(redis.url)
    spent, live = gateway.ticket(), gateway.ticket()
    redis.call("SAVE")
    assert upgrade(gateway, spent) == "connected"
    redis.kill()
    wait_until(lambda: not is_ready(gateway), "/readyz")
    redis.start()
    assert_back(gateway)
    assert upgrade(gateway, spent) == EXPIRED, "never twice"
    assert upgrade(gateway, live) == EXPIRED


def test_not_there_at_the_start(tmp_path, start_gateway):
    redis = RedisServer(tmp_path / "redis")
    gateway = start_gateway(redis_config(redis.url))
    assert_unavailable(gateway, "0" * 32)
    assert "redis can't be reached" in reasons(gateway)
    try:
        redis.start()
        assert_back(gateway)
    finally:
        redis.kill()


# ---- Redis refuses ----


def test_wrong_password(redis, start_gateway):
    redis.call("CONFIG", "SET", "requirepass", "right")
    gateway = start_gateway(redis_config(f"redis://:wr0ng@127.0.0.1:{redis.port}"))
    assert_unavailable(gateway, "0" * 32)
    gateway.wait_for_line("user or password refused: WRONGPASS")
    assert "wr0ng" not in gateway.log
    assert_alive(gateway)


def test_a_user_without_the_commands(redis, start_gateway):
    redis.call("ACL", "SETUSER", "gate", "on", ">pw", "~*", "&*", "+ping", "+info")
    gateway = start_gateway(redis_config(f"redis://gate:pw@127.0.0.1:{redis.port}"))
    assert_unavailable(gateway, "0" * 32)
    redis.call("ACL", "SETUSER", "gate", "+@all")
    assert_back(gateway)


def documented_acl():
    """The line of docs/operations.md, so that it can't promise too little."""
    text = (pathlib.Path(__file__).parents[2] / "docs/operations.md").read_text()
    return re.search(r"^ACL SETUSER (usher on .*)$", text, re.MULTILINE).group(1).split()


def test_the_documented_acl_is_all_that_is_needed(redis, start):
    redis.call("ACL", "SETUSER", *documented_acl())
    channels = {"channel": {"namespaces": [
        {"name": "news", "subscribe": "anyone", "history_size": 10, "history_ttl": "1m", "recovery": True,
         "presence": True, "join_leave": True},
        {"name": "job", "subscribe": "owner", "publish": "owner", "history_size": 10, "history_ttl": "1m"}]}}
    first, second = (start(f"redis://usher:PASSWORD@127.0.0.1:{redis.port}/0", extra=channels) for _ in range(2))
    reader = connect(first, first.ticket(sessionId="reader"))
    reader.send({"id": 1, "subscribe": {"channel": "news:1"}})
    assert "subscribe" in reader.read_reply(1)
    params = {"channel": "news:1", "data": 1, "idempotency_key": "k"}
    assert second.api("publish", params)["result"]["offset"] == 1
    assert reader.read_publication()[1]["data"] == 1
    for method, params in {"presence": {"channel": "news:1"}, "presence_stats": {"channel": "news:1"},
                           "history": {"channel": "news:1", "limit": 10}, "info": {}, "channels": {},
                           "history_remove": {"channel": "news:1"}, "revoke": {"session": "nobody", "ttl": 60},
                           "bind": {"channel": "job:1", "session": "reader", "ttl": 60},
                           "disconnect": {"user": "nobody"}}.items():
        assert "result" in second.api(method, params), (method, second.api(method, params))
    reader.send({"id": 2, "unsubscribe": {"channel": "news:1"}})
    assert "unsubscribe" in reader.read_reply(2)
    reader.close()
    refused = [entry for entry in redis.call("ACL", "LOG")]
    assert refused == [], refused


def test_turned_into_a_replica(redis, start):
    gateway = start(redis.url)
    ticket = gateway.ticket()
    redis.call("REPLICAOF", "127.0.0.1", "1")
    assert_unavailable(gateway, ticket)
    wait_until(lambda: "redis can't be reached" in reasons(gateway), "/readyz to say why")
    gateway.wait_for_line("it takes no writes any more")
    redis.call("REPLICAOF", "NO", "ONE")
    assert_back(gateway)


def test_out_of_memory(redis, start):
    gateway = start(redis.url)
    ticket = gateway.ticket()
    redis.call("CONFIG", "SET", "maxmemory", "1")
    answer, took = timed(gateway.ask_ticket)
    assert (answer.status, answer.json()["code"]) == (503, "OVERLOADED") and took < ANSWER_MAX
    assert upgrade(gateway, ticket) == UNAVAILABLE
    redis.call("CONFIG", "SET", "maxmemory", "0")
    assert_back(gateway)
    assert upgrade(gateway, ticket) == "connected", "it was not evicted"
    assert upgrade(gateway, ticket) == SPENT


def test_keys_of_the_wrong_type(redis, start):
    gateway = start(redis.url)
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


def test_flushall(redis, start):
    gateway = start(redis.url)
    spent, live = gateway.ticket(), gateway.ticket()
    assert upgrade(gateway, spent) == "connected"
    redis.call("FLUSHALL")
    assert upgrade(gateway, spent) == EXPIRED
    assert upgrade(gateway, live) == EXPIRED
    assert_back(gateway)


# ---- the way to Redis ----


def test_clients_killed_in_the_middle_of_replies(redis, start):
    gateway = start(redis.url)
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
                outcomes.append([upgrade(gateway, ticket) for _ in range(2)])
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
        assert all(outcome in ("connected", SPENT, UNAVAILABLE) for outcome in pair), pair
    assert set(refusals) == {"STORE_UNAVAILABLE"}
    won = sum("connected" in pair for pair in outcomes)
    print(json.dumps({"tickets": len(outcomes), "won": won, "refused": len(refusals)}))
    assert won > 0


def test_replies_two_seconds_late(redis, start):
    proxy = DelayingProxy(redis.port)
    try:
        gateway = start(proxy.url)
        ticket = gateway.ticket()
        proxy.delay = 2.0
        for _ in range(3):
            assert_unavailable(gateway, ticket)
        proxy.delay = 0.0
        assert_back(gateway)
        assert upgrade(gateway, ticket) in (SPENT, "connected")
        assert upgrade(gateway, ticket) == SPENT
    finally:
        proxy.close()


@pytest.mark.parametrize("direction", ["to", "from"])
def test_one_direction_cut(redis, start, direction):
    proxy = DelayingProxy(redis.port)
    try:
        gateway = start(proxy.url)
        ticket = gateway.ticket()
        setattr(proxy, f"cut_{direction}_redis", True)
        assert_unavailable(gateway, ticket)
        setattr(proxy, f"cut_{direction}_redis", False)
        assert_back(gateway)
        outcomes = [upgrade(gateway, ticket) for _ in range(2)]
        assert outcomes[1] == SPENT, outcomes
    finally:
        proxy.close()


# ---- Sentinel ----


def test_failover_by_sentinel(tmp_path, start_gateway):
    redis = SentinelSet(tmp_path)
    try:
        config = {"engine": {"type": "redis"}, "redis": {"sentinels": redis.addresses, "master": redis.NAME}}
        first, second = start_gateway(config), start_gateway(config)
        for gateway in (first, second):
            wait_until(lambda g=gateway: is_ready(g), "readiness")
        spent, live = first.ticket(), first.ticket()
        assert upgrade(second, spent) == "connected"
        redis.sentinels[0].kill()  # two are enough, for them and for us
        redis.master.kill()
        wait_until(lambda: not is_ready(first), "/readyz")
        assert_unavailable(first, live)
        wait_until(lambda: redis.replica.role() == "master", "the promotion", 30)
        promoted = time.monotonic()
        assert_back(first, promoted)
        assert_back(second, promoted, BACK_MAX + 1)
        assert upgrade(first, spent) in (SPENT, EXPIRED)
        assert upgrade(second, live) == EXPIRED

        # The old master comes back and is made a replica; nobody goes back to it.
        fresh = first.ticket()
        redis.master.start()
        wait_until(lambda: redis.master.role() == "slave", "the old master to follow", 30)
        assert upgrade(second, fresh) == "connected"
        assert upgrade(first, fresh) == SPENT
    finally:
        redis.stop()


# ---- revocations ----


def test_a_revocation_shuts_every_gateways_door_and_sends_out_who_is_inside(redis, start):
    first, second = start(redis.url), start(redis.url)
    inside = connect(second, second.ticket(sessionId="bad"))
    ticket = second.ticket(sessionId="bad")
    assert first.api("revoke", {"session": "bad", "ttl": 600}) == {"result": {}}
    assert inside.read_close() == (3520, "SESSION_REVOKED")
    assert upgrade(second, ticket) == (3520, "SESSION_REVOKED")
    assert second.ask_ticket(sessionId="bad").json()["code"] == "SESSION_REVOKED"
    third = start(redis.url)
    assert third.ask_ticket(sessionId="bad").json()["code"] == "SESSION_REVOKED", "loaded before it was ready"
    assert third.ask_ticket(sessionId="good").status == 200


def test_a_revocation_that_was_missed_is_heeded_when_pub_sub_is_back(redis, start_gateway):
    proxy = DelayingProxy(redis.port)
    try:
        first, second = start_gateway(redis_config(redis.url)), start_gateway(redis_config(proxy.url))
        for gateway in (first, second):
            wait_until(lambda g=gateway: is_ready(g), "readiness")
        inside = connect(second, second.ticket(sessionId="bad"))
        proxy.cut_from_redis = True
        wait_until(lambda: "redis pub/sub is down" in reasons(second), "/readyz to say why")
        first.api("revoke", {"session": "bad", "ttl": 600})
        proxy.cut_from_redis = False
        assert inside.read_close() == (3520, "SESSION_REVOKED")
        assert_back(second)
        assert second.ask_ticket(sessionId="bad").json()["code"] == "SESSION_REVOKED"
    finally:
        proxy.close()


def test_without_redis_a_revocation_is_not_said_to_be_in_force(redis, start):
    gateway = start(redis.url)
    redis.kill()
    wait_until(lambda: not is_ready(gateway), "/readyz")
    answer = gateway.api("revoke", {"session": "bad", "ttl": 600})
    assert answer["error"]["code"] == 100, answer
    assert gateway.ask_ticket(sessionId="bad").json()["code"] == "SESSION_REVOKED", "here it is"
    redis.start()
    assert_back(gateway)
    assert gateway.api("revoke", {"session": "bad", "ttl": 600}) == {"result": {}}
