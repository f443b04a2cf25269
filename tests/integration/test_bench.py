"""`usher bench`, each mode small, against a real gateway; and what it does when the server is not what it should be."""

import json
import socket
import threading

import pytest

from gateway import API_KEY
from program import BAD_USAGE, DONE, FAILED, usher


@pytest.mark.parametrize("tickets", ["each", "prepared"])
@pytest.mark.parametrize("farewell", ["frame", "reset"])
def test_connect_counts_every_handshake(bench, bench_gateway, tickets, farewell):
    before = bench_gateway.metric("usher_upgrades_total", result="connected")
    report = bench("connect", "--count", 200, "--concurrency", 16, "--tickets", tickets, "--close", farewell)
    assert (report["handshakes"], report["failed"]) == (200, 0)
    assert bench_gateway.metric("usher_upgrades_total", result="connected") - before == 200
    assert report["server_cpu_s"] > 0 and report["server_cpu_us_per_handshake"] > 0
    assert 0 < report["upgrade_p50_ms"] <= report["upgrade_p99_ms"] <= report["upgrade_max_ms"]
    assert ("ticket_and_upgrade_p50_ms" in report) == (tickets == "each")


def test_connect_as_guests(bench):
    assert bench("connect", "--count", 50, guests=True)["handshakes"] == 50


def test_idle_tells_memory_of_those_that_stay(bench):
    report = bench("idle", "--count", 300, "--before", 100)
    assert report["connections"] == 400
    assert 0 < report["memory_bytes_per_connection"] < 100_000


@pytest.mark.parametrize("way", [("--publish", "api"), ("--publish", "ws"), ("--publish", "ws", "--in-flight", 16),
                                 ("--in-flight", 8), ("--rate", 500)])
def test_fanout_loses_nothing(bench, bench_gateway, way):
    key = ["--api-key-file", bench_gateway.folder / "api.key"]
    report = bench("fanout", "--subscribers", 50, "--messages", 200, "--bytes", 100, *key, *way)
    assert (report["deliveries"], report["lost"], report["disordered"]) == (10_000, 0, 0)
    assert report["server_cpu_us_per_delivery"] > 0 and report["delivery_p99_ms"] > 0


def test_fanout_at_a_rate_tells_how_late_the_load_itself_was(bench, bench_gateway):
    report = bench("fanout", "--subscribers", 20, "--messages", 100, "--warm-up", 50, "--rate", 500,
                   "--api-key-file", bench_gateway.folder / "api.key")
    assert report["deliveries"] == 2000 and report["load_busy"] > 0
    assert 0 <= report["publish_late_p50_ms"] <= report["publish_late_max_ms"] <= report["delivery_max_ms"]


def test_fanout_for_guests(bench, bench_gateway):
    report = bench("fanout", "--subscribers", 5, "--messages", 10, "--channel", "open:all",
                   "--api-key-file", bench_gateway.folder / "api.key", guests=True)
    assert report["deliveries"] == 50


def test_echo_is_the_ping_command(bench):
    report = bench("echo", "--connections", 10, "--messages", 1000)
    assert (report["echoes"], report["lost"]) == (1000, 0)


def test_ticket_is_http_alone(bench, bench_gateway):
    before = bench_gateway.metric("usher_tickets_issued_total")
    report = bench("ticket", "--count", 500, "--concurrency", 8)
    assert (report["calls"], report["failed"]) == (500, 0)
    assert bench_gateway.metric("usher_tickets_issued_total") - before == 500


def test_a_run_for_people_is_a_table(bench_gateway):
    answer = usher("bench", "ticket", "--url", f"http://{bench_gateway.address}", "--count", 10, "--concurrency", 2,
                         "--secret-file", bench_gateway.folder / "jwt.secret")
    assert answer.returncode == DONE
    assert answer.stdout.startswith("usher bench ticket\n  calls ")


# ---- what is not as it should be ----


def test_a_wrong_secret_is_told(bench_gateway, tmp_path):
    secret = tmp_path / "other"
    secret.write_text("another secret, also of 32 bytes or more, but wrong")
    secret.chmod(0o600)
    answer = usher("bench", "connect", "--url", f"http://{bench_gateway.address}", "--count", 5, "--secret-file", secret)
    assert answer.returncode == FAILED
    assert "401" in answer.stderr and "INVALID_TOKEN" in answer.stderr


