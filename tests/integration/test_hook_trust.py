"""Why a backend may believe a hook, and usher a backend: signatures, their secrets, certificates (docs/hooks.md)."""

import base64
import json
import re
import signal
import ssl
import subprocess
import time

import pytest

from certificate import make_certificate
from hook_server import SECRETS, HookServer, hooked
from program import ROOT
from protocol import ask, error
from websocket import connect


def verifiers():
    """The documentation's snippets, as functions of (secret, headers, body)."""
    blocks = re.findall(r"```(python|js)\n(.*?)```", (ROOT / "docs/hooks.md").read_text(), re.S)
    code = dict(blocks)
    scope = {}
    exec(code["python"], scope)

    def node(secret, headers, body):
        script = code["js"] + """
const [secret, headers, body] = JSON.parse(process.argv[1]);
console.log(isFromUsher(secret, headers, Buffer.from(body, "base64")));"""
        argument = json.dumps([secret.decode(), {k.lower(): v for k, v in headers.items()},
                               base64.b64encode(body).decode()])
        done = subprocess.run(["node", "--input-type=module", "-e", script, argument], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip() == "true"

    return {"python": scope["is_from_usher"], "node": node}


@pytest.mark.parametrize("language", ["python", "node"])
def test_signatures_are_verified_by_the_documentations_code(start_gateway, backend, tmp_path, language):
    server = backend(lambda hit: (200, '{"data":null}'))
    gateway = hooked(start_gateway, server, tmp_path, ["rpc"])
    ask(connect(gateway), "rpc", method="m", data={"x": "\u00fc"})
    hit = server.hits[0]
    headers = dict(hit.headers.items())
    is_from_usher = verifiers()[language]
    for secret in SECRETS:
        assert is_from_usher(secret.encode(), headers, hit.body)
    assert not is_from_usher(b"a secret that nobody has configured here", headers, hit.body)
    assert not is_from_usher(SECRETS[0].encode(), headers, hit.body + b" ")
    for name in ["ce-id", "ce-type", "ce-source", "ce-time", "ce-subject"]:
        assert not is_from_usher(SECRETS[0].encode(), {**headers, name: headers[name] + "0"}, hit.body), name
    signature = headers["X-Usher-Signature"]
    without = re.sub(r",v2=[0-9a-f]+", "", signature)
    assert not is_from_usher(SECRETS[0].encode(), {**headers, "X-Usher-Signature": without}, hit.body)
    old = re.sub(r"t=\d+", f"t={int(time.time()) - 1000}", signature)
    assert not is_from_usher(SECRETS[0].encode(), {**headers, "X-Usher-Signature": old}, hit.body)
    assert not is_from_usher(SECRETS[0].encode(), {**headers, "X-Usher-Signature": ""}, hit.body)


def test_a_hook_over_https_must_have_a_certificate_that_is_believed(start_gateway, tmp_path):
    certificate, key = make_certificate(tmp_path, "backend")
    server = HookServer(lambda hit: (200, '{"data":"over TLS"}'))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
    url = f"https://localhost:{server.port}/rpc"
    try:
        trusting = start_gateway({"hooks": {"rpc_url": url}, "tls": {"ca_file": str(certificate)}})
        ws = connect(trusting)
        for _ in range(10):
            assert ask(ws, "rpc", method="m") == {"rpc": {"data": "over TLS"}}
        assert len({hit.peer for hit in server.hits}) <= 3  # one handshake, and some patience with a busy machine
        doubting = start_gateway({"hooks": {"rpc_url": url}})
        assert error(connect(doubting), "rpc", method="m") == (100, True)
        assert "certificate" in doubting.wait_for_line("hook failed")
    finally:
        server.stop()


def test_a_new_secret_is_read_on_sighup(start_gateway, backend, tmp_path):
    server = backend(lambda hit: (200, '{"data":1}'))
    gateway = hooked(start_gateway, server, tmp_path, ["rpc"])
    (tmp_path / "hook0.secret").write_text("a third secret, which is new, of 32 bytes or more")
    gateway.signal(signal.SIGHUP)
    gateway.wait_for_line("keys and certificate reloaded")
    ask(connect(gateway), "rpc", method="m")
    hit = server.hits[-1]
    check = verifiers()["python"]
    assert check(b"a third secret, which is new, of 32 bytes or more", hit.headers, hit.body)
    assert not check(SECRETS[0].encode(), hit.headers, hit.body)
