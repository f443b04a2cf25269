"""Subscription tokens, as Centrifugo's (docs/protocol.md): what they open, each fault, and `sub_refresh`."""

import time

import pytest

from gateway import SECRET, Gateway, make_jwt
from protocol import ask, assert_alive, error, read_push
from redis_server import RedisServer, on_redis
from websocket import open_client

ENDPOINTS = ["/ws", "/connection/websocket"]
NAMESPACES = [
    {"name": "shown", "subscribe": "token", "presence": True, "join_leave": True},
    {"name": "orders"},
    {"name": "free", "subscribe": "anyone"},
    {"name": "members", "subscribe": "users"},
    {"name": "asked", "subscribe": "hook"},
    {"name": "job", "subscribe": "owner"},
    {"name": "closed", "subscribe": "nobody"},
]


@pytest.fixture(scope="module", params=["memory", "redis"])
def gateway(request, tmp_path_factory):
    redis = None
    config = {"channel": {"namespaces": NAMESPACES}, "jwt": {"leeway": "0s"},
              "limits": {"connections_per_session": 0, "commands": "0"},
              "hooks": {"subscribe_url": "http://127.0.0.1:1/"}}
    if request.param == "redis":
        redis = RedisServer(tmp_path_factory.mktemp("redis")).start()
        config |= on_redis(url=redis.url)
    shared = Gateway(tmp_path_factory.mktemp("subscription-tokens"), config).start().wait_until_ready()
    yield shared
    shared.stop()
    if redis:
        redis.kill()


def token(secret=SECRET, **claims):
    """A token for shown:1 of ada, for a minute, unless `claims` say otherwise; None leaves a claim out."""
    all_claims = {"sub": "ada", "channel": "shown:1", "exp": int(time.time()) + 60, **claims}
    return make_jwt({name: value for name, value in all_claims.items() if value is not None}, secret)


def client(gateway, endpoint="/ws", subs=None, **claims):
    return open_client(gateway, endpoint, subs, **{"sessionId": "s1", "sub": "ada", **claims})


FAULTS = {
    "none": (None, 103),
    "no JWT": (lambda: "garbage", 103),
    "another secret": (lambda: token(secret="another secret of thirty-two bytes or more"), 103),
    "another channel": (lambda: token(channel="shown:2"), 103),
    "a prefix of the channel": (lambda: token(channel="shown:"), 103),
    "a pattern": (lambda: token(channel="shown:*"), 103),
    "a channel in another case": (lambda: token(channel="Shown:1"), 103),
    "no channel": (lambda: token(channel=None), 103),
    "an empty channel": (lambda: token(channel=""), 103),
    "another user": (lambda: token(sub="bob"), 103),
    "no user": (lambda: token(sub=None), 103),
    "another connection": (lambda: token(client="0123456789abcdef"), 103),
    "expired": (lambda: token(exp=int(time.time()) - 1), 109),
    "not yet good": (lambda: token(nbf=int(time.time()) + 60), 109),
    "an exp of the wrong type": (lambda: token(exp="soon"), 103),
    "an end that has passed": (lambda: token(expire_at=int(time.time()) - 1), 110),
    "an override": (lambda: token(override={"presence": {"value": True}}), 103),
    "too much info": (lambda: token(info="x" * 1100), 103),
    "bad base64": (lambda: token(b64info="!"), 103),
    "an access token": (lambda: make_jwt({"sub": "ada", "sessionId": "s1", "exp": int(time.time()) + 60}), 103),
}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_token_opens_nothing(gateway, endpoint, fault):
    make, code = FAULTS[fault]
    shown = {"token": make()} if make else {}
    ws = client(gateway, endpoint)
    assert error(ws, "subscribe", channel="shown:1", **shown) == (code, False)
    assert_alive(ws)
    wishing = client(gateway, endpoint, {"shown:1": shown, "free:1": {}})
    subs = wishing.connected["subs"]
    assert "error" not in subs["free:1"]
    if endpoint == "/ws":
        assert subs["shown:1"]["error"]["code"] == code
    else:
        assert "shown:1" not in subs
    for one in (ws, wishing):
        one.close()


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_good_one_opens_on_a_command_and_on_connect(gateway, endpoint):
    ws = client(gateway, endpoint)
    good = token(info={"seat": 4}, data={"hello": 1})
    result = ask(ws, "subscribe", channel="shown:1", token=good)["subscribe"]
    assert result["data"] == {"hello": 1} and result["expires"] and 55 <= result["ttl"] <= 60
    clients = ask(ws, "presence", channel="shown:1")["presence"]["presence"]
    assert clients[ws.connected["client"]]["chan_info"] == {"seat": 4}
    gateway.publish("shown:1", 7)
    assert ws.read_publication()[1]["data"] == 7
    back = client(gateway, endpoint, {"shown:1": {"token": good}})
    assert back.connected["subs"]["shown:1"]["data"] == {"hello": 1}
    assert back.connected["subs"]["shown:1"]["expires"]
    for one in (ws, back):
        one.close()


