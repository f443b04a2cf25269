"""Two gateways on one Redis are one gateway: whatever is said to one holds on the other."""

import json

import pytest

from gateway import Gateway, wait_until
from protocol import NAMESPACES, ask, error, read_push
from redis_server import RedisServer, on_redis
from websocket import connect


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    with RedisServer(tmp_path_factory.mktemp("redis")).start() as server:
        yield server


@pytest.fixture(scope="module")
def pair(redis, tmp_path_factory):
    """Two gateways, ready, with two threads each."""
    config = {**on_redis(url=redis.url), "channel": {"namespaces": NAMESPACES},
              "jwt": {"leeway": "0s"}, "limits": {"connections_per_session": 3, "connections_per_user": 4, "commands": "0"}}
    both = [Gateway(tmp_path_factory.mktemp(f"gateway{i}"), config).start() for i in range(2)]
    for gateway in both:
        gateway.wait_until_ready()
    # Each has heard of the other when an order is answered by both.
    wait_until(lambda: len(both[0].api("info", {}).get("result", {}).get("nodes", [])) == 2, "both gateways to answer")
    yield both
    for gateway in both:
        gateway.stop()


@pytest.fixture
def client(pair):
    """client(i, subs, **claims): connected to gateway i."""
    opened = []

    def open_client(i, subs=None, **claims):
        # The other one's ticket opens it too.
        answer = pair[1 - i].ask_ticket(body=json.dumps({"subs": subs}) if subs else None, **claims)
        assert answer.status == 200, answer
        ws = connect(pair[i], answer.json()["ticket"])
        opened.append(ws)
        return ws

    yield open_client
    for ws in opened:
        ws.close()


def test_what_is_published_here_arrives_there_byte_for_byte(pair, client):
    there = client(1, {"live:1": {}, "news:1": {}}, sessionId="t1", sub="t1")
    data = '{"n":12345678901234567890123,"x":1.0,"s":"\\u00e9"}'
    for channel in ("live:1", "news:1", "session:t1", "user:t1"):
        answer = pair[0].api_raw("publish", f'{{"channel":"{channel}","data":{data}}}').json()
        assert "result" in answer, answer
    got = []
    while len(got) < 4:
        opcode, payload = there.read_frame()
        got += [line for line in payload.decode().split("\n") if '"pub"' in line]
    for line, channel in zip(got, ("live:1", "news:1", "session:t1", "user:t1")):
        assert f'"channel":"{channel}"' in line and f'"data":{data}' in line


def test_broadcast_reaches_clients_of_both(pair, client):
    clients = [client(i, {"live:b1": {}, "news:b2": {}}, sessionId=f"b{i}") for i in range(2)]
    answer = pair[0].api("broadcast", {"channels": ["live:b1", "news:b2"], "data": 7})
    assert all("result" in one for one in answer["result"]["responses"])
    for ws in clients:
        assert {ws.read_publication()[0] for _ in range(2)} == {"live:b1", "news:b2"}


def test_clients_publish_to_each_other(pair, client):
    here, there = client(0, {"chat:c": {}}, sessionId="c0", sub="c0"), client(1, {"chat:c": {}}, sessionId="c1")
    assert ask(here, "publish", channel="chat:c", data={"hello": 1}) == {"publish": {}}
    channel, pub = there.read_publication()
    assert channel == "chat:c" and pub["data"] == {"hello": 1} and pub["info"]["user"] == "c0" and pub["offset"] == 1


def test_history_is_the_same_from_both_and_removed_on_both(pair, client):
    for n in range(3):
        pair[n % 2].publish("news:h", n)
    pages = [gateway.api("history", {"channel": "news:h", "limit": 10})["result"] for gateway in pair]
    assert pages[0] == pages[1] and [p["data"] for p in pages[0]["publications"]] == [0, 1, 2]
    ws = client(1, {"news:h": {}}, sessionId="h")
    assert len(ask(ws, "history", channel="news:h", limit=2)["history"]["publications"]) == 2
    assert pair[0].api("history_remove", {"channel": "news:h"}) == {"result": {}}
    assert pair[1].api("history", {"channel": "news:h", "limit": 10})["result"]["publications"] == []


