"""The Centrifugo client protocol as usher speaks it, on /ws and on /connection/websocket: commands, replies, pushes."""

import json
import re

import pytest

from gateway import wait_until
from protocol import NAMESPACES, ask, ask_and_keep, error, read_push
from websocket import TEXT, Closed, WebSocket, connect

ENDPOINTS = ["/ws", "/connection/websocket"]
on_both = pytest.mark.parametrize("endpoint", ENDPOINTS)


@pytest.fixture
def gateway(channel_gateway):
    return channel_gateway


# ---- the connect push ----


def test_the_connect_push_has_the_shape_of_the_contract(gateway, client):
    body = client(sessionId="shape", sub="ada", channels=["live:mine"]).connected
    assert re.fullmatch(r"[0-9a-f]{8,32}", body["client"])
    assert body["session"] == "shape"
    assert body["version"].startswith("usher ")
    assert (body["ping"], body["pong"], body["expires"], body["reconnect_spread_ms"]) == (25, True, True, 0)
    assert 3590 <= body["ttl"] <= 3600
    assert body["node"]
    assert set(body["subs"]) == {"session:shape", "user:ada", "live:mine"}
    assert set(body) == {"client", "session", "version", "ping", "pong", "expires", "ttl", "node",
                         "reconnect_spread_ms", "subs"}


def test_the_connect_push_tells_the_configured_ping_and_spread(start_gateway):
    gateway = start_gateway({"client": {"ping_interval": "7s", "reconnect_spread": "90s"}})
    ws = connect(gateway)
    assert (ws.connected["ping"], ws.connected["reconnect_spread_ms"]) == (7, 90_000)
    ws.close()


def test_a_bare_client_has_no_ping_in_its_connect_push(gateway):
    ws = WebSocket(gateway.address, f"/ws?ticket={gateway.ticket()}", protocols=())
    body = ws.read_connect()
    assert "ping" not in body and "pong" not in body and body["session"] == "s1"
    ws.close()


def test_on_connection_websocket_the_connect_reply_has_the_same_members(client):
    on_ws = client(sessionId="same").connected
    on_sdk = client("/connection/websocket", sessionId="same").connected
    assert set(on_ws) == set(on_sdk)
    assert on_ws["client"] != on_sdk["client"]


# ---- subscriptions ride on the ticket ----


@on_both
def test_wished_subscriptions_are_answered_one_by_one_in_the_connect_result(client, endpoint):
    wishes = {"live:1": {}, "chat:wished": {}, "room:1": {}, "nowhere:1": {}, "session:other": {}, "session:w": {}}
    subs = client(endpoint, wishes, sessionId="w", channels=["live:1"]).connected["subs"]
    refused = {"room:1": 103, "nowhere:1": 102, "session:other": 103}
    # An SDK takes every entry for a subscription that it has, so there it is told of those alone.
    assert set(subs) == (set(wishes) if endpoint == "/ws" else set(wishes) - set(refused))
    assert subs["live:1"] == {} and subs["session:w"].keys() <= {"was_recovering", "recovered", "gap"}
    assert subs["chat:wished"]["recoverable"] is True and subs["chat:wished"]["epoch"]
    for channel, code in refused.items() if endpoint == "/ws" else ():
        assert set(subs[channel]) == {"error"}
        assert subs[channel]["error"]["code"] == code and subs[channel]["error"]["message"]


@on_both
def test_a_wished_subscription_is_live_at_once(gateway, client, endpoint):
    ws = client(endpoint, {"live:atonce": {}})
    gateway.publish("live:atonce", [1])
    assert ws.read_publication() == ("live:atonce", {"data": [1]})


# ---- commands ----


@on_both
def test_subscribe_publish_unsubscribe(client, endpoint):
    ws, other = client(endpoint, sub="ada"), client(endpoint)
    for each in (ws, other):
        assert ask(each, "subscribe", channel="live:talk") == {"subscribe": {}}
    assert ask(ws, "publish", channel="live:talk", data={"hello": "world"}) == {"publish": {}}
    channel, publication = other.read_publication()
    assert (channel, publication["data"]) == ("live:talk", {"hello": "world"})
    assert publication["info"] == {"user": "ada", "client": ws.connected["client"]}
    assert ask(other, "unsubscribe", channel="live:talk") == {"unsubscribe": {}}
    ask(ws, "publish", channel="live:talk", data=2)
    assert ask(other, "ping") == {"ping": {}}
    assert other.messages == []
    assert ask(other, "subscribe", channel="live:talk") == {"subscribe": {}}


