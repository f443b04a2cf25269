"""What a backend asks of a gateway that can't reach Redis: done there at once, and elsewhere when Redis is back."""

import time

import pytest

from cutting_proxy import CuttingProxy
from gateway import wait_until
from store_promises import assert_back
from upgrade import SESSION_REVOKED, STORE_UNAVAILABLE, outcome_of
from websocket import Closed, connect

FORCED = (3503, "FORCE_DISCONNECT")
NEWS = {"channel": {"namespaces": [{"name": "news"}]}}
OWNED = {"plain": {"name": "job", "subscribe": "owner"},
         "history": {"name": "job", "subscribe": "owner", "history_size": 10, "history_ttl": "5m", "recovery": True}}


@pytest.fixture
def cut_off(redis, start_ready):
    """A gateway whose way to Redis can be cut, and another that has its own."""
    with CuttingProxy(redis.port) as proxy:
        yield proxy, start_ready(proxy.url, NEWS), start_ready(redis.url, NEWS)


def read_pushes(ws, seconds):
    """What comes within so many seconds. Raises Closed."""
    got = []
    ws.socket.settimeout(seconds)
    try:
        while True:
            got.append(ws.read())
    except TimeoutError:
        return got
    finally:
        ws.socket.settimeout(10)


def lose_redis(proxy, gateway):
    proxy.refuse = True
    proxy.cut()
    gateway.wait_until_not_ready()


@pytest.mark.parametrize("method,params,code", [
    ("revoke", {"session": "bad", "ttl": 600}, SESSION_REVOKED), ("revoke", {"user": "eve"}, SESSION_REVOKED),
    ("revoke", {"jti": "j1", "ttl": 600}, SESSION_REVOKED), ("disconnect", {"user": "eve"}, FORCED),
    ("disconnect", {"session": "bad"}, FORCED)])
def test_it_closes_here_at_once_and_elsewhere_when_redis_is_back(cut_off, method, params, code):
    proxy, first, second = cut_off
    claims = {"sessionId": "bad", "sub": "eve", "jti": "j1", "iat": int(time.time()) - 5}
    here, there = (connect(gateway, gateway.ticket(**claims)) for gateway in (first, second))
    lose_redis(proxy, first)
    answer = first.api(method, params)
    assert answer["error"]["code"] == 100 and "on this gateway" in answer["error"]["detail"], answer
    assert here.read_close() == code
    assert first.metric("usher_redis_orders_kept") == 1
    if method == "revoke":
        assert first.ask_ticket(**claims).json()["code"] == "SESSION_REVOKED"
    proxy.refuse = False
    assert there.read_close() == code
    assert_back(first)
    wait_until(lambda: first.metric("usher_redis_orders_kept") == 0, "nothing to be kept any more")
    if method == "revoke":
        assert second.ask_ticket(**claims).json()["code"] == "SESSION_REVOKED"


@pytest.mark.parametrize("method,params", [
    ("subscribe", {"user": "eve", "channel": "news:1"}), ("refresh", {"user": "eve", "expire_at": int(time.time()) + 9999})])
def test_what_gives_is_not_done_and_not_kept(cut_off, method, params):
    proxy, first, second = cut_off
    here, there = (connect(gateway, gateway.ticket(sub="eve")) for gateway in (first, second))
    lose_redis(proxy, first)
    answer = first.api(method, params)
    assert answer["error"]["code"] == 100 and "will not be later" in answer["error"]["detail"], answer
    assert first.metric("usher_redis_orders_kept") == 0
    proxy.refuse = False
    assert_back(first)
    for ws in (here, there):
        assert not any("subscribe" in str(push) for push in read_pushes(ws, 0.3))
    assert first.api(method, params) == {"result": {}}
    for ws in (here, there):
        if method == "subscribe":
            wait_until(lambda: "subscribe" in str(read_pushes(ws, 0.05)), "the push")
        ws.close()


def test_a_gateway_that_was_cut_off_for_long_carries_out_what_it_missed(cut_off):
    proxy, first, second = cut_off
    lost, kept = (connect(first, first.ticket(sessionId=session)) for session in ("lost", "kept"))
    lose_redis(proxy, first)
    wait_until(lambda: second.api("disconnect", {"session": "lost"}) == {"result": {}}, "the other one to count as dead")
    proxy.refuse = False
    assert lost.read_close() == FORCED
    assert_back(first)
    assert second.api("publish", {"channel": "session:kept", "data": 1}) == {"result": {}}
    assert kept.read_publication()[1]["data"] == 1
    kept.close()


