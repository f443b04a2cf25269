"""TLS at the door: what is spoken, what is held open for nothing, and who may resume."""

import os
import signal
import socket
import subprocess
import time

import pytest

from certificate import make_certificate
from gateway import wait_until
from openssl_client import resumes, s_client
from program import DONE, FAILED, usher

VERSIONS = ["-tls1_2", "-tls1_3"]


def rsa_certificate(folder):
    certificate, key = folder / "rsa.crt", folder / "rsa.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                    "-days", "2", "-subj", "/CN=localhost"], check=True, capture_output=True)
    key.chmod(0o600)
    return certificate, key


def tls(certificate, key, **more):
    return {"tls": {"certificate_file": str(certificate), "key_file": str(key), **more}}


@pytest.fixture(params=["rsa", "ec"])
def door(request, start_gateway, tmp_path):
    pair = rsa_certificate(tmp_path) if request.param == "rsa" else make_certificate(tmp_path, "ec")
    return request.param, start_gateway(tls(*pair)).address


@pytest.mark.parametrize("family", ["kRSA", "kDHE", "SHA1", "SHA256+ECDHE", "SHA384+ECDHE", "AESCCM8", "ARIAGCM",
                                    "CAMELLIA", "NULL", "aNULL"])
def test_a_family_without_forward_secrecy_or_without_aead_is_not_spoken(door, family):
    offered = subprocess.run(["openssl", "ciphers", "-s", "-tls1_2", f"{family}:@SECLEVEL=0"], check=True,
                             capture_output=True, text=True).stdout
    assert offered.strip(), "this OpenSSL has none of them, so nothing is tested"
    answer = s_client(door[1], "-tls1_2", "-cipher", f"{family}:@SECLEVEL=0")
    assert not answer.done, answer


@pytest.mark.parametrize("bulk", ["AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305"])
def test_ecdhe_with_aead_is_spoken(door, bulk):
    name = f"ECDHE-{'RSA' if door[0] == 'rsa' else 'ECDSA'}-{bulk}"
    assert s_client(door[1], "-tls1_2", "-cipher", name).cipher == name