def test_who_comes_back_to_the_other_gateway_gets_what_it_missed(pair, client):
    first = client(0, {"news:r": {}}, sessionId="r")
    epoch = first.connected["subs"]["news:r"]["epoch"]
    pair[0].publish("news:r", 1)
    assert first.read_publication()[1]["offset"] == 1
    first.close()
    pair[0].publish("news:r", 2)
    pair[1].publish("news:r", 3)
    second = client(1, {"news:r": {"recover": True, "epoch": epoch, "offset": 1}}, sessionId="r")
    result = second.connected["subs"]["news:r"]
    assert result["recovered"] and [p["data"] for p in result["publications"]] == [2, 3]
    pair[0].publish("news:r", 4)
    assert second.read_publication()[1]["data"] == 4


def test_presence_joins_and_leaves(pair, client):
    here = client(0, {"chat:p": {}}, sessionId="p0", sub="p0")
    there = client(1, {"chat:p": {}}, sessionId="p1", sub="p1")
    assert read_push(here, "join")[1]["info"]["user"] == "p0"
    assert read_push(here, "join")[1]["info"]["user"] == "p1"
    present = ask(here, "presence", channel="chat:p")["presence"]["presence"]
    assert {info["user"] for info in present.values()} == {"p0", "p1"}
    for gateway in pair:
        assert gateway.api("presence_stats", {"channel": "chat:p"})["result"] == {"num_clients": 2, "num_users": 2}
        assert len(gateway.api("presence", {"channel": "chat:p"})["result"]["presence"]) == 2
    there.close()
    assert read_push(here, "leave")[1]["info"]["user"] == "p1"
    assert pair[1].api("presence_stats", {"channel": "chat:p"})["result"]["num_clients"] == 1


def test_a_tokens_info_is_shown_on_both(pair, client):
    info = {"name": "Zoë"}
    here = client(0, {"chat:info": {}}, sessionId="i0", sub="i0")
    there = client(1, {"chat:info": {}}, sessionId="i1", sub="i1", info=info)
    shown = {"user": "i1", "client": there.connected["client"], "conn_info": info}
    while (join := read_push(here, "join")[1]["info"])["user"] != "i1":
        pass
    assert join == shown
    for gateway in pair:
        present = gateway.api("presence", {"channel": "chat:info"})["result"]["presence"]
        assert present[shown["client"]] == shown
    assert "publish" in ask(there, "publish", channel="chat:info", data=1)
    assert read_push(here, "pub")[1]["info"] == shown
    there.close()
    assert read_push(here, "leave") == ("chat:info", {"info": shown})


def test_a_binding_made_here_starts_and_ends_subscriptions_there(pair, client):
    mine, other = client(1, sessionId="o1"), client(1, sessionId="o2")
    assert ask(mine, "subscribe", channel="jobs:7") == {"subscribe": {"pending": True}}
    pair[0].publish("jobs:7", "before")
    assert pair[0].api("bind", {"channel": "jobs:7", "session": "o1", "ttl": 60}) == {"result": {}}
    assert read_push(mine, "subscribe")[0] == "jobs:7"
    assert mine.read_publication()[1]["data"] == "before"
    pair[0].publish("jobs:7", "after")
    assert mine.read_publication()[1]["data"] == "after"
    assert error(other, "subscribe", channel="jobs:7")[0] == 103
    assert pair[0].api("bind", {"channel": "jobs:7", "session": "o2", "ttl": 60}) == {"result": {}}
    assert read_push(mine, "unsubscribe")[1]["code"] == 2100
    assert "subscribe" in ask(other, "subscribe", channel="jobs:7")


