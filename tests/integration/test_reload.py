"""Reload: SIGHUP and POST /admin/reload take over what can be changed, all or nothing, and drop nobody."""

import json
import signal

import pytest

from gateway import ORIGIN, SECRET, merged, to_toml
from program import DONE, usher
from protocol import assert_alive
from websocket import Closed, WebSocket, connect

OTHER = "https://other.example"


def configure(gateway, config):
    """Writes the gateway's file anew, with these keys over those that it has."""
    gateway.config = merged(gateway.config, config)
    gateway.write_file("usher.toml", to_toml(gateway.config))


def ask_reload(gateway, **headers):
    return gateway.request("POST", "/admin/reload", headers, address=gateway.admin_address)


def reload(gateway, config):
    """Returns the keys that have changed, after the gateway has taken them over."""
    configure(gateway, config)
    answer = ask_reload(gateway)
    assert answer.status == 200, answer
    assert answer.json()["needs_restart"] == []
    return [change["key"] for change in answer.json()["changed"]]


def running(gateway):
    answer = gateway.request("GET", "/admin/config", address=gateway.admin_address)
    assert answer.status == 200
    return {row["key"]: row["value"] for row in answer.json()["config"]}


def ticket_status(gateway, origin):
    return gateway.request("POST", "/auth/ticket", {"Origin": origin, "Authorization": f"Bearer {gateway.token()}"}).status


# ---- what changes ----

def test_an_origin_is_added_and_another_is_taken_away_without_dropping_its_socket(start_gateway):
    gateway = start_gateway()
    ws = connect(gateway, gateway.ticket())
    assert (ticket_status(gateway, ORIGIN), ticket_status(gateway, OTHER)) == (200, 403)
    assert reload(gateway, {"client": {"allowed_origins": [OTHER]}}) == ["client.allowed_origins"]
    assert (ticket_status(gateway, ORIGIN), ticket_status(gateway, OTHER)) == (403, 200)
    assert_alive(ws)
    ws.close()


def test_a_signal_does_the_same_and_the_log_names_the_keys(start_gateway):
    gateway = start_gateway()
    configure(gateway, {"client": {"allowed_origins": [OTHER]}, "server": {"threads": 3}})
    gateway.signal(signal.SIGHUP)
    line = gateway.wait_for_line("configuration, keys and certificate reloaded")
    assert "changed: 'client.allowed_origins'" in line
    assert "keys: 'server.threads'" in gateway.wait_for_line("a restart is needed")
    assert ticket_status(gateway, OTHER) == 200
    assert running(gateway)["server.threads"] == "2"


def test_keys_that_need_a_restart_are_named_and_the_rest_is_applied(start_gateway):
    gateway = start_gateway()
    configure(gateway, {"client": {"allowed_origins": [OTHER]}, "http": {"prefix": "/realtime"}, "server": {"threads": 3},
                        "api": {"key_file": None}})
    answer = ask_reload(gateway).json()
    assert [c["key"] for c in answer["changed"]] == ["client.allowed_origins"]
    assert {c["key"]: (c["from"], c["to"]) for c in answer["needs_restart"] if c["key"] != "api.key_file"} == {
        "server.threads": ("2", "3"), "http.prefix": ('""', '"/realtime"')}
    assert "api.key_file" in [c["key"] for c in answer["needs_restart"]]
    assert "result" in gateway.api("info", {})
    again = ask_reload(gateway).json()
    assert (again["changed"], len(again["needs_restart"])) == ([], 3), "they are named until the restart"


@pytest.mark.parametrize("text, place, words", [
    ("[client]\nallowed_origins = [\n", "usher.toml:2:21", "no TOML"),
    ('[client]\nallowed_origins = ["https://app.example"]\nping_intervall = "1s"\n', "usher.toml:3:1", "unknown key"),
    ('[client]\nallowed_origins = ["app.example"]\n', "usher.toml:2:20", "scheme"),
    ('[client]\nallowed_origins = ["https://app.example"]\n[jwt]\nsecret_file = "/nowhere"\n', "usher.toml:4:1", "/nowhere"),
])
def test_a_broken_file_changes_nothing_and_line_and_column_are_told(start_gateway, text, place, words):
    gateway = start_gateway()
    before = running(gateway)
    ws = connect(gateway, gateway.ticket())
    gateway.write_file("usher.toml", text)
    answer = ask_reload(gateway)
    assert (answer.status, answer.json()["code"]) == (422, "RELOAD_FAILED")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert place in answer.json()["detail"] and words in answer.json()["detail"]
    assert place in gateway.wait_for_line("reload failed, nothing was changed")
    assert running(gateway) == before
    assert (ticket_status(gateway, ORIGIN), ticket_status(gateway, OTHER)) == (200, 403)
    assert_alive(ws)
    ws.close()