@pytest.mark.parametrize("suite", ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"])
def test_tls_1_3_is_spoken(door, suite):
    assert s_client(door[1], "-tls1_3", "-ciphersuites", suite).cipher == suite


@pytest.mark.parametrize("group, spoken", [("X25519", True), ("P-256", True), ("P-384", True), ("ffdhe8192", False)])
def test_keys_are_exchanged_on_curves_alone(door, group, spoken):
    assert s_client(door[1], "-tls1_3", "-groups", group).done == spoken


def closed_after(sock):
    began = time.monotonic()
    sock.settimeout(30)
    try:
        while sock.recv(4096):
            pass
    except ConnectionError:
        pass
    return time.monotonic() - began


HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"  # the first bytes of a record of 512


@pytest.mark.parametrize("begun", [b"", HELLO])
def test_a_handshake_that_does_not_go_on_is_closed_in_time(start_gateway, tmp_path, begun):
    gateway = start_gateway(tls(*make_certificate(tmp_path, "live")))
    with socket.create_connection((gateway.host, gateway.port)) as half_open:
        half_open.sendall(begun)
        assert 8 < closed_after(half_open) < 13


def test_a_handshake_that_trickles_gets_no_more_time(start_gateway, tmp_path):
    gateway = start_gateway(tls(*make_certificate(tmp_path, "live")))
    with socket.create_connection((gateway.host, gateway.port)) as slow:
        began = time.monotonic()
        slow.settimeout(0.5)
        ended = False
        for byte in HELLO + bytes(60):
            try:
                slow.sendall(bytes([byte]))
                ended = slow.recv(1) == b""
            except TimeoutError:
                continue
            except ConnectionError:
                ended = True
            if ended:
                break
        assert ended and time.monotonic() - began < 13


def test_half_open_handshakes_are_bounded_in_number(start_gateway, tmp_path):
    gateway = start_gateway({**tls(*make_certificate(tmp_path, "live")), "limits": {"half_open_per_address": 3}})
    held = [socket.create_connection((gateway.host, gateway.port)) for _ in range(3)]
    for sock in held:
        sock.sendall(HELLO)
    wait_until(lambda: gateway.metric("usher_sockets") > 3, "the three to be accepted, beside us")
    with socket.create_connection((gateway.host, gateway.port)) as fourth:
        assert closed_after(fourth) < 5
    for sock in held:
        sock.close()
    wait_until(lambda: s_client(gateway.address).done, "room again")


# ---- resumption

def ticket_key(path):
    assert usher("tlskey", path).returncode == DONE
    return str(path)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_resumes_after_a_sighup_without_any_file(start_gateway, tmp_path, version):
    gateway = start_gateway(tls(*make_certificate(tmp_path, "live")))
    assert resumes(gateway.address, gateway.address, tmp_path, version)
    saved = tmp_path / "before.pem"
    assert s_client(gateway.address, version, "-sess_out", saved).done
    gateway.signal(signal.SIGHUP)
    gateway.wait_for_line("keys and certificate reloaded")
    assert s_client(gateway.address, version, "-sess_in", saved).resumed


@pytest.mark.parametrize("version", VERSIONS)
def test_with_a_key_file_a_session_resumes_on_another_node_and_after_a_restart(start_gateway, tmp_path, version):
    config = tls(*make_certificate(tmp_path, "live"), session_ticket_key_files=[ticket_key(tmp_path / "ticket.key")])
    first, second = start_gateway(config), start_gateway(config)
    assert resumes(first.address, second.address, tmp_path, version)
    saved = tmp_path / "before.pem"
    assert s_client(first.address, version, "-sess_out", saved).done
    first.stop()
    assert s_client(start_gateway(config).address, version, "-sess_in", saved).resumed


@pytest.mark.parametrize("version", VERSIONS)
def test_keys_rotate_by_sighup_and_the_last_one_still_opens(start_gateway, tmp_path, version):
    current, previous = tmp_path / "current.key", tmp_path / "previous.key"
    ticket_key(current)
    ticket_key(previous)
    gateway = start_gateway(tls(*make_certificate(tmp_path, "live"),
                                session_ticket_key_files=[str(current), str(previous)]))
    saved, renewed = tmp_path / "s.pem", tmp_path / "renewed.pem"
    assert s_client(gateway.address, version, "-sess_out", saved).done

    def rotate(times):
        current.replace(previous)
        ticket_key(current)
        gateway.signal(signal.SIGHUP)
        wait_until(lambda: gateway.count_lines("keys and certificate reloaded") == times, "the reload")

    rotate(1)
    again = s_client(gateway.address, version, "-sess_in", saved, "-sess_out", renewed, "-msg")
    assert again.resumed and "NewSessionTicket" in again.output
    rotate(2)
    assert not s_client(gateway.address, version, "-sess_in", saved).resumed, "its key is gone"
    if version == "-tls1_3":  # s_client does not save a 1.2 session that it has resumed
        assert s_client(gateway.address, version, "-sess_in", renewed).resumed, "it was given a new ticket"


def test_a_resumed_session_is_one_of_this_key_only(start_gateway, tmp_path):
    pair = make_certificate(tmp_path, "live")
    one = start_gateway(tls(*pair, session_ticket_key_files=[ticket_key(tmp_path / "one.key")]))
    other = start_gateway(tls(*pair, session_ticket_key_files=[ticket_key(tmp_path / "other.key")]))
    for version in VERSIONS:
        assert not resumes(one.address, other.address, tmp_path, version)


@pytest.mark.parametrize("spoil, words", [
    (lambda path: path.write_bytes(os.urandom(48)), "has 48 bytes, and must have 80: make one with 'usher tlskey FILE'"),
    (lambda path: path.unlink(), "does not exist"),
    (lambda path: path.write_bytes((path.parent / "second.key").read_bytes()), "holds the same key as"),
])
def test_a_bad_key_file_is_named_and_at_a_reload_changes_nothing(start_gateway, tmp_path, spoil, words):
    files = [ticket_key(tmp_path / "first.key"), ticket_key(tmp_path / "second.key")]
    gateway = start_gateway(tls(*make_certificate(tmp_path, "live"), session_ticket_key_files=files))
    saved = tmp_path / "s.pem"
    assert s_client(gateway.address, "-tls1_3", "-sess_out", saved).done
    spoil(tmp_path / "first.key")
    gateway.signal(signal.SIGHUP)
    line = gateway.wait_for_line("reload failed, nothing was changed")
    assert words in line.replace("\\'", "'") and "first.key" in line + files[1] and "tls.session_ticket_key_files" in line
    assert s_client(gateway.address, "-tls1_3", "-sess_in", saved).resumed
    answer = usher("checkconfig", gateway.folder / "usher.toml")
    assert answer.returncode == FAILED and words in answer.stderr


def test_tlskey_makes_a_private_file_and_never_replaces_one(tmp_path):
    path = tmp_path / "ticket.key"
    assert usher("tlskey", path).returncode == DONE
    assert path.stat().st_size == 80 and path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    again = usher("tlskey", path)
    assert again.returncode == FAILED and "exists already" in again.stderr and path.read_bytes() == before
    out = subprocess.run([os.path.join(os.environ.get("USHER_BIN_DIR", "build/dev/bin"), "usher"), "tlskey", "-"],
                         capture_output=True)
    assert len(out.stdout) == 80 and out.stdout != before