def test_the_backend_subscribes_and_unsubscribes_across(pair, client):
    ws = client(1, sessionId="su", sub="su")
    assert pair[0].api("subscribe", {"user": "su", "channel": "granted:1"}) == {"result": {}}
    assert read_push(ws, "subscribe")[0] == "granted:1"
    pair[0].publish("granted:1", 1)
    assert ws.read_publication() == ("granted:1", {"data": 1})
    assert pair[0].api("unsubscribe", {"user": "su", "channel": "granted:1"}) == {"result": {}}
    assert read_push(ws, "unsubscribe")[0] == "granted:1"


def test_an_order_that_another_gateway_could_not_carry_out_is_an_error_here(pair, client):
    ws = client(1, {f"live:full-{n}": {} for n in range(128)}, sessionId="full")
    assert not any("error" in sub for sub in ws.connected["subs"].values())
    assert pair[0].api("subscribe", {"session": "full", "channel": "granted:1"})["error"]["code"] == 106
    pair[0].api("bind", {"channel": "jobs:full", "session": "another", "ttl": 60})
    assert "unsubscribe" in ask(ws, "unsubscribe", channel="live:full-0")
    assert pair[0].api("subscribe", {"session": "full", "channel": "jobs:full"})["error"]["code"] == 103
    assert pair[0].api("subscribe", {"session": "full", "channel": "granted:1"}) == {"result": {}}


@pytest.mark.parametrize("order, close", [
    (("disconnect", {"user": "k1"}), (3503, "FORCE_DISCONNECT")),
    (("disconnect", {"session": "k1", "disconnect": {"code": 4100, "reason": "BYE"}}), (4100, "BYE")),
    (("revoke", {"session": "k1", "ttl": 1}), (3520, "SESSION_REVOKED")),
], ids=["disconnect", "with its own code", "revoke"])
def test_the_backend_ends_connections_everywhere(pair, client, order, close):
    clients = [client(i, sessionId="k1", sub="k1") for i in range(2)]
    assert pair[0].api(*order) == {"result": {}}
    assert [ws.read_close() for ws in clients] == [close, close]
    wait_until(lambda: pair[1].ask_ticket(sessionId="k1").status == 200, "the revocation to be over")


def test_a_refresh_ordered_here_ends_what_has_expired_there(pair, client):
    ws = client(1, sessionId="x", sub="x")
    assert pair[0].api("refresh", {"user": "x", "expired": True}) == {"result": {}}
    assert ws.read_close() == (3005, "TOKEN_EXPIRED")


def test_the_oldest_of_too_many_connections_is_ended_wherever_it_is(pair, client):
    sessions = [client(i % 2, sessionId="lim") for i in range(4)]
    assert sessions[0].read_close() == (3504, "CONNECTION_LIMIT")
    assert "ping" in ask(sessions[1], "ping")
    users = [client(i % 2, sessionId=f"lim{i}", sub="lim") for i in range(5)]
    assert users[0].read_close() == (3504, "CONNECTION_LIMIT")
    assert "ping" in ask(users[1], "ping")


def test_an_idempotency_key_counts_on_both(pair, client):
    ws = client(1, {"chat:once": {}, "live:once": {}}, sessionId="once")
    for channel in ("chat:once", "live:once"):
        params = {"channel": channel, "data": 1, "idempotency_key": "k1"}
        first, second = (gateway.api("publish", params) for gateway in pair)
        assert first == second and "result" in first
        pair[0].publish(channel, 2)
        assert [ws.read_publication()[1]["data"] for _ in range(2)] == [1, 2]


def test_channels_are_added_up(pair, client):
    for i in range(2):
        client(i, {"live:sum": {}, f"live:only{i}": {}}, sessionId=f"sum{i}", sub="sum")
    channels = pair[0].api("channels", {"pattern": "live:*"})["result"]["channels"]
    assert channels["live:sum"] == {"num_clients": 2}
    assert channels["live:only0"] == channels["live:only1"] == {"num_clients": 1}


