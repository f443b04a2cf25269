"""A Redis that is there and says no: the operator's mistakes, and a server that has changed its role."""

import pathlib
import re

from gateway import wait_until
from redis_server import on_redis
from store_promises import ANSWER_MAX, assert_back, assert_unavailable, timed
from upgrade import NOT_AUTHORIZED, STORE_UNAVAILABLE, outcome_of
from websocket import connect


def test_wrong_password(redis, start_gateway):
    redis.call("CONFIG", "SET", "requirepass", "right")
    gateway = start_gateway(on_redis(url=f"redis://:wr0ng@127.0.0.1:{redis.port}"))
    assert_unavailable(gateway, "0" * 32)
    gateway.wait_for_line("user or password refused: WRONGPASS")
    assert "wr0ng" not in gateway.log
    assert gateway.process.poll() is None
    assert gateway.admin("/healthz").status == 200


def test_a_user_without_the_commands(redis, start_gateway):
    redis.call("ACL", "SETUSER", "gate", "on", ">pw", "~*", "&*", "+ping", "+info")
    gateway = start_gateway(on_redis(url=f"redis://gate:pw@127.0.0.1:{redis.port}"))
    assert_unavailable(gateway, "0" * 32)
    redis.call("ACL", "SETUSER", "gate", "+@all")
    assert_back(gateway)


def documented_acl():
    """The line of docs/operations.md, so that it can't promise too little."""
    text = (pathlib.Path(__file__).parents[2] / "docs/operations.md").read_text()
    return re.search(r"^ACL SETUSER (usher on .*)$", text, re.MULTILINE).group(1).split()


def test_the_documented_acl_is_all_that_is_needed(redis, start_ready):
    redis.call("ACL", "SETUSER", *documented_acl())
    channels = {"channel": {"namespaces": [
        {"name": "news", "subscribe": "anyone", "history_size": 10, "history_ttl": "1m", "recovery": True,
         "presence": True, "join_leave": True},
        {"name": "job", "subscribe": "owner", "publish": "owner", "history_size": 10, "history_ttl": "1m"}]}}
    first, second = (start_ready(f"redis://usher:PASSWORD@127.0.0.1:{redis.port}/0", channels) for _ in range(2))
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


def test_turned_into_a_replica(redis, start_ready):
    gateway = start_ready(redis.url)
    ticket = gateway.ticket()
    redis.call("REPLICAOF", "127.0.0.1", "1")
    assert_unavailable(gateway, ticket)
    wait_until(lambda: "redis can't be reached" in gateway.not_ready_reasons(), "/readyz to say why")
    gateway.wait_for_line("it takes no writes any more")
    redis.call("REPLICAOF", "NO", "ONE")
    assert_back(gateway)


def test_out_of_memory(redis, start_ready):
    gateway = start_ready(redis.url)
    ticket = gateway.ticket()
    redis.call("CONFIG", "SET", "maxmemory", "1")
    answer, took = timed(gateway.ask_ticket)
    assert (answer.status, answer.json()["code"]) == (503, "OVERLOADED") and took < ANSWER_MAX
    assert outcome_of(gateway, ticket) == STORE_UNAVAILABLE
    redis.call("CONFIG", "SET", "maxmemory", "0")
    assert_back(gateway)
    assert outcome_of(gateway, ticket) == "connected", "it was not evicted"
    assert outcome_of(gateway, ticket) == NOT_AUTHORIZED


def test_a_redis_that_takes_no_writes_is_not_ready_and_its_words_are_said_once(redis, start_ready):
    gateway = start_ready(redis.url)
    for setting, bad, good, word in (("min-replicas-to-write", "1", "0", "NOREPLICAS"), ("maxmemory", "1", "0", "OOM")):
        redis.call("CONFIG", "SET", setting, bad)
        wait_until(lambda: any(word in reason for reason in gateway.not_ready_reasons()), f"/readyz to say {word}")
        assert gateway.ask_ticket().status == 503
        gateway.wait_for_line(f"redis refuses writes: {word}")
        redis.call("CONFIG", "SET", setting, good)
        assert_back(gateway)
        wait_until(lambda: gateway.count_lines("not_ready {") == gateway.count_lines(" ready"), "the end to be said")
        assert gateway.count_lines(f"redis refuses writes: {word}") == 1


def test_orders_that_can_not_be_read_are_said(redis, start_ready):
    redis.call("ACL", "SETUSER", "gate", "on", ">pw", "~*", "&*", "+@all")
    gateway = start_ready(f"redis://gate:pw@127.0.0.1:{redis.port}")
    redis.call("ACL", "SETUSER", "gate", "-xrange")
    redis.call("CLIENT", "KILL", "TYPE", "pubsub")
    reason = "orders of other gateways are not read: NOPERM"
    wait_until(lambda: any(reason in said for said in gateway.not_ready_reasons()), "/readyz to say why")
    assert "redis pub/sub is down" not in gateway.not_ready_reasons()
    redis.call("ACL", "SETUSER", "gate", "+xrange")
    assert_back(gateway)


def test_a_user_who_may_not_write_tickets_is_said(redis, start_ready):
    redis.call("ACL", "SETUSER", "gate", "on", ">pw", "~*", "&*", "+@all")
    gateway = start_ready(f"redis://gate:pw@127.0.0.1:{redis.port}")
    redis.call("ACL", "SETUSER", "gate", "-set")
    wait_until(lambda: any("redis refuses writes" in reason for reason in gateway.not_ready_reasons()), "/readyz to say why")
    assert gateway.ask_ticket().status == 503
    redis.call("ACL", "SETUSER", "gate", "+set")
    assert_back(gateway)
