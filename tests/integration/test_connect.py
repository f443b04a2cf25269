"""`usher connect`: the console lines of contract section 5 and the rows of its failure table, against a gateway that
was really changed; exit codes."""

import socket
import subprocess
import time

import pytest
from cpp_client import CppClient
from gateway import ORIGIN, Gateway, make_jwt, wait_until

SUCCESS = ["[WS] Ensuring JWT token exists...", "[WS] JWT ready", "[WS] Requesting WebSocket ticket...",
           "[WS] Ticket obtained, connecting to WebSocket...", "[WS] Connected"]
BEFORE_TICKET = SUCCESS[:3]
QUIET = 2.0  # seconds of nothing that count as having stopped


@pytest.fixture
def connect(gateway):
    running = []

    def run(*args, url=None):
        running.append(CppClient(url or f"http://{gateway.address}", *args))
        return running[-1]

    yield run
    for client in running:
        client.stop()
        assert not client.leaks()


def requests_seen(gateway):
    """Counted before they are answered; log lines may come later than the answer."""
    return sum(gateway.metric("usher_http_requests_total", route=route) for route in ("token", "ticket")) \
        + gateway.metric("usher_upgrades_total")


def assert_stopped(gateway, client, lines):
    """It says exactly this, exits with 3, and asks nobody again."""
    assert client.wait_for_exit() == 3
    assert client.lines == lines
    seen = requests_seen(gateway)
    time.sleep(QUIET)  # a client that spins would be back many times over
    assert requests_seen(gateway) == seen


def test_success_says_the_five_lines_and_prints_messages_until_interrupted(gateway, connect):
    token = gateway.token(sessionId="connect-1")
    client = connect("--token", token)
    client.wait_for_line("[WS] Connected")
    gateway.publish("session:connect-1", {"n": 1})
    wait_until(lambda: client.messages, "the message")
    assert client.stop() == 0
    assert client.lines == SUCCESS
    assert client.messages == ['{"channel":"session:connect-1","data":{"n": 1}}']
    gateway.wait_for_line("websocket_disconnected { code: 1000")


def test_a_guest_stays_the_same_guest_with_a_guest_file(gateway, connect, tmp_path):
    guest_file = tmp_path / "guest.json"
    for _ in range(2):
        client = connect("--guest-file", str(guest_file))
        client.wait_for_line("[WS] Connected")
        client.stop()
    assert guest_file.stat().st_mode & 0o777 == 0o600
    assert client.lines == SUCCESS


def test_a_bad_token_stops_it_at_once(gateway, connect):
    client = connect("--token", make_jwt(gateway.claims(), secret="another secret of at least 32 bytes, yes"))
    assert_stopped(gateway, client, BEFORE_TICKET + [
        "[WS] Failed to connect HttpErrorResponse { status: 401, error: { code: 'INVALID_TOKEN' } }",
        "[WS] Hard failure - auth error { status: 401, code: 'INVALID_TOKEN' }",
        "[WS] Ticket request failed: 401 UNAUTHORIZED - stopping reconnect"])


def test_a_token_without_a_session_stops_it_at_once(gateway, connect):
    client = connect("--token", gateway.token(sessionId=None))
    assert_stopped(gateway, client, BEFORE_TICKET + [
        "[WS] Failed to connect HttpErrorResponse { status: 401, error: { code: 'MISSING_SESSION' } }",
        "[WS] Hard failure - auth error { status: 401, code: 'MISSING_SESSION' }",
        "[WS] Ticket request failed: 401 UNAUTHORIZED - stopping reconnect"])


def test_a_foreign_origin_stops_it_at_once(gateway, connect):
    client = connect("--token", gateway.token(), "--origin", "https://evil.example")
    assert_stopped(gateway, client, BEFORE_TICKET + [
        "[WS] Failed to connect HttpErrorResponse { status: 403, error: { code: 'ORIGIN_BLOCKED' } }",
        "[WS] Hard failure - auth error { status: 403, code: 'ORIGIN_BLOCKED' }",
        "[WS] Ticket request failed: 403 FORBIDDEN - stopping reconnect"])


def test_an_allowed_origin_connects(gateway, connect):
    client = connect("--token", gateway.token(), "--origin", ORIGIN)
    client.wait_for_line("[WS] Connected")
    assert client.lines == SUCCESS


def test_a_full_ticket_store_is_tried_again_until_there_is_room(start_gateway, connect):
    full = start_gateway({"ticket": {"outstanding_max": 1, "ttl": "3s"}})
    full.ticket()
    client = connect("--token", full.token(), url=f"http://{full.address}")
    client.wait_for_line("[WS] Connected", 30)
    assert client.lines[3:5] == [
        "[WS] Failed to connect HttpErrorResponse { status: 503, error: { code: 'OVERLOADED' } }",
        "[WS] Soft failure - service unavailable (503), will retry"]
    assert client.lines[5].startswith("[WS] Reconnecting in ") and client.lines[5].endswith("(attempt 1)")
    assert client.lines[-5:] == SUCCESS


def test_nobody_there_is_a_network_error_and_tried_again(start_gateway, connect):
    client = connect(url="http://127.0.0.1:1")
    client.wait_for_line("(attempt 2)")
    assert client.lines[1:3] == ["[WS] Failed to connect NetworkError", "[WS] Soft failure - network error, will retry"]
    assert client.stop() == 0


