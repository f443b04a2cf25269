"""Requests as the server libraries of Centrifugo send them, byte for byte: each is taken, and does what its caller wants.
The older libraries send commands to /api, one a line; the newer ones send a call to its own path."""

import json
import socket

import pytest

from gateway import WORD_KEY
from protocol import read_push
from raw_http import request_bytes


@pytest.fixture
def gateway(channel_gateway):
    return channel_gateway


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def php(value):
    """PHP's json_encode() escapes slashes."""
    return compact(value).replace("/", "\\/")


def of_requests(key_field):
    return [("User-Agent", "python-requests/2.31.0"), ("Accept-Encoding", "gzip, deflate"), ("Accept", "*/*"),
            ("Connection", "keep-alive"), key_field, ("Content-Type", "application/json")]


def of_curl(key_field):
    return [("User-Agent", "curl/7.39.0"), ("Accept", "*/*"), ("Content-Type", "application/json"), key_field]


def of_faraday(key_field):
    return [("Content-Type", "application/json"), key_field, ("User-Agent", "Faraday v2.9.0"),
            ("Accept-Encoding", "gzip;q=1.0,deflate;q=0.6,identity;q=0.3"), ("Accept", "*/*"), ("Connection", "close")]


GO = [("User-Agent", "Go-http-client/1.1"), ("Content-Length", None), ("Authorization", f"apikey {WORD_KEY}"),
      ("Content-Type", "application/json"), ("Accept-Encoding", "gzip")]
NEW, OLD = ("X-API-Key", WORD_KEY), ("Authorization", f"apikey {WORD_KEY}")


def post(gateway, path, fields, body):
    """The status and the body of the answer. A field without a value stands where Content-Length does, else it is last."""
    data = body.encode()
    fields = [(name, str(len(data)) if name == "Content-Length" else value) for name, value in fields]
    if not any(name == "Content-Length" for name, _ in fields):
        fields.append(("Content-Length", str(len(data))))
    with socket.create_connection((gateway.host, gateway.port), timeout=10) as s:
        s.sendall(request_bytes(f"POST {path} HTTP/1.1", [("Host", gateway.address), *fields]) + data)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += s.recv(65536)
        head, rest = answer.split(b"\r\n\r\n", 1)
        length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        while len(rest) < length:
            rest += s.recv(65536)
    assert len(rest) == length
    return int(head.split(b" ")[1]), rest.decode()


# The libraries that send commands: how they write one, and join several.
LINES = {
    "pycent 4.1": (of_requests(OLD), json.dumps, "\n".join),
    "gocent 3.2": (GO, compact, lambda lines: "".join(line + "\n" for line in lines)),
    "phpcent 5.1": (of_curl(OLD), php, None),
    "rubycent 2.2": (of_faraday(OLD), compact, None),
    "cent.js 6.1, pipeline()": ([*of_curl(NEW)], compact, "\n".join),
}


def sent(gateway, library, *commands):
    """What the library would make of the answer."""
    fields, write, join = LINES[library]
    texts = [write({"method": method, "params": params}) for method, params in commands]
    status, body = post(gateway, "/api", fields, join(texts) if join else texts[0])
    assert status == 200, (library, body)
    replies = [json.loads(line) for line in body.split("\n")]
    assert len(replies) == len(commands), body
    return replies


@pytest.mark.parametrize("library", LINES)
def test_an_older_library_publishes_subscribes_and_asks(gateway, client, library):
    name = f"chat:{list(LINES).index(library)}-lines"
    ws = client(subs={name: {}}, sub=f"user/{name}", sessionId=name)
    published, = sent(gateway, library, ("publish", {"channel": name, "data": {"url": "a/b"}, "skip_history": False}))
    assert published["result"]["offset"] == 1
    assert ws.read_publication() == (name, {"data": {"url": "a/b"}, "offset": 1})
    broadcast, = sent(gateway, library, ("broadcast", {"channels": [name], "data": 2}))
    assert broadcast["result"]["responses"][0]["result"]["offset"] == 2
    assert ws.read_publication()[1]["data"] == 2
    history, = sent(gateway, library, ("history", {"channel": name, "limit": 1, "reverse": False}))
    assert history["result"]["publications"][0]["data"] == {"url": "a/b"}
    presence, = sent(gateway, library, ("presence", {"channel": name}))
    assert list(presence["result"]["presence"]) == [ws.connected["client"]]
    stats, = sent(gateway, library, ("presence_stats", {"channel": name}))
    assert stats["result"] == {"num_clients": 1, "num_users": 1}
    found, = sent(gateway, library, ("channels", {"pattern": name}))
    assert list(found["result"]["channels"]) == [name]
    nodes, = sent(gateway, library, ("info", [] if library.startswith("phpcent") else {}))
    assert nodes["result"]["nodes"][0]["num_clients"] >= 1
    user = {"user": f"user/{name}"}
    assert sent(gateway, library, ("subscribe", {**user, "channel": "granted:lines"})) == [{"result": {}}]
    assert read_push(ws, "subscribe")[0] == "granted:lines"
    assert sent(gateway, library, ("unsubscribe", {**user, "channel": "granted:lines"})) == [{"result": {}}]
    assert sent(gateway, library, ("history_remove", {"channel": name})) == [{"result": {}}]
    assert sent(gateway, library, ("disconnect", user)) == [{"result": {}}]
    assert ws.read_close()[0] == 3503


