"""Each member of each call that Centrifugo's server API has (its api.proto, 6.9): it has the effect that it should have,
or the call is refused by the member's name. Nothing is passed over."""

import base64
import json
import time

import pytest

from protocol import ask, read_push


@pytest.fixture
def gateway(channel_gateway):
    return channel_gateway


MEMBERS = {
    "publish": ["channel", "data", "b64data", "skip_history", "tags", "idempotency_key", "delta", "version", "version_epoch"],
    "broadcast": ["channels", "data", "b64data", "skip_history", "tags", "idempotency_key", "delta", "version",
                  "version_epoch"],
    "subscribe": ["channel", "user", "expire_at", "info", "b64info", "client", "data", "b64data", "recover_since",
                  "override", "session", "label_filter", "all_users"],
    "unsubscribe": ["channel", "user", "client", "session", "label_filter", "all_users"],
    "disconnect": ["user", "disconnect", "client", "whitelist", "session", "label_filter", "all_users"],
    "refresh": ["user", "client", "expired", "expire_at", "info", "session", "label_filter", "all_users"],
    "presence": ["channel"],
    "presence_stats": ["channel"],
    "history": ["channel", "limit", "since", "reverse"],
    "history_remove": ["channel"],
    "channels": ["pattern"],
    "info": [],
    "batch": ["commands", "parallel"],
}

FILTER = {"op": "eq", "key": "a", "val": "b"}
PUBLISH, BROADCAST = {"channel": "chat:no", "data": 1}, {"channels": ["chat:no"], "data": 1}
TO_USER = {"user": "nobody"}
SUBSCRIBE = {**TO_USER, "channel": "chat:no"}

# The call without the member is accepted; with it, it is refused by the member's name.
REFUSED = [
    ("publish", PUBLISH, "delta", True),
    ("broadcast", BROADCAST, "delta", True),
    *((method, params, member, value) for member, value in [("label_filter", FILTER), ("all_users", True)]
      for method, params in [("subscribe", SUBSCRIBE), ("unsubscribe", SUBSCRIBE), ("disconnect", TO_USER),
                             ("refresh", TO_USER)]),
    ("refresh", TO_USER, "info", {"a": 1}),
]


@pytest.mark.parametrize("method, params, member, value", REFUSED, ids=lambda value: str(value)[:30])
def test_a_member_that_is_not_carried_out_is_refused_by_its_name(gateway, method, params, member, value):
    assert gateway.api(method, params)["result"] is not None
    refused = gateway.api(method, {**params, member: value})["error"]
    assert refused["code"] == 107 and f"'{member}" in refused["detail"], refused


def of_publications(gateway, client, method, name):
    """publish(channel, **members) by either call, and a subscriber of `chat:<name>`."""
    channel = f"chat:{name}-{method}"
    ws = client(subs={channel: {}}, sessionId=f"{name}-{method}")

    def publish(**members):
        if method == "publish":
            return gateway.api("publish", {"channel": channel, **members})
        answer = gateway.api("broadcast", {"channels": [channel, "chat:other"], **members})
        return answer["result"]["responses"][0] if "result" in answer else answer

    return publish, ws, channel


def data(gateway, client, method):
    publish, ws, _ = of_publications(gateway, client, method, "data")
    assert publish(data={"a": [1, None]})["result"]["offset"] == 1
    assert ws.read_publication()[1]["data"] == {"a": [1, None]}


def b64data(gateway, client, method):
    publish, ws, _ = of_publications(gateway, client, method, "b64")
    publish(b64data=base64.b64encode(json.dumps({"ä": 1}).encode()).decode())
    assert ws.read_publication()[1]["data"] == {"ä": 1}
    refused = publish(b64data=base64.b64encode(b"\x00\x01").decode())["error"]
    assert refused["code"] == 107 and "'b64data'" in refused["detail"]