def test_a_wrong_api_key_is_told_and_not_shown(bench_gateway, tmp_path):
    key = tmp_path / "api.key"
    key.write_text(API_KEY + " but wrong")
    key.chmod(0o600)
    answer = usher("bench", "fanout", "--url", f"http://{bench_gateway.address}", "--subscribers", 2, "--messages", 2,
                         "--secret-file", bench_gateway.folder / "jwt.secret", "--api-key-file", key)
    assert answer.returncode == FAILED
    assert "publish: 401" in answer.stderr and API_KEY not in answer.stdout + answer.stderr


def serve_once(listening, answer):
    """Every connection gets `answer` to its first bytes."""
    def run():
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            connection.recv(4096)
            connection.sendall(answer)
    threading.Thread(target=run, daemon=True).start()


@pytest.fixture
def foreign_server():
    listening = socket.create_server(("127.0.0.1", 0))
    yield listening
    listening.close()


WRONG_ACCEPT = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n")


def test_a_wrong_accept_key_is_a_failed_handshake(foreign_server):
    serve_once(foreign_server, WRONG_ACCEPT)
    url = "ws://127.0.0.1:%d/" % foreign_server.getsockname()[1]
    answer = usher("bench", "connect", "--bare", "--url", url, "--count", 3, "--json")
    assert answer.returncode == FAILED
    assert json.loads(answer.stdout)["failed"] == 3 and "Sec-WebSocket-Accept" in answer.stderr


def test_a_server_that_is_not_there_is_told():
    answer = usher("bench", "connect", "--bare", "--url", "ws://127.0.0.1:9", "--count", 2)
    assert answer.returncode == FAILED and "refused" in answer.stderr


def test_a_server_that_says_nothing_runs_out_of_time(foreign_server):
    url = "ws://127.0.0.1:%d/" % foreign_server.getsockname()[1]
    answer = usher("bench", "connect", "--bare", "--url", url, "--count", 2, "--timeout", "200ms")
    assert answer.returncode == FAILED and "nothing happened any more" in answer.stderr


BAD = {
    "no mode": (),
    "an unknown mode": ("fly",),
    "a mode with a word too many": ("idle", "more"),
    "TLS": ("idle", "--url", "https://127.0.0.1:1"),
    "a URL that is none": ("idle", "--url", "nowhere"),
    "a timeout that is none": ("idle", "--timeout", "soon"),
    "a secret and no tickets": ("idle", "--bare", "--secret-file", "x"),
    "a fan-out that nobody publishes to": ("fanout",),
    "a broadcast without a path": ("fanout", "--bare"),
    "the server API of a foreign server": ("fanout", "--bare", "--publish", "api", "--publish-path", "/p"),
    "both a rate and a number in flight": ("fanout", "--rate", "5", "--in-flight", "5"),
    "no connections": ("connect", "--count", "0"),
    "no threads": ("connect", "--threads", "0"),
    "more threads than there may be": ("connect", "--threads", "65"),
    "threads without anything to do": ("echo", "--connections", "2", "--threads", "3"),
    "metrics over TLS": ("storm", "--command", "x", "--api-key-file", "k", "--admin", "https://127.0.0.1:1"),
    "a Redis over TLS": ("storm", "--command", "x", "--api-key-file", "k", "--redis", "rediss://127.0.0.1:1"),
    "a Redis without a port": ("storm", "--command", "x", "--api-key-file", "k", "--redis", "redis://127.0.0.1:"),
    "a storm of several threads": ("storm", "--command", "x", "--api-key-file", "k", "--threads", "2"),
}


@pytest.mark.parametrize("args", BAD.values(), ids=BAD)
def test_bad_usage_is_exit_code_2_with_a_word_on_stderr(args):
    answer = usher("bench", *args)
    assert (answer.returncode, answer.stdout) == (BAD_USAGE, ""), answer
    assert answer.stderr.strip()


@pytest.mark.parametrize("mode", ["connect", "idle", "fanout", "echo", "ticket", "storm"])
def test_each_mode_has_help(mode):
    answer = usher("bench", mode, "--help")
    assert answer.returncode == DONE and "--target-pid" in answer.stdout
