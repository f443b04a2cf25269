"""IPv6, unix sockets, several listeners, proxies in between."""

import grp
import os
import socket

import pytest
from gateway import ORIGIN, SECRET, to_toml, wait_until
from program import FAILED, usher, write_file
from websocket import WebSocket


@pytest.fixture
def config_file(tmp_path):
    """config_file(**sections): the least that starts, with these sections' keys over it."""

    def make(**sections):
        config = {"server": {"listen": "127.0.0.1:0"}, "admin": {"listen": "127.0.0.1:0"},
                  "client": {"allowed_origins": [ORIGIN]},
                  "jwt": {"secret_file": write_file(tmp_path / "secret", SECRET)}}
        for section, keys in sections.items():
            config[section] = {**config.get(section, {}), **keys}
        return write_file(tmp_path / "usher.toml", to_toml(config), 0o644)

    return make


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


# ---- unix sockets: who may connect

@pytest.mark.parametrize("mode, shown", [(None, 0o666), ("0660", 0o660), ("600", 0o600), ("0777", 0o777)])
def test_a_unix_socket_has_the_mode_that_is_configured_whatever_the_umask(start_gateway, tmp_path, mode, shown):
    group = grp.getgrgid(os.getegid()).gr_name
    paths = [tmp_path / name for name in ("clients", "api", "admin")]
    before = os.umask(0o077)  # as the packaged unit's
    try:
        start_gateway({"server": {"listen": ["127.0.0.1:0", f"unix:{paths[0]}"], "unix_mode": mode, "unix_group": group},
                       "api": {"listen": f"unix:{paths[1]}"}, "admin": {"listen": f"unix:{paths[2]}"}})
    finally:
        os.umask(before)
    for path in paths:
        status = path.stat()
        assert (oct(status.st_mode & 0o777), status.st_gid) == (oct(shown), os.getegid()), path


@pytest.mark.parametrize("mode", ["0800", "1777", "rw-rw----", "66", "00660", ""])
def test_a_mode_that_is_none_is_a_sentence(config_file, mode):
    answer = usher("checkconfig", config_file(server={"unix_mode": mode}))
    assert answer.returncode == FAILED and 'server.unix_mode must be an octal file mode like "0660"' in answer.stderr


def test_a_group_that_is_none_is_a_sentence(config_file, tmp_path):
    path = config_file(server={"listen": f"unix:{tmp_path / 'sock'}", "unix_group": "no-such-group"})
    answer = usher("serve", "--config", path)
    assert answer.returncode == FAILED and "server.unix_group 'no-such-group' is no group" in answer.stderr
    assert not (tmp_path / "sock").exists()
    answer = usher("checkconfig", path)
    assert answer.returncode == FAILED and "server.unix_group 'no-such-group' is no group" in answer.stderr


# ---- one port, both families

def knocks(family, address):
    with socket.socket(family) as sock:
        sock.settimeout(5)
        sock.connect(address)
        sock.sendall(b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return sock.recv(100).startswith(b"HTTP/1.1 404")


def free_port():
    with socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("listen", [["0.0.0.0:{}", "[::]:{}"], ["[::]:{}", "0.0.0.0:{}"], ["127.0.0.1:{}", "[::]:{}"],
                                    ["[::]:{}"]], ids=str)
def test_ipv4_and_ipv6_share_a_port_in_any_order(start_gateway, listen):
    port = free_port()
    start_gateway({"server": {"listen": [address.format(port) for address in listen]}})
    assert knocks(socket.AF_INET, ("127.0.0.1", port)) and knocks(socket.AF_INET6, ("::1", port))


def test_ipv4_and_ipv6_share_a_port_also_across_listeners(start_gateway):
    port = free_port()
    gateway = start_gateway({"server": {"listen": f"[::]:{port}"}, "admin": {"listen": f"127.0.0.1:{port}"}})
    assert gateway.admin("/healthz").status == 200
    assert knocks(socket.AF_INET6, ("::1", port))