def skip_history(gateway, client, method):
    publish, ws, channel = of_publications(gateway, client, method, "skip")
    assert "offset" not in publish(data=1, skip_history=True)["result"]
    assert ws.read_publication()[1]["data"] == 1
    assert gateway.api("history", {"channel": channel, "limit": -1})["result"]["publications"] == []


def tags(gateway, client, method):
    publish, ws, channel = of_publications(gateway, client, method, "tags")
    publish(data=1, tags={"kind": "news"})
    assert ws.read_publication()[1]["tags"] == {"kind": "news"}
    kept = gateway.api("history", {"channel": channel, "limit": 1})["result"]["publications"]
    assert kept[0]["tags"] == {"kind": "news"}


def idempotency_key(gateway, client, method):
    publish, ws, _ = of_publications(gateway, client, method, "once")
    assert publish(data=1, idempotency_key="k") == publish(data=2, idempotency_key="k")
    publish(data=3)
    assert [ws.read_publication()[1]["data"] for _ in range(2)] == [1, 3]


def version(gateway, client, method):
    publish, ws, _ = of_publications(gateway, client, method, "version")
    first = publish(data=1, version=7)
    assert first["result"]["offset"] == 1
    assert publish(data=2, version=7) == publish(data=2, version=6) == first
    assert publish(data=3, version=8)["result"]["offset"] == 2
    assert [ws.read_publication()[1]["data"] for _ in range(2)] == [1, 3]


def version_epoch(gateway, client, method):
    publish, ws, _ = of_publications(gateway, client, method, "epoch")
    publish(data=1, version=7, version_epoch="a")
    assert publish(data=2, version=7, version_epoch="a")["result"]["offset"] == 1
    assert publish(data=3, version=1, version_epoch="b")["result"]["offset"] == 2
    assert [ws.read_publication()[1]["data"] for _ in range(2)] == [1, 3]
    assert "'version_epoch'" in publish(data=4, version_epoch="b")["error"]["detail"]


def channels(gateway, client, method):
    publish, ws, _ = of_publications(gateway, client, method, "names")
    assert publish(data=1)["result"]["offset"] == 1
    assert "'channel" in gateway.api(method, {"data": 1})["error"]["detail"]


def ids(gateway, client, **claims):
    ws = client(**claims)
    return ws, ws.connected["client"]


def subscribe_channel(gateway, client, method):
    ws, who = ids(gateway, client, sessionId="sc")
    assert gateway.api("subscribe", {"client": who, "channel": "granted:sc"}) == {"result": {}}
    assert read_push(ws, "subscribe")[0] == "granted:sc"
    if method == "unsubscribe":
        assert gateway.api("unsubscribe", {"client": who, "channel": "granted:sc"}) == {"result": {}}
        assert read_push(ws, "unsubscribe")[0] == "granted:sc"


def by(member):
    """A target that names one of two connections: the call ends that one, and no other."""
    def check(gateway, client, method):
        names = [f"by-{member}-{method}-{i}" for i in range(2)]
        both = [client(sessionId=name, sub=name, subs={"chat:by": {}}) for name in names]
        target = {member: names[0] if member != "client" else both[0].connected["client"]}
        if method == "subscribe":
            assert gateway.api(method, {**target, "channel": "granted:by"}) == {"result": {}}
            assert read_push(both[0], "subscribe")[0] == "granted:by"
        elif method == "unsubscribe":
            assert gateway.api(method, {**target, "channel": "chat:by"}) == {"result": {}}
            assert read_push(both[0], "unsubscribe")[0] == "chat:by"
        else:
            params = {**target, **({"expired": True} if method == "refresh" else {})}
            assert gateway.api(method, params) == {"result": {}}
            assert both[0].read_close()[0] >= 3000
        assert "ping" in ask(both[1], "ping")
        subscribed = gateway.api("presence", {"channel": "granted:by" if method == "subscribe" else "chat:by"})
        if method != "subscribe":
            assert both[1].connected["client"] in subscribed["result"]["presence"]
    return check


