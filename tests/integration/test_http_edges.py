"""What HTTP allows and few send: forms of targets, versions, codings, trailers, empty lines, names of hosts (RFC 9112)."""

import socket
import time

import pytest

from gateway import API_KEY, Answer
from raw_http import UPGRADE, exchange, request_bytes

CHUNKED = [("Host", "usher"), ("Connection", "close"), ("X-API-Key", API_KEY)]
CLOSE = {"Host": "usher", "Connection": "close"}


def status_of(gateway, first_line, fields=None, extra=b"", before=b""):
    head = request_bytes(first_line, fields or CLOSE)
    with socket.create_connection((gateway.host, gateway.port), timeout=10) as s:
        s.sendall(before + head + extra)
        answer = b""
        while data := s.recv(65536):
            answer += data
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize("target", ["http://usher/auth/token", "HTTP://usher:8080/auth/token?x=1",
                                    "https://push.example.com/auth/token", "http://[::1]:80/auth/token"])
def test_an_absolute_target_is_its_path(gateway, target):
    assert status_of(gateway, f"POST {target} HTTP/1.1") == 200


@pytest.mark.parametrize("target", ["http://user@usher/auth/token", "ws://usher/auth/token", "http:///auth/token",
                                    "usher:80", "*", "http://usher/auth/token#x", "http://a b/", "//"])
def test_a_target_that_two_readers_could_take_differently_is_refused(gateway, target):
    assert status_of(gateway, f"POST {target} HTTP/1.1") == (404 if target == "//" else 400)


def test_an_absolute_target_in_a_handshake_opens_a_socket(gateway):
    with socket.create_connection((gateway.host, gateway.port), timeout=10) as s:
        s.sendall(request_bytes(f"GET http://usher/ws?ticket={gateway.ticket()} HTTP/1.1", {**UPGRADE, "Host": "other"}))
        assert s.recv(65536).startswith(b"HTTP/1.1 101")


def test_options_asks_about_the_server_too(gateway):
    status, head, _ = exchange(gateway, "OPTIONS * HTTP/1.1", CLOSE)
    assert status == 204 and "allow: get, head, post, options" in head
    assert status_of(gateway, "OPTIONS http://usher HTTP/1.1") == 204


@pytest.mark.parametrize("version, status", [("HTTP/1.0", 200), ("HTTP/1.1", 200), ("HTTP/1.2", 200), ("HTTP/1.9", 200),
                                             ("HTTP/2.0", 505), ("HTTP/3.0", 505), ("HTTP/0.9", 505),
                                             ("HTTP/1.10", 400), ("http/1.1", 400), ("HTTP/1", 400)])
def test_the_major_version_counts(gateway, version, status):
    assert status_of(gateway, f"POST /auth/token {version}") == status


def test_what_speaks_http_2_at_once_is_told_that_it_is_not_spoken(gateway):
    status, head, body = exchange(gateway, "PRI * HTTP/2.0", {}, b"SM\r\n\r\n")
    assert status == 505 and b"VERSION_NOT_SUPPORTED" in body and "connection: close" in head


@pytest.mark.parametrize("lines, status", [(0, 200), (1, 200), (4, 200), (5, 400)])
def test_empty_lines_before_a_request_are_passed_over_up_to_four(gateway, lines, status):
    assert status_of(gateway, "POST /auth/token HTTP/1.1", before=b"\r\n" * lines) == status


def test_an_empty_line_behind_a_body_does_not_harm_the_next_request(gateway):
    first = request_bytes("POST /auth/token HTTP/1.1", [("Host", "usher"), ("Content-Length", "2")]) + b"{}\r\n"
    with socket.create_connection((gateway.host, gateway.port), timeout=10) as s:
        s.sendall(first + request_bytes("POST /auth/token HTTP/1.1", CLOSE))
        answer = b""
        while data := s.recv(65536):
            answer += data
    assert answer.count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize("coding, status", [("chunked", 200), ("Chunked", 200), ("CHUNKED", 200), ("gzip, chunked", 400),
                                            ("chunked, chunked", 400), ("chunked;q=1", 400), ("xchunked", 400)])
