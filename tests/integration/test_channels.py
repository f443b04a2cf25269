"""Who may subscribe to what: personal channels, grants, namespaces, owners; and what a reconnect brings back."""

import json

import pytest

from protocol import NAMESPACES, ask, error, read_push
from websocket import connect

ENDPOINTS = ["/ws", "/connection/websocket"]
on_both = pytest.mark.parametrize("endpoint", ENDPOINTS)


@pytest.fixture
def gateway(channel_gateway):
    return channel_gateway


# ---- personal channels ----


@on_both
def test_personal_channels_are_subscribed_by_the_server_and_reach_their_owner_alone(gateway, client, endpoint):
    ada = client(endpoint, sessionId="p-ada", sub="p-ada")
    bob = client(endpoint, sessionId="p-bob", sub="p-bob")
    guest = client(endpoint, sessionId="p-guest")
    assert set(ada.connected["subs"]) == {"session:p-ada", "user:p-ada"}
    assert set(guest.connected["subs"]) == {"session:p-guest"}
    for channel in ("session:p-ada", "user:p-ada"):
        assert gateway.publish(channel, {"for": channel}) == {"result": {}}
        assert ada.read_publication() == (channel, {"data": {"for": channel}})
    for ws in (bob, guest):
        own = f"session:{ws.connected['session']}"
        gateway.publish(own, "mine")
        assert ws.read()["push"] == {"channel": own, "pub": {"data": "mine"}}, "and nothing before it"


def test_all_connections_of_a_user_get_what_is_for_the_user(gateway, client):
    several = [client(sessionId=f"m{i}", sub="many") for i in range(4)]
    gateway.publish("user:many", 1)
    for ws in several:
        assert ws.read_publication() == ("user:many", {"data": 1})


@pytest.mark.parametrize("channels", [[], ["*"], ["session:*", "user:*"], ["session:victim", "user:victim"]], ids=str)
def test_no_grant_ever_opens_anothers_personal_channel(gateway, client, channels):
    ws = client(sessionId="spy", sub="spy", channels=channels)
    assert set(ws.connected["subs"]) == {"session:spy", "user:spy"}
    for channel in ("session:victim", "user:victim"):
        assert error(ws, "subscribe", channel=channel) == (103, False)
        assert error(ws, "publish", channel=channel, data=1) == (103, False)
    assert error(ws, "publish", channel="session:spy", data=1) == (103, False), "nor does a client publish to its own"


@on_both
def test_subscribing_what_the_server_has_subscribed_is_no_error(client, endpoint):
    ws = client(endpoint, sessionId="twice", channels=["live:given"])
    assert "subscribe" in ask(ws, "subscribe", channel="session:twice")
    assert "subscribe" in ask(ws, "subscribe", channel="live:given")
    assert error(ws, "subscribe", channel="live:given") == (105, False), "but asking twice is one"


# ---- grants ----


@on_both
def test_exact_grants_are_subscribed_at_connect_and_prefixes_only_permit(gateway, client, endpoint):
    ws = client(endpoint, sessionId="g", channels=["orders:42", "depot:a*", "lonely"])
    assert set(ws.connected["subs"]) == {"session:g", "orders:42", "lonely"}
    gateway.publish("orders:42", {"status": "cooking"})
    assert ws.read_publication() == ("orders:42", {"data": {"status": "cooking"}})
    assert ask(ws, "subscribe", channel="depot:abc") == {"subscribe": {}}
    gateway.publish("depot:abc", 1)
    assert ws.read_publication() == ("depot:abc", {"data": 1})
    assert error(ws, "subscribe", channel="depot:b")[0] == 103
    assert error(ws, "subscribe", channel="orders:421")[0] == 103


RIGHTS = {
    # (channel, claims) -> error of subscribe, error of publish; None: it may
    ("live:1", "guest"): (None, None),
    ("room:1", "guest"): (103, 103),
    ("room:1", "user"): (None, None),
    ("news:1", "guest"): (None, 103),
    ("nowhere:1", "guest"): (102, 102),
    ("nowhere:1", "user with *"): (102, 102),
    ("", "guest"): (107, 107),
    ("live:", "guest"): (107, 107),
    (":1", "guest"): (107, 107),
    ("live:a b", "guest"): (107, 107),
    ("live:ä", "guest"): (107, 107),
    ("live:*", "guest"): (107, 107),
    ("live:" + "a" * 250, "guest"): (None, None),
    ("live:" + "a" * 251, "guest"): (107, 107),
}
WHO = {"guest": {}, "user": {"sub": "ada"}, "user with *": {"sub": "ada", "channels": ["*"]}}


