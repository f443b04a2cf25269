"""Rights end when they are said to end: at a refresh, at a binding, at a revocation, whatever Redis is doing meanwhile."""

import json
import time

import pytest
from cutting_proxy import CuttingProxy
from gateway import wait_until
from protocol import ask, error, read_push
from websocket import Closed, connect

ORDER = "orders:42"
PERMISSION_DENIED = 103
JOBS = {"name": "jobs", "subscribe": "owner"}
JOBS_KEPT = {**JOBS, "history_size": 10, "history_ttl": "5m", "recovery": True}
ROUNDS = 3


# A publication comes from the channel's home thread, the reply to a ping from the connection's own: the reply may come first. So
# what must arrive is waited for, and what must not has so many round trips of time.
ROUND_TRIPS = 20


def is_mark(message, channel, mark):
    push = message.get("push", {})
    return push.get("channel") == channel and push.get("pub", {}).get("data") == mark


def hears(ws, channel, mark):
    """Whether `mark` arrives on `channel` within ROUND_TRIPS pings."""
    for number in range(900, 900 + ROUND_TRIPS):
        ws.send({"id": number, "ping": {}})
        while (message := ws.read()).get("id") != number:
            if is_mark(message, channel, mark):
                return True
        time.sleep(0.01)
    return False


def await_mark(ws, channel, mark):
    """Reads until `mark` arrives on `channel`; fails with the socket's time-out."""
    while not is_mark(ws.read(), channel, mark):
        pass


# ---- a refresh with fewer grants ----


@pytest.fixture
def granting(start_gateway):
    return start_gateway({"channel": {"namespaces": [{"name": "orders", "subscribe": "granted"}]}})


@pytest.mark.parametrize("granted, by_client", [([ORDER], False), (["orders:*"], True), ([ORDER], True)],
                         ids=["subscribed by the token", "permitted by the token", "by both"])
def test_what_a_token_granted_ends_with_a_refresh_that_does_not_grant_it(granting, granted, by_client):
    gateway, session = granting, f"s{granted}{by_client}"
    ws = connect(gateway, gateway.ticket(sessionId=session, sub="ada", channels=granted))
    if by_client:
        ask(ws, "subscribe", channel=ORDER)
    gateway.publish(ORDER, "before")
    await_mark(ws, ORDER, "before")
    ws.send({"id": 7, "refresh": {"token": gateway.ticket(sessionId=session, sub="ada", channels=[])}})
    assert read_push(ws, "unsubscribe") == (ORDER, {"code": 2102, "reason": "permission lost"})
    gateway.publish(ORDER, "after")
    assert not hears(ws, ORDER, "after")
    assert error(ws, "subscribe", channel=ORDER) == (PERMISSION_DENIED, False)


@pytest.mark.parametrize("granted", [[ORDER], [ORDER, "orders:43"]])
def test_what_is_still_granted_stays_over_a_refresh(granting, granted):
    gateway, session = granting, f"stays{granted}"
    ws = connect(gateway, gateway.ticket(sessionId=session, channels=[ORDER]))
    ask(ws, "refresh", token=gateway.ticket(sessionId=session, channels=granted))
    gateway.publish(ORDER, "still")
    await_mark(ws, ORDER, "still")


def test_what_the_backend_subscribed_is_not_the_tokens_to_end(granting):
    gateway = granting
    ws = connect(gateway, gateway.ticket(sessionId="backed", sub="backed", channels=["orders:1"]))
    assert gateway.api("subscribe", {"user": "backed", "channel": ORDER}) == {"result": {}}
    ask(ws, "refresh", token=gateway.ticket(sessionId="backed", sub="backed", channels=[]))
    gateway.publish(ORDER, "from the backend")
    await_mark(ws, ORDER, "from the backend")


# ---- bindings and revocations over a lost link ----


@pytest.fixture
def two(start_on_redis, redis):
    """two(config): gateways on one Redis; the way of the first goes through `proxy`."""
    with CuttingProxy(redis.port) as proxy:

        def start(config=None):
            return start_on_redis(proxy.url, config), start_on_redis(redis.url, config), proxy

        yield start


def job_ticket(gateway, channel, **claims):
    return gateway.ask_ticket(body=json.dumps({"subs": {channel: {}}}), **claims).json()["ticket"]


@pytest.mark.parametrize("namespace", [JOBS, JOBS_KEPT], ids=["without history", "with history"])
def test_an_old_owner_hears_nothing_that_was_published_after_its_channel_got_another(two, namespace):
    near, far, proxy = two({"channel": {"namespaces": [namespace]}})
    for i in range(ROUNDS):
        channel = f"jobs:{i}"
        ws = connect(near, job_ticket(near, channel, sessionId=f"a{i}", sub="alice"))
        assert far.api("bind", {"channel": channel, "user": "alice", "ttl": 300}) == {"result": {}}
        wait_until(lambda: far.publish(channel, "alice's") and hears(ws, channel, "alice's"), "the first owner to hear")
        proxy.cut(pub_sub_only=True)
        wait_until(lambda: not near.is_ready(), "the loss to be noticed")
        assert far.api("bind", {"channel": channel, "user": "bob", "ttl": 300}) == {"result": {}}
        proxy.mend()
        ends, told = time.monotonic() + 6, None
        while told is None and time.monotonic() < ends:
            far.publish(channel, "bob's")
            time.sleep(0.01)  # it is published all the time while the link comes back
            ws.send({"id": 901, "ping": {}})
            while (message := ws.read()).get("id") != 901:
                push = message.get("push", {})
                assert push.get("pub", {}).get("data") != "bob's", f"the old owner was shown {message}"
                told = push.get("unsubscribe", told)
        assert told and told["code"] in (2100, 2500), told
        near.wait_until_ready()
        ws.close()


def assert_closed(ws, code, seconds):
    ws.socket.settimeout(seconds)
    with pytest.raises(Closed) as closed:
        while True:
            ws.read()
    assert closed.value.code == code, closed.value


@pytest.mark.parametrize("order, params, code", [
    ("revoke", {"user": "eve"}, 3520), ("revoke", {"session": "victim"}, 3520), ("revoke", {"jti": "j1"}, 3520),
    ("disconnect", {"user": "eve"}, 3503), ("disconnect", {"session": "victim"}, 3503)],
    ids=["revoke user", "revoke session", "revoke jti", "disconnect user", "disconnect session"])
def test_what_is_ordered_while_redis_is_away_is_done_here_at_once_and_elsewhere_when_it_is_back(two, order, params, code):
    near, far, proxy = two()
    who = {"sessionId": "victim", "sub": "eve", "jti": "j1", "iat": int(time.time()) - 60}
    here, there = (connect(gateway, gateway.ticket(**who)) for gateway in (near, far))
    proxy.cut()
    near.wait_until_not_ready()
    answer = near.api(order, params)
    assert answer.get("error", {}).get("code") == 100, f"not all have carried it out: {answer}"
    assert_closed(here, code, 3)
    proxy.mend()
    near.wait_until_ready()
    assert_closed(there, code, 10)
    if order == "revoke":
        for gateway in (near, far):
            answer = gateway.ask_ticket(**who)
            assert (answer.status, answer.json()["code"]) == (401, "SESSION_REVOKED")
