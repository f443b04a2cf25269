"""Both clients refresh their credentials on the live socket: tokens of a few seconds, one connection, no message lost."""

import shlex
import subprocess
import sys
import time

import pytest
from cpp_client import ClientProcess
from gateway import SECRET, Gateway, make_jwt, wait_until
from program import BIN_DIR, ROOT

CLIENTS = {"cpp": [str(BIN_DIR / "lasting_client")],
           "typescript": ["node", str(ROOT / "tests/integration/lasting_client.mjs")]}
REFRESHED = "[Auth] Token refreshed"
RENEWALS = 3


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    gateway = Gateway(tmp_path_factory.mktemp("refresh"), {
        "jwt": {"leeway": "0s"}, "channel": {"namespaces": [
            {"name": "news", "subscribe": "anyone", "history_size": 10, "history_ttl": "1m", "presence": True}]}}).start()
    yield gateway
    gateway.stop()


class Client(ClientProcess):
    def __init__(self, *command):
        super().__init__(list(command), stdin=subprocess.PIPE)

    def count(self, line):
        return list(self.lines).count(line)

    def numbers(self):
        return [int(text.split()[1]) for text in list(self.messages) if text.startswith("message ")]

    def wait_for_status(self, status):
        wait_until(lambda: status in list(self.messages), f"{status}: {self.lines[-8:]}", 20)


@pytest.fixture(params=CLIENTS)
def start(request):
    running = []

    def run(gateway, token, channel):
        running.append(Client(*CLIENTS[request.param], f"http://{gateway.address}", token, "-", channel))
        running[-1].wait_for_status("connected")
        return running[-1]

    yield run
    for client in running:
        client.process.stdin.close()
        client.wait_for_exit(20)
        assert not client.leaks()


def mint(folder, name, **claims):
    """A command that prints a token that ends in six seconds: a busy machine needs one or two to get it."""
    program = folder / name
    program.write_text(f"import sys, time\nsys.path[:0] = {sys.path!r}\nfrom gateway import make_jwt\nnow = int(time.time())\n"
                       f"print(make_jwt({{**{claims!r}, 'iat': now, 'exp': now + 6}}))\n")
    return f"exec:{shlex.quote(sys.executable)} {shlex.quote(str(program))}"


def publish_until(gateway, client, channel, is_over, patience=60):
    """Numbers, one after the other, until it is over and the last of them has arrived."""
    deadline = time.monotonic() + patience
    number = 0
    while not is_over():
        assert time.monotonic() < deadline, (client.lines[-8:], client.messages[-3:])
        assert "result" in gateway.publish(channel, number)
        number += 1
    wait_until(lambda: client.numbers() and client.numbers()[-1] == number - 1, "the last number")
    assert client.numbers() == list(range(number)), client.numbers()[:20]
    return number


def assert_one_connection(client):
    assert client.count("[WS] Connected") == 1
    assert not [line for line in client.lines if "Disconnected" in line]
    assert [text for text in client.messages if not text.startswith("message ")] == ["connecting", "connected"]


def test_tokens_of_a_provider(gateway, start, tmp_path):
    client = start(gateway, mint(tmp_path, "mint.py", sessionId="s1", sub="u1"), "news:jwt")
    began = time.monotonic()
    publish_until(gateway, client, "news:jwt", lambda: client.count(REFRESHED) >= RENEWALS)
    assert time.monotonic() - began > 9, "three lives of six seconds, each but for its last quarter"
    assert_one_connection(client)


def test_tokens_of_guests_whose_end_the_backend_moves(gateway, start):
    client = start(gateway, "guest", "news:guest")
    (there,) = gateway.api("presence", {"channel": "news:guest"})["result"]["presence"].values()

    def is_over():
        asked = client.count("[Auth] Refreshing the token of the connection...")
        refreshed = client.count(REFRESHED)
        if asked == refreshed == len(moved) and refreshed < RENEWALS:
            answer = gateway.api("refresh", {"client": there["client"], "user": "", "expire_at": int(time.time()) + 4})
            assert "result" in answer, answer
            moved.append(answer)
        return refreshed == RENEWALS

    moved = []
    publish_until(gateway, client, "news:guest", is_over)
    assert_one_connection(client)
    assert gateway.api("presence", {"channel": "news:guest"})["result"]["presence"][there["client"]]


def test_without_a_fresh_token_the_connection_lasts_until_its_end(gateway, start, tmp_path):
    now = int(time.time())
    client = start(gateway, make_jwt({"sessionId": "s2", "iat": now, "exp": now + 4}, SECRET), "news:fixed")
    publish_until(gateway, client, "news:fixed", lambda: any("Refresh failed" in line for line in list(client.lines)))
    client.wait_for_status("disconnected")
    assert time.time() >= now + 4
    wait_until(lambda: "reconnect" in client.lines[-1], "the last line")
    lines = [line for line in client.lines if line.startswith("[Auth]")]
    assert lines == ["[Auth] Refreshing the token of the connection...",
                     "[Auth] Refresh failed: 401, connected until the token ends"]
    assert client.count("[WS] Disconnected { code: 3005, reason: 'TOKEN_EXPIRED', wasClean: true }") == 1


def test_a_provider_whose_session_has_changed_leads_to_a_connection_of_that_one(gateway, start, tmp_path):
    client = start(gateway, mint(tmp_path, "mint.py", sessionId="before"), "news:other")
    mint(tmp_path, "mint.py", sessionId="after")
    wait_until(lambda: client.count("[WS] Connected") == 2, f"the second connection: {client.lines}", 20)
    assert client.count("[WS] Disconnected { code: 3501, reason: 'BAD_REQUEST', wasClean: true }") == 1
    publish_until(gateway, client, "news:other", lambda: client.count(REFRESHED) >= 1)
