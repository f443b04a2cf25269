"""The server API for backends, in Centrifugo's shapes, and its door."""

import re

import pytest

from gateway import API_KEY, ORIGIN, wait_until
from protocol import read_push
from websocket import WebSocket, connect


@pytest.fixture
def gateway(channel_gateway):
    return channel_gateway


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


WRONG_TICKETS = {
    "no session": ({"user": "ada"}, 107),
    "an empty session": ({"session": ""}, 107),
    "an expiry in the past": ({"session": "s", "expire_at": 1}, 107),
    "an origin that is none": ({"session": "s", "origin": "app.example"}, 107),
    "wishes that are a list": ({"session": "s", "subs": []}, 107),
    "a session with a line end": ({"session": "a\nb"}, 107),
}


@pytest.mark.parametrize("params, code", WRONG_TICKETS.values(), ids=WRONG_TICKETS)
def test_a_backend_gets_no_ticket_with(gateway, params, code):
    assert gateway.api("ticket", params)["error"]["code"] == code


def test_a_backends_ticket_is_bound_to_the_origin_that_it_names(gateway):
    ticket = gateway.api("ticket", {"session": "bound", "origin": ORIGIN})["result"]["ticket"]
    ws = WebSocket(gateway.address, f"/ws?ticket={ticket}")
    assert ws.read_close() == (1008, "ORIGIN_BLOCKED")
    ws.close()


def test_a_revoked_user_gets_no_ticket_from_the_backend_either(gateway):
    gateway.api("revoke", {"session": "expelled"})
    assert gateway.api("ticket", {"session": "expelled"})["error"]["code"] == 103


REVOKE = [{}, {"session": ""}, {"session": "a", "user": "b"}, {"session": 1}, {"session": "a", "ttl": -1}]


@pytest.mark.parametrize("params", REVOKE, ids=str)
def test_a_revocation_that_names_nobody_or_too_many_is_refused(gateway, params):
    assert gateway.api("revoke", params)["error"]["code"] == 107


BIND = [{}, {"channel": "jobs:1"}, {"channel": "jobs:1", "session": "a", "user": "b"}, {"session": "a"},
        {"channel": "", "session": "a"}, {"channel": "a b", "session": "a"}, {"channel": "session:a", "session": "a"}]


@pytest.mark.parametrize("params", BIND, ids=str)
def test_a_binding_that_binds_nothing_is_refused(gateway, params):
    assert gateway.api("bind", params)["error"]["code"] in (102, 103, 107, 108)


WRONG_MEMBERS = [
    ("publish", {"channel": 1, "data": 1}, "'channel' must be a string"),
    ("publish", {"data": 1}, "'channel' is missing or empty"),
    ("publish", {"channel": "chat:1", "data": 1, "tags": {"a": 1}}, "'tags' must be an object of strings"),
    ("publish", {"channel": "chat:1", "data": 1, "skip_history": "x"}, "'skip_history' must be true or false"),
    ("broadcast", {"channels": "chat:1", "data": 1}, "'channels' must be an array of strings"),
    ("history", {"channel": "chat:1", "limit": "1"}, "'limit' must be a whole number"),
    ("history", {"channel": "chat:1", "since": {"offset": -1}}, "'offset' must be a whole number from zero on"),
    ("revoke", {"user": "u", "ttl": 0}, "'ttl' must be seconds above zero, or text like '24h'"),
    ("disconnect", {"user": "u", "disconnect": {"reason": "x" * 124}}, "'reason' is longer than 123 bytes"),
]


@pytest.mark.parametrize("method, params, detail", WRONG_MEMBERS, ids=lambda value: str(value)[:40])
def test_an_error_names_the_member_that_is_wrong(gateway, method, params, detail):
    refused = gateway.api(method, params)["error"]
    assert (refused["code"], refused["detail"]) == (107, detail)


@pytest.mark.parametrize("method", ["publish", "history", "history_remove", "presence", "presence_stats", "bind"])
def test_what_is_no_channels_name_is_a_bad_request_that_says_so(gateway, method):
    refused = gateway.api(method, {"channel": "no name", "data": 1, "session": "s"})["error"]
    assert refused["code"] == 107 and refused["detail"].startswith("not a channel's name")


def test_a_broadcast_tells_which_name_is_none(gateway):
    good, bad = gateway.api("broadcast", {"channels": ["live:b", "no name"], "data": 1})["result"]["responses"]
    assert "result" in good and bad["error"]["code"] == 107 and bad["error"]["detail"]


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
    assert gateway.api_raw(method, body).status == 200


def test_without_a_key_file_there_is_no_api_and_with_a_listener_of_its_own_it_is_only_there(start_gateway):
    off = start_gateway({"api": {"key_file": None}})
    assert off.request("POST", "/api/info", {"X-API-Key": API_KEY}, b"{}").status == 404
    apart = start_gateway({"api": {"listen": "127.0.0.1:0"}})
    assert apart.api("info", {})["result"]
    assert apart.request("POST", "/api/info", {"X-API-Key": API_KEY}, b"{}").status == 404
    assert apart.request("POST", "/auth/token", address=apart.api_address).status == 404
