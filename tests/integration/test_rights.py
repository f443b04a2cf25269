"""What a refresh, a limit or a typing error does to subscriptions; and that a result means that all was done."""

import json

import pytest

from gateway import API_KEY, wait_until
from protocol import NAMESPACES, ask, ask_and_keep, error, read_push
from websocket import connect

LOST = {"code": 2102, "reason": "permission lost"}


@pytest.fixture
def gateway(channel_gateway):
    return channel_gateway


def refresh(gateway, ws, **claims):
    """What it ends is told before the reply, and stays to be read."""
    reply = ask_and_keep(ws, "refresh", token=gateway.ticket(sessionId=ws.connected["session"], **claims))
    assert "refresh" in reply, reply


# ---- who holds a subscription ----


def test_what_the_token_subscribed_ends_with_a_refresh_that_names_it_no_more(gateway, client):
    ws = client(sessionId="r1", channels=["orders:r1", "orders:r1b"])
    refresh(gateway, ws, channels=["orders:r1b"])
    assert read_push(ws, "unsubscribe") == ("orders:r1", LOST)
    gateway.publish("orders:r1", "secret")
    gateway.publish("orders:r1b", "mine")
    assert ws.read_publication() == ("orders:r1b", {"data": "mine"})
    assert error(ws, "subscribe", channel="orders:r1") == (103, False)


def test_what_the_client_may_have_by_itself_and_what_the_backend_ordered_stays(gateway, client):
    ws = client(sessionId="r2", channels=["live:r2", "orders:r2"], subs={"live:r2": {}})
    assert gateway.api("subscribe", {"session": "r2", "channel": "orders:r2"}) == {"result": {}}
    refresh(gateway, ws, channels=[])
    for channel in ("live:r2", "orders:r2"):
        gateway.publish(channel, 1)
        assert ws.read_publication() == (channel, {"data": 1})


def test_a_refresh_to_a_pattern_keeps_what_the_client_subscribed(gateway, client):
    ws = client(sessionId="r3", channels=["orders:r3", "orders:r3b"])
    assert "subscribe" in ask(ws, "subscribe", channel="orders:r3")
    refresh(gateway, ws, channels=["orders:*"])
    assert read_push(ws, "unsubscribe") == ("orders:r3b", LOST)
    gateway.publish("orders:r3", 1)
    assert ws.read_publication() == ("orders:r3", {"data": 1})


# ---- a result for what was done, and nothing else ----


def test_an_order_to_subscribe_beyond_the_connections_channels_is_106(start_gateway):
    gateway = start_gateway({"limits": {"channels_per_connection": 2}, "channel": {"namespaces": NAMESPACES}})
    ws = connect(gateway, gateway.ticket(sessionId="full"))
    order = {"session": "full", "channel": "granted:%d"}
    for n in range(2):
        assert gateway.api("subscribe", {**order, "channel": f"granted:{n}"}) == {"result": {}}
    refused = gateway.api("subscribe", {**order, "channel": "granted:2"})["error"]
    assert refused["code"] == 106 and "not subscribed" in refused["detail"]
    assert gateway.api("subscribe", {**order, "channel": "granted:1"}) == {"result": {}}, "that one is subscribed"
    ws.close()


def test_an_order_to_subscribe_beyond_a_channels_presence_is_106(start_gateway):
    gateway = start_gateway({"limits": {"presence_per_channel": 1}, "channel": {"namespaces": NAMESPACES}})
    clients = [connect(gateway, gateway.ticket(sessionId=f"p{n}")) for n in range(2)]
    assert gateway.api("subscribe", {"session": "p0", "channel": "chat:1"}) == {"result": {}}
    assert gateway.api("subscribe", {"session": "p1", "channel": "chat:1"})["error"]["code"] == 106
    for ws in clients:
        ws.close()


def test_an_order_to_subscribe_to_what_is_bound_to_another_is_103(gateway, client):
    client(sessionId="o1")
    gateway.api("bind", {"channel": "jobs:o1", "session": "another"})
    assert gateway.api("subscribe", {"session": "o1", "channel": "jobs:o1"})["error"]["code"] == 103


IGNORED = [
    ("publish", {"channel": "live:1", "data": 1, "version_epoch": "e"}, "version_epoch"),
    ("publish", {"channel": "live:1", "data": 1, "delta": True}, "delta"),
    ("publish", {"channel": "live:1", "b64data": "AQ=="}, "b64data"),
    ("subscribe", {"user": "u", "channel": "live:1", "override": {"presence": {"value": True}}}, "override.presence"),
    ("refresh", {"user": "u", "info": {"a": 1}}, "info"),
    ("disconnect", {"user": "u", "disconnect": {"code": 4000, "reason": "x", "reconnect": True}}, "disconnect.reconnect"),
    ("bind", {"channel": "jobs:1", "user": "u", "expire_at": 1900000000}, "expire_at"),
    ("revoke", {"user": "u", "client": "c"}, "client"),
    ("ticket", {"session": "s", "ttl": 5}, "ttl"),
    ("info", {"node": "n"}, "node"),
    ("history", {"channel": "news:1", "since": {"offset": 1, "gen": 2}}, "since.gen"),
]


