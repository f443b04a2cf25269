"""The Centrifugo client protocol as usher speaks it, on /ws and on /connection/websocket, and the server API behind it."""

import json
import re

import pytest

from gateway import API_KEY, Gateway, wait_until
from websocket import TEXT, WebSocket, connect

NAMESPACES = [
    {"name": "chat", "subscribe": "anyone", "publish": "anyone", "history_size": 10, "history_ttl": "1m",
     "recovery": True, "presence": True, "join_leave": True},
    {"name": "news", "subscribe": "anyone", "history_size": 5, "history_ttl": "1m", "recovery": True},
    {"name": "room", "subscribe": "users", "publish": "users"},
    {"name": "live", "subscribe": "anyone", "publish": "anyone"},
    {"name": "jobs", "subscribe": "owner", "publish": "owner", "history_size": 10, "history_ttl": "1m",
     "recovery": True},
    {"name": "slow", "subscribe": "anyone", "publish": "anyone", "publish_rate": "2/1h"},
]
ENDPOINTS = ["/ws", "/connection/websocket"]
on_both = pytest.mark.parametrize("endpoint", ENDPOINTS)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    config = {"channel": {"namespaces": NAMESPACES}, "limits": {"connections_per_session": 0, "commands": "0"}}
    shared = Gateway(tmp_path_factory.mktemp("messages"), config).start()
    yield shared
    shared.stop()


@pytest.fixture
def client(gateway):
    """client(endpoint, wishes, **claims): a connected client, closed after the test; `.connected` is the result."""
    opened = []

    def open_client(endpoint="/ws", subs=None, **claims):
        body = json.dumps({"subs": subs}) if subs and endpoint == "/ws" else None
        answer = gateway.ask_ticket(body=body, **claims)
        assert answer.status == 200, answer
        ticket = answer.json()["ticket"]
        if endpoint == "/ws":
            ws = connect(gateway, ticket)
        else:
            ws = WebSocket(gateway.address, endpoint, protocols=())
            ws.send({"id": 1, "connect": {"token": ticket, **({"subs": subs} if subs else {})}})
            ws.connected = ws.read_reply(1)["connect"]
        opened.append(ws)
        return ws

    yield open_client
    for ws in opened:
        ws.close()


def ask(ws, method, /, **params):
    """The reply to a command, without its id."""
    ws.asked = getattr(ws, "asked", 100) + 1
    ws.send({"id": ws.asked, method: params})
    reply = ws.read_reply(ws.asked)
    return {name: value for name, value in reply.items() if name != "id"}


def error(ws, method, /, **params):
    """(code, temporary) of the error that a command is answered with."""
    reply = ask(ws, method, **params)
    assert set(reply) == {"error"} and reply["error"]["message"], reply
    return reply["error"]["code"], reply["error"].get("temporary", False)


def read_push(ws, kind):
    """(channel, body) of the next push of that kind."""
    while True:
        push = ws.read().get("push", {})
        if kind in push:
            return push.get("channel"), push[kind]


def raw_api(gateway, method, body):
    return gateway.request("POST", f"/api/{method}", {"X-API-Key": API_KEY}, body)


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
    assert error(ws, "subscribe", channel="depot:b")[0] in (102, 103)
    assert error(ws, "subscribe", channel="orders:421")[0] in (102, 103)


