"""IPv6, unix sockets, several listeners, proxies in between."""

import socket

import pytest
from gateway import wait_until
from websocket import WebSocket


def unix_request(path, data):
    with socket.socket(socket.AF_UNIX) as raw:
        raw.settimeout(5)
        raw.connect(path)
        raw.sendall(data)
        received = b""
        while chunk := raw.recv(65536):
            received += chunk
        return received


def test_tcp_ipv6_and_a_unix_socket_serve_the_same_gateway(start_gateway, tmp_path):
    path = str(tmp_path / "usher.sock")
    gateway = start_gateway({"server": {"listen": ["127.0.0.1:0", "[::1]:0", f"unix:{path}"]}})
    assert len(gateway.addresses) == 3
    for address in gateway.addresses:
        ws = WebSocket(address, f"/ws?ticket={gateway.ticket()}")
        assert ws.read_connect()["session"] == "s1"
        ws.close()
    answer = unix_request(path, b"POST /auth/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_a_stale_unix_socket_is_replaced(start_gateway, tmp_path):
    path = str(tmp_path / "usher.sock")
    config = {"server": {"listen": ["127.0.0.1:0", f"unix:{path}"]}}
    first = start_gateway(config)
    first.kill()
    second = start_gateway(config)
    assert WebSocket(f"unix:{path}", f"/ws?ticket={second.ticket()}").read_connect()


@pytest.mark.parametrize("trusted, forwarded, buckets", [
    ([], ["198.51.100.1", "198.51.100.2"], 1),
    (["127.0.0.1"], ["198.51.100.1", "198.51.100.2"], 2),
    (["127.0.0.1"], ["6.6.6.6, 198.51.100.1", "7.7.7.7, 198.51.100.1"], 1),
    (["127.0.0.1"], ["2001:db8:1:1::1", "2001:db8:1:1::2"], 1),
    (["127.0.0.1"], ["2001:db8:1:1::1", "2001:db8:1:2::1"], 2),
])
def test_the_client_behind_a_trusted_proxy_has_its_own_bucket(start_gateway, trusted, forwarded, buckets):
    gateway = start_gateway({"server": {"trusted_proxies": trusted}, "limits": {"tokens_per_address": "1/10m"}})
    passed = sum(gateway.request("POST", "/auth/token", {"X-Forwarded-For": value}).status == 200 for value in forwarded)
    assert passed == buckets


def test_a_port_that_somebody_holds_is_a_sentence_and_exit_1(start_gateway):
    first = start_gateway()
    second = None
    with pytest.raises(AssertionError) as failure:
        second = start_gateway({"server": {"listen": first.address}})
    assert second is None
    assert "another process already does" in str(failure.value)
    wait_until(first.serves, "the first to go on")