def test_a_token_opens_what_tokens_open_and_nothing_else(gateway):
    ws = client(gateway)
    for channel in ("shown:3", "orders:3", "free:3", "members:3"):
        assert "subscribe" in ask(ws, "subscribe", channel=channel, token=token(channel=channel)), channel
    for channel in ("asked:3", "job:3", "closed:3", "user:bob", "user:ada", "session:s1"):
        assert error(ws, "subscribe", channel=channel, token=token(channel=channel)) == (103, False), channel
    assert error(ws, "subscribe", channel="nosuch:3", token=token(channel="nosuch:3")) == (102, False)
    # What needs no token, is refused with a bad one all the same.
    assert error(ws, "subscribe", channel="free:4", token="forged") == (103, False)
    # Nothing but a token opens those.
    patterns = client(gateway, channels=["shown:*", "shown:5"])
    assert patterns.connected["subs"]["shown:5"]["error"]["code"] == 103
    assert error(patterns, "subscribe", channel="shown:6") == (103, False)
    guest = client(gateway, sub=None, sessionId="guest")
    assert "subscribe" in ask(guest, "subscribe", channel="shown:7", token=token(channel="shown:7", sub=None))
    assert "subscribe" in ask(guest, "subscribe", channel="shown:8", token=token(channel="shown:8", sub=""))
    assert error(guest, "subscribe", channel="members:9", token=token(channel="members:9", sub="")) == (103, False)
    for one in (ws, patterns, guest):
        one.close()


def test_the_server_api_opens_them_too(gateway):
    ws = client(gateway, sessionId="by-api")
    assert "result" in gateway.api("subscribe", {"user": "ada", "channel": "shown:11"})
    assert read_push(ws, "subscribe")[0] == "shown:11"
    ws.close()


def test_no_subscription_token_opens_a_connection(gateway):
    for claims in ({}, {"sessionId": "s1"}):
        answer = gateway.ask_ticket(token(**claims))
        assert answer.status == 401 and answer.json()["code"] == "INVALID_TOKEN", answer


def test_a_token_for_one_connection_is_good_for_it(gateway):
    ws = client(gateway)
    mine = token(client=ws.connected["client"])
    assert "subscribe" in ask(ws, "subscribe", channel="shown:1", token=mine)
    other = client(gateway)
    assert error(other, "subscribe", channel="shown:1", token=mine) == (103, False)
    for one in (ws, other):
        one.close()


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_subscription_ends_after_its_token_unless_it_is_refreshed(gateway, endpoint):
    ended, kept = client(gateway, endpoint), client(gateway, endpoint)
    began = time.time()
    for ws in (ended, kept):
        assert ask(ws, "subscribe", channel="shown:1", token=token(exp=int(began) + 2))["subscribe"]["ttl"] <= 2
    assert ask(kept, "sub_refresh", channel="shown:1", token=token(exp=int(began) + 60))["sub_refresh"]["ttl"] >= 50
    channel, body = read_push(ended, "unsubscribe")
    assert (channel, body) == ("shown:1", {"code": 2501, "reason": "subscription expired"})
    assert 6 < time.time() - began < 10
    assert error(ended, "sub_refresh", channel="shown:1", token=token()) == (103, False)
    assert_alive(ended)
    gateway.publish("shown:1", 7)
    assert kept.read_publication()[1]["data"] == 7
    for ws in (ended, kept):
        ws.close()


@pytest.mark.parametrize("fault", [name for name in FAULTS if FAULTS[name][0]])
def test_a_refresh_takes_no_faulty_token(gateway, fault):
    make, code = FAULTS[fault]
    ws = client(gateway)
    assert "subscribe" in ask(ws, "subscribe", channel="shown:1", token=token(expire_at=0))
    assert error(ws, "sub_refresh", channel="shown:1", token=make()) == (code, False)
    gateway.publish("shown:1", 7)
    assert ws.read_publication()[1]["data"] == 7, "the subscription is as it was"
    ws.close()


def test_a_guest_that_logs_in_needs_a_token_of_its_own(gateway):
    ws = client(gateway, sub=None, sessionId="logs-in")
    assert "subscribe" in ask(ws, "subscribe", channel="shown:12", token=token(channel="shown:12", sub=None))
    ws.send({"id": 50, "refresh": {"token": gateway.ticket(sessionId="logs-in", sub="ada")}})
    assert read_push(ws, "unsubscribe") == ("shown:12", {"code": 2501, "reason": "subscription expired"})
    assert error(ws, "subscribe", channel="shown:12", token=token(channel="shown:12", sub=None)) == (103, False)
    assert "subscribe" in ask(ws, "subscribe", channel="shown:12", token=token(channel="shown:12"))
    ws.close()