def recover_since(gateway, client, method):
    position = gateway.api("publish", {"channel": "news:since", "data": 1})["result"]
    gateway.api("publish", {"channel": "news:since", "data": 2})
    ws, who = ids(gateway, client, sessionId="since")
    gateway.api("subscribe", {"client": who, "channel": "news:since", "recover_since": position})
    assert read_push(ws, "subscribe")[0] == "news:since"
    assert ws.read_publication() == ("news:since", {"data": 2, "offset": 2})


def granted(member, value, shown):
    """`info` is shown in presence, `data` comes with the subscription."""
    def check(gateway, client, method):
        name = f"chat:granted-{member}"
        ws, who = ids(gateway, client, sessionId=name)
        assert gateway.api(method, {"client": who, "channel": name, member: value}) == {"result": {}}
        channel, push = read_push(ws, "subscribe")
        assert channel == name and push.get("data") == (shown if "data" in member else None)
        present = gateway.api("presence", {"channel": name})["result"]["presence"]
        assert present[who].get("chan_info") == (shown if "info" in member else None)
    return check


def subscription_ends(gateway, client, method):
    ws, who = ids(gateway, client, sessionId="ends")
    end = int(time.time()) + 2
    assert gateway.api(method, {"client": who, "channel": "granted:ends", "expire_at": end}) == {"result": {}}
    assert read_push(ws, "subscribe")[0] == "granted:ends"
    channel, push = read_push(ws, "unsubscribe")
    assert (channel, push["code"]) == ("granted:ends", 2501) and time.time() >= end
    refused = gateway.api(method, {"client": who, "channel": "granted:ends", "expire_at": 1})["error"]
    assert refused["code"] == 107 and "'expire_at'" in refused["detail"]


def override(gateway, client, method):
    """Each option is as the namespace has it, or refused."""
    ws, who = ids(gateway, client, sessionId="override")
    target = {"client": who, "channel": "news:override"}  # with recovery, without presence and joins
    same = {"presence": {"value": False}, "join_leave": {"value": False}, "force_push_join_leave": {},
            "force_recovery": {"value": True}, "force_positioning": {"value": True}}
    for name, option in same.items():
        refused = gateway.api(method, {**target, "override": {name: {"value": not option.get("value", False)}}})["error"]
        assert refused["code"] == 107 and f"'override.{name}'" in refused["detail"]
    assert gateway.api(method, {**target, "override": same}) == {"result": {}}
    assert read_push(ws, "subscribe")[0] == "news:override"


def disconnect(gateway, client, method):
    ws, who = ids(gateway, client, sessionId="own-code")
    gateway.api(method, {"client": who, "disconnect": {"code": 4123, "reason": "own"}})
    assert ws.read_close() == (4123, "own")


def whitelist(gateway, client, method):
    both = [client(sessionId="white", sub="white") for _ in range(2)]
    gateway.api(method, {"user": "white", "whitelist": [both[0].connected["client"]]})
    assert both[1].read_close()[0] == 3503
    assert "ping" in ask(both[0], "ping")


def expired(gateway, client, method):
    ws, who = ids(gateway, client, sessionId="expired")
    gateway.api(method, {"client": who, "expired": True})
    assert ws.read_close()[0] >= 3000


def expire_at(gateway, client, method):
    ws, who = ids(gateway, client, sessionId="expiring")
    gateway.api(method, {"client": who, "expire_at": 1})
    assert ws.read_close()[0] >= 3000
    ws, who = ids(gateway, client, sessionId="lasting")
    gateway.api(method, {"client": who, "expire_at": int(time.time()) + 3600})
    assert "ping" in ask(ws, "ping")


def presence_channel(gateway, client, method):
    ws = client(subs={"chat:here": {}}, sub="here", sessionId=f"here-{method}")
    here, away = (gateway.api(method, {"channel": name})["result"] for name in ("chat:here", "chat:away"))
    if method == "presence":
        assert list(here["presence"]) == [ws.connected["client"]] and away == {"presence": {}}
    else:
        assert here == {"num_clients": 1, "num_users": 1} and away == {"num_clients": 0, "num_users": 0}
    ws.close()