@pytest.mark.parametrize("channel, who", RIGHTS, ids=lambda value: value[:20])
def test_rights(client, channel, who):
    may_subscribe, may_publish = RIGHTS[channel, who]
    ws = client(**WHO[who])
    for method, params, refused in (("subscribe", {}, may_subscribe), ("publish", {"data": {}}, may_publish)):
        reply = ask(ws, method, channel=channel, **params)
        assert reply.get("error", {}).get("code") == refused, (method, reply)


# ---- owner channels ----


def test_a_subscription_before_the_binding_waits_and_then_gets_history_and_live_messages(gateway, client):
    ws = client(sessionId="owner", subs={"jobs:1": {}})
    assert ws.connected["subs"]["jobs:1"] == {"pending": True}
    epoch = gateway.publish("jobs:1", "started")["result"]["epoch"]
    assert gateway.api("bind", {"channel": "jobs:1", "session": "owner"}) == {"result": {}}
    channel, body = read_push(ws, "subscribe")
    assert (channel, body.get("pending", False), body["epoch"]) == ("jobs:1", False, epoch)
    gateway.publish("jobs:1", "half")
    got = [ws.read_publication()[1] for _ in range(2)]
    assert [(p["data"], p["offset"]) for p in got] == [("started", 1), ("half", 2)]


def test_a_binding_to_a_user_lets_all_of_the_users_sessions_in(gateway, client):
    first, second = client(sub="boss", sessionId="b1"), client(sub="boss", sessionId="b2")
    assert gateway.api("bind", {"channel": "jobs:2", "user": "boss"}) == {"result": {}}
    for ws in (first, second):
        reply = ask(ws, "subscribe", channel="jobs:2")["subscribe"]
        assert reply["recoverable"] is True and not reply.get("pending")
    gateway.publish("jobs:2", 1)
    assert [ws.read_publication()[1]["data"] for ws in (first, second)] == [1, 1]
    assert ask(first, "publish", channel="jobs:2", data=2) == {"publish": {}}
    assert second.read_publication()[1]["data"] == 2


def test_a_binding_to_another_ends_who_waits_with_2100_and_later_comers_get_103(gateway, client):
    loser, winner = client(sessionId="loser"), client(sessionId="winner")
    assert ask(loser, "subscribe", channel="jobs:3") == {"subscribe": {"pending": True}}
    gateway.publish("jobs:3", "secret")
    assert error(loser, "history", channel="jobs:3", limit=-1) == (103, False), "waiting opens nothing"
    assert error(loser, "publish", channel="jobs:3", data=1) == (103, False)
    gateway.api("bind", {"channel": "jobs:3", "session": "winner"})
    channel, body = read_push(loser, "unsubscribe")
    assert (channel, body["code"]) == ("jobs:3", 2100)
    assert error(loser, "subscribe", channel="jobs:3") == (103, False)
    assert error(loser, "history", channel="jobs:3", limit=-1) == (103, False)
    assert error(loser, "publish", channel="jobs:3", data=1) == (103, False)
    assert "subscribe" in ask(winner, "subscribe", channel="jobs:3")
    gateway.publish("jobs:3", "more")
    assert winner.read_publication()[1]["data"] == "more"
    assert ask(loser, "ping") == {"ping": {}}


def test_a_channel_bound_anew_leaves_its_old_owner(gateway, client):
    old, new = client(sessionId="old"), client(sessionId="new")
    gateway.api("bind", {"channel": "jobs:4", "session": "old"})
    ask(old, "subscribe", channel="jobs:4")
    gateway.api("bind", {"channel": "jobs:4", "session": "new"})
    channel, body = read_push(old, "unsubscribe")
    assert (channel, body["code"]) == ("jobs:4", 2100)
    ask(new, "subscribe", channel="jobs:4")
    gateway.publish("jobs:4", 1)
    assert new.read_publication()[1]["data"] == 1