@pytest.mark.parametrize("library", [name for name, (_, _, join) in LINES.items() if join])
def test_several_commands_have_one_reply_each_in_their_order(gateway, library):
    first, second, third = sent(gateway, library, ("publish", {"channel": "live:1", "data": 1}),
                                ("publish", {"channel": "nowhere:1", "data": 1}), ("rpc", {"method": "x"}))
    assert first == {"result": {}} and second["error"]["code"] == 102 and third["error"]["code"] == 104
    assert {"code", "message"} <= set(second["error"])


def test_gocent_closes_a_connection_with_a_code_of_its_own_and_spares_others(gateway, client):
    ended, spared = (client(sub="gocent", sessionId=f"gocent{i}") for i in range(2))
    params = {"user": "gocent", "Disconnect": {"code": 4321, "reason": "bye", "reconnect": False},
              "ClientWhitelist": [spared.connected["client"]]}
    assert sent(gateway, "gocent 3.2", ("disconnect", params)) == [{"result": {}}]
    assert ended.read_close() == (4321, "bye")
    plain = {"user": "gocent", "Disconnect": None, "ClientWhitelist": None, "client": spared.connected["client"]}
    assert sent(gateway, "gocent 3.2", ("disconnect", plain)) == [{"result": {}}]
    assert spared.read_close()[0] == 3503


def test_what_gocents_subscribe_asks_for_in_vain_is_refused_by_its_name(gateway):
    reply, = sent(gateway, "gocent 3.2", ("subscribe", {"channel": "live:1", "user": "u", "presence": True, "recover": True}))
    assert reply["error"]["code"] == 107 and "'presence'" in reply["error"]["detail"]


# The libraries that send a call to its path.
CALLS = {
    "pycent 5.2": (of_requests(NEW), json.dumps),
    "phpcent 6.0": (of_curl(NEW), php),
    "rubycent 4.0": (of_faraday(NEW), compact),
    "cent.js 6.1": (of_curl(NEW), compact),
}


def called(gateway, library, method, params):
    fields, write = CALLS[library]
    status, body = post(gateway, f"/api/{method}", fields, write(params))
    assert status == 200, (library, body)
    return json.loads(body)


@pytest.mark.parametrize("library", CALLS)
def test_a_newer_library_publishes_and_asks(gateway, client, library):
    name = f"chat:{list(CALLS).index(library)}-calls"
    ws = client(subs={name: {}}, sub=f"user/{name}", sessionId=name)
    params = {"channel": name, "data": {"url": "a/b"}, "skip_history": False, "tags": {"a": "b"}, "idempotency_key": "k",
              "delta": False, "version": 3, "version_epoch": "e"}
    assert called(gateway, library, "publish", params)["result"]["offset"] == 1
    assert ws.read_publication() == (name, {"data": {"url": "a/b"}, "tags": {"a": "b"}, "offset": 1})
    user = {"user": f"user/{name}"}
    assert called(gateway, library, "subscribe", {"channel": "granted:calls", **user, "client": ""}) == {"result": {}}
    assert read_push(ws, "subscribe")[0] == "granted:calls"
    batch = {"commands": [{"publish": {"channel": name, "data": 2}}, {"presence": {"channel": name}}], "parallel": False}
    replies = called(gateway, library, "batch", batch)["replies"]
    assert replies[0]["publish"]["offset"] == 2 and list(replies[1]["presence"]["presence"]) == [ws.connected["client"]]
    assert called(gateway, library, "disconnect", {**user, "client": "", "disconnect": {"code": 4000, "reason": "r"}}) == {
        "result": {}}
    assert ws.read_close() == (4000, "r")
    assert called(gateway, library, "presence", {"channel": "nowhere:1"})["error"]["code"] == 102


def test_a_request_that_holds_no_commands_is_400_and_nothing_of_it_is_carried_out(gateway, client):
    ws = client(subs={"live:none": {}})
    good = compact({"method": "publish", "params": {"channel": "live:none", "data": 1}})
    for body in ("", "\n", f"{good}\n{{", f"[{good}]x", good + "\n" + "{}{}" * 600):
        status, text = post(gateway, "/api", GO, body)
        assert status == 400 and json.loads(text)["error"]["code"] == 107, (body[:60], text)
    gateway.publish("live:none", "last")
    assert ws.read_publication()[1]["data"] == "last"


def test_the_first_library_of_all_is_told_what_it_sends(gateway):
    """jscent 0.2 sends an array, and signs it instead of sending a key."""
    fields = [("content-type", "application/json"), ("X-API-Sign", "00" * 32)]
    body = compact([{"method": "publish", "params": {"channel": "live:1", "data": 1}}])
    assert post(gateway, "/api/", fields, body)[0] == 401
    status, text = post(gateway, "/api/", [*fields, NEW], body)
    assert (status, json.loads(text)["error"]["detail"]) == (200, "the body is not a JSON object")


def test_a_key_in_the_url_is_refused_with_a_sentence(gateway):
    status, text = post(gateway, f"/api/info?api_key={WORD_KEY}", [("Content-Type", "application/json")], "{}")
    assert status == 401 and "A key in the URL is not taken" in text