RIGHTS = {
    # (channel, claims) -> error of subscribe, error of publish; None: it may
    ("live:1", "guest"): (None, None),
    ("room:1", "guest"): (103, 103),
    ("room:1", "user"): (None, None),
    ("news:1", "guest"): (None, 103),
    ("nowhere:1", "guest"): (102, 102),
    ("nowhere:1", "user with *"): (None, 103),
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


# ---- subscriptions ride on the ticket ----


@on_both
def test_wished_subscriptions_are_answered_one_by_one_in_the_connect_result(client, endpoint):
    wishes = {"live:1": {}, "chat:wished": {}, "room:1": {}, "nowhere:1": {}, "session:other": {}, "session:w": {}}
    subs = client(endpoint, wishes, sessionId="w", channels=["live:1"]).connected["subs"]
    assert set(subs) == set(wishes)
    assert subs["live:1"] == {} and subs["session:w"].keys() <= {"was_recovering", "recovered", "gap"}
    assert subs["chat:wished"]["recoverable"] is True and subs["chat:wished"]["epoch"]
    for channel, code in {"room:1": 103, "nowhere:1": 102, "session:other": 103}.items():
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


ERRORS = {
    "104 for a method that is not there": ("teleport", {}, (104, False)),
    "104 for rpc without a hook": ("rpc", {"method": "m", "data": {}}, (104, False)),
    "107 for a subscribe without a channel": ("subscribe", {}, (107, False)),
    "107 for a channel that is a number": ("subscribe", {"channel": 1}, (107, False)),
    "107 for a publish without data": ("publish", {"channel": "live:1"}, (107, False)),
    "103 for the history of what it has not subscribed": ("history", {"channel": "chat:never", "limit": 1}, (103, False)),
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


def test_commands_of_one_frame_are_answered_in_one_frame_in_their_order(client):
    ws = client(sub="ada")
    ws.send({"id": 7, "subscribe": {"channel": "live:batch"}}, {"id": 5, "ping": {}}, "",
            {"id": 6, "subscribe": {"channel": "nowhere:1"}}, {"id": 8, "unsubscribe": {"channel": "live:batch"}})
    opcode, payload = ws.read_frame()
    assert opcode == TEXT
    replies = [json.loads(line) for line in payload.decode().split("\n")]
    assert [r["id"] for r in replies] == [7, 5, 6, 8]
    assert replies[2]["error"]["code"] == 102


# ---- payloads ----

EXACT = [
    b'{"n":12345678901234567890123,"x":1.0}', b"1e5", b"-0", b"1E+400", b"[ 1 ,2 ]", b'"\\u00e4\\/\xc3\xa4\\ud83d\\ude00"',
    b'{"a":1,"a":2}', b"null", b"false", b'""', b"{}", b"[" * 64 + b"]" * 64, b'{"id":9,"push":{"x":"\\n"}}',
]


@pytest.mark.parametrize("payload", EXACT, ids=lambda p: p.decode()[:24])
def test_a_payload_arrives_byte_for_byte_from_the_api_and_from_a_client(gateway, client, payload):
    listener, speaker = client(subs={"live:bytes": {}}), client()
    answer = raw_api(gateway, "publish", b'{"channel":"live:bytes","data":%s}' % payload)
    assert answer.json() == {"result": {}}
    assert b'"data":' + payload + b"}" in listener.read_frame()[1]
    speaker.send_frame(TEXT, b'{"id":1,"publish":{"channel":"live:bytes","data":%s}}' % payload)
    assert speaker.read_reply(1) == {"id": 1, "publish": {}}
    assert b'"data":' + payload + b"," in listener.read_frame()[1]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
def test_pretty_printed_json_arrives_on_one_line(gateway, client, line_end):
    listener = client(subs={"live:pretty": {}})
    payload = b'{\n  "a": [\n    1,\n    "b\\nc"\n  ]\n}'.replace(b"\n", line_end)
    assert raw_api(gateway, "publish", b'{"channel":"live:pretty","data":%s}' % payload).json() == {"result": {}}
    frame = listener.read_frame()[1]
    assert b"\n" not in frame and b"\r" not in frame
    assert payload.replace(b"\r", b" ").replace(b"\n", b" ") in frame


MALFORMED = [
    b'{"x":tru, 1 2}', b"[1,,2]", b"01", b"[" * 65 + b"]" * 65, b"{", b"}", b'"', b'{"a"}', b'{"a":}', b'{"a":1,}',
    b"[1,]", b"'a'", b"+1", b".5", b"1.", b"1e", b"0x10", b"NaN", b"Infinity", b"nul", b"truex", b'"\\x41"', b'"\\u12"',
    b'{"a":1 "b":2}', b"1 2", b"{} {}", b"/*c*/1", b"{a:1}", b"[1}", b'"a\tb"', b"-", b"\x0b1", b"",
]


@pytest.mark.parametrize("payload", MALFORMED, ids=lambda p: p.decode()[:24])
def test_a_malformed_payload_is_refused_and_nobody_is_disconnected(gateway, client, payload):
    listener, speaker = client(subs={"live:bad": {}}), client()
    answer = raw_api(gateway, "publish", b'{"channel":"live:bad","data":%s}' % payload)
    assert (answer.status, answer.json()["error"]["code"]) == (200, 107)
    speaker.send_frame(TEXT, b'{"id":1,"publish":{"channel":"live:bad","data":%s}}' % payload)
    assert speaker.read_reply(1)["error"]["code"] == 107
    assert ask(speaker, "publish", channel="live:bad", data="good") == {"publish": {}}
    assert listener.read_publication()[1]["data"] == "good", "and nothing before it"


@pytest.mark.parametrize("body", [b'{"channel":"live:1","channel":"live:2","data":1}',
                                  b'{"channel":"live:1","data":1,"data":2}', b'{"channel":"live:1","data":"\xff"}'])
def test_a_duplicate_member_in_the_envelope_and_bytes_that_are_no_text_are_refused(gateway, body):
    assert raw_api(gateway, "publish", body).json()["error"]["code"] == 107


def test_a_duplicate_member_in_a_clients_envelope_is_refused(client):
    ws = client()
    ws.send('{"id":1,"publish":{"channel":"live:1","data":1,"data":2}}')
    assert ws.read_reply(1)["error"]["code"] == 107
    assert ask(ws, "ping") == {"ping": {}}


def test_the_largest_message_goes_through_and_one_byte_more_is_error_106(gateway, client):
    ws = client(subs={"live:big": {}})
    data = "x" * (65536 - 2)
    assert gateway.publish("live:big", data) == {"result": {}}
    assert ws.read_publication()[1]["data"] == data
    assert gateway.publish("live:big", data + "x")["error"]["code"] == 106


# ---- refresh: who logs in on the live socket ----


@on_both
def test_a_guest_logs_in_on_the_live_socket_and_the_personal_channel_follows(gateway, client, endpoint):
    ws = client(endpoint, {"room:1": {}, "live:kept": {}}, sessionId="login", exp=gateway.claims()["exp"] - 600)
    assert ws.connected["subs"]["room:1"]["error"]["code"] == 103
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


def ask_and_keep(ws, method, /, **params):
    """Like ask(), but pushes before the reply stay to be read."""
    ws.send({"id": 99, method: params})
    kept = []
    while True:
        message = ws.read()
        if message.get("id") == 99:
            ws.messages = kept + ws.messages
            return message
        kept.append(message)


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


# ---- the server API ----


def test_an_idempotency_key_publishes_once(gateway, client):
    ws = client(subs={"chat:once": {}})
    params = {"channel": "chat:once", "data": 1, "idempotency_key": "k1"}
    first, second = gateway.api("publish", params), gateway.api("publish", params)
    assert first == second and first["result"]["offset"] == 1
    gateway.publish("chat:once", 2)
    assert [ws.read_publication()[1]["data"] for _ in range(2)] == [1, 2]


def test_broadcast_tells_the_result_of_each_channel(gateway, client):
    ws = client(subs={"live:a": {}, "live:b": {}})
    answer = gateway.api("broadcast", {"channels": ["live:a", "bad channel", "live:b"], "data": 1})
    assert ["result" in r for r in answer["result"]["responses"]] == [True, False, True]
    assert {ws.read_publication()[0] for _ in range(2)} == {"live:a", "live:b"}


def test_the_backend_subscribes_and_unsubscribes_whom_it_wants(gateway, client):
    ws = client(sub="led", sessionId="led")
    assert gateway.api("subscribe", {"user": "led", "channel": "granted:1"}) == {"result": {}}
    assert read_push(ws, "subscribe")[0] == "granted:1"
    gateway.publish("granted:1", 1)
    assert ws.read_publication() == ("granted:1", {"data": 1})
    assert gateway.api("unsubscribe", {"user": "led", "channel": "granted:1"}) == {"result": {}}
    channel, body = read_push(ws, "unsubscribe")
    assert channel == "granted:1" and body["code"] >= 2000


def test_a_backends_ticket_opens_a_socket_for_its_user(gateway):
    params = {"session": "minted", "user": "ada", "channels": ["orders:9"], "subs": {"live:1": {}}}
    answer = gateway.api("ticket", params)["result"]
    assert re.fullmatch(r"[0-9a-f]{32}", answer["ticket"]) and answer["expires_in"] == 30
    ws = connect(gateway, answer["ticket"])
    assert ws.connected["session"] == "minted"
    assert set(ws.connected["subs"]) == {"session:minted", "user:ada", "orders:9", "live:1"}
    ws.close()


def test_info_channels_presence_history_and_batch(gateway, client):
    ws = client(subs={"chat:api": {}}, sub="apia")
    gateway.publish("chat:api", "x")
    node = gateway.api("info", {})["result"]["nodes"][0]
    assert node["num_clients"] >= 1 and node["version"]
    assert gateway.api("channels", {"pattern": "chat:ap*"})["result"]["channels"] == {"chat:api": {"num_clients": 1}}
    who = gateway.api("presence", {"channel": "chat:api"})["result"]["presence"]
    assert who == {ws.connected["client"]: {"user": "apia", "client": ws.connected["client"]}}
    history = gateway.api("history", {"channel": "chat:api", "limit": 10})["result"]
    assert [p["data"] for p in history["publications"]] == ["x"]
    commands = [{"publish": {"channel": "chat:api", "data": 1}}, {"presence_stats": {"channel": "chat:api"}},
                {"publish": {"channel": "chat:api"}}]
    replies = gateway.api("batch", {"commands": commands})["replies"]
    assert replies[0]["publish"]["offset"] == 2
    assert replies[1]["presence_stats"] == {"num_clients": 1, "num_users": 1}
    assert replies[2]["error"]["code"] == 107
    assert gateway.api("history_remove", {"channel": "chat:api"}) == {"result": {}}
    assert gateway.api("history", {"channel": "chat:api", "limit": 10})["result"]["publications"] == []


def test_wrong_keys_are_401_and_rate_limited_by_address(start_gateway):
    gateway = start_gateway()
    assert "result" in gateway.api("info", {})
    for headers in ({}, {"X-API-Key": "wrong"}, {"Authorization": "apikey wrong"}, {"X-API-Key": ""}):
        answer = gateway.request("POST", "/api/info", headers, b"{}")
        assert (answer.status, answer.json()["code"]) == (401, "INVALID_API_KEY")
    wait_until(lambda: gateway.request("POST", "/api/info", {"X-API-Key": "wrong"}, b"{}").status == 429, "a 429")
    assert gateway.api("info", {})["result"], "the right key still works"


def test_the_key_may_come_as_authorization_and_each_line_of_the_file_is_one(start_gateway, tmp_path):
    keys = tmp_path / "api.keys"
    keys.write_text("# two backends\nfirst-key-of-a-backend-0123456789\n\nsecond-key-of-a-backend-0123456789\n")
    keys.chmod(0o600)
    gateway = start_gateway({"api": {"key_file": str(keys)}})
    for key in ("first-key-of-a-backend-0123456789", "second-key-of-a-backend-0123456789"):
        for headers in ({"X-API-Key": key}, {"Authorization": f"apikey {key}"}, {"Authorization": f"ApiKey {key}"}):
            assert gateway.request("POST", "/api/info", headers, b"{}").status == 200
    assert gateway.request("POST", "/api/info", {"X-API-Key": "# two backends"}, b"{}").status == 401
    assert gateway.request("POST", "/api/info", {"X-API-Key": ""}, b"{}").status == 401


TRANSPORT = {
    "a call without its data": (b'{"channel":"live:1"}', 400, 107),
    "a message that is too large": (b'{"channel":"live:1","data":"%s"}' % (b"x" * 70_000), 413, 106),
    "the history of a channel without one": (b'{"channel":"live:1","limit":1}', 400, 108),
}


@pytest.mark.parametrize("body, status, code", TRANSPORT.values(), ids=TRANSPORT)
def test_in_transport_mode_there_is_a_status_for(gateway, body, status, code):
    method = "history" if b"limit" in body else "publish"
    headers = {"X-API-Key": API_KEY, "X-Centrifugo-Error-Mode": "transport"}
    answer = gateway.request("POST", f"/api/{method}", headers, body)
    assert (answer.status, answer.json()["error"]["code"]) == (status, code)
    assert raw_api(gateway, method, body).status == 200


def test_without_a_key_file_there_is_no_api_and_with_a_listener_of_its_own_it_is_only_there(start_gateway):
    off = start_gateway({"api": {"key_file": None}})
    assert off.request("POST", "/api/info", {"X-API-Key": API_KEY}, b"{}").status == 404
    apart = start_gateway({"api": {"listen": "127.0.0.1:0"}})
    assert apart.api("info", {})["result"]
    assert apart.request("POST", "/api/info", {"X-API-Key": API_KEY}, b"{}").status == 404
    assert apart.request("POST", "/auth/token", address=apart.api_address).status == 404


# ---- /connection/websocket ----


def test_109_for_any_ticket_that_does_not_redeem_and_the_next_may_be_tried_on_the_same_socket(gateway):
    spent = gateway.ticket()
    connect(gateway, spent).close()
    ws = WebSocket(gateway.address, "/connection/websocket", protocols=())
    for command_id, token in enumerate((spent, "0" * 32, "nonsense", gateway.token()), start=1):
        ws.send({"id": command_id, "connect": {"token": token}})
        assert ws.read_reply(command_id)["error"]["code"] == 109
    ws.send({"id": 9, "connect": {"token": gateway.ticket()}})
    assert ws.read_reply(9)["connect"]["session"] == "s1"
    ws.close()


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