def of_history(gateway, name, **members):
    channel = f"chat:history-{name}"
    positions = [gateway.api("publish", {"channel": channel, "data": i})["result"] for i in range(3)]
    result = gateway.api("history", {"channel": channel, **members})["result"]
    return [p["data"] for p in result["publications"]], positions, channel


def history_channel(gateway, client, method):
    seen, _, channel = of_history(gateway, method, limit=-1)
    assert seen == [0, 1, 2]
    if method == "history_remove":
        assert gateway.api(method, {"channel": channel}) == {"result": {}}
        assert gateway.api("history", {"channel": channel, "limit": -1})["result"]["publications"] == []


def limit(gateway, client, method):
    assert of_history(gateway, "limit0")[0] == []
    assert of_history(gateway, "limit2", limit=2)[0] == [0, 1]


def since(gateway, client, method):
    _, positions, channel = of_history(gateway, "since")
    page = gateway.api(method, {"channel": channel, "limit": -1, "since": positions[0]})["result"]
    assert [p["data"] for p in page["publications"]] == [1, 2]
    assert gateway.api(method, {"channel": channel, "since": {"offset": 1, "epoch": "xx"}})["error"]["code"] == 112


def reverse(gateway, client, method):
    assert of_history(gateway, "reverse", limit=2, reverse=True)[0] == [2, 1]


def pattern(gateway, client, method):
    client(subs={"chat:pattern-1": {}, "chat:other-1": {}}, sessionId="pattern")
    assert list(gateway.api(method, {"pattern": "chat:pattern-*"})["result"]["channels"]) == ["chat:pattern-1"]


def commands(gateway, client, method):
    answer = gateway.api(method, {"commands": [{"publish": {"channel": "live:b", "data": 1}}, {"rpc": {"method": "x"}}]})
    assert answer["replies"][0] == {"publish": {}} and "'rpc'" in answer["replies"][1]["error"]["detail"]


def parallel(gateway, client, method):
    answer = gateway.api(method, {"parallel": True, "commands": [{"publish": {"channel": "live:b", "data": 1}}] * 20})
    assert answer["replies"] == [{"publish": {}}] * 20
    assert "'parallel'" in gateway.api(method, {"parallel": "x", "commands": []})["error"]["detail"]


EFFECTS = {
    **{(method, check.__name__): check for method in ("publish", "broadcast")
       for check in (data, b64data, skip_history, tags, idempotency_key, version, version_epoch)},
    ("publish", "channel"): channels, ("broadcast", "channels"): channels,
    ("subscribe", "channel"): subscribe_channel, ("unsubscribe", "channel"): subscribe_channel,
    **{(method, member): by(member) for method in ("subscribe", "unsubscribe", "disconnect", "refresh")
       for member in ("user", "client", "session")},
    ("subscribe", "recover_since"): recover_since,
    ("subscribe", "info"): granted("info", {"a": 1}, {"a": 1}), ("subscribe", "data"): granted("data", [1], [1]),
    ("subscribe", "b64info"): granted("b64info", "eyJhIjoxfQ==", {"a": 1}),
    ("subscribe", "b64data"): granted("b64data", "WzFd", [1]),
    ("subscribe", "expire_at"): subscription_ends, ("subscribe", "override"): override,
    ("disconnect", "disconnect"): disconnect, ("disconnect", "whitelist"): whitelist,
    ("refresh", "expired"): expired, ("refresh", "expire_at"): expire_at,
    ("presence", "channel"): presence_channel, ("presence_stats", "channel"): presence_channel,
    ("history", "channel"): history_channel, ("history_remove", "channel"): history_channel,
    ("history", "limit"): limit, ("history", "since"): since, ("history", "reverse"): reverse,
    ("channels", "pattern"): pattern, ("batch", "commands"): commands, ("batch", "parallel"): parallel,
}


