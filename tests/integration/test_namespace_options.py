"""What namespaces give beyond rights: modes of recovery, positions, and which clients may look at a channel. On both engines."""

import json

import pytest

from gateway import Gateway
from protocol import ask, error
from redis_server import RedisServer, on_redis
from websocket import connect

KEPT = {"subscribe": "anyone", "history_size": 3, "history_ttl": "1m"}
NAMESPACES = [
    {"name": "cache", **KEPT, "recovery": True, "recovery_mode": "cache"},
    {"name": "strict", **KEPT, "recovery": True, "unrecoverable": "refuse"},
    {"name": "lenient", **KEPT, "recovery": True},
    {"name": "placed", **KEPT, "positioned": True},
    {"name": "shown", **KEPT, "presence": True, "allow_presence_for": "anyone", "allow_history_for": "anyone"},
    {"name": "members", **KEPT, "presence": True, "allow_presence_for": "users", "allow_history_for": "users"},
    {"name": "named", **KEPT, "presence": True, "allow_presence_for": "granted", "allow_history_for": "granted"},
    {"name": "hidden", **KEPT, "presence": True, "allow_presence_for": "nobody", "allow_history_for": "nobody"},
    {"name": "own", **KEPT, "presence": True},
    {"name": "latest", "subscribe": "anyone", "latest_only": True},
    {"name": "delayed", "subscribe": "anyone", "write_delay": "1s"},
    {"name": "live", "subscribe": "anyone"},
]


@pytest.fixture(scope="module", params=["memory", "redis"])
def gateway(request, tmp_path_factory):
    config = {"channel": {"namespaces": NAMESPACES}, "limits": {"connections_per_session": 0, "commands": "0"}}
    redis = None
    if request.param == "redis":
        redis = RedisServer(tmp_path_factory.mktemp("redis")).start()
        config |= on_redis(url=redis.url)
    started = Gateway(tmp_path_factory.mktemp("options"), config).start().wait_until_ready()
    yield started
    started.stop()
    if redis:
        redis.kill()


@pytest.fixture
def client(gateway):
    opened = []

    def open_client(subs=None, **claims):
        answer = gateway.ask_ticket(body=json.dumps({"subs": subs}) if subs else None, **claims)
        assert answer.status == 200, answer
        opened.append(connect(gateway, answer.json()["ticket"]))
        return opened[-1]

    yield open_client
    for ws in opened:
        ws.close()


def publish(gateway, channel, *all_data):
    return [gateway.publish(channel, data)["result"] for data in all_data][-1]


def since(position):
    return {"recover": True, "epoch": position["epoch"], "offset": position["offset"]}


def test_whoever_subscribes_to_a_cache_gets_the_newest_at_once_and_once(gateway, client):
    first = publish(gateway, "cache:1", 1)
    newest = publish(gateway, "cache:1", 2, 3, 4, 5)
    by_command, by_ticket, back = client(), client({"cache:1": {}}), client({"cache:1": since(first)})
    results = [ask(by_command, "subscribe", channel="cache:1")["subscribe"],
               by_ticket.connected["subs"]["cache:1"], back.connected["subs"]["cache:1"]]
    for result in results:
        assert result == {"recoverable": True, "epoch": newest["epoch"], "publications": [{"data": 5, "offset": 5}],
                          "recovered": True, "offset": 5, "positioned": True, "was_recovering": True}
    publish(gateway, "cache:1", 6)
    for ws in (by_command, by_ticket, back):
        assert ws.read_publication() == ("cache:1", {"data": 6, "offset": 6})
    has_it = client({"cache:1": since(publish(gateway, "cache:1", 7))})
    result = has_it.connected["subs"]["cache:1"]
    assert result["recovered"] is True and "publications" not in result


def test_a_cache_that_is_empty_or_was_removed_says_so(gateway, client):
    ws = client()
    assert ask(ws, "subscribe", channel="cache:none")["subscribe"].get("recovered") is None
    position = publish(gateway, "cache:gone", 1)
    publish(gateway, "cache:gone", 2)
    assert gateway.api("history_remove", {"channel": "cache:gone"}) == {"result": {}}
    result = ask(ws, "subscribe", channel="cache:gone", **since(position))["subscribe"]
    assert (result["was_recovering"], result.get("recovered"), result["gap"]) == (True, None, "trimmed")


def test_a_cache_given_by_the_server_api_comes_with_the_newest(gateway, client):
    publish(gateway, "cache:api", 1, 2)
    ws = client(sub="api-user", sessionId="api-user")
    assert "result" in gateway.api("subscribe", {"user": "api-user", "channel": "cache:api"})
    assert ws.read_publication() == ("cache:api", {"data": 2, "offset": 2})