def test_a_file_that_is_gone_changes_nothing(start_gateway):
    gateway = start_gateway()
    (gateway.folder / "usher.toml").unlink()
    assert "does not exist" in ask_reload(gateway).json()["detail"]
    assert ticket_status(gateway, ORIGIN) == 200


def test_environment_and_flags_count_as_at_the_start(start_gateway):
    gateway = start_gateway(args=["--set", "limits.commands=7/1s"], env={"USHER_CLIENT_PING_INTERVAL": "7s"})
    assert reload(gateway, {"limits": {"commands": "9/1s", "channels_per_connection": 5}, "client": {"ping_interval": "9s"}}) == [
        "limits.channels_per_connection"]
    assert running(gateway)["limits.commands"] == '"7/1s"'
    assert running(gateway)["client.ping_interval"] == '"7s"'


def test_many_reloads_at_once_end_with_the_last_file(start_gateway):
    gateway = start_gateway()
    for number in range(1, 60):
        configure(gateway, {"limits": {"commands": f"{number}/1s"}})
        gateway.signal(signal.SIGHUP)
    assert ask_reload(gateway).status == 200
    assert running(gateway)["limits.commands"] == '"59/1s"'


def test_a_reload_during_a_drain_harms_nobody(start_gateway):
    gateway = start_gateway({"shutdown": {"timeout": "3s"}})
    ws = connect(gateway, gateway.ticket())
    gateway.signal(signal.SIGTERM)
    gateway.wait_for_line("draining")
    configure(gateway, {"client": {"allowed_origins": [OTHER]}})
    gateway.signal(signal.SIGHUP)
    gateway.wait_for_line("configuration, keys and certificate reloaded")
    assert ws.read_close()[0] == 1001
    assert gateway.process.wait(10) == DONE


# ---- one key after the other: what is seen from outside before and after ----

def guest_status(gateway):
    return gateway.request("POST", "/auth/token", {"Origin": ORIGIN}).status


def ping_told(gateway):
    ws = connect(gateway, gateway.ticket())
    ws.close()
    return ws.connected["ping"]


def accepts_jwt(gateway):
    ws = WebSocket(gateway.address, "/connection/websocket", protocols=())
    ws.send({"id": 1, "connect": {"token": gateway.token()}})
    try:
        return "connect" in ws.read()
    except Closed:
        return False
    finally:
        ws.close()


def subscribed(gateway, channels=2):
    ws = connect(gateway, gateway.ticket(channels=["open*"]))
    answers = []
    for number in range(channels):
        ws.send({"id": number + 1, "subscribe": {"channel": f"open{number}"}})
        answers.append("error" not in ws.read_reply(number + 1))
    ws.close()
    return answers