def test_what_lies_behind_a_network_error_is_said_once_without_being_asked(connect):
    client = connect(url="http://127.0.0.1:1")
    client.wait_for_line("(attempt 3)")
    assert client.count("usher connect: /auth/token: connecting to 127.0.0.1:1: Connection refused") == 1
    client = connect("-v", url="http://127.0.0.1:1")
    client.wait_for_line("(attempt 3)")
    assert client.count("usher connect: /auth/token: connecting to 127.0.0.1:1: Connection refused") == 3
    client = connect(url="http://nowhere.invalid")
    client.wait_for_line("usher connect: /auth/token: resolving the name nowhere.invalid: Host not found")


def test_a_stage_that_takes_too_long_says_what_it_was_waiting_for(connect):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        plain, secure = connect(url=f"http://127.0.0.1:{port}"), connect(url=f"https://127.0.0.1:{port}")
        plain.wait_for_line("[WS] Reconnecting in ", 20)
        secure.wait_for_line("[WS] Reconnecting in ", 20)
        plain.wait_for_line(f"usher connect: /auth/token: no answer in time: waiting for the answer of 127.0.0.1:{port}")
        secure.wait_for_line(f"usher connect: /auth/token: no answer in time: shaking hands (TLS) with 127.0.0.1:{port}")


def test_a_certificate_that_is_not_trusted_is_said_with_what_to_do(start_gateway, connect, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
    gateway = start_gateway({"tls": {"certificate_file": str(certificate), "key_file": str(key)}})
    port = gateway.address.rpartition(":")[2]
    client = connect("--token", gateway.token(), url=f"https://localhost:{port}")
    client.wait_for_line("is not trusted (self-signed certificate)")
    client.wait_for_line("--ca-file FILE")
    client = connect("--token", gateway.token(), "--ca-file", str(certificate), url=f"https://127.0.0.1:{port}")
    client.wait_for_line("is not for 127.0.0.1 but for localhost")
    client = connect("--token", gateway.token(), "--ca-file", str(certificate), url=f"https://localhost:{port}")
    client.wait_for_line("[WS] Connected")


def test_what_does_not_fit_beside_the_ticket_follows_on_the_socket(start_gateway, connect):
    gateway = start_gateway({"channel": {"namespaces": [{"name": "open", "subscribe": "anyone"}]}})
    names = [f"open:{n}" for n in range(130)] + ["", "not a name", "\u00fc" * 200]
    token = gateway.token(sessionId="many")
    client = connect("--token", token, *[part for name in names for part in ("--subscribe", name)], url=f"http://{gateway.address}")
    client.wait_for_line("no subscription to  (error 107)")
    client.wait_for_line("no subscription to not a name (error 107)")
    client.wait_for_line("no subscription to " + "\u00fc" * 200 + " (error 107)")
    wait_until(lambda: client.count("(error 106)") == 2, "the two that are too many")
    assert client.lines[:5] == SUCCESS
    for channel in ("open:0", "open:127"):
        gateway.publish(channel, 1)
    wait_until(lambda: len(client.messages) == 2, "the messages")


def test_a_shutdown_is_soft_and_a_forced_disconnect_is_hard(tmp_path, connect):
    gateway = Gateway(tmp_path / "gateway", {}).start()
    client = connect("--token", gateway.token(), url=f"http://{gateway.address}")
    client.wait_for_line("[WS] Connected")
    gateway.stop()
    client.wait_for_line("[WS] Disconnected { code: 1001, reason: 'SERVER_SHUTDOWN', wasClean: true }")
    client.wait_for_line("[WS] Reconnecting in ")
    gateway.config["server"]["listen"] = gateway.address
    gateway.start()
    wait_until(client.is_connected, f"{client.lines}", 30)
    gateway.api("disconnect", {"session": "s1", "disconnect": {"code": 3503, "reason": "FORCE_DISCONNECT"}})
    try:
        assert client.wait_for_exit() == 3
        assert client.lines[-2:] == [
            "[WS] Disconnected { code: 3503, reason: 'FORCE_DISCONNECT', wasClean: true }",
            "[WS] Hard failure - stopping reconnect { code: 3503, reason: 'FORCE_DISCONNECT', wasClean: true }"]
    finally:
        gateway.stop()


def test_a_killed_gateway_is_come_back_to(start_gateway, connect):
    first = start_gateway()
    client = connect("--token", first.token(sessionId="kept"), url=f"http://{first.address}")
    client.wait_for_line("[WS] Connected")
    first.kill()
    second = start_gateway({"server": {"listen": first.address}})
    client.wait_for_line("[WS] Disconnected { code: 1006")
    client.wait_for_line("[WS] Reconnecting in ")
    wait_until(client.is_connected, f"{client.lines}", 30)
    assert second.publish("session:kept", {"back": True}) == {"result": {}}
    wait_until(lambda: client.messages, "the message")
    assert client.messages == ['{"channel":"session:kept","data":{"back": true}}']


@pytest.mark.parametrize("args", [[], ["not-a-url"], ["ftp://gw.example"], ["http://u:p@gw.example"],
                                  ["http://gw.example", "--nonsense"], ["http://gw.example", "--token"],
                                  ["http://gw.example", "--token", "a", "--guest-file", "b"],
                                  ["https://gw.example", "--ca-file", "/nowhere.pem"]])
def test_bad_usage_exits_with_2(connect, args):
    client = connect(*args[1:], url=args[0]) if args else CppClient("")
    assert client.wait_for_exit() == 2
    assert client.lines and not client.messages