@pytest.mark.parametrize("method, params, member", IGNORED, ids=lambda value: str(value)[:50])
def test_what_would_be_ignored_is_refused_by_its_name(gateway, method, params, member):
    refused = gateway.api(method, params)["error"]
    assert refused["code"] == 107 and f"'{member}'" in refused["detail"]


def test_one_empty_name_in_a_broadcast_costs_itself(gateway, client):
    ws = client(subs={"live:e1": {}, "live:e2": {}})
    responses = gateway.api("broadcast", {"channels": ["live:e1", "", "live:e2"], "data": 1})["result"]["responses"]
    assert ["error" in each for each in responses] == [False, True, False] and responses[1]["error"]["code"] == 107
    assert [ws.read_publication()[0] for _ in range(2)] == ["live:e1", "live:e2"]


def test_a_broadcast_to_ten_thousand_channels_is_answered_in_its_order(gateway, client):
    ws = client(subs={"live:b0": {}, "live:b9999": {}})
    channels = [f"live:b{n}" for n in range(10_000)]
    channels[5000] = "nowhere:1"
    responses = gateway.api("broadcast", {"channels": channels, "data": 1})["result"]["responses"]
    assert len(responses) == 10_000
    assert [n for n, each in enumerate(responses) if "error" in each] == [5000]
    assert [ws.read_publication()[0] for _ in range(2)] == ["live:b0", "live:b9999"]


PATTERNS = {"live:pat*": 4, "live:pat?": 3, "live:pat{1,33}": 2, "live:pat[1-2]": 2, "live:pat[!1-2]": 1, "{live,chat}:pat3*": 2}


def test_patterns_of_channels_are_centrifugos(gateway, client):
    client(subs={f"live:pat{n}": {} for n in (1, 2, 3, 33)})
    for pattern, count in PATTERNS.items():
        assert len(gateway.api("channels", {"pattern": pattern})["result"]["channels"]) == count, pattern
    assert gateway.api("channels", {"pattern": "live:{a"})["error"]["code"] == 107


# ---- a namespace that is not configured ----

CALLS = {
    "publish": {"channel": "nowhere:1", "data": 1}, "history": {"channel": "nowhere:1"},
    "history_remove": {"channel": "nowhere:1"}, "presence": {"channel": "nowhere:1"},
    "presence_stats": {"channel": "nowhere:1"}, "subscribe": {"channel": "nowhere:1", "user": "u"},
    "unsubscribe": {"channel": "nowhere:1", "user": "u"}, "bind": {"channel": "nowhere:1", "user": "u"},
}


@pytest.mark.parametrize("method, params", CALLS.items(), ids=CALLS)
def test_a_namespace_that_is_not_configured_is_102_for_backends(gateway, method, params):
    assert gateway.api(method, params)["error"]["code"] == 102
    headers = {"X-API-Key": API_KEY, "X-Centrifugo-Error-Mode": "transport"}
    assert gateway.request("POST", f"/api/{method}", headers, json.dumps(params).encode()).status == 404


def test_it_is_102_in_the_answer_to_a_wish_and_to_what_the_token_names(gateway, client):
    ws = client(channels=["nowhere:1"], subs={"nowhere:2": {}, "live:1": {}})
    subs = ws.connected["subs"]
    assert [subs[f"nowhere:{n}"]["error"]["code"] for n in (1, 2)] == [102, 102]
    assert "error" not in subs["live:1"]
    answer = gateway.api("broadcast", {"channels": ["nowhere:1", "live:1"], "data": 1})["result"]["responses"]
    assert answer[0]["error"]["code"] == 102 and "result" in answer[1]


def test_a_channel_without_a_namespace_is_in_the_one_without_a_name(start_gateway):
    gateway = start_gateway({"channel": {"namespaces": [{"name": "live"}]}})
    ws = connect(gateway)
    assert error(ws, "subscribe", channel="lonely") == (102, False)
    assert gateway.publish("lonely", 1)["error"]["code"] == 102
    ws.close()


def test_unconfigured_granted_opens_it_to_those_whose_token_names_it(start_gateway):
    gateway = start_gateway({"channel": {"unconfigured": "granted", "namespaces": [{"name": "live"}]}})
    ws = connect(gateway, gateway.ticket(channels=["any:1", "any:a*", "lonely"]))
    assert "error" not in ws.connected["subs"]["any:1"] and "error" not in ws.connected["subs"]["lonely"]
    assert ask(ws, "subscribe", channel="any:a2") == {"subscribe": {}}
    assert error(ws, "subscribe", channel="any:2") == (103, False)
    assert error(ws, "publish", channel="any:1", data=1) == (103, False)
    assert gateway.publish("any:1", 1) == {"result": {}}
    assert ws.read_publication() == ("any:1", {"data": 1})
    ws.close()


