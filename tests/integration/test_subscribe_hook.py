"""The backend decides who may subscribe: the subscribe hook (docs/hooks.md), on both engines and both endpoints."""

import json
import threading
import time

import pytest

from gateway import Gateway, wait_until
from hook_server import SECRETS, HookServer
from program import write_file
from protocol import ask, assert_alive, error, read_push
from redis_server import RedisServer, on_redis
from websocket import connect, open_client

ENDPOINTS = ["/ws", "/connection/websocket"]
NAMESPACES = [
    {"name": "asked", "subscribe": "hook", "history_size": 10, "history_ttl": "1m", "recovery": True},
    {"name": "room", "subscribe": "hook", "presence": True, "join_leave": True},
    {"name": "free", "subscribe": "anyone", "history_size": 10, "history_ttl": "1m", "recovery": True},
]
TIMEOUT = 2.0  # of the hook


class Backend:
    """A hook server whose answer each test sets."""

    def __init__(self):
        self.answer = None
        self.server = HookServer(lambda hit: self.answer(hit))

    def says(self, **channels):
        self.answers(lambda hit: {"channels": {name.replace("_", ":"): entry for name, entry in channels.items()}})

    def answers(self, make):
        self.answer = lambda hit: (200, json.dumps(make(hit)))

    def asked(self, session):
        return [hit.json()["channels"] for hit in self.server.of_type("subscribe") if hit.json()["session"] == session]


@pytest.fixture(scope="module", params=["memory", "redis"])
def world(request, tmp_path_factory):
    """(gateway, backend); each test uses sessions and channels of its own."""
    folder = tmp_path_factory.mktemp("subscribe-hook")
    backend, redis = Backend(), None
    config = {"channel": {"namespaces": NAMESPACES}, "limits": {"connections_per_session": 0, "commands": "0"},
              "hooks": {"subscribe_url": backend.server.url("/subscribe"), "timeout": f"{int(TIMEOUT * 1000)}ms",
                        "secret_file": write_file(folder / "hook.secret", SECRETS[0] + "\n")}}
    if request.param == "redis":
        redis = RedisServer(tmp_path_factory.mktemp("redis")).start()
        config |= on_redis(url=redis.url)
    gateway = Gateway(folder, config).start().wait_until_ready()
    yield gateway, backend
    gateway.stop()
    backend.server.stop()
    if redis:
        redis.kill()


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_one_frame_asks_once_and_each_command_has_its_answer(world, endpoint):
    gateway, backend = world
    session = f"frame{endpoint[1]}"
    backend.says(asked_1={"data": {"seat": 4}}, asked_2={"error": {"code": 4711, "message": "sold out"}})
    ws = open_client(gateway, endpoint, sessionId=session, sub="ada")
    ws.send_frame(1, b'{"id":2,"subscribe":{"channel":"asked:1","data":{"a": 1.50}}}\n'
                     b'{"id":3,"subscribe":{"channel":"asked:2"}}\n{"id":4,"subscribe":{"channel":"asked:3"}}')
    replies = {}
    while len(replies) < 3:
        message = ws.read()
        if "id" in message:
            replies[message["id"]] = message
    assert replies[2]["subscribe"]["data"] == {"seat": 4}
    assert replies[3]["error"] == {"code": 4711, "message": "sold out"}
    assert replies[4]["error"]["code"] == 103
    assert backend.asked(session) == [[{"channel": "asked:1", "data": {"a": 1.5}},
                                       {"channel": "asked:2", "data": None}, {"channel": "asked:3", "data": None}]]
    hit = backend.server.of_type("subscribe")[-1]
    assert b'"data":{"a": 1.50}' in hit.body and hit.json()["user"] == "ada"
    assert hit.json()["client"] == ws.connected["client"] == hit.headers["ce-subject"]
    gateway.publish("asked:1", 7)
    assert ws.read_publication()[1]["data"] == 7


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_connect_asks_once_for_its_wishes_and_its_tokens_channels(world, endpoint):
    gateway, backend = world
    session = f"connect{endpoint[1]}"
    backend.says(asked_1={"data": "hello"}, asked_own={})
    ws = open_client(gateway, endpoint, {"asked:1": {"data": [1]}, "free:1": {}, "asked:2": {}}, sessionId=session,
                     channels=["asked:own"])
    subs = ws.connected["subs"]
    assert subs["asked:1"]["data"] == "hello" and "error" not in subs["asked:own"] and "error" not in subs["free:1"]
    if endpoint == "/ws":
        assert subs["asked:2"] == {"error": {"code": 103, "message": "permission denied"}}
    else:
        assert "asked:2" not in subs  # SDKs take each entry for a subscription
    assert len(backend.asked(session)) == 1
    assert {one["channel"] for one in backend.asked(session)[0]} == {"asked:1", "asked:2", "asked:own"}


