"""Each row of the failure table, with the C++ client, against a gateway that was really changed under it: another secret,
another session claim, another list of origins, a store that fails, a process that is gone.

A client first connects in peace through a proxy that counts; then the change is made and its socket is cut. For each
row: the exact lines, the final status, and what is asked for in the ten seconds afterwards. The rows wait together."""

import concurrent.futures
import json
import re
import subprocess
import threading
import time

import pytest
from counting_proxy import CountingProxy
from cpp_client import SECRETS
from gateway import ORIGIN, Gateway, wait_until
from program import BIN_DIR
from redis_server import RedisServer, on_redis
from websocket import WebSocket

QUIET_S = 10.0
ENSURING, READY, REQUESTING, OBTAINED, CONNECTED = SUCCESS = [
    "[WS] Ensuring JWT token exists...", "[WS] JWT ready", "[WS] Requesting WebSocket ticket...",
    "[WS] Ticket obtained, connecting to WebSocket...", "[WS] Connected"]
LOST = "[WS] Disconnected { code: 1006, reason: '', wasClean: false }"


def refused(status, code, phrase, call="Ticket"):
    return [f"[WS] Failed to connect HttpErrorResponse {{ status: {status}, error: {{ code: '{code}' }} }}",
            f"[WS] Hard failure - auth error {{ status: {status}, code: '{code}' }}",
            f"[WS] {call} request failed: {status} {phrase} - stopping reconnect"]


def closed(code, reason):
    close = f"{{ code: {code}, reason: '{reason}', wasClean: true }}"
    return [f"[WS] Disconnected {close}", f"[WS] Hard failure - stopping reconnect {close}"]


STORE_DOWN = ["[WS] Failed to connect HttpErrorResponse { status: 503, error: { code: 'STORE_UNAVAILABLE' } }",
              "[WS] Soft failure - service unavailable (503), will retry"]
NOBODY_THERE = ["[WS] Failed to connect NetworkError", "[WS] Soft failure - network error, will retry"]