@pytest.mark.parametrize("method, member", EFFECTS, ids=str)
def test_a_member_has_its_effect(gateway, client, method, member):
    EFFECTS[method, member](gateway, client, method)


def test_every_member_of_centrifugos_api_is_in_one_of_the_two_tables():
    told = set(EFFECTS) | {(method, member) for method, _, member, _ in REFUSED}
    assert told == {(method, member) for method, members in MEMBERS.items() for member in members}


# Text, number, boolean, array, object: a member takes its own kind, and refuses the others by its name.
KINDS = {"text": "x", "number": 7, "fraction": 1.5, "below zero": -1, "too large": 2**64, "true": True, "array": [1],
         "object": {"x": 1}}
TAKES = {
    "channel": ["text"], "user": ["text"], "client": ["text"], "session": ["text"], "pattern": ["text"],
    "idempotency_key": ["text"], "version_epoch": ["text"], "b64data": [], "skip_history": ["true"], "expired": ["true"],
    "parallel": ["true"], "tags": [], "channels": [], "whitelist": [], "commands": ["array"], "b64info": [], "version": ["number"],
    "expire_at": ["number", "below zero"], "limit": ["number", "below zero"], "reverse": ["true"], "since": ["object"],
    "recover_since": ["object"], "disconnect": ["object"], "override": [],
}
WRONG = [(method, member, kind) for method, member in EFFECTS if member in TAKES
         for kind in KINDS if kind not in TAKES[member]]
GOOD = {"publish": PUBLISH, "broadcast": BROADCAST, "subscribe": SUBSCRIBE, "unsubscribe": SUBSCRIBE,
        "disconnect": TO_USER, "refresh": TO_USER, "presence": {"channel": "chat:no"},
        "presence_stats": {"channel": "chat:no"}, "history": {"channel": "chat:no"},
        "history_remove": {"channel": "chat:no"}, "channels": {}, "batch": {"commands": []}}


def test_a_value_of_a_wrong_kind_is_refused_by_the_members_name(gateway):
    for method, member, kind in WRONG:
        params = {**GOOD[method], member: KINDS[kind]}
        if member == "b64data":
            params.pop("data", None)
        refused = gateway.api(method, params).get("error")
        assert refused and refused["code"] == 107 and f"'{member}" in refused["detail"], (method, member, kind, refused)


@pytest.mark.parametrize("body", ['{"channel":"live:a","channel":"live:b","data":1}', '{"channel":"live:a","data":1,"data":2}'])
def test_a_member_that_comes_twice_is_refused(gateway, body):
    answer = gateway.api_raw("publish", body).json()
    assert answer["error"]["code"] == 107 and "has a member twice" in answer["error"]["detail"]


def test_ten_thousand_channels_have_their_versions_and_tags(gateway):
    names = [f"chat:many{i}" for i in range(10_000)]
    params = {"channels": names, "data": {"n": 1}, "tags": {"kind": "many"}, "version": 2**63, "version_epoch": "e"}
    first = gateway.api("broadcast", params)["result"]["responses"]
    assert len(first) == 10_000 and all(r["result"]["offset"] == 1 for r in first)
    assert gateway.api("broadcast", params)["result"]["responses"] == first
    assert "'channels'" in gateway.api("broadcast", {**params, "channels": [*names, "chat:x"]})["error"]["detail"]


def test_a_version_needs_a_history(gateway):
    refused = gateway.api("publish", {"channel": "live:v", "data": 1, "version": 1})["error"]
    assert refused["code"] == 108 and "'version'" in refused["detail"]
    first, second = gateway.api("broadcast", {"channels": ["live:v", "chat:v"], "data": 1, "version": 1})["result"]["responses"]
    assert first["error"]["code"] == 108 and second["result"]["offset"] == 1
