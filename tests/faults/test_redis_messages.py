"""Messages on Redis' bad days: every client gets every accepted publication once and in order, or is told of the gap.

USHER_PUBLICATIONS says how many are published while things are killed (the nightly run: 100,000).
"""

import itertools
import os
import random
import shutil
import threading
import time

import pytest

from delaying_proxy import DelayingProxy
from gateway import API_KEY, wait_until
from numbered import Listener, Publisher, faults
from redis_server import RedisServer
from websocket import Closed, connect

PUBLICATIONS = int(os.environ.get("USHER_PUBLICATIONS", "5000"))
CLIENTS = 50
CHANNEL = "news:numbers"
NAMESPACES = [{"name": "news", "subscribe": "anyone", "history_size": 5000, "history_ttl": "10m", "recovery": True},
              {"name": "short", "subscribe": "anyone", "history_size": 5, "history_ttl": "10m", "recovery": True},
              {"name": "live", "subscribe": "anyone", "publish": "anyone"},
              {"name": "granted"},
              {"name": "jobs", "subscribe": "owner"}]
CONFIG = {"channel": {"namespaces": NAMESPACES}, "limits": {"commands": "0"}}


@pytest.fixture
def redis(tmp_path):
    with RedisServer(tmp_path / "redis", "appendonly yes").start() as server:
        yield server


@pytest.fixture
def start(start_ready):
    return lambda url: start_ready(url, CONFIG)


class Chaos:
    """One bad thing after the other, drawn from a seed, until it is stopped; then all is well again."""

    def __init__(self, redis, gateways, seed):
        self.redis, self.gateways, self.random = redis, gateways, random.Random(seed)
        self.done = {}
        self.stopping = threading.Event()

    def run(self):
        kinds = [self.kill_redis, self.forget_everything, self.pause_redis, self.kill_gateway, self.cut_pub_sub,
                 self.cut_commands]
        while not self.stopping.wait(self.random.uniform(0.2, 0.8)):
            kind = self.random.choice(kinds)
            self.done[kind.__name__] = self.done.get(kind.__name__, 0) + 1
            kind()

    def kill_redis(self):
        self.redis.kill()
        time.sleep(self.random.uniform(0, 0.5))
        self.redis.start()

    def forget_everything(self):
        self.redis.kill()
        shutil.rmtree(self.redis.folder / "appendonlydir", ignore_errors=True)
        self.redis.start()

    def pause_redis(self):
        self.redis.pause()
        time.sleep(self.random.uniform(0, 1))
        self.redis.resume()

    def kill_gateway(self):
        gateway = self.random.choice(self.gateways)
        gateway.kill()
        gateway.start()

    def cut_pub_sub(self):
        self.redis.call("CLIENT", "KILL", "TYPE", "pubsub")

    def cut_commands(self):
        self.redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


def start_listeners(gateways, count, channel=CHANNEL):
    listeners = [Listener(f"client{i}", gateways, channel) for i in range(count)]
    for listener in listeners:
        listener.start()
    wait_until(lambda: all(listener.position for listener in listeners), "the clients to be subscribed")
    return listeners


def publish_last(gateway, channel=CHANNEL):
    """Publishes until one is accepted: that is where every client has to be in the end. What was not accepted may have
    been published all the same, so each try has a number of its own."""
    last, tries = Publisher(gateway, channel, [], API_KEY), itertools.count(1)
    return wait_until(lambda: last.publish(-next(tries)), "a publication to be accepted", 20)


def stop(listeners):
    for listener in listeners:
        listener.stop()
    for listener in listeners:
        listener.join(10)