class LastingClient:
    def __init__(self, url, token, *origin):
        self.process = subprocess.Popen([str(BIN_DIR / "lasting_client"), url, token, *origin], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.lines, self.statuses = [], []
        self.readers = [threading.Thread(target=self._read, args=pair, daemon=True)
                        for pair in ((self.process.stderr, self.lines), (self.process.stdout, self.statuses))]
        for reader in self.readers:
            reader.start()

    @staticmethod
    def _read(stream, into):
        for line in stream:
            into.append(line.rstrip("\n"))

    def becomes(self, status):
        wait_until(lambda: self.statuses[-1:] == [status], f"{status}: {self.statuses} {self.lines}", 20)

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        for reader in self.readers:
            reader.join(5)


class Scene:
    """What happened in one row."""

    def __init__(self, folder):
        self.folder = folder
        self.gateways = []
        self.proxy = self.client = self.redis = None

    def start(self, config=None, **options):
        gateway = Gateway(self.folder / f"gateway{len(self.gateways)}", config or {}, **options)
        self.gateways.append(gateway)
        return gateway.start()

    def change(self, **config):
        """The gateway ends, and another configuration takes its place."""
        gateway = self.gateways[0]
        gateway.kill()
        for section, keys in config.items():
            gateway.config.setdefault(section, {}).update(keys)
        gateway.start()
        self.proxy.backend = gateway.address

    def connect(self, gateway, token, *origin):
        self.proxy = CountingProxy(gateway.address)
        self.client = LastingClient(f"http://{self.proxy.address}", token, *origin)
        self.client.becomes("connected")
        wait_until(lambda: self.client.lines == SUCCESS, f"the five lines: {self.client.lines}")

    def cut(self, change):
        """Takes the socket away when all is changed: the first thing that the client meets is the change."""
        self.proxy.hold()
        change()
        self.proxy.cut()

    def watch(self):
        before = self.proxy.asked(), self.proxy.count("/auth/ticket"), self.proxy.count("/ws")
        time.sleep(QUIET_S)  # what is tested: that nothing comes in this time, or not more than may
        self.asked = self.proxy.asked() - before[0]
        self.tickets = self.proxy.count("/auth/ticket") - before[1]
        self.sockets = self.proxy.count("/ws") - before[2]
        self.status = self.client.statuses[-1]
        self.lines = self.client.lines[len(SUCCESS):]

    def end(self):
        if self.client:
            self.client.close()
        if self.proxy:
            self.proxy.close()
        for gateway in self.gateways:
            gateway.stop()
        if self.redis:
            self.redis.kill()


def stop_then_watch(scene):
    scene.client.becomes("disconnected")
    scene.watch()


def another_secret(scene):
    gateway = scene.start()
    scene.connect(gateway, gateway.token())
    gateway.write_file("jwt.secret", "another secret than the one before, of 32 bytes")
    scene.cut(scene.change)
    stop_then_watch(scene)


def another_session_claim(scene):
    gateway = scene.start()
    scene.connect(gateway, gateway.token())
    scene.cut(lambda: scene.change(jwt={"session_claim": "device"}))
    stop_then_watch(scene)


def another_list_of_origins(scene):
    gateway = scene.start()
    scene.connect(gateway, gateway.token(), ORIGIN)
    scene.cut(lambda: scene.change(client={"allowed_origins": ["https://other.example"]}))
    stop_then_watch(scene)


def another_list_behind_the_socket(scene):
    gateway = scene.start()
    scene.connect(gateway, gateway.token(), ORIGIN)
    scene.proxy.socket_backend = scene.start({"client": {"allowed_origins": ["https://other.example"]}}).address
    scene.proxy.cut()
    stop_then_watch(scene)


def a_ticket_that_somebody_was_quicker_with(scene):
    gateway = scene.start()
    scene.connect(gateway, gateway.token())
    scene.proxy.on_ticket = lambda ticket: WebSocket(gateway.address, f"/ws?ticket={ticket}").close()
    scene.proxy.cut()
    stop_then_watch(scene)


def a_store_that_fails(scene):
    gateway = scene.start(args=["--dev"])
    scene.connect(gateway, gateway.token())

    def set_down(down):
        answer = gateway.request("POST", "/dev/faults", {"Origin": f"http://{gateway.address}"},
                                 json.dumps({"store_down": down}))
        assert answer.status == 200, answer

    scene.cut(lambda: set_down(True))
    scene.client.becomes("reconnecting")
    scene.watch()
    set_down(False)
    scene.client.becomes("connected")


def a_redis_that_is_gone(scene):
    scene.redis = RedisServer(scene.folder / "redis").start()
    gateway = scene.start(on_redis(url=scene.redis.url)).wait_until_ready()
    scene.connect(gateway, gateway.token())
    scene.cut(scene.redis.kill)
    scene.client.becomes("reconnecting")
    scene.watch()
    scene.redis.start()
    scene.client.becomes("connected")


def a_gateway_that_is_gone(scene):
    gateway = scene.start()
    gateway.config["server"]["listen"] = gateway.address
    gateway.config["admin"]["listen"] = gateway.admin_address
    scene.connect(gateway, gateway.token())
    gateway.kill()
    scene.client.becomes("reconnecting")
    scene.watch()
    gateway.start()
    scene.client.becomes("connected")


# Each with the lines that follow the loss of the socket and the announcement of the first attempt.
HARD = {
    another_secret: [ENSURING, READY, REQUESTING, *refused(401, "INVALID_TOKEN", "UNAUTHORIZED")],
    another_session_claim: [ENSURING, READY, REQUESTING, *refused(401, "MISSING_SESSION", "UNAUTHORIZED")],
    another_list_of_origins: [ENSURING, READY, REQUESTING, *refused(403, "ORIGIN_BLOCKED", "FORBIDDEN")],
    another_list_behind_the_socket: [ENSURING, READY, REQUESTING, OBTAINED, *closed(1008, "ORIGIN_BLOCKED")],
    a_ticket_that_somebody_was_quicker_with: [ENSURING, READY, REQUESTING, OBTAINED, *closed(1008, "NOT_AUTHORIZED")],
}
# Each with the lines of a failed attempt, and how many attempts ten seconds may hold: the backoff's own (5 or 6), or
# fewer, as the gateway's Retry-After of a second is longer than the first two of them.
SOFT = {
    a_store_that_fails: ([ENSURING, READY, REQUESTING, *STORE_DOWN], range(3, 6)),
    a_redis_that_is_gone: ([ENSURING, READY, REQUESTING, *STORE_DOWN], range(3, 6)),
    a_gateway_that_is_gone: ([ENSURING, READY, REQUESTING, *NOBODY_THERE], range(4, 7)),
}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    rows = [*HARD, *SOFT]
    played = {row: Scene(tmp_path_factory.mktemp(row.__name__)) for row in rows}
    with concurrent.futures.ThreadPoolExecutor(len(rows)) as pool:
        futures = {row: pool.submit(row, scene) for row, scene in played.items()}
    for scene in played.values():
        scene.end()
    return {row: (scene, futures[row]) for row, scene in played.items()}


def scene_of(scenes, row):
    scene, future = scenes[row]
    future.result()
    return scene


@pytest.mark.parametrize("row", HARD, ids=lambda row: row.__name__)
def test_a_hard_row_is_said_once_and_nothing_more_is_asked_for(scenes, row):
    scene = scene_of(scenes, row)
    first, announced, *rest = scene.lines
    assert first == LOST
    assert re.fullmatch(r"\[WS\] Reconnecting in \d+ms \(attempt 1\)", announced)
    assert rest == HARD[row]
    assert scene.status == "disconnected"
    assert (scene.asked, scene.tickets, scene.sockets) == (0, 0, 0)


@pytest.mark.parametrize("row", SOFT, ids=lambda row: row.__name__)
def test_a_soft_row_is_tried_again_with_backoff_until_it_is_mended(scenes, row):
    scene = scene_of(scenes, row)
    attempt, allowed = SOFT[row]
    said = scene.client.lines[len(SUCCESS):]
    assert said[0] == LOST
    assert said[-len(SUCCESS):] == SUCCESS
    between = said[1:-len(SUCCESS)]
    size = len(attempt) + 1
    assert len(between) % size == 1
    for number in range(len(between) // size):
        assert re.fullmatch(rf"\[WS\] Reconnecting in \d+ms \(attempt {number + 1}\)", between[number * size])
        assert between[number * size + 1:(number + 1) * size] == attempt
    assert scene.status in ("reconnecting", "connecting")
    assert scene.tickets in allowed, said
    assert scene.sockets == 0
    assert scene.client.statuses == ["connecting", "connected", "reconnecting", "connected"]


def test_no_line_of_theirs_holds_a_token_or_a_ticket(scenes):
    for scene, _ in scenes.values():
        assert [line for line in scene.client.lines if SECRETS.search(line)] == []