@pytest.mark.parametrize("channel, flag", [("strict:1", None), ("lenient:1", 2), ("lenient:2", 3)])
def test_a_gap_is_error_112_where_the_namespace_or_the_client_wants_it(gateway, client, channel, flag):
    first = publish(gateway, channel, 1)
    publish(gateway, channel, 2, 3, 4, 5)
    flags = {} if flag is None else {"flag": flag}
    ws = client()
    for _ in range(2):
        assert error(ws, "subscribe", channel=channel, **since(first), **flags) == (112, False)
    on_ticket = client({channel: {**since(first), **flags}})
    assert on_ticket.connected["subs"][channel]["error"]["code"] == 112
    assert ask(ws, "subscribe", channel=channel, **flags)["subscribe"]["offset"] == 5
    publish(gateway, channel, 6)
    assert ws.read_publication()[1]["data"] == 6


def test_without_the_wish_a_gap_is_told_and_other_bits_are_ignored(gateway, client):
    first = publish(gateway, "lenient:3", 1)
    publish(gateway, "lenient:3", 2, 3, 4, 5)
    result = ask(client(), "subscribe", channel="lenient:3", flag=1 + 4 + 1024, **since(first))["subscribe"]
    assert (result["was_recovering"], result.get("recovered"), result["gap"]) == (True, None, "trimmed")
    assert error(client(), "subscribe", channel="lenient:3", flag="2") == (107, False)


def test_positions_are_told_without_recovery(gateway, client):
    position = publish(gateway, "placed:1", 1, 2)
    ws = client()
    assert ask(ws, "subscribe", channel="placed:1", positioned=True, recoverable=True) == {
        "subscribe": {"epoch": position["epoch"], "offset": 2, "positioned": True}}
    publish(gateway, "placed:1", 3)
    assert ws.read_publication() == ("placed:1", {"data": 3, "offset": 3})
    result = ask(client(), "subscribe", channel="placed:1", **since(position))["subscribe"]
    assert result["was_recovering"] is True and "recovered" not in result and "publications" not in result


# Which of these clients may look: a guest, somebody who is logged in, one whose token names the channel; not subscribed and subscribed.
LOOKERS = {
    "shown:1": ("yes", "yes", "yes", "yes", "yes", "yes"),
    "members:1": ("no", "yes", "yes", "no", "yes", "yes"),
    "named:1": ("no", "no", "yes", "no", "no", "yes"),
    "hidden:1": ("no", "no", "no", "no", "no", "no"),
    "own:1": ("no", "no", "no", "yes", "yes", "yes"),
}


@pytest.mark.parametrize("channel", LOOKERS)
def test_who_may_ask_for_presence_and_history(gateway, client, channel):
    publish(gateway, channel, 1)
    kinds = [{}, {"sub": "ada"}, {"sub": "bob", "channels": [channel[:-1] + "*"]}]
    for i, expected in enumerate(LOOKERS[channel]):
        ws = client(sessionId=f"look-{channel}-{i}", **kinds[i % 3])
        if i >= 3:
            assert "subscribe" in ask(ws, "subscribe", channel=channel)
        for method, params in (("history", {"limit": 1}), ("presence", {}), ("presence_stats", {})):
            reply = ask(ws, method, channel=channel, **params)
            if expected == "yes":
                assert method in reply, (i, method, reply)
            else:
                assert reply["error"]["code"] == 103, (i, method, reply)
    assert gateway.api("history", {"channel": channel, "limit": 1})["result"]["publications"][0]["data"] == 1


def test_a_client_that_reads_slowly_gets_the_newest_of_a_channel_in_order_and_is_not_closed(gateway, client):
    slow, other = client({"latest:1": {}, "live:1": {}}), client({"latest:1": {}})
    filler = "x" * 60_000
    count = 400  # far more bytes than the kernel and limits.outbox_bytes take
    for n in range(count):
        publish(gateway, "latest:1", {"n": n, "filler": filler})
        assert other.read_publication()[1]["data"]["n"] == n, "a client that reads gets all"
    publish(gateway, "live:1", "after")
    seen = []
    while True:
        channel, publication = slow.read_publication()
        if channel == "live:1":
            break
        seen.append(publication["data"]["n"])
    assert seen == sorted(set(seen)) and seen[-1] == count - 1, seen
    assert len(seen) < count // 2, "most of them were left out"


def test_what_leaves_at_once_takes_along_what_waits_before_it(gateway, client):
    ws = client({"delayed:1": {}, "live:2": {}})
    for n in range(3):
        publish(gateway, "delayed:1", n)
    ws.send({"id": 5, "ping": {}})
    got = [ws.read() for _ in range(4)]
    assert [m["push"]["pub"]["data"] for m in got[:3]] == [0, 1, 2] and got[3] == {"id": 5, "ping": {}}
    publish(gateway, "delayed:1", 3)
    publish(gateway, "live:2", 4)
    assert [ws.read_publication()[1]["data"] for _ in range(2)] == [3, 4]
    publish(gateway, "delayed:1", 5)
    assert ws.read_publication()[1]["data"] == 5, "it waits for a second at most"
