"""The backend's hooks: rpc, send, publish, connected, disconnected (docs/hooks.md)."""

import json
import re
import signal
import ssl
import subprocess
import threading
import time

import pytest

from certificate import make_certificate
from gateway import wait_until
from hook_server import HookServer
from program import ROOT
from protocol import ask, error
from websocket import connect

SECRETS = ["a hook test's secret of 32 bytes or more", "another hook test's secret of 32 bytes"]
CHANNELS = [{"name": "chat", "subscribe": "anyone", "publish": "anyone", "history_size": 10, "history_ttl": "1m"},
            {"name": "news", "subscribe": "anyone"},
            {"name": "jobs", "subscribe": "owner", "publish": "owner"}]


@pytest.fixture
def backend():
    started = []

    def start(answer=lambda hit: (200, "{}"), port=0):
        started.append(HookServer(answer, port))
        return started[-1]

    yield start
    for server in started:
        server.stop()


def hooked(start_gateway, server, tmp_path, which=("rpc", "publish", "connected", "disconnected"), **hooks):
    secrets = []
    for index, secret in enumerate(SECRETS):
        path = tmp_path / f"hook{index}.secret"
        path.write_text(secret + "\n")
        path.chmod(0o600)
        secrets.append(str(path))
    urls = {f"{name}_url": server.url(f"/{name}") for name in which}
    return start_gateway({"hooks": {**urls, "secret_file": secrets, **hooks}, "channel": {"namespaces": CHANNELS},
                          "limits": {"commands": "0", "connections_per_session": 0}})


