"""`usher connect` and `usher publish` against a running gateway: what they print, and how they exit."""

import json
import signal
import subprocess

import pytest
from gateway import wait_until

FIVE_LINES = ["[WS] Ensuring JWT token exists...", "[WS] JWT ready", "[WS] Requesting WebSocket ticket...",
              "[WS] Ticket obtained, connecting to WebSocket...", "[WS] Connected"]


def usher(gateway, *arguments, **options):
    return subprocess.run([gateway.binary, *arguments], capture_output=True, text=True, timeout=30, **options)


class Connecting:
    """A running `usher connect`."""

    def __init__(self, gateway, *arguments):
        self.process = subprocess.Popen([gateway.binary, "connect", f"http://{gateway.address}", *arguments],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def read_until(self, wanted):
        lines = []
        for line in self.process.stderr:
            lines.append(line.rstrip("\n"))
            if wanted in line:
                return lines
        raise AssertionError(f"{wanted!r} never came: {lines}")

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(10)


def test_publish_reaches_a_connected_client_and_both_exit_0(gateway):
    client = Connecting(gateway, "--token", gateway.token(sessionId="cli"))
    assert client.read_until("[WS] Connected") == FIVE_LINES
    done = usher(gateway, "publish", "--url", f"http://{gateway.address}", "--api-key-file",
                 str(gateway.folder / "api.key"), "session:cli", '{"n":12345678901234567890123,"x":1.0}')
    assert (done.returncode, done.stdout) == (0, '{"result":{}}\n')
    message = client.process.stdout.readline()
    assert message == '{"channel":"session:cli","data":{"n":12345678901234567890123,"x":1.0}}\n'
    assert client.stop() == 0


def test_publish_reads_its_message_from_standard_input(gateway):
    done = usher(gateway, "publish", "--url", f"http://{gateway.address}", "--api-key-file",
                 str(gateway.folder / "api.key"), "session:nobody", "-", input='[1,2]')
    assert done.returncode == 0, done


@pytest.mark.parametrize("arguments, exit_code, word", [
    (["session:x", "{broken"], 2, "not JSON"),
    (["session:x"], 2, "data is required"),
    (["session:x", "1", "--api-key", "wrong"], 1, "INVALID_API_KEY"),
    (["session:x", "1", "--url", "ftp://x"], 2, "no http"),
])
def test_publish_says_what_is_wrong(gateway, arguments, exit_code, word):
    key = [] if "--api-key" in arguments else ["--api-key-file", str(gateway.folder / "api.key")]
    url = [] if "--url" in arguments else ["--url", f"http://{gateway.address}"]
    done = usher(gateway, "publish", *url, *key, *arguments)
    assert done.returncode == exit_code and word in done.stdout + done.stderr, done


def test_connect_stops_at_a_hard_failure_with_exit_code_3_and_says_it_once(gateway):
    done = usher(gateway, "connect", f"http://{gateway.address}", "--token", gateway.token(sessionId=None))
    assert done.returncode == 3 and done.stdout == ""
    assert done.stderr.splitlines()[:6] == FIVE_LINES[:3] + [
        "[WS] Failed to connect HttpErrorResponse { status: 401, error: { code: 'MISSING_SESSION' } }",
        "[WS] Hard failure - auth error { status: 401, code: 'MISSING_SESSION' }",
        "[WS] Ticket request failed: 401 UNAUTHORIZED - stopping reconnect"]


def test_connect_from_a_foreign_origin_is_a_hard_failure(gateway):
    done = usher(gateway, "connect", f"http://{gateway.address}", "--token", gateway.token(), "--origin",
                 "https://evil.example")
    assert done.returncode == 3
    assert "[WS] Hard failure - auth error { status: 403, code: 'ORIGIN_BLOCKED' }" in done.stderr


def test_connect_comes_back_after_the_gateway_was_killed(start_gateway):
    first = start_gateway()
    config = {"server": {"listen": first.address}}
    client = Connecting(first, "--token", first.token(sessionId="kept"))
    client.read_until("[WS] Connected")
    first.kill()
    second = start_gateway(config)
    lines = client.read_until("[WS] Connected")
    assert any(line.startswith("[WS] Disconnected { code: 1006") for line in lines)
    assert any(line.startswith("[WS] Reconnecting in ") for line in lines)
    wait_until(lambda: "error" not in second.publish("session:kept", {"back": True}), "the publication")
    assert json.loads(client.process.stdout.readline())["data"] == {"back": True}
    assert client.stop() == 0