def test_a_client_need_not_be_subscribed_to_publish_where_it_may(client):
    listener, speaker = client(subs={"live:radio": {}}), client()
    assert ask(speaker, "publish", channel="live:radio", data="on air") == {"publish": {}}
    assert listener.read_publication()[1]["data"] == "on air"


@on_both
def test_history_with_limit_since_and_reverse(gateway, client, endpoint):
    name = "chat:history" + endpoint.replace("/", "-")
    ws = client(endpoint, {name: {}})
    epoch = ws.connected["subs"][name]["epoch"]
    for n in range(1, 6):
        result = gateway.publish(name, n)["result"]
        assert result == {"offset": n, "epoch": epoch}

    def offsets(**params):
        history = ask(ws, "history", channel=name, **params)["history"]
        assert (history["epoch"], history["offset"]) == (epoch, 5)
        assert all(p["data"] == p["offset"] for p in history["publications"])
        return [p["offset"] for p in history["publications"]]

    assert offsets() == []
    assert offsets(limit=-1) == [1, 2, 3, 4, 5]
    assert offsets(limit=2) == [1, 2]
    assert offsets(limit=2, since={"offset": 3, "epoch": epoch}) == [4, 5]
    assert offsets(limit=2, reverse=True) == [5, 4]
    assert offsets(limit=-1, reverse=True, since={"offset": 4, "epoch": epoch}) == [3, 2, 1]
    assert error(ws, "history", channel=name, limit=1, since={"offset": 1, "epoch": "other"}) == (112, False)
    # Without an epoch, as SDKs page from the beginning: of whichever there is.
    assert offsets(limit=2, since={"offset": 0, "epoch": ""}) == [1, 2]
    assert offsets(limit=-1, since={"offset": 3}) == [4, 5]
    rejoined = client(endpoint, {name: {"recover": True, "epoch": "", "offset": 3}}).connected["subs"][name]
    assert not rejoined.get("recovered") and rejoined["gap"] == "epoch_changed", "an offset alone recovers nothing"


@on_both
def test_presence_and_who_comes_and_goes(client, endpoint):
    name = "chat:presence" + endpoint.replace("/", "-")
    first = client(endpoint, {name: {}}, sub="ada")
    second = client(endpoint, {name: {}}, sub="bob", sessionId="s2")
    info = {"user": "bob", "client": second.connected["client"]}
    seen = []
    while len(seen) < 2:  # its own coming is told to a client as well
        channel, body = read_push(first, "join")
        assert channel == name
        seen.append(body["info"])
    assert seen == [{"user": "ada", "client": first.connected["client"]}, info]
    present = ask(first, "presence", channel=name)["presence"]["presence"]
    assert {who["user"] for who in present.values()} == {"ada", "bob"}
    assert present[second.connected["client"]] == info
    assert ask(first, "presence_stats", channel=name) == {"presence_stats": {"num_clients": 2, "num_users": 2}}
    second.close()
    assert read_push(first, "leave") == (name, {"info": info})
    assert ask(first, "presence_stats", channel=name) == {"presence_stats": {"num_clients": 1, "num_users": 1}}