def test_rpc_is_answered_by_the_backend_byte_for_byte(start_gateway, backend, tmp_path):
    server = backend(lambda hit: (200, b'{"data": {"n":12345678901234567890123,\n"x":1.0}}'))
    gateway = hooked(start_gateway, server, tmp_path, ["rpc"])
    ws = connect(gateway, gateway.ticket(sessionId="s9", sub="ada"))
    ws.send('{"id":7,"rpc":{"method":"s\u00fcm of","data":{"a": 1.50,"b":[1,2]}}}')
    message = ws.read_frame()[1]
    assert message == b'{"id":7,"rpc":{"data":{"n":12345678901234567890123, "x":1.0}}}'
    hit = server.of_type("rpc")[0]
    assert hit.path == "/rpc" and hit.headers["content-type"] == "application/json"
    assert hit.body.endswith(b',"data":{"a": 1.50,"b":[1,2]}}')
    assert {k: v for k, v in hit.json().items() if k != "data"} == {
        "client": ws.connected["client"], "session": "s9", "user": "ada", "method": "s\u00fcm of"}
    assert hit.headers["ce-specversion"] == "1.0"
    assert hit.headers["ce-subject"] == "s%C3%BCm%20of"
    assert hit.headers["ce-source"] == "/usher/" + ws.connected["node"]
    assert re.fullmatch(r"[0-9a-f]{32}", hit.headers["ce-id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", hit.headers["ce-time"])
    assert gateway.metric("usher_hook_events_total", event="rpc", outcome="answered") == 1


def verifiers():
    """The documentation's snippets, as functions of (secret, headers, body)."""
    blocks = re.findall(r"```(python|js)\n(.*?)```", (ROOT / "docs/hooks.md").read_text(), re.S)
    code = dict(blocks)
    scope = {}
    exec(code["python"], scope)

    def node(secret, headers, body):
        script = code["js"] + """
const [secret, headers, body] = JSON.parse(process.argv[1]);
console.log(isFromUsher(secret, headers, Buffer.from(body, "base64")));"""
        import base64
        argument = json.dumps([secret.decode(), {k.lower(): v for k, v in headers.items()},
                               base64.b64encode(body).decode()])
        done = subprocess.run(["node", "--input-type=module", "-e", script, argument], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip() == "true"

    return {"python": scope["is_from_usher"], "node": node}


@pytest.mark.parametrize("language", ["python", "node"])
def test_signatures_are_verified_by_the_documentations_code(start_gateway, backend, tmp_path, language):
    server = backend(lambda hit: (200, '{"data":null}'))
    gateway = hooked(start_gateway, server, tmp_path, ["rpc"])
    ask(connect(gateway), "rpc", method="m", data={"x": "\u00fc"})
    hit = server.hits[0]
    headers = dict(hit.headers.items())
    is_from_usher = verifiers()[language]
    for secret in SECRETS:
        assert is_from_usher(secret.encode(), headers, hit.body)
    assert not is_from_usher(b"a secret that nobody has configured here", headers, hit.body)
    assert not is_from_usher(SECRETS[0].encode(), headers, hit.body + b" ")
    assert not is_from_usher(SECRETS[0].encode(), {**headers, "ce-type": "usher.publish"}, hit.body)
    signature = headers["X-Usher-Signature"]
    old = re.sub(r"t=\d+", f"t={int(time.time()) - 1000}", signature)
    assert not is_from_usher(SECRETS[0].encode(), {**headers, "X-Usher-Signature": old}, hit.body)
    assert not is_from_usher(SECRETS[0].encode(), {**headers, "X-Usher-Signature": ""}, hit.body)


@pytest.mark.parametrize("status, body, expected", [
    (200, '{"error":{"code":1000,"message":"not in stock"}}', (1000, "not in stock", False)),
    (200, '{"error":{"code":1001,"message":"later","temporary":true},"data":null}', (1001, "later", True)),
    (200, "{}", (100, "internal server error", True)),
    (200, "not json", (100, "internal server error", True)),
    (200, '{"data":{"x":tru}}', (100, "internal server error", True)),
    (200, '{"data":1,"error":{"code":1}}', (100, "internal server error", True)),
    (200, '{"error":{"code":0}}', (100, "internal server error", True)),
    (500, '{"data":1}', (100, "internal server error", True)),
    (302, '{"data":1}', (100, "internal server error", True)),
    (200, '{"data":"' + "x" * 70000 + '"}', (100, "internal server error", True)),
])
def test_what_is_no_answer_is_a_temporary_error(start_gateway, backend, tmp_path, status, body, expected):
    server = backend(lambda hit: (status, body, {"Location": "/elsewhere"} if status == 302 else {}))
    gateway = hooked(start_gateway, server, tmp_path, ["rpc"])
    said = ask(connect(gateway), "rpc", method="m")["error"]
    assert (said["code"], said["message"], said.get("temporary", False)) == expected
    assert len(server.hits) == 1
    if expected[0] == 100:
        assert "hook: 'rpc'" in gateway.wait_for_line("hook failed")


def test_answers_come_in_any_order_and_a_slow_one_blocks_nothing(start_gateway, backend, tmp_path):
    release = threading.Event()

    def answer(hit):
        if hit.json()["method"] == "slow":
            release.wait(20)
        return 200, json.dumps({"data": hit.json()["method"]})

    gateway = hooked(start_gateway, backend(answer), tmp_path, ["rpc"], timeout="20s")
    ws = connect(gateway)
    ws.send({"id": 1, "rpc": {"method": "slow"}})
    ws.send({"id": 2, "rpc": {"method": "quick"}}, {"id": 3, "ping": {}})
    assert {ws.read()["id"] for _ in range(2)} == {2, 3}
    gone = connect(gateway)
    gone.send({"id": 1, "rpc": {"method": "slow"}})
    gone.abort()
    assert ask(connect(gateway), "rpc", method="other") == {"rpc": {"data": "other"}}
    release.set()
    assert ws.read() == {"id": 1, "rpc": {"data": "slow"}}
    assert ask(ws, "ping") == {"ping": {}}


def test_a_hook_that_does_not_answer_in_time_is_a_temporary_error(start_gateway, backend, tmp_path):
    release = threading.Event()
    server = backend(lambda hit: release.wait(20) and (200, "{}") or (200, "{}"))
    gateway = hooked(start_gateway, server, tmp_path, ["rpc"], timeout="200ms")
    assert error(connect(gateway), "rpc", method="m") == (100, True)
    release.set()
    assert gateway.metric("usher_hook_events_total", event="rpc", outcome="late") == 1


def test_a_hook_that_is_not_there_is_a_temporary_error(start_gateway, backend, tmp_path):
    server = backend()
    gateway = hooked(start_gateway, server, tmp_path, ["rpc"])
    server.stop()
    server.stop = lambda: None
    assert error(connect(gateway), "rpc", method="m") == (100, True)
    assert "Connection refused" in gateway.wait_for_line("hook failed")


def test_requests_to_a_hook_are_bounded_and_those_beyond_are_answered_at_once(start_gateway, backend, tmp_path):
    release = threading.Event()
    server = backend(lambda hit: release.wait(20) and (200, '{"data":1}'))
    gateway = hooked(start_gateway, server, tmp_path, ["rpc"], timeout="20s", concurrency=2, queue=3,
                     calls_per_connection=4)
    first, second = connect(gateway), connect(gateway)
    for n in range(1, 6):
        first.send({"id": n, "rpc": {"method": "m"}})
    reply = first.read()  # the fifth: four of one connection may wait
    assert (reply["id"], reply["error"]["code"], reply["error"]["temporary"]) == (5, 111, True)
    second.send({"id": 1, "rpc": {"method": "m"}})
    assert error(second, "rpc", method="m") == (111, True)  # the sixth of the node: 2 run, 3 wait
    wait_until(lambda: len(server.hits) == 2, "two requests")
    release.set()
    assert {first.read()["id"] for _ in range(4)} == {1, 2, 3, 4}
    assert second.read()["id"] == 1
    assert server.running_max == 2
    assert gateway.metric("usher_hook_events_total", event="rpc", outcome="no_room") == 1
    assert ask(second, "rpc", method="m") == {"rpc": {"data": 1}}  # there is room again


def test_a_connection_to_the_backend_is_used_again_unless_it_has_been_closed(start_gateway, backend, tmp_path):
    server = backend(lambda hit: (200, '{"data":1}'))
    gateway = hooked(start_gateway, server, tmp_path, ["rpc"], concurrency=1)
    ws = connect(gateway)
    for _ in range(20):
        assert ask(ws, "rpc", method="m") == {"rpc": {"data": 1}}
    # (A busy machine may pause for so long that a connection is let go.)
    assert len({hit.peer for hit in server.hits}) <= 3
    server.hangs_up = True
    ask(ws, "rpc", method="last on this connection")
    before = len({hit.peer for hit in server.hits})
    for _ in range(3):
        wait_until(lambda: server.connections == 0, "the backend to hang up")
        assert ask(ws, "rpc", method="m") == {"rpc": {"data": 1}}
    assert len({hit.peer for hit in server.hits}) == before + 3


def test_a_methods_name_has_255_bytes_at_most(start_gateway, backend, tmp_path):
    gateway = hooked(start_gateway, backend(lambda hit: (200, '{"data":1}')), tmp_path, ["rpc"])
    ws = connect(gateway)
    assert ask(ws, "rpc", method="m" * 255) == {"rpc": {"data": 1}}
    assert error(ws, "rpc", method="m" * 256) == (107, False)


def test_send_reaches_the_rpc_hook_and_is_not_answered(start_gateway, backend, tmp_path):
    server = backend(lambda hit: (500, ""))
    gateway = hooked(start_gateway, server, tmp_path, ["rpc"])
    ws = connect(gateway)
    ws.send({"send": {"data": {"typing": True}}})
    wait_until(lambda: server.of_type("send"), "the send")
    hit = server.hits[0]
    assert hit.path == "/rpc" and hit.json()["data"] == {"typing": True} and "method" not in hit.json()
    wait_until(lambda: gateway.metric("usher_hook_events_total", event="send", outcome="failed") == 1, "the count")
    assert len(server.hits) == 1 and ask(ws, "ping") == {"ping": {}}


# ---- publish ----

def test_publish_is_permitted_changed_or_refused_by_the_backend(start_gateway, backend, tmp_path):
    def answer(hit):
        text = hit.json()["data"]["text"]
        return 200, {"yes": "{}", "other": '{"data":{"text":  "this"}}',
                     "no": '{"error":{"code":1403,"message":"be nice"}}'}.get(text, "what?")

    server = backend(answer)
    gateway = hooked(start_gateway, server, tmp_path, ["publish"])
    ws = connect(gateway, gateway.ticket(sub="ada"))
    ask(ws, "subscribe", channel="chat:1")
    for text in ("yes", "other"):
        ws.send({"id": 1, "publish": {"channel": "chat:1", "data": {"text": text}}})
        got = [ws.read(), ws.read()]
        assert {"id": 1, "publish": {}} in got
        pub = next(m["push"]["pub"] for m in got if "push" in m)
        assert pub["data"] == {"text": "yes" if text == "yes" else "this"} and pub["info"]["user"] == "ada"
    assert ask(ws, "publish", channel="chat:1", data={"text": "no"})["error"] == {"code": 1403, "message": "be nice"}
    assert error(ws, "publish", channel="chat:1", data={"text": "?"}) == (100, True)
    assert len(ask(ws, "history", channel="chat:1", limit=10)["history"]["publications"]) == 2
    assert server.hits[0].json()["channel"] == server.hits[0].headers["ce-subject"] == "chat:1"


def test_the_backend_is_not_asked_about_what_the_namespace_refuses(start_gateway, backend, tmp_path):
    server = backend()
    gateway = hooked(start_gateway, server, tmp_path, ["publish"])
    ws = connect(gateway, gateway.ticket(sessionId="mine"))
    assert error(ws, "publish", channel="news:1", data=1)[0] == 103
    assert error(ws, "publish", channel="jobs:1", data=1)[0] == 103  # bound to nobody
    assert server.hits == []
    assert "result" in gateway.api("bind", {"channel": "jobs:1", "session": "mine", "ttl": 60})
    assert ask(ws, "publish", channel="jobs:1", data=1) == {"publish": {}}
    assert len(server.hits) == 1
    gateway.publish("chat:1", {"from": "the backend"})
    assert len(server.hits) == 1


def test_rights_that_end_while_the_backend_thinks_are_gone(start_gateway, backend, tmp_path):
    asked, release = threading.Event(), threading.Event()

    def answer(hit):
        asked.set()
        release.wait(20)
        return 200, "{}"

    gateway = hooked(start_gateway, backend(answer), tmp_path, ["publish"], timeout="20s")
    gateway.api("bind", {"channel": "jobs:1", "session": "mine", "ttl": 60})
    ws = connect(gateway, gateway.ticket(sessionId="mine"))
    ws.send({"id": 1, "publish": {"channel": "jobs:1", "data": 1}})
    assert asked.wait(10)
    gateway.api("bind", {"channel": "jobs:1", "session": "another", "ttl": 60})
    release.set()
    assert ws.read_reply(1)["error"]["code"] == 103


# ---- connected, disconnected ----

def test_the_backend_is_told_who_comes_and_goes(start_gateway, backend, tmp_path):
    server = backend()
    gateway = hooked(start_gateway, server, tmp_path, ["connected", "disconnected"])
    ws = connect(gateway, gateway.ticket(sessionId="s7", sub="ada"))
    who = {"client": ws.connected["client"], "session": "s7", "user": "ada"}
    wait_until(lambda: server.of_type("connected"), "connected")
    assert server.of_type("connected")[0].json() == who
    ws.close(4001)
    wait_until(lambda: server.of_type("disconnected"), "disconnected")
    hit = server.of_type("disconnected")[0]
    assert hit.json() == {**who, "code": 4001, "reason": ""} and hit.path == "/disconnected"
    assert error(connect(gateway), "rpc", method="m")[0] == 104  # no rpc hook, as without any


def test_notifications_are_tried_again_with_the_same_id_until_they_are_taken(start_gateway, backend, tmp_path):
    answers = iter([(503, ""), (500, ""), (204, "")])
    server = backend(lambda hit: next(answers))
    gateway = hooked(start_gateway, server, tmp_path, ["connected"])
    connect(gateway)
    wait_until(lambda: gateway.metric("usher_hook_events_total", event="connected", outcome="answered") == 1, "it")
    assert len(server.hits) == 3 and len({hit.headers["ce-id"] for hit in server.hits}) == 1
    assert gateway.metric("usher_hook_retries_total") == 2


@pytest.mark.parametrize("status, attempts", [(400, 1), (503, 2)])
def test_notifications_are_given_up_and_counted(start_gateway, backend, tmp_path, status, attempts):
    server = backend(lambda hit: (status, ""))
    gateway = hooked(start_gateway, server, tmp_path, ["connected"], attempts=2)
    connect(gateway)
    wait_until(lambda: gateway.metric("usher_hook_events_total", event="connected", outcome="failed") == 1, "it")
    assert len(server.hits) == attempts
    assert f"attempts: {attempts}" in gateway.wait_for_line("hook failed")


def test_notifications_beyond_the_queue_are_dropped_and_counted(start_gateway, backend, tmp_path):
    release = threading.Event()
    server = backend(lambda hit: release.wait(20) and (200, "{}"))
    gateway = hooked(start_gateway, server, tmp_path, ["connected"], concurrency=1, queue=1, timeout="20s")
    clients = [connect(gateway) for _ in range(5)]
    assert gateway.metric("usher_hook_events_total", event="connected", outcome="no_room") == 3
    release.set()
    wait_until(lambda: len(server.hits) == 2, "the two that had room")
    assert all(ask(ws, "ping") == {"ping": {}} for ws in clients)


def test_a_stopping_gateway_still_tells_of_those_who_left(start_gateway, backend, tmp_path):
    server = backend()
    gateway = hooked(start_gateway, server, tmp_path, ["disconnected"])
    for _ in range(20):
        connect(gateway)
    assert gateway.stop() == 0
    assert len(server.of_type("disconnected")) == 20


def test_a_hook_over_https_must_have_a_certificate_that_is_believed(start_gateway, tmp_path):
    certificate, key = make_certificate(tmp_path, "backend")
    server = HookServer(lambda hit: (200, '{"data":"over TLS"}'))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
    url = f"https://localhost:{server.port}/rpc"
    try:
        trusting = start_gateway({"hooks": {"rpc_url": url}, "tls": {"ca_file": str(certificate)}})
        ws = connect(trusting)
        for _ in range(10):
            assert ask(ws, "rpc", method="m") == {"rpc": {"data": "over TLS"}}
        assert len({hit.peer for hit in server.hits}) <= 3  # one handshake, and some patience with a busy machine
        doubting = start_gateway({"hooks": {"rpc_url": url}})
        assert error(connect(doubting), "rpc", method="m") == (100, True)
        assert "certificate" in doubting.wait_for_line("hook failed")
    finally:
        server.stop()


def test_a_new_secret_is_read_on_sighup(start_gateway, backend, tmp_path):
    server = backend(lambda hit: (200, '{"data":1}'))
    gateway = hooked(start_gateway, server, tmp_path, ["rpc"])
    (tmp_path / "hook0.secret").write_text("a third secret, which is new, of 32 bytes or more")
    gateway.signal(signal.SIGHUP)
    gateway.wait_for_line("keys and certificate reloaded")
    ask(connect(gateway), "rpc", method="m")
    hit = server.hits[-1]
    check = verifiers()["python"]
    assert check(b"a third secret, which is new, of 32 bytes or more", hit.headers, hit.body)
    assert not check(SECRETS[0].encode(), hit.headers, hit.body)