@pytest.mark.parametrize("status, body, code", [
    (500, '{"channels":{"asked:1":{}}}', 100),
    (302, '{"channels":{"asked:1":{}}}', 100),
    (200, "garbage", 100),
    (200, "", 100),
    (200, "[]", 100),
    (200, '{"channels":{"asked:1":"yes"}}', 100),
    (200, '{"channels":{"asked:1":{"expire_at":"soon"}}}', 100),
    (200, '{"channels":{"asked:1":{"override":{}}}}', 100),
    (200, '{"channels":{"asked:1":{"data":"' + "x" * (1 << 20) + '"}}}', 100),
    (200, '{"channels":{"asked:1":{"info":"' + "x" * 1100 + '"}}}', 100),
    (200, '{"channels":{"asked:1":{"expire_at":1}}}', 110),
    (200, '{"channels":{}}', 103),
    (200, '{"error":{"code":500,"message":"closed for today"}}', 500),
])
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_what_is_no_answer_is_a_temporary_error_for_those_channels_alone(world, endpoint, status, body, code):
    gateway, backend = world
    backend.answer = lambda hit: (status, body, {"Location": backend.server.url("/elsewhere")} if status == 302 else {})
    ws = open_client(gateway, endpoint, {"asked:1": {}, "free:1": {}}, sessionId="faults")
    assert "error" not in ws.connected["subs"]["free:1"]
    if endpoint == "/ws":
        assert ws.connected["subs"]["asked:1"]["error"]["code"] == code
    assert error(ws, "subscribe", channel="asked:1") == (code, code == 100)
    assert not [hit for hit in backend.server.hits if hit.path == "/elsewhere"]
    assert_alive(ws)


def test_a_hook_that_hangs_holds_the_connect_for_its_timeout_at_most(world):
    gateway, backend = world
    release = threading.Event()
    backend.answer = lambda hit: release.wait(20) and (200, "{}")
    began = time.monotonic()
    ws = open_client(gateway, subs={"asked:1": {}, "free:1": {}}, sessionId="hangs")
    assert TIMEOUT - 0.1 < time.monotonic() - began
    subs = ws.connected["subs"]
    assert subs["asked:1"]["error"] == {"code": 100, "message": "internal server error", "temporary": True}
    assert "error" not in subs["free:1"]
    release.set()
    assert error(ws, "subscribe", channel="asked:x")[0] in (100, 103)
    backend.says(asked_1={})
    assert "subscribe" in ask(ws, "subscribe", channel="asked:1")


def test_whoever_leaves_or_unsubscribes_meanwhile_gets_nothing(world):
    gateway, backend = world
    release = threading.Event()
    backend.answer = lambda hit: release.wait(20) and (200, '{"channels":{"asked:9":{}}}')
    gone = open_client(gateway, sessionId="leaves")
    gone.send({"id": 1, "subscribe": {"channel": "asked:9"}})
    stays = open_client(gateway, sessionId="stays")
    stays.send({"id": 1, "subscribe": {"channel": "asked:9"}})
    wait_until(lambda: backend.asked("leaves") and backend.asked("stays"), "both questions")
    gone.abort()
    assert ask(stays, "unsubscribe", channel="asked:9") == {"unsubscribe": {}}
    release.set()
    wait_until(lambda: backend.server.running == 0, "the answers")
    gateway.publish("asked:9", 1)
    assert gateway.api("presence", {"channel": "asked:9"})["error"]["code"] == 108
    assert_alive(stays)
    assert error(stays, "history", channel="asked:9", limit=1) == (103, False)


def test_a_session_that_is_revoked_meanwhile_is_closed(world):
    gateway, backend = world
    release = threading.Event()
    backend.answer = lambda hit: release.wait(20) and (200, '{"channels":{"asked:8":{}}}')
    ws = open_client(gateway, sessionId="revoked-meanwhile")
    ws.send({"id": 1, "subscribe": {"channel": "asked:8"}})
    wait_until(lambda: backend.asked("revoked-meanwhile"), "the question")
    assert "result" in gateway.api("revoke", {"session": "revoked-meanwhile"})
    assert ws.read_close()[0] == 3520
    release.set()