# ---- recovery: what was missed comes with the connect result ----


def since(position):
    return {"recover": True, "epoch": position["epoch"], "offset": position.get("offset", 0)}


@on_both
def test_what_was_missed_arrives_in_order_once_and_live_goes_on_from_there(gateway, client, endpoint):
    name = "chat:recover" + endpoint.replace("/", "-")
    first = client(endpoint, {name: {}}, sessionId="rec")
    position = gateway.publish(name, 1)["result"]
    assert first.read_publication()[1] == {"data": 1, "offset": 1}
    first.close()
    for n in (2, 3, 4):
        gateway.publish(name, n)
    second = client(endpoint, {name: since(position)}, sessionId="rec")
    result = second.connected["subs"][name]
    assert [(p["offset"], p["data"]) for p in result["publications"]] == [(2, 2), (3, 3), (4, 4)]
    assert (result["was_recovering"], result["recovered"], result["offset"]) == (True, True, 4)
    assert "gap" not in result
    gateway.publish(name, 5)
    assert second.read_publication()[1] == {"data": 5, "offset": 5}


def test_nothing_missed_is_recovered_with_nothing(gateway, client):
    position = gateway.publish("chat:still", 1)["result"]
    result = client(subs={"chat:still": since(position)}).connected["subs"]["chat:still"]
    assert (result["was_recovering"], result["recovered"], result["offset"]) == (True, True, 1)
    assert "publications" not in result


GAPS = {
    "another epoch": (lambda p: {**p, "epoch": "other"}, 1, "epoch_changed"),
    "more published than is kept": (lambda p: p, 12, "trimmed"),
}


@pytest.mark.parametrize("change, published, gap", GAPS.values(), ids=GAPS)
def test_a_gap_is_told_after(gateway, client, change, published, gap):
    name = f"chat:gap-{gap}"
    position = gateway.publish(name, 0)["result"]
    for n in range(published):
        gateway.publish(name, n)
    result = client(subs={name: since(change(position))}).connected["subs"][name]
    assert (result["was_recovering"], result.get("recovered", False), result["gap"]) == (True, False, gap)


def test_a_restarted_memory_engine_tells_the_gap(start_gateway):
    config = {"channel": {"namespaces": NAMESPACES}}
    before = start_gateway(config)
    position = before.publish("chat:1", 1)["result"]
    before.kill()
    after = start_gateway(config)
    after.publish("chat:1", 1)
    body = json.dumps({"subs": {"chat:1": since(position)}})
    ws = connect(after, after.ask_ticket(body=body).json()["ticket"])
    result = ws.connected["subs"]["chat:1"]
    assert (result["was_recovering"], result.get("recovered", False)) == (True, False)
    assert result["gap"] == "epoch_changed"
    ws.close()


@on_both
def test_a_subscribe_command_recovers_too(gateway, client, endpoint):
    name = "chat:command" + endpoint.replace("/", "-")
    position = gateway.publish(name, 1)["result"]
    gateway.publish(name, 2)
    reply = ask(client(endpoint), "subscribe", channel=name, **since(position))["subscribe"]
    assert [p["offset"] for p in reply["publications"]] == [2]
    assert reply["recovered"] is True and reply["was_recovering"] is True


def test_personal_channels_keep_a_history_where_a_namespace_of_their_name_says_so(start_gateway):
    gateway = start_gateway({"channel": {"namespaces": [
        {"name": "session", "subscribe": "anyone", "history_size": 10, "history_ttl": "1m", "recovery": True}]}})
    ws = connect(gateway, gateway.ticket(sessionId="a"))
    epoch = ws.connected["subs"]["session:a"]["epoch"]
    ws.close()
    gateway.publish("session:a", "missed")
    wish = json.dumps({"subs": {"session:a": {"recover": True, "epoch": epoch, "offset": 0}}})
    back = connect(gateway, gateway.ask_ticket(body=wish, sessionId="a").json()["ticket"])
    result = back.connected["subs"]["session:a"]
    assert result["recovered"] and [p["data"] for p in result["publications"]] == ["missed"]
    other = connect(gateway, gateway.ticket(sessionId="b"))
    assert error(other, "subscribe", channel="session:a") == (103, False)