def test_numbered_publications_while_redis_and_gateways_are_killed(redis, start, capsys):
    gateways = [start(redis.url) for _ in range(2)]
    listeners = start_listeners(gateways, CLIENTS)
    publishers = [Publisher(gateway, CHANNEL, range(i, PUBLICATIONS, 2), API_KEY)
                  for i, gateway in enumerate(gateways)]
    chaos = Chaos(redis, gateways, seed=random.randrange(1 << 32))
    troubles = threading.Thread(target=chaos.run, daemon=True)
    troubles.start()
    begin = time.monotonic()
    for publisher in publishers:
        publisher.start()
    for publisher in publishers:
        publisher.join()
    chaos.stopping.set()
    troubles.join()
    for gateway in gateways:
        gateway.wait_until_ready()
    published_at = time.monotonic()
    last = publish_last(gateways[0])
    try:
        wait_until(lambda: all(listener.position == last for listener in listeners), "everybody to have the last", 30)
    except AssertionError:
        behind = [(x.id, x.position, x.connects, x.wrong, x.last_error) for x in listeners if x.position != last]
        raise AssertionError(f"{len(behind)} are not at {last}: {behind[:3]}; {chaos.done}") from None
    finally:
        stop(listeners)

    accepted = {}
    for publisher in publishers:
        assert last not in publisher.accepted and not set(accepted) & set(publisher.accepted), "a position given twice"
        accepted.update(publisher.accepted)
    delivered = sum(len(segment.numbers) for listener in listeners for segment in listener.segments)
    with capsys.disabled():
        print(f"\n{PUBLICATIONS} publications in {published_at - begin:.1f} s, all where they belong "
              f"{time.monotonic() - published_at:.1f} s later, {len(accepted)} accepted, "
              f"{sum(p.refused for p in publishers)} refused; {delivered} deliveries to {CLIENTS} clients, "
              f"{sum(x.connects for x in listeners)} connections, {sum(x.recoveries for x in listeners)} recoveries, "
              f"{sum(x.gaps for x in listeners)} gaps told; {chaos.done}")
    for listener in listeners:
        assert not faults(listener, accepted), listener.id
    assert delivered > 0


@pytest.mark.parametrize("direction", ["to", "from"])
def test_a_cut_between_a_gateway_and_redis(redis, start, direction):
    with DelayingProxy(redis.port) as proxy:
        cut, whole = start(proxy.url), start(redis.url)
        there, = start_listeners([cut], 1)
        publisher = Publisher(whole, CHANNEL, range(100), API_KEY)
        publisher.start()
        wait_until(lambda: len(publisher.accepted) > 10, "publications")
        setattr(proxy, f"cut_{direction}_redis", True)
        publisher.join()
        assert publisher.refused == 0, "the other gateway has nothing to do with it"
        begin = time.monotonic()
        assert cut.publish("news:other", 0)["error"]["code"] == 100
        assert time.monotonic() - begin < 1.5
        wait_until(lambda: cut.metric("usher_redis_pub_sub_up") == 0, "it to be noticed")
        setattr(proxy, f"cut_{direction}_redis", False)
        last = publish_last(whole)
        wait_until(lambda: there.position == last, "all that was missed")
        stop([there])
        assert there.gaps == 0 and there.connects == 1 and not faults(there, publisher.accepted)


def test_what_history_has_no_longer_is_told(redis, start):
    with DelayingProxy(redis.port) as proxy:
        cut, whole = start(proxy.url), start(redis.url)
        there, = start_listeners([cut], 1, "short:1")
        # Ten are published while this gateway hears nothing: five are kept.
        proxy.cut_from_redis = True
        publisher = Publisher(whole, "short:1", range(10), API_KEY)
        publisher.run()
        wait_until(lambda: cut.metric("usher_redis_pub_sub_up") == 0, "the cut to be noticed")
        proxy.cut_from_redis = False
        wait_until(lambda: there.gaps == 1, "the gap to be told")
        last = publish_last(whole, "short:1")
        wait_until(lambda: there.position == last, "the last one")
        stop([there])
        assert not faults(there, publisher.accepted)


def test_live_channels_are_told_of_a_lost_link(redis, start):
    gateway = start(redis.url)
    ws = connect(gateway, gateway.ask_ticket(body='{"subs":{"live:1":{}}}', sessionId="live").json()["ticket"])
    redis.call("CLIENT", "KILL", "TYPE", "pubsub")
    told = {}
    while set(told) != {"live:1", "session:live"}:
        push = ws.read().get("push", {})
        told[push["channel"]] = push
    assert told["live:1"]["unsubscribe"]["code"] == 2500
    assert told["session:live"]["subscribe"]["was_recovering"] and "recovered" not in told["session:live"]["subscribe"]
    ws.send({"id": 1, "subscribe": {"channel": "live:1"}})
    assert "subscribe" in ws.read_reply(1)
    for channel in ("live:1", "session:live"):
        gateway.publish(channel, 1)
        assert ws.read_publication()[0] == channel
    ws.close()