def test_a_user_who_has_logged_in_again_is_not_closed_by_the_late_revocation(cut_off):
    proxy, first, second = cut_off
    old = connect(second, second.ticket(sessionId="s1", sub="eve", iat=int(time.time()) - 5))
    lose_redis(proxy, first)
    assert first.api("revoke", {"user": "eve"})["error"]["code"] == 100
    time_of_revocation = int(time.time())
    wait_until(lambda: time.time() > time_of_revocation + 1, "the next second")
    new = connect(second, second.ticket(sessionId="s2", sub="eve", iat=int(time.time())))
    proxy.refuse = False
    assert old.read_close() == SESSION_REVOKED
    assert second.api("publish", {"channel": "user:eve", "data": 1}) == {"result": {}}
    assert new.read_publication()[1]["data"] == 1
    new.close()


def test_a_gateway_that_stops_before_redis_is_back_says_what_others_were_not_told(cut_off):
    proxy, first, _ = cut_off
    lose_redis(proxy, first)
    first.api("disconnect", {"user": "eve"})
    first.stop()
    assert "others were not told { count: 1 }" in first.log


@pytest.mark.parametrize("kind", OWNED)
def test_an_old_owner_hears_nothing_of_the_new_one(redis, start_ready, kind):
    channels = {"channel": {"namespaces": [OWNED[kind]]}}
    with CuttingProxy(redis.port) as proxy:
        first, second = start_ready(proxy.url, channels), start_ready(redis.url, channels)
        for i in range(3):
            channel = f"job:{i}"
            assert second.api("bind", {"channel": channel, "user": "alice", "ttl": 300}) == {"result": {}}
            alice = connect(first, first.ticket(sessionId="sA", sub="alice"))
            alice.send({"id": 1, "subscribe": {"channel": channel}})
            assert "subscribe" in alice.read_reply(1)
            proxy.no_pub_sub = True
            proxy.cut(pub_sub_only=True)
            wait_until(lambda: "redis pub/sub is down" in first.not_ready_reasons(), "/readyz to say why")
            assert second.api("bind", {"channel": channel, "user": "bob", "ttl": 300}) == {"result": {}}
            proxy.no_pub_sub = False
            heard = []

            def published_until_told():
                second.api("publish", {"channel": channel, "data": "bob's"})
                heard.extend(read_pushes(alice, 0.05))
                return any("unsubscribe" in str(push) for push in heard)
            wait_until(published_until_told, "the old owner to be told")
            assert not any("bob's" in str(push) for push in heard), heard
            alice.close()
            assert_back(first)


def test_while_revocations_load_nothing_is_delivered_to_whom_they_may_name(redis, start_ready):
    with CuttingProxy(redis.port) as proxy:
        first, second = start_ready(proxy.url), start_ready(redis.url)
        bad = connect(first, first.ticket(sessionId="bad", sub="eve"))
        good = connect(first, first.ticket(sessionId="good", sub="ada"))
        proxy.no_pub_sub = True
        proxy.cut(pub_sub_only=True)
        wait_until(lambda: "redis pub/sub is down" in first.not_ready_reasons(), "/readyz to say why")
        second.api("revoke", {"session": "bad", "ttl": 600})  # an error or not: the first may not have heard
        ticket = first.ticket(sessionId="late")
        assert outcome_of(first, ticket) == STORE_UNAVAILABLE
        proxy.no_pub_sub = False
        heard = []

        def published_until_closed():
            second.api("broadcast", {"channels": ["user:eve", "user:ada"], "data": "secret"})
            try:
                heard.extend(read_pushes(bad, 0.02))
            except Closed as closed:
                return closed.code == SESSION_REVOKED[0]
            return False
        wait_until(published_until_closed, "the revoked one to be closed")
        assert not any("secret" in str(push) for push in heard), heard
        assert_back(first)
        assert outcome_of(first, ticket) == "connected", "it was not spent"
        assert second.api("publish", {"channel": "user:ada", "data": "after"}) == {"result": {}}

        def hears_after():
            return any("after" in str(push) for push in read_pushes(good, 0.05))
        wait_until(hears_after, "the other one to hear again")
        good.close()