# ---- shares and bounds ----


def test_a_session_waits_for_as_many_bindings_as_its_share(start_gateway):
    gateway = start_gateway({"server": {"threads": 1}, "limits": {"pending_per_session": 3, "pending_subscriptions": 5},
                             "channel": {"namespaces": NAMESPACES}})
    greedy, good, late = (connect(gateway, gateway.ticket(sessionId=name)) for name in ("greedy", "good", "late"))
    for n in range(3):
        assert ask(greedy, "subscribe", channel=f"jobs:{n}") == {"subscribe": {"pending": True}}
    assert error(greedy, "subscribe", channel="jobs:3") == (106, False)
    for n in range(2):
        assert ask(good, "subscribe", channel=f"jobs:g{n}") == {"subscribe": {"pending": True}}
    assert ask(late, "subscribe", channel="jobs:l") == {"subscribe": {"pending": True}}
    assert read_push(greedy, "unsubscribe") == ("jobs:2", {"code": 2103, "reason": "too many pending"})
    gateway.api("bind", {"channel": "jobs:l", "session": "late"})
    assert read_push(late, "subscribe")[0] == "jobs:l"
    for ws in (greedy, good, late):
        ws.close()


def kept(gateway, channels):
    histories = (gateway.api("history", {"channel": channel, "limit": -1})["result"] for channel in channels)
    return sum(len(history["publications"]) for history in histories)


def test_one_namespaces_or_one_clients_growth_evicts_its_own_history(start_gateway):
    history = {"history_size": 100, "history_ttl": "10m"}
    gateway = start_gateway({"limits": {"history_bytes": 4 * 1048576, "commands": "0"}, "channel": {"namespaces": [
        {"name": "orders", **history}, {"name": "chat", "subscribe": "anyone", "publish": "anyone", **history}]}})
    orders, mine = [f"orders:{n}" for n in range(50)], [f"chat:ada{n}" for n in range(20)]
    gateway.api("broadcast", {"channels": orders, "data": "x" * 200})
    ada, eve = connect(gateway, gateway.ticket(sub="ada")), connect(gateway, gateway.ticket(sessionId="eve"))
    for channel in mine:
        assert ask(ada, "publish", channel=channel, data="mine") == {"publish": {}}
    for n in range(200):
        assert ask(eve, "publish", channel=f"chat:made-up-{n}", data="z" * 60_000) == {"publish": {}}
    assert kept(gateway, orders) == 50
    assert kept(gateway, mine) == 20
    assert 0 < kept(gateway, [f"chat:made-up-{n}" for n in range(200)]) < 40
    ada.close()
    eve.close()


def test_a_token_with_more_channels_than_its_limit_is_refused(start_gateway):
    gateway = start_gateway({"limits": {"channels_per_token": 2}, "channel": {"namespaces": NAMESPACES}})
    assert gateway.ask_ticket(channels=["live:1", "live:2"]).status == 200
    refused = gateway.ask_ticket(channels=["live:1", "live:2", "live:3"])
    assert (refused.status, refused.json()["code"]) == (401, "INVALID_TOKEN")
    assert "result" in gateway.api("ticket", {"session": "s", "channels": ["live:1", "live:2"]})
    assert gateway.api("ticket", {"session": "s", "channels": ["a", "b", "c"]})["error"]["code"] == 107


def test_a_home_keeps_as_many_channels_as_its_limit(start_gateway):
    gateway = start_gateway({"server": {"threads": 1}, "limits": {"channels": 2}, "channel": {"namespaces": NAMESPACES}})
    assert ["result" in gateway.publish(f"news:{n}", 1) for n in range(3)] == [True, True, False]
    assert gateway.publish("news:2", 1)["error"]["code"] == 106
    gateway.api("history_remove", {"channel": "news:0"})
    assert "result" in gateway.publish("news:2", 1), "an idle one makes room"


def test_a_presence_channel_is_forgotten_when_everybody_has_left(start_gateway):
    gateway = start_gateway({"server": {"threads": 1}, "limits": {"channels": 1}, "channel": {"namespaces": [
        {"name": "hall", "subscribe": "anyone", "presence": True}]}})
    for n in range(3):
        ws = connect(gateway, gateway.ticket(sessionId=f"h{n}"))
        wait_until(lambda: "subscribe" in ask(ws, "subscribe", channel=f"hall:{n}"), "room for the next one")  # noqa: B023
        ws.close()
