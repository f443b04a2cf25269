"""SIGHUP and SIGTERM on a running gateway: keys and certificates change, nobody is dropped; a goodbye for everybody."""

import signal
import socket
import ssl
import subprocess
import warnings

import pytest

from certificate import make_certificate
from gateway import SECRET, Gateway, make_jwt, to_toml, wait_until
from program import USHER, environment
from protocol import assert_alive
from raw_http import UPGRADE
from websocket import Closed, WebSocket, connect


def trusting(*certificates):
    context = ssl.create_default_context()
    for certificate in certificates:
        context.load_verify_locations(certificate)
    return lambda sock: context.wrap_socket(sock, server_hostname="localhost")


def served_name(gateway):
    """The common name in the certificate that a new connection gets."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((gateway.host, gateway.port), timeout=5) as raw:
        with context.wrap_socket(raw) as tls:
            der = tls.getpeercert(binary_form=True)
    shown = subprocess.run(["openssl", "x509", "-inform", "der", "-noout", "-subject"], input=der, capture_output=True,
                           check=True).stdout.decode()
    return shown.split("CN = ")[1].strip()


def tls_ticket(gateway, trust):
    """A ticket, asked for over TLS by hand."""
    with trust(socket.create_connection((gateway.host, gateway.port), timeout=10)) as tls:
        tls.sendall(f"POST /auth/ticket HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {gateway.token()}\r\n"
                    "Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while chunk := tls.recv(65536):
            answer += chunk
    return answer.split(b'"ticket":"')[1].split(b'"')[0].decode()


def test_a_new_certificate_is_served_and_no_connection_is_dropped(start_gateway, tmp_path):
    first_certificate, first_key = make_certificate(tmp_path, "first", "first.example")
    second_certificate, second_key = make_certificate(tmp_path, "second", "second.example")
    certificate, key = tmp_path / "live.crt", tmp_path / "live.key"
    certificate.write_bytes(first_certificate.read_bytes())
    key.write_bytes(first_key.read_bytes())
    key.chmod(0o600)
    gateway = start_gateway({"tls": {"certificate_file": str(certificate), "key_file": str(key)}})
    trust = trusting(first_certificate, second_certificate)
    assert served_name(gateway) == "first.example"
    old = WebSocket(gateway.address, f"/ws?ticket={tls_ticket(gateway, trust)}", wrap=trust)
    old.read_connect()

    certificate.write_bytes(second_certificate.read_bytes())
    key.write_bytes(second_key.read_bytes())
    gateway.signal(signal.SIGHUP)
    gateway.wait_for_line("keys and certificate reloaded")
    wait_until(lambda: served_name(gateway) == "second.example", "the new certificate")
    assert_alive(old)
    new = WebSocket(gateway.address, f"/ws?ticket={tls_ticket(gateway, trust)}", wrap=trust)
    new.read_connect()
    large = {"id": 2, "publish": {"channel": "x", "data": "y" * 60000}}
    new.send(large)  # more than one TLS record
    assert new.read_reply(2)["error"]["code"] in (102, 103)


def test_a_broken_certificate_changes_nothing(start_gateway, tmp_path):
    certificate, key = make_certificate(tmp_path, "live", "live.example")
    gateway = start_gateway({"tls": {"certificate_file": str(certificate), "key_file": str(key)}})
    certificate.write_text("not a certificate")
    gateway.signal(signal.SIGHUP)
    gateway.wait_for_line("reload failed, nothing was changed")
    assert served_name(gateway) == "live.example"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_spoken_and_older_ones_are_not(start_gateway, tmp_path, version):
    certificate, key = make_certificate(tmp_path, "live")
    gateway = start_gateway({"tls": {"certificate_file": str(certificate), "key_file": str(key)}})
    context = ssl.create_default_context(cafile=certificate)
    context.minimum_version = context.maximum_version = version
    ws = WebSocket(gateway.address, f"/ws?ticket={tls_ticket(gateway, trusting(certificate))}",
                   wrap=lambda sock: context.wrap_socket(sock, server_hostname="localhost"))
    ws.read_connect()
    assert ws.socket.version() == {ssl.TLSVersion.TLSv1_2: "TLSv1.2", ssl.TLSVersion.TLSv1_3: "TLSv1.3"}[version]

    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        WebSocket(gateway.address, "/ws", wrap=lambda sock: old.wrap_socket(sock))


def test_a_second_jwt_key_is_accepted_after_sighup_and_the_first_still_is(start_gateway):
    gateway = start_gateway()
    other = "another secret of at least thirty-two bytes"
    stays = connect(gateway)
    assert gateway.ask_ticket(make_jwt(gateway.claims(), other)).status == 401
    gateway.write_file("jwt.secret", other)
    gateway.signal(signal.SIGHUP)
    gateway.wait_for_line("keys and certificate reloaded")
    assert gateway.ask_ticket(make_jwt(gateway.claims(), other)).status == 200
    assert gateway.ask_ticket(make_jwt(gateway.claims(), SECRET)).status == 401
    assert_alive(stays)


def test_two_keys_at_once_are_accepted_for_rotation(start_gateway, tmp_path):
    other = "another secret of at least thirty-two bytes"
    old_file, new_file = tmp_path / "old.secret", tmp_path / "new.secret"
    for path, text in ((old_file, SECRET), (new_file, other)):
        path.write_text(text)
        path.chmod(0o600)
    gateway = start_gateway({"jwt": {"secret_file": [str(new_file), str(old_file)]}})
    for secret in (SECRET, other):
        assert gateway.ask_ticket(make_jwt(gateway.claims(), secret)).status == 200


def test_sigterm_says_goodbye_to_each_and_exits_0(start_gateway):
    gateway = start_gateway({"shutdown": {"timeout": "1s"}})
    clients = [connect(gateway, gateway.ticket(sessionId=f"s{i}")) for i in range(10)]
    gateway.signal(signal.SIGTERM)
    for client in clients:
        push = client.read()["push"]["disconnect"]
        assert push["code"] == 1001 and push["retry_after_ms"] > 0
        assert client.read_close() == (1001, "SERVER_SHUTDOWN")
        client.socket.close()
    assert gateway.process.wait(10) == 0


def test_while_draining_the_door_answers_503_and_readyz_says_why(start_gateway):
    gateway = start_gateway({"shutdown": {"timeout": "60s"}})
    first, second = connect(gateway), connect(gateway)
    token = gateway.token()
    gateway.signal(signal.SIGTERM)
    gateway.wait_until_not_ready()
    assert b"draining" in gateway.admin("/readyz").body
    assert gateway.admin("/healthz").status == 200
    answer = gateway.ask_ticket(token)
    assert (answer.status, answer.json()["code"]) == (503, "DRAINING")
    assert int(answer.headers["Retry-After"]) >= 1
    assert gateway.request("GET", "/ws?ticket=" + "0" * 32, UPGRADE).status == 503
    gateway.signal(signal.SIGTERM)  # the second one: at once
    assert gateway.process.wait(10) == 0
    for client in (first, second):
        with pytest.raises(Closed):
            while True:
                client.read()


def test_a_supervisor_is_told_when_it_serves_and_when_it_leaves(start_gateway, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(tmp_path / "notify"))
        supervisor.settimeout(10)
        gateway = start_gateway(env={"NOTIFY_SOCKET": str(tmp_path / "notify")})
        assert supervisor.recv(100) == b"READY=1"
        gateway.signal(signal.SIGTERM)
        assert supervisor.recv(100) == b"STOPPING=1"


# ---- signals that ask for nothing

DEADLY = sorted({signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF,
                 signal.SIGXFSZ, signal.SIGXCPU, signal.SIGIO, signal.SIGPWR, signal.SIGSTKFLT, signal.SIGTTOU,
                 signal.SIGTTIN, signal.SIGRTMIN, signal.SIGRTMIN + 3, signal.SIGRTMAX})


def test_a_signal_that_asks_for_nothing_does_nothing(start_gateway):
    gateway = start_gateway()
    client = connect(gateway)
    for number in DEADLY:
        gateway.signal(number)
        assert_alive(client)
    assert gateway.serves()
    gateway.signal(signal.SIGTERM)
    assert client.read()["push"]["disconnect"]["code"] == 1001
    client.socket.close()
    assert gateway.process.wait(10) == 0


def test_a_log_file_at_its_limit_ends_nobody(start_gateway, tmp_path):
    log = tmp_path / "usher.log"
    script = f"ulimit -f 8; exec \"$@\" 2>>{log}"  # 4 or 8 KiB, as the shell counts
    gateway = Gateway(tmp_path / "g", {"log": {"level": "debug"}, "server": {"listen": f"unix:{tmp_path / 'sock'}"}},
                      under=["sh", "-c", script, "sh"])
    gateway.write_file("usher.toml", to_toml(gateway.config))
    with subprocess.Popen([*gateway.under, gateway.binary, "serve", "--config", str(gateway.folder / "usher.toml")],
                          env=environment()) as process:
        try:
            wait_until(lambda: (tmp_path / "sock").exists(), "it to listen")

            def ask():
                with socket.socket(socket.AF_UNIX) as sock:
                    sock.connect(str(tmp_path / "sock"))
                    sock.sendall(b"POST /auth/ticket HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    return sock.recv(4096)
            before = 0
            for _ in range(200):
                assert ask().startswith(b"HTTP/1.1 401")
                before = log.stat().st_size
            assert before <= 8192
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_sighup_with_nothing_to_reload_is_no_end(tmp_path, number):
    process = subprocess.Popen([USHER, "serve", "--dev", "--set", "server.listen=127.0.0.1:0", "--set",
                                "admin.listen=127.0.0.1:0"], env=environment(), stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    try:
        lines = iter(process.stderr.readline, "")
        next(line for line in lines if "file limit" in line)
        for _ in range(3):
            process.send_signal(signal.SIGHUP)
            next(line for line in lines if "keys and certificate reloaded" in line)
        process.send_signal(number)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_a_sighup_before_it_serves_is_heard_when_it_does(start_gateway):
    """nohup and service managers are early; by default SIGHUP would end it."""
    gateway = start_gateway()
    gateway.stop()
    for _ in range(5):
        process = subprocess.Popen([USHER, "serve", "--config", str(gateway.folder / "usher.toml")], env=environment(),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        wait_until(lambda: ignores(process.pid, signal.SIGUSR1), "it to have begun")
        process.send_signal(signal.SIGHUP)
        try:
            next(line for line in iter(process.stderr.readline, "") if "keys and certificate reloaded" in line)
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            process.kill()
            process.wait()
            process.stderr.close()


def ignores(pid, number):
    with open(f"/proc/{pid}/status") as status:
        mask = next(line.split()[1] for line in status if line.startswith("SigIgn:"))
    return int(mask, 16) >> (number - 1) & 1 == 1