@on_both
def test_a_tokens_info_is_shown_with_what_its_client_does(gateway, client, endpoint):
    name = "chat:info" + endpoint.replace("/", "-")
    info = {"name": "Zoë", "tags": [1, None, {"deep": 1.5}]}
    first = client(endpoint, {name: {}}, sub="ada", sessionId="i1")
    second = client(endpoint, {name: {}}, sub="bob", sessionId="i2", info=info)
    shown = {"user": "bob", "client": second.connected["client"], "conn_info": info}
    while (join := read_push(first, "join")[1]["info"])["user"] != "bob":
        assert "conn_info" not in join
    assert join == shown
    assert ask(first, "presence", channel=name)["presence"]["presence"][shown["client"]] == shown
    assert gateway.api("presence", {"channel": name})["result"]["presence"][shown["client"]] == shown
    assert "publish" in ask(second, "publish", channel=name, data="hi")
    assert read_push(first, "pub")[1]["info"] == shown
    ask(second, "refresh", token=gateway.ticket(sub="bob", sessionId="i2", info="renamed"))
    shown["conn_info"] = "renamed"
    wait_until(lambda: ask(first, "presence", channel=name)["presence"]["presence"][shown["client"]] == shown,
               "presence to show the new token's info")
    second.close()
    assert read_push(first, "leave") == (name, {"info": shown})


def test_a_ticket_of_the_server_api_has_info_too(gateway):
    asked = {"session": "minted-info", "user": "cleo", "channels": ["chat:minted"], "info": {"name": "Cleo"}}
    ws = connect(gateway, gateway.api("ticket", asked)["result"]["ticket"])
    assert list(gateway.api("presence", {"channel": "chat:minted"})["result"]["presence"].values()) == [
        {"user": "cleo", "client": ws.connected["client"], "conn_info": {"name": "Cleo"}}]
    ws.close()
    assert gateway.api("ticket", {**asked, "info": "x" * 1023})["error"]["code"] == 107


ERRORS = {
    "104 for a method that is not there": ("teleport", {}, (104, False)),
    "108 for rpc without a hook": ("rpc", {"method": "m", "data": {}}, (108, False)),
    "102 for a namespace that is not configured": ("subscribe", {"channel": "nowhere:1"}, (102, False)),
    "102 for publishing to one": ("publish", {"channel": "nowhere:1", "data": 1}, (102, False)),
    "102 for the history of one": ("history", {"channel": "nowhere:1"}, (102, False)),
    "102 for the presence of one": ("presence", {"channel": "nowhere:1"}, (102, False)),
    "107 for a filter by tags": ("subscribe", {"channel": "live:1", "tagsFilter": {"k": "v"}}, (107, False)),
    "107 for a filter by tags as SDKs write it": (
        "subscribe", {"channel": "live:1", "tf": {"key": "k", "cmp": "eq", "val": "v"}}, (107, False)),
    "108 before 103 for the history of a channel without one": ("history", {"channel": "live:never"}, (108, False)),
    "108 before 103 for the presence of a channel without it": ("presence", {"channel": "news:never"}, (108, False)),
    "103 for sub_refresh of what it has not subscribed": (
        "sub_refresh", {"channel": "live:never", "token": "t"}, (103, False)),
    "108 for sub_refresh of what it has": ("sub_refresh", {"channel": "live:sub", "token": "t"}, (108, False)),
    "107 for a subscribe without a channel": ("subscribe", {}, (107, False)),
    "107 for a channel that is a number": ("subscribe", {"channel": 1}, (107, False)),
    "107 for a publish without data": ("publish", {"channel": "live:1"}, (107, False)),
    "103 for the history of what it has not subscribed": (
        "history", {"channel": "chat:never", "limit": 1}, (103, False)),
    "103 for the presence of what it has not subscribed": ("presence", {"channel": "chat:never"}, (103, False)),
    "108 for the history of a channel without one": ("history", {"channel": "live:sub", "limit": 1}, (108, False)),
    "108 for the presence of a channel without it": ("presence", {"channel": "live:sub"}, (108, False)),
    "109 for a refresh with a ticket that is none": ("refresh", {"token": "nonsense"}, (109, False)),
}


@pytest.mark.parametrize("method, params, expected", ERRORS.values(), ids=ERRORS)
def test_error(client, method, params, expected):
    ws = client(subs={"live:sub": {}})
    assert error(ws, method, **params) == expected
    assert ask(ws, "ping") == {"ping": {}}


def test_two_methods_in_one_command_are_a_bad_request_107(client):
    ws = client()
    ws.send('{"id":1,"ping":{},"subscribe":{"channel":"live:1"}}')
    assert ws.read_reply(1)["error"]["code"] == 107