def test_after_a_lost_link_each_holder_has_its_own_rights(redis, start):
    gateway = start(redis.url)
    ws = connect(gateway, gateway.ticket(sessionId="held", channels=["granted:token", "granted:both"]))
    for channel in ("granted:both", "granted:backend"):
        assert gateway.api("subscribe", {"session": "held", "channel": channel}) == {"result": {}}
    redis.call("CLIENT", "KILL", "TYPE", "pubsub")
    renewed = set()
    while renewed != {"granted:token", "granted:both", "granted:backend"}:
        push = ws.read().get("push", {})
        if push.get("subscribe", {}).get("was_recovering") and push["channel"].startswith("granted:"):
            renewed.add(push["channel"])
    ws.send({"id": 1, "refresh": {"token": gateway.ticket(sessionId="held", channels=[])}})
    ended = []
    while "id" not in (message := ws.read()):
        ended += [message["push"]["channel"]] if "unsubscribe" in message["push"] else []
    assert ended == ["granted:token"] and "refresh" in message
    for channel in ("granted:token", "granted:both", "granted:backend"):
        gateway.publish(channel, 1)
    assert [ws.read_publication()[0] for _ in range(2)] == ["granted:both", "granted:backend"]
    ws.close()


def says_subscribed(said, channel):
    """The push for `channel`, or the reply to the only command."""
    push = said.get("push")
    return "subscribe" in said if push is None else "subscribe" in push and push["channel"] == channel


def says_try_again(said):
    if "push" in said:
        return said["push"].get("unsubscribe", {}).get("code") == 2500
    return said.get("error", {}).get("temporary", False)


def test_a_binding_that_was_missed_is_heeded(redis, start):
    with DelayingProxy(redis.port) as proxy:
        cut, whole = start(proxy.url), start(redis.url)
        ws = connect(cut, cut.ask_ticket(body='{"subs":{"jobs:1":{}}}', sessionId="mine").json()["ticket"])
        assert ws.connected["subs"]["jobs:1"] == {"pending": True}
        proxy.cut_from_redis = True
        assert whole.api("bind", {"channel": "jobs:1", "session": "mine", "ttl": 60}) == {"result": {}}
        wait_until(lambda: cut.metric("usher_redis_pub_sub_up") == 0, "the cut to be noticed")
        proxy.cut_from_redis = False
        while not says_subscribed(said := ws.read(), "jobs:1"):
            # It may be found bound before all can be asked: then clients subscribe again, until it works.
            if says_try_again(said):
                ws.send({"id": 1, "subscribe": {"channel": "jobs:1"}})
        ws.close()


def test_while_redis_is_away_calls_fail_at_once_and_sockets_stay(redis, start):
    gateway = start(redis.url)
    ws = connect(gateway, gateway.ask_ticket(body='{"subs":{"news:1":{}}}', sessionId="s").json()["ticket"])
    assert "result" in gateway.publish("news:1", 1)
    assert ws.read_publication()[1]["data"] == 1
    ticket = gateway.ticket()
    redis.kill()
    gateway.wait_until_not_ready()
    begin = time.monotonic()
    calls = [("publish", {"channel": "news:1", "data": 2}), ("publish", {"channel": "live:1", "data": 2}),
             ("history", {"channel": "news:1"}), ("info", {}), ("disconnect", {"user": "nobody"}),
             ("bind", {"channel": "jobs:1", "session": "s", "ttl": 60})]
    for call in calls:
        assert gateway.api(*call)["error"]["code"] == 100, call
    ws.send({"id": 1, "subscribe": {"channel": "live:1"}})
    error = ws.read_reply(1)["error"]
    assert error["code"] == 100 and error["temporary"]
    with pytest.raises(Closed) as refused:
        connect(gateway, ticket)
    assert (refused.value.code, refused.value.reason) == (1013, "STORE_UNAVAILABLE")
    assert time.monotonic() - begin < 1.5
    redis.start()
    gateway.wait_until_ready(2)
    ws.send({"id": 2, "ping": {}})
    assert "ping" in ws.read_reply(2)
    ws.close()


def test_nobody_is_let_in_half_deaf(redis, start):
    """Commands work, messages do not: whoever came in now would hear nothing."""
    gateway = start(redis.url)
    redis.call("ACL", "SETUSER", "default", "resetchannels")
    gateway.wait_until_not_ready()
    with pytest.raises(Closed) as refused:
        connect(gateway, gateway.ticket())
    assert (refused.value.code, refused.value.reason) == (1013, "STORE_UNAVAILABLE")
    redis.call("ACL", "SETUSER", "default", "allchannels")
    gateway.wait_until_ready(3)
    connect(gateway, gateway.ticket()).close()
