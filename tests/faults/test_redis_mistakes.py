"""An operator names the wrong Redis, or the right one wrongly: what is said must lead to the mistake."""

import socket
import threading

import pytest

from certificate import make_certificate
from redis_server import RedisServer, free_port, on_redis


def why_down(start_gateway, config):
    gateway = start_gateway(config)
    line = gateway.wait_for_line("redis_down")
    assert "hunter2" not in gateway.log
    return line.replace("\\'", "'")


def test_tls_to_a_plain_port(redis, start_gateway):
    line = why_down(start_gateway, on_redis(url=f"rediss://127.0.0.1:{redis.port}"))
    assert "write redis:// instead of rediss://" in line


@pytest.fixture
def tls_redis(tmp_path):
    certificate, key = make_certificate(tmp_path, "redis")
    with RedisServer(tmp_path / "tls", f"tls-cert-file {certificate}", f"tls-key-file {key}", "tls-auth-clients no",
                     f"tls-ca-cert-file {certificate}").start() as server:
        port = free_port()
        server.call("CONFIG", "SET", "tls-port", port)
        yield port, certificate


def test_plain_to_a_tls_port(tls_redis, start_gateway):
    line = why_down(start_gateway, on_redis(url=f"redis://127.0.0.1:{tls_redis[0]}"))
    assert "write rediss:// instead of redis://" in line


def test_an_authority_that_is_not_believed_and_a_host_that_is_another(tls_redis, start_gateway):
    port, certificate = tls_redis
    line = why_down(start_gateway, on_redis(url=f"rediss://127.0.0.1:{port}"))
    assert "certificate verify failed" in line and "self-signed" in line and "tls.ca_file" in line
    # redis-server binds 127.0.0.1 alone: 127.0.0.2, this machine's too, leads there through a door of our own.
    door = socket.create_server(("127.0.0.2", 0))
    threading.Thread(target=relay, args=(door, port), daemon=True).start()
    other = {**on_redis(url=f"rediss://127.0.0.2:{door.getsockname()[1]}"), "tls": {"ca_file": str(certificate)}}
    try:
        assert "its certificate is not one of the host '127.0.0.2'" in why_down(start_gateway, other)
    finally:
        door.close()


def relay(door, port):
    def pump(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
        except OSError:
            pass
        finally:
            b.close()
    while True:
        try:
            near, _ = door.accept()
        except OSError:
            return
        far = socket.create_connection(("127.0.0.1", port))
        for pair in ((near, far), (far, near)):
            threading.Thread(target=pump, args=pair, daemon=True).start()


def start_sentinel(folder, master_port):
    return RedisServer(folder, f"sentinel monitor main 127.0.0.1 {master_port} 1", sentinel=True).start()


@pytest.mark.parametrize("path", ["", "/3"])
def test_a_sentinel_given_as_the_redis(redis, start_gateway, tmp_path, path):
    with start_sentinel(tmp_path / "sentinel", redis.port) as sentinel:
        line = why_down(start_gateway, on_redis(url=sentinel.url + path))
        assert "it is a Sentinel; name it in redis.sentinels" in line


def test_a_redis_given_as_the_sentinel(redis, start_gateway):
    line = why_down(start_gateway, on_redis(sentinels=[f"127.0.0.1:{redis.port}"], master="main"))
    assert "it is no Sentinel but a Redis; name it in redis.url" in line


def test_a_master_that_the_sentinels_do_not_know(redis, start_gateway, tmp_path):
    with start_sentinel(tmp_path / "sentinel", redis.port) as sentinel:
        line = why_down(start_gateway, on_redis(sentinels=[f"127.0.0.1:{sentinel.port}"], master="mian"))
        assert "it knows no master of that name, 'mian' (redis.master)" in line


@pytest.mark.parametrize("required, given, words", [
    ("hunter2", "", "it wants a password"),
    ("hunter2", ":hunter22@", "user or password refused: WRONGPASS"),
    ("hunter2", "nobody:hunter2@", "user or password refused: WRONGPASS"),
    ("", ":hunter2@", "this Redis has none set"),
])
def test_passwords(redis, start_gateway, required, given, words):
    redis.call("CONFIG", "SET", "requirepass", required)
    assert words in why_down(start_gateway, on_redis(url=f"redis://{given}127.0.0.1:{redis.port}"))


def test_a_sentinel_that_wants_a_password(redis, start_gateway, tmp_path):
    with RedisServer(tmp_path / "sentinel", f"sentinel monitor main 127.0.0.1 {redis.port} 1", "requirepass hunter2",
                     sentinel=True).start() as sentinel:
        for given, words in (("", "it wants a password"), ("redis://:hunter22@", "user or password refused")):
            line = why_down(start_gateway, on_redis(sentinels=[f"{given}127.0.0.1:{sentinel.port}"], master="main"))
            assert words in line


def test_a_database_that_there_is_not(redis, start_gateway):
    assert "DB index is out of range" in why_down(start_gateway, on_redis(url=f"{redis.url}/99"))


def test_a_node_of_a_cluster(start_gateway, tmp_path):
    with RedisServer(tmp_path / "cluster", "cluster-enabled yes", f"cluster-port {free_port()}").start() as node:
        assert "it is a node of a Redis Cluster" in why_down(start_gateway, on_redis(url=node.url))


def test_a_port_where_something_else_answers(start_gateway):
    with socket.create_server(("127.0.0.1", 0)) as web:
        threading.Thread(target=answer_as_a_web_server, args=(web,), daemon=True).start()
        line = why_down(start_gateway, on_redis(url=f"redis://127.0.0.1:{web.getsockname()[1]}"))
        assert "an HTTP server, and no Redis" in line


def answer_as_a_web_server(door):
    while True:
        try:
            with door.accept()[0] as sock:
                sock.recv(4096)
                sock.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        except OSError:
            return


def test_a_port_where_nothing_answers(start_gateway):
    with socket.create_server(("127.0.0.1", 0), backlog=16) as silent:
        port = silent.getsockname()[1]
        line = why_down(start_gateway, on_redis(url=f"redis://127.0.0.1:{port}"))
        assert "no answer within 1000 ms to the first commands" in line


@pytest.mark.parametrize("spoil, key, words", [
    (lambda c, k, other: k.write_bytes(other.read_bytes()), "redis.key_file", "is the key of another certificate"),
    (lambda c, k, other: c.write_bytes(other.read_bytes()), "redis.certificate_file", "are the files of certificate and key swapped?"),
])
def test_a_client_certificate_that_can_t_be_used(start_gateway, tmp_path, spoil, key, words):
    certificate, private = make_certificate(tmp_path, "mine")
    spoil(certificate, private, make_certificate(tmp_path, "other")[1])
    config = on_redis(url="rediss://127.0.0.1:1", certificate_file=str(certificate), key_file=str(private))
    with pytest.raises(AssertionError) as failure:
        start_gateway(config)
    assert key in str(failure.value) and words in str(failure.value)