def test_106_at_limits_channels_per_connection_personal_ones_not_counted(start_gateway):
    gateway = start_gateway({"limits": {"channels_per_connection": 3}, "channel": {"namespaces": NAMESPACES}})
    ws = connect(gateway, gateway.ticket(channels=["live:given"]))
    assert [ask(ws, "subscribe", channel=f"live:{i}") for i in range(2)] == [{"subscribe": {}}] * 2
    assert error(ws, "subscribe", channel="live:over") == (106, False)
    ask(ws, "unsubscribe", channel="live:0")
    assert ask(ws, "subscribe", channel="live:over") == {"subscribe": {}}
    ws.close()


def test_111_temporary_over_limits_commands_and_over_a_namespaces_publish_rate(start_gateway):
    gateway = start_gateway({"limits": {"commands": "4/1h"}, "channel": {"namespaces": NAMESPACES}})
    ws = connect(gateway)
    assert ask(ws, "publish", channel="slow:1", data=1) == {"publish": {}}
    assert ask(ws, "publish", channel="slow:2", data=1) == {"publish": {}}
    assert error(ws, "publish", channel="slow:1", data=1) == (111, True)
    assert ask(ws, "ping") == {"ping": {}}
    assert error(ws, "ping") == (111, True)
    another = connect(gateway)
    assert ask(another, "ping") == {"ping": {}}
    ws.close()
    another.close()


def test_commands_of_one_frame_are_answered_in_one_frame_in_their_order(gateway, client):
    ws = client(sub="ada")
    ws.send({"id": 7, "subscribe": {"channel": "live:batch"}}, {"id": 5, "ping": {}}, "",
            {"id": 6, "subscribe": {"channel": "nowhere:1"}}, {"id": 8, "unsubscribe": {"channel": "live:batch"}})
    opcode, payload = ws.read_frame()
    assert opcode == TEXT
    replies = [json.loads(line) for line in payload.decode().split("\n")]
    if gateway.config.get("engine", {}).get("type") == "redis":  # Redis is asked for the first
        assert sorted(r["id"] for r in replies) == [5, 6, 7, 8]
    else:
        assert [r["id"] for r in replies] == [7, 5, 6, 8]
    assert next(r for r in replies if r["id"] == 6)["error"]["code"] == 102


# ---- refresh: who logs in on the live socket ----


@on_both
def test_a_guest_logs_in_on_the_live_socket_and_the_personal_channel_follows(gateway, client, endpoint):
    ws = client(endpoint, {"room:1": {}, "live:kept": {}}, sessionId="login", exp=gateway.claims()["exp"] - 600)
    assert error(ws, "subscribe", channel="room:1")[0] == 103
    reply = ask_and_keep(ws, "refresh", token=gateway.ticket(sessionId="login", sub="newcomer"))
    assert reply["refresh"]["client"] == ws.connected["client"]
    assert reply["refresh"]["expires"] is True and 3590 <= reply["refresh"]["ttl"] <= 3600
    assert read_push(ws, "subscribe")[0] == "user:newcomer"
    gateway.publish("user:newcomer", "welcome")
    assert ws.read_publication() == ("user:newcomer", {"data": "welcome"})
    for channel in ("session:login", "live:kept"):
        gateway.publish(channel, "still here")
        assert ws.read_publication() == (channel, {"data": "still here"})
    assert ask(ws, "subscribe", channel="room:1") == {"subscribe": {}}


def test_a_refresh_with_a_spent_ticket_is_109_and_the_connection_goes_on(gateway, client):
    ws = client()
    ticket = gateway.ticket()
    assert "refresh" in ask(ws, "refresh", token=ticket)
    assert error(ws, "refresh", token=ticket) == (109, False)
    assert ask(ws, "ping") == {"ping": {}}


def test_the_backend_can_put_off_the_expiry_or_call_it(gateway, client):
    ws = client(sessionId="bill")
    assert gateway.api("refresh", {"session": "bill", "expire_at": gateway.claims()["iat"] + 60}) == {"result": {}}
    body = read_push(ws, "refresh")[1]
    assert body["expires"] is True and 55 <= body["ttl"] <= 60
    assert gateway.api("refresh", {"session": "bill", "expired": True}) == {"result": {}}
    assert ws.read_close() == (3005, "TOKEN_EXPIRED")