def allowed_header(gateway):
    answer = gateway.request("OPTIONS", "/auth/ticket", {
        "Origin": ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-acme"})
    return "x-acme" in answer.headers.get("Access-Control-Allow-Headers", "")


def long_head(gateway):
    return gateway.request("GET", "/ws", {"X-Long": "x" * 3000}).status


def admin_by_name(gateway):
    return gateway.request("GET", "/healthz", {"Host": "usher.example.net"}, address=gateway.admin_address).status


def tickets(gateway, count=6):
    return [gateway.ask_ticket(sessionId="sess_many").status for _ in range(count)].count(200)


KEYS = {
    "guest.enabled": (False, guest_status, 200, 403),
    "client.ping_interval": ("7s", ping_told, 25, 7),
    "client.require_origin": (True, lambda g: g.request("POST", "/auth/token").status, 200, 403),
    "client.allowed_headers": (["x-acme"], allowed_header, False, True),
    "client.accept_jwt": (True, accepts_jwt, False, True),
    "limits.head_bytes": (2048, long_head, 426, 431),
    "limits.channels_per_connection": (1, subscribed, [True, True], [True, False]),
    "limits.tickets_per_session": ("2/1h", tickets, 6, 2),
    "limits.upgrades_per_address": ("2/1h", tickets, 6, 2),
    "limits.tokens_per_address": ("1/1h", lambda g: [guest_status(g), guest_status(g)][1], 200, 429),
    "ticket.ttl": ("77s", lambda g: g.ask_ticket().json()["expires_in"], 30, 77),
    "ticket.outstanding_max": (1, lambda g: [g.ask_ticket().status for _ in range(3)][2], 200, 503),
    "admin.allowed_hosts": (["usher.example.net"], admin_by_name, 403, 200),
    "jwt.session_claim": ("sid", lambda g: g.ask_ticket().status, 200, 401),
    "jwt.issuer": ("https://id.example", lambda g: g.ask_ticket().status, 200, 401),
}


@pytest.mark.parametrize("key", KEYS)
def test_a_reload_of_the_key_is_seen_from_outside(start_gateway, key):
    value, look, before, after = KEYS[key]
    section, name = key.split(".", 1)
    gateway = start_gateway({"channel": {"unconfigured": "granted"}})
    assert look(gateway) == before
    assert reload(gateway, {section: {name: value}}) == [key]
    assert look(gateway) == after


def test_log_level_and_format_change_at_once(start_gateway):
    gateway = start_gateway()
    assert set(reload(gateway, {"log": {"level": "debug", "format": "json"}})) == {"log.level", "log.format"}
    ws = connect(gateway, gateway.ticket())
    json.loads(gateway.wait_for_line('"message":"websocket_connected"'))
    ws.close()
    reload(gateway, {"log": {"level": "error"}})
    written = len(gateway.lines)
    connect(gateway, gateway.ticket()).close()
    configure(gateway, {"log": {"format": "loud"}})
    gateway.signal(signal.SIGHUP)
    gateway.wait_for_line("reload failed")
    assert not any("websocket_connected" in line for line in gateway.lines[written:])


# ---- who may ask ----

@pytest.mark.parametrize("path, method", [("/admin/reload", "POST"), ("/admin/config", "GET")])
@pytest.mark.parametrize("headers", [{"Origin": "http://127.0.0.1:8081"}, {"Origin": "null"}, {"Sec-Fetch-Site": "same-origin"},
                                     {"Sec-Fetch-Site": "cross-site"}, {"Host": "usher.evil.example"}])
def test_a_web_page_can_neither_reload_nor_read(start_gateway, path, method, headers):
    gateway = start_gateway()
    configure(gateway, {"client": {"allowed_origins": [OTHER]}})
    answer = gateway.request(method, path, headers, address=gateway.admin_address)
    assert (answer.status, answer.json()["code"]) == (403, "ORIGIN_BLOCKED")
    assert ticket_status(gateway, OTHER) == 403
    assert not gateway.has_line("reloaded")


def test_other_methods_bodies_and_listeners_are_refused(start_gateway):
    gateway = start_gateway()
    assert gateway.request("GET", "/admin/reload", address=gateway.admin_address).headers["Allow"] == "POST"
    assert gateway.request("POST", "/admin/config", address=gateway.admin_address).headers["Allow"] == "GET, HEAD"
    assert gateway.request("POST", "/admin/reload", body="now", address=gateway.admin_address).status == 400
    for method, path in [("POST", "/admin/reload"), ("GET", "/admin/config")]:
        assert gateway.request(method, path).status == 404


# ---- the difference ----

def test_the_configuration_is_shown_without_secrets(start_gateway):
    gateway = start_gateway({"hooks": {"rpc_url": "http://127.0.0.1:9/hook?key=hidden"}})
    values = running(gateway)
    assert values["hooks.rpc_url"] == '"http://127.0.0.1:9/…"'
    body = gateway.request("GET", "/admin/config", address=gateway.admin_address).body.decode()
    assert "hidden" not in body and SECRET not in body


def test_checkconfig_against_a_node_says_what_a_reload_would_change(start_gateway):
    gateway = start_gateway()
    admin = f"http://{gateway.admin_address}"
    path = gateway.folder / "usher.toml"
    same = usher("checkconfig", path, "--against", admin)
    assert (same.returncode, same.stderr) == (DONE, "")
    assert "the running node has the same configuration" in same.stdout
    configure(gateway, {"client": {"allowed_origins": [OTHER]}, "server": {"threads": 3}})
    told = usher("checkconfig", path, "--against", admin)
    assert told.returncode == DONE
    live, restart = told.stdout.split("these need a restart:")
    assert f'  client.allowed_origins: ["{ORIGIN}", "https://*.wild.example"] -> ["{OTHER}"]' in live.split("a reload would change:")[1]
    assert "  server.threads: 2 -> 3" in restart
    assert ask_reload(gateway).status == 200
    assert "a reload would change" not in usher("checkconfig", path, "--against", admin).stdout


def test_checkconfig_against_something_else_says_so(start_gateway):
    gateway = start_gateway()
    path = gateway.folder / "usher.toml"
    for url, words in [("http://127.0.0.1:1", "did not answer"), (f"http://{gateway.address}", "admin.listen"),
                       ("127.0.0.1:8081", "is no URL"), ("https://127.0.0.1:8081", "is no URL")]:
        told = usher("checkconfig", path, "--against", url)
        assert told.returncode != DONE and words in told.stderr, told