def test_the_name_of_a_coding_has_no_case(gateway, coding, status):
    assert status_of(gateway, "POST /api/info HTTP/1.1", [*CHUNKED, ("Transfer-Encoding", coding)],
                     b"2\r\n{}\r\n0\r\n\r\n") == status


@pytest.mark.parametrize("trailers, status", [
    (b"", 200), (b"X-Checksum: abc\r\n", 200), (b"Expires: x\r\nServer-Timing: y\r\n", 200),
    (b"X: " + b"y" * 4000 + b"\r\n", 200), (b"X: " + b"y" * 4096 + b"\r\n", 400), (b"X: y\r\n" * 4000, 400),
    (b"Content-Length: 5\r\n", 400), (b"Transfer-Encoding: chunked\r\n", 400), (b"Host: evil\r\n", 400),
    (b"no field\r\n", 400), (b" X: y\r\n", 400), (b"X: y\n", 400)])
def test_trailers_are_passed_over_unless_they_could_mislead(gateway, trailers, status):
    assert status_of(gateway, "POST /api/info HTTP/1.1", [*CHUNKED, ("Transfer-Encoding", "chunked")],
                     b"2\r\n{}\r\n0\r\n" + trailers + b"\r\n") == status


@pytest.mark.parametrize("host, status", [("", 200), ("usher", 200), ("a b", 400), ("user@usher", 400), (None, 400)])
def test_a_host_may_be_empty_but_not_missing(gateway, host, status):
    assert status_of(gateway, "POST /auth/token HTTP/1.1", {"Host": host, "Connection": "close"}) == status


def test_a_handshake_names_its_host(gateway):
    status, _, _ = exchange(gateway, f"GET /ws?ticket={gateway.ticket()} HTTP/1.1", {**UPGRADE, "Host": ""})
    assert status == 400


def test_an_idle_connection_is_kept_for_as_long_as_is_configured(start_gateway):
    gateway = start_gateway({"server": {"keep_alive": "1s"}})
    with socket.create_connection((gateway.host, gateway.port), timeout=10) as s:
        began = time.monotonic()
        for _ in range(2):
            s.sendall(request_bytes("POST /auth/token HTTP/1.1", {"Host": "usher"}))
            assert s.recv(65536).startswith(b"HTTP/1.1 200")
        assert s.recv(1) == b"" and time.monotonic() - began >= 0.9


# ---- by which names the operator's listener answers ----


def ask_admin(gateway, host, path="/readyz"):
    answer = gateway.request("GET", path, {"Host": host}, address=gateway.admin_address)
    assert isinstance(answer, Answer)
    return answer.status


@pytest.mark.parametrize("host, status", [("127.0.0.1:8081", 200), ("localhost", 200), ("10.0.0.7:1", 200),
                                          ("[::1]:8081", 200), ("evil.example:8081", 403), ("127.0.0.1.nip.io", 403),
                                          ("usher", 200), ("evil.example.", 403)])
def test_the_admin_listener_answers_to_addresses_and_names_of_this_machine(gateway, host, status):
    for path in ["/readyz", "/healthz", "/metrics"]:
        assert ask_admin(gateway, host, path) == status


def test_more_names_of_the_admin_listener_are_configured(start_gateway):
    gateway = start_gateway({"admin": {"allowed_hosts": ["usher.Monitoring.svc"]}})
    assert ask_admin(gateway, "Usher.monitoring.svc:8081") == 200
    assert ask_admin(gateway, "other.monitoring.svc:8081") == 403


def test_an_absolute_target_does_not_get_round_the_admin_listeners_names(gateway):
    host, port = gateway.admin_address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=10) as s:
        s.sendall(request_bytes("GET http://evil.example/metrics HTTP/1.1", {"Host": "localhost"}))
        assert s.recv(65536).startswith(b"HTTP/1.1 403")