# ---- /connection/websocket ----


def test_109_for_any_ticket_that_does_not_redeem_and_the_next_may_be_tried_on_the_same_socket(gateway):
    spent = gateway.ticket()
    connect(gateway, spent).close()
    ws = WebSocket(gateway.address, "/connection/websocket", protocols=())
    for command_id, token in enumerate((spent, "0" * 32), start=1):
        ws.send({"id": command_id, "connect": {"token": token}})
        assert ws.read_reply(command_id)["error"]["code"] == 109
    ws.send({"id": 9, "connect": {"token": gateway.ticket()}})
    assert ws.read_reply(9)["connect"]["session"] == "s1"
    ws.close()


# After 109 an SDK would fetch another such credential, for ever.
@pytest.mark.parametrize("credential", [
    lambda g: g.token(), lambda g: g.token(exp=1), lambda g: "nonsense", lambda g: "A" * 32, lambda g: "0" * 31,
    lambda g: "0" * 33], ids=["a JWT", "an old JWT", "a word", "capitals", "31 digits", "33 digits"])
def test_3500_for_a_credential_that_is_no_ticket_where_no_jwt_is_accepted(gateway, credential):
    ws = WebSocket(gateway.address, "/connection/websocket", protocols=())
    ws.send({"id": 1, "connect": {"token": credential(gateway)}})
    with pytest.raises(Closed) as closed:
        ws.read_reply(1)
    assert (closed.value.code, closed.value.reason) == (3500, "NOT_AUTHORIZED")


def test_with_accept_jwt_each_token_costs_its_address_before_it_is_looked_at(start_gateway):
    gateway = start_gateway({"client": {"accept_jwt": True}, "limits": {"upgrades_per_address": "6/1h"}})
    live = connect(gateway, gateway.ticket())  # one
    forged = gateway.token()[:-2] + "AA"
    for _ in range(2):
        assert error(live, "refresh", token=forged) == (109, False)
    ws = WebSocket(gateway.address, "/connection/websocket", protocols=())
    ws.send({"id": 1, "connect": {"token": gateway.token()}})
    assert "connect" in ws.read_reply(1)
    assert error(ws, "refresh", token=forged) == (109, False)
    assert gateway.ask_ticket(forged).status == 401  # six
    for socket in (live, ws):
        assert error(socket, "refresh", token=gateway.token()) == (111, True)
    assert gateway.ask_ticket().status == 429


def test_with_accept_jwt_a_token_opens_connection_websocket_and_spends_the_sessions_tickets(start_gateway):
    gateway = start_gateway({"client": {"accept_jwt": True}, "limits": {"tickets_per_session": "2/1h"}})
    clients = []
    for expected in ("connect", "connect", "error"):
        ws = WebSocket(gateway.address, "/connection/websocket", protocols=())
        ws.send({"id": 1, "connect": {"token": gateway.token(sessionId="jwt")}})
        reply = ws.read_reply(1)
        assert expected in reply, reply
        clients.append(ws)
    assert (reply["error"]["code"], reply["error"]["temporary"]) == (111, True)
    assert gateway.ask_ticket(sessionId="jwt").status == 429
    for ws in clients:
        ws.close()


@on_both
def test_with_accept_jwt_a_refresh_takes_a_token_too(start_gateway, endpoint):
    gateway = start_gateway({"client": {"accept_jwt": True}})
    if endpoint == "/ws":
        ws = connect(gateway, gateway.ticket(exp=gateway.claims()["exp"] - 1800))
    else:
        ws = WebSocket(gateway.address, endpoint, protocols=())
        ws.send({"id": 1, "connect": {"token": gateway.token(exp=gateway.claims()["exp"] - 1800)}})
        assert ws.read_reply(1)["connect"]["ttl"] <= 1800
    assert ask(ws, "refresh", token=gateway.token())["refresh"]["ttl"] > 1800
    assert error(ws, "refresh", token=gateway.token(exp=1)) == (109, False)
    ws.close()


def test_without_accept_jwt_a_token_is_no_ticket(client, gateway):
    ws = client()
    assert error(ws, "refresh", token=gateway.token()) == (109, False)