def test_what_the_hook_grants_holds_until_its_end(world):
    gateway, backend = world
    end = int(time.time()) + 2
    backend.answers(lambda hit: {"channels": {"room:1": {"info": {"seat": hit.json()["user"]}, "expire_at": end,
                                                         "publish": hit.json()["user"] == "ada"}}})
    ada = open_client(gateway, sessionId="ends1", sub="ada")
    bob = open_client(gateway, sessionId="ends2", sub="bob")
    assert ask(bob, "subscribe", channel="room:1") == {"subscribe": {}}  # the end of a hook's grant is not told
    assert ask(ada, "subscribe", channel="room:1") == {"subscribe": {}}
    assert read_push(bob, "join")[1]["info"]["user"] == "bob"
    channel, body = read_push(bob, "join")
    assert (channel, body["info"]["user"], body["info"]["chan_info"]) == ("room:1", "ada", {"seat": "ada"})
    clients = gateway.api("presence", {"channel": "room:1"})["result"]["presence"]
    assert {one["user"]: one["chan_info"] for one in clients.values()} == {
        "ada": {"seat": "ada"}, "bob": {"seat": "bob"}}
    assert ask(ada, "publish", channel="room:1", data=5) == {"publish": {}}
    publication = bob.read_publication()[1]
    assert publication["data"] == 5 and publication["info"]["chan_info"] == {"seat": "ada"}
    assert error(bob, "publish", channel="room:1", data=5) == (103, False)
    # The end and the 5 s of grace, and a tick.
    for ws in (ada, bob):
        channel, body = read_push(ws, "unsubscribe")
        assert (channel, body) == ("room:1", {"code": 2501, "reason": "subscription expired"})
    assert 6.5 < time.time() - (end - 2) < 10


def test_a_guest_that_logs_in_is_asked_for_again(world):
    gateway, backend = world
    backend.says(asked_5={}, room_5={})
    ws = open_client(gateway, sessionId="logs-in")
    for channel in ("asked:5", "room:5"):
        assert "subscribe" in ask(ws, "subscribe", channel=channel)
    ws.send({"id": 50, "refresh": {"token": gateway.ticket(sessionId="logs-in", sub="ada")}})
    ended = {read_push(ws, "unsubscribe")[0] for _ in range(2)}
    assert ended == {"asked:5", "room:5"}
    backend.says(asked_5={})
    assert "subscribe" in ask(ws, "subscribe", channel="asked:5")
    assert error(ws, "subscribe", channel="room:5") == (103, False)


def test_a_hook_that_hangs_does_not_slow_clients_without_that_namespace(world):
    """1,000 clients connect while half of them wait for a hook that hangs. None of the others waits for it."""
    gateway, backend = world
    release = threading.Event()
    lock = threading.Lock()

    def connect_many(count, threads, subs):
        times = []

        def work(worker):
            for i in range(worker, count, threads):
                ticket = gateway.ask_ticket(body=json.dumps({"subs": subs(i)}), sessionId=f"many{i}").json()["ticket"]
                began = time.monotonic()
                ws = connect(gateway, ticket)
                took = time.monotonic() - began
                ws.abort()
                with lock:
                    times.append((subs(i), took))

        workers = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return times

    def p99(times):
        ordered = sorted(times)
        return ordered[int(len(ordered) * 0.99)]

    backend.answer = lambda hit: (200, '{"channels":{}}')
    before = p99([took for _, took in connect_many(500, 8, lambda i: {"free:1": {}})])
    backend.answer = lambda hit: release.wait(60) and (200, "{}") or (200, "{}")
    hanging = threading.Thread(target=lambda: connect_many(500, 100, lambda i: {"asked:1": {}, "free:1": {}}))
    hanging.start()
    wait_until(lambda: backend.server.running >= 50, "the hook to be busy")
    free = [took for _, took in connect_many(500, 8, lambda i: {"free:1": {}})]
    release.set()
    hanging.join()
    print(f"p99 of a connect: {before * 1000:.1f} ms alone, {p99(free) * 1000:.1f} ms beside 500 whose hook hangs "
          f"(× {p99(free) / before:.2f})")
    assert max(free) < TIMEOUT * 0.9