def test_a_gateway_that_dies_leaves_no_one_behind_for_long(pair, redis, tmp_path):
    config = pair[0].config
    third = Gateway(tmp_path / "third", config).start().wait_until_ready()
    answer = third.ask_ticket(body=json.dumps({"subs": {"chat:dead": {}}}), sessionId="dead")
    ws = connect(third, answer.json()["ticket"])
    assert ask(ws, "presence_stats", channel="chat:dead")["presence_stats"]["num_clients"] == 1
    third.kill()
    # Until it is known to be dead, an order is not said to be carried out everywhere.
    wait_until(lambda: "result" in pair[0].api("channels", {}), "orders to be answered again", 15)


def test_a_gateway_that_says_goodbye_is_not_waited_for(pair, tmp_path):
    third = Gateway(tmp_path / "third", pair[0].config).start().wait_until_ready()
    third.stop()
    assert "result" in pair[0].api("channels", {})


def test_info_lists_every_gateway_and_names_one_that_was_killed(pair, client, tmp_path):
    third = Gateway(tmp_path / "third", pair[0].config).start().wait_until_ready()
    ws = connect(third, pair[0].ticket(sessionId="third"))

    def listed():
        """The uids of the gateways that answer, and those that do not."""
        result = pair[1].api("info", {}).get("result", {})
        return [node["uid"] for node in result.get("nodes", [])], result.get("unreachable", [])
    wait_until(lambda: len(listed()[0]) == 3, "all three gateways to be listed")
    died = ws.connected["node"]
    nodes, unreachable = listed()
    assert died in nodes and died not in unreachable
    assert all(node.keys() >= {"uid", "name", "version", "num_clients", "num_users", "num_channels", "num_subs", "uptime"}
               for node in pair[0].api("info", {})["result"]["nodes"])
    third.kill()
    wait_until(lambda: died in listed()[1], "the third gateway to be named as unreachable")
    assert len(listed()[0]) == 2 and died not in listed()[0]
    # An order is not carried out everywhere until the dead gateway counts as dead; info answers all the time.
    wait_until(lambda: "result" in pair[0].api("channels", {}), "orders to be answered again", 15)


def test_a_gateway_that_stops_in_order_is_not_unreachable(pair, tmp_path):
    third = Gateway(tmp_path / "third", pair[0].config).start().wait_until_ready()
    ws = connect(third, pair[0].ticket(sessionId="leaving"))
    left = ws.connected["node"]
    third.stop()
    result = pair[0].api("info", {})["result"]
    assert left not in result.get("unreachable", []) and left not in [node["uid"] for node in result["nodes"]]


def test_versions_are_compared_over_both(pair, client):
    ws = client(1, {"chat:versions": {}}, sessionId="versions")
    first = pair[0].api("publish", {"channel": "chat:versions", "data": 1, "version": 7})
    assert pair[1].api("publish", {"channel": "chat:versions", "data": 2, "version": 7}) == first
    assert pair[1].api("publish", {"channel": "chat:versions", "data": 3, "version": 8})["result"]["offset"] == 2
    assert [ws.read_publication()[1]["data"] for _ in range(2)] == [1, 3]


def test_each_gateway_is_listed_with_its_own_numbers(pair, client):
    first, second = client(0, {"news:1": {}}, sessionId="i1", sub="i1"), client(1, sessionId="i2", sub="i2")
    third = client(1, sessionId="i3", sub="i3")

    def nodes():
        answer = pair[0].api("info", {})
        return {node["uid"]: node for node in answer.get("result", {}).get("nodes", [])}
    wait_until(lambda: len(nodes()) == 2, "both gateways to be listed")
    here, there = (nodes()[ws.connected["node"]] for ws in (first, second))
    assert (here["num_clients"], here["num_users"], here["num_channels"]) == (1, 1, 1), here
    assert (there["num_clients"], there["num_users"], there["num_channels"]) == (2, 2, 0), there
    assert here["name"] == here["uid"] and here["version"] == there["version"]
    assert second.connected["node"] == third.connected["node"] != first.connected["node"]
    assert 0 <= there["uptime"] < 3600
