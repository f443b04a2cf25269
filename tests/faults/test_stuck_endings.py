"""SIGTERM and SIGHUP while something hangs: a terminal, a log that is not read, a hook, a name server, a disk, Redis."""

import fcntl
import os
import pathlib
import pty
import select
import shutil
import signal
import socket
import subprocess
import time

import pytest

from certificate import make_certificate
from gateway import wait_until
from program import USHER, environment, write_file
from redis_server import on_redis
from websocket import connect

TIMEOUT = 1.0    # shutdown.timeout
PATIENCE = 4.0   # beyond it: hooks 1 s, threads 2 s


def assert_ends(process, codes=(0,)):
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    try:
        code = process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        raise AssertionError("SIGTERM has no effect") from None
    took = time.monotonic() - began
    print(f"ended after {took:.2f} s")
    assert took < TIMEOUT + PATIENCE, f"SIGTERM took {took:.1f} s"
    assert code in codes
    return took


@pytest.fixture(scope="session")
def hanging_calls(tmp_path_factory):
    library = tmp_path_factory.mktemp("preload") / "hanging_calls.so"
    source = os.path.join(os.path.dirname(__file__), "hanging_calls.cc")
    subprocess.run(["c++", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library


@pytest.fixture
def hang(hanging_calls, tmp_path):
    """hang(NAMES="1", …): the environment of a gateway for which that hangs; `.count()`: how often it has."""
    report = tmp_path / "hangs"

    def env(**what):
        return {"LD_PRELOAD": str(hanging_calls), "USHER_HANG_REPORT": str(report),
                "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", ""),
                **{f"USHER_HANG_{name}": str(value) for name, value in what.items()}}

    env.count = lambda: len(report.read_text().splitlines()) if report.exists() else 0
    return env


# ---- the log, and the terminal

def full_pipe():
    """A pipe into which nothing fits any more, and which is not read."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, 1031, 4096)  # F_SETPIPE_SZ
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, b"x" * 512)
    except BlockingIOError:
        os.set_blocking(writing, True)
    return reading, writing


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as sock:
            sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return sock.recv(100).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


@pytest.mark.parametrize("stuck", ["stderr", "stdout", "both"])
def test_a_log_that_is_not_read(tmp_path, stuck):
    port = free_port()
    secret = write_file(tmp_path / "secret", "x" * 32)
    config = write_file(tmp_path / "usher.toml", f"""
[server]
listen = "127.0.0.1:0"
[admin]
listen = "127.0.0.1:{port}"
[client]
allowed_origins = []
[jwt]
secret_file = "{secret}"
[log]
level = "debug"
[shutdown]
timeout = "1s"
""")
    reading, writing = full_pipe()
    free = subprocess.DEVNULL
    process = subprocess.Popen([USHER, "serve", "--config", config], env=environment(),
                               stdout=free if stuck == "stderr" else writing, stderr=free if stuck == "stdout" else writing)
    try:
        wait_until(lambda: answers(port), "the gateway to serve")
        process.send_signal(signal.SIGHUP)
        assert_ends(process)
    finally:
        process.kill()
        process.wait()
        os.close(reading)
        os.close(writing)


def sleeps_in_write(pid):
    """Whether its main thread is in a write(2) to its standard output; numbers as on x86-64 and arm64."""
    words = pathlib.Path(f"/proc/{pid}/syscall").read_text().split()
    return words[:2] in (["1", "0x1"], ["64", "0x1"])


def test_a_terminal_that_takes_nothing_when_dev_prints_what_to_try(tmp_path):
    reading, writing = full_pipe()
    process = subprocess.Popen([USHER, "serve", "--dev", "--set", "server.listen=127.0.0.1:0", "--set",
                                "admin.listen=127.0.0.1:0"], env=environment(), stdout=writing, stderr=subprocess.PIPE)
    try:
        wait_until(lambda: sleeps_in_write(process.pid),
                   "it to wait for the pipe")
        assert_ends(process, (0, -signal.SIGTERM))
    finally:
        process.kill()
        process.wait()
        os.close(reading)
        os.close(writing)


def on_a_terminal(gateway):
    """The gateway of that folder again, now with a terminal; its pid, and what is read from the terminal."""
    gateway.stop()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(USHER, [USHER, "serve", "--config", str(gateway.folder / "usher.toml")], environment())
    return pid, terminal


def read_until(terminal, part, timeout=10.0):
    seen, deadline = b"", time.monotonic() + timeout
    while part not in seen:
        assert time.monotonic() < deadline, seen[-2000:]
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 65536)
    return seen


def encrypt(key):
    text = subprocess.run(["openssl", "pkey", "-in", key, "-aes256", "-passout", "pass:secret"], check=True,
                          capture_output=True).stdout
    key.write_bytes(text)


def test_nobody_is_asked_for_a_passphrase_at_sighup(start_gateway, tmp_path):
    certificate, key = make_certificate(tmp_path, "live")
    pid, terminal = on_a_terminal(start_gateway({"tls": {"certificate_file": str(certificate), "key_file": str(key)}}))
    try:
        read_until(terminal, b"file limit")
        encrypt(key)
        os.kill(pid, signal.SIGHUP)
        seen = read_until(terminal, b"reload failed, nothing was changed")
        seen += read_until(terminal, b"\n") if b"\n" not in seen.split(b"reload failed")[1] else b""
        assert b"is encrypted, and usher asks nobody for a passphrase" in seen and b"PEM pass phrase" not in seen
        began = time.monotonic()
        os.kill(pid, signal.SIGTERM)
        read_until(terminal, b"stopped")
        assert os.waitpid(pid, 0)[1] == 0 and time.monotonic() - began < TIMEOUT + PATIENCE
    finally:
        os.close(terminal)


@pytest.mark.parametrize("section", ["tls", "redis"])
@pytest.mark.parametrize("command", ["serve", "checkconfig"])
def test_nobody_is_asked_for_a_passphrase_at_the_start(start_gateway, tmp_path, command, section):
    certificate, key = make_certificate(tmp_path, "live")
    gateway = start_gateway()
    files = f'certificate_file = "{certificate}"\nkey_file = "{key}"\n'
    redis = '[engine]\ntype = "redis"\n[redis]\nurl = "rediss://127.0.0.1:1"\n' + files
    config = gateway.folder / "usher.toml"
    config.write_text(config.read_text() + (redis if section == "redis" else "[tls]\n" + files))
    encrypt(key)
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(USHER, [USHER, command, *(["--config"] if command == "serve" else []), str(config)], environment())
    try:
        seen = read_until(terminal, b"asks nobody for a passphrase")
        assert f"{section}.key_file".encode() in seen and b"PEM pass phrase" not in seen
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1
    finally:
        os.close(terminal)


# ---- files

@pytest.mark.parametrize("which", ["tls.crt", "tls.key", "jwt.secret", "api.key", "ticket.key"])
@pytest.mark.parametrize("become", [lambda path: os.mkfifo(path), lambda path: os.mkdir(path)], ids=["fifo", "folder"])
def test_a_file_that_became_something_else_at_sighup_is_named(start_gateway, tmp_path, which, become):
    certificate, key = make_certificate(tmp_path, "live")
    files = {"tls.crt": shutil.copy(certificate, tmp_path / "tls.crt"), "tls.key": shutil.copy(key, tmp_path / "tls.key"),
             "ticket.key": tmp_path / "ticket.key"}
    files["ticket.key"].write_bytes(os.urandom(80))
    files["ticket.key"].chmod(0o600)
    gateway = start_gateway({"tls": {"certificate_file": str(files["tls.crt"]), "key_file": str(files["tls.key"]),
                                     "session_ticket_key_files": [str(files["ticket.key"])]},
                             "shutdown": {"timeout": "1s"}})
    path = files.get(which, gateway.folder / which)
    os.unlink(path)
    become(path)
    gateway.signal(signal.SIGHUP)
    line = gateway.wait_for_line("reload failed, nothing was changed")
    assert str(path) in line and ("is a pipe" in line or "is a folder" in line)
    assert_ends(gateway.process)


def test_a_disk_that_hangs_at_sighup_holds_up_neither_clients_nor_the_end(start_gateway, tmp_path, hang):
    hangs_from = tmp_path / "from"
    gateway = start_gateway(env=hang(FILES="jwt.secret", FROM=hangs_from))
    client = connect(gateway)
    hangs_from.touch()
    gateway.signal(signal.SIGHUP)
    wait_until(lambda: hang.count() == 1, "the disk to hang")
    gateway.signal(signal.SIGHUP)
    gateway.wait_for_line("the files are being read still")
    assert gateway.serves()
    gateway.signal(signal.SIGTERM)
    assert client.read()["push"]["disconnect"]["code"] == 1001
    assert client.read_close() == (1001, "SERVER_SHUTDOWN")
    client.socket.close()
    assert_ends(gateway.process)


# ---- what others do not answer

@pytest.mark.parametrize("notified", [True, False])
def test_a_hook_that_hangs(start_gateway, tmp_path, notified):
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:  # accepts, and says nothing
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        hooks = {"rpc_url": url, **({"connected_url": url, "disconnected_url": url} if notified else {})}
        gateway = start_gateway({"hooks": {**hooks, "secret_file": [write_file(tmp_path / "hook", "s" * 32)],
                                           "timeout": "60s"}})
        client = connect(gateway)
        client.send({"id": 7, "rpc": {"method": "m", "data": {}}})
        gateway.signal(signal.SIGTERM)
        assert client.read()["push"]["disconnect"]["code"] == 1001
        client.socket.close()
        assert_ends(gateway.process)


@pytest.mark.parametrize("asks", ["hook", "key set"])
def test_a_name_server_that_hangs(start_gateway, tmp_path, hang, asks):
    config = {"hook": {"hooks": {"connected_url": "http://backend.example/",
                                 "secret_file": [write_file(tmp_path / "hook", "s" * 32)]}},
              "key set": {"jwt": {"jwks_url": "https://issuer.example/jwks", "issuer": "i", "audience": "a"}}}[asks]
    gateway = start_gateway(config, env=hang(NAMES="1"))
    client = None
    if asks == "hook":
        client = connect(gateway)
    wait_until(lambda: hang.count() >= 1, "a name to be looked up")
    gateway.signal(signal.SIGHUP)
    gateway.wait_for_line("keys and certificate reloaded")
    if client:
        client.socket.close()
    assert_ends(gateway.process)


def test_a_name_server_that_hangs_for_redis(start_gateway, hang):
    gateway = start_gateway(on_redis(url="redis://redis.example:6379"), env=hang(NAMES="1"))
    wait_until(lambda: hang.count() >= 1, "a name to be looked up")
    assert_ends(gateway.process)


def test_a_redis_that_hangs(start_ready, redis):
    gateway = start_ready(redis.url)
    client = connect(gateway)
    redis.pause()
    gateway.signal(signal.SIGTERM)
    assert client.read()["push"]["disconnect"]["code"] == 1001
    client.socket.close()
    assert_ends(gateway.process)


def test_a_supervisor_that_does_not_read(start_gateway, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor, \
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        supervisor.bind(str(tmp_path / "notify"))
        other.setblocking(False)
        with pytest.raises(BlockingIOError):
            while True:
                other.sendto(b"x", str(tmp_path / "notify"))
        gateway = start_gateway(env={"NOTIFY_SOCKET": str(tmp_path / "notify")})
        wait_until(gateway.serves, "it to serve")
        assert_ends(gateway.process)


def test_a_client_that_neither_reads_nor_leaves_has_its_time_and_no_more(start_gateway):
    gateway = start_gateway()
    client = connect(gateway)
    began = time.monotonic()
    gateway.signal(signal.SIGTERM)
    assert gateway.process.wait(30) == 0
    assert time.monotonic() - began < TIMEOUT + 13
    client.socket.close()
