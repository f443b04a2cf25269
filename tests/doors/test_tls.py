"""Tunnels over TLS: towards the client, towards the upstream, and both."""

import os
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor

import pytest

from certificate import make_certificate
from raw_http import UPGRADE, request_bytes
from raw_upstream import End, RawUpstream, answer, text, wait_for_no_tunnel
from websocket import BINARY, frame

MIB = 1 << 20


class TlsUpstream(RawUpstream):
    """Shows `certificate` to usher."""

    def __init__(self, certificate, key):
        super().__init__(host="localhost")
        self.url = self.url.replace("http:", "https:")
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.listener = self.context.wrap_socket(self.listener, server_side=True)


class Place:
    """A gateway with TLS on one or both sides, and the way to a tunnel."""

    def __init__(self, start_gateway, folder, sides, trusted="upstream"):
        ours, theirs = make_certificate(folder, "gateway"), make_certificate(folder, "upstream")
        self.upstream = TlsUpstream(*theirs) if "upstream" in sides else RawUpstream()
        tls = {"ca_file": str(theirs[0] if trusted == "upstream" else ours[0])} if "upstream" in sides else {}
        trust = None
        if "client" in sides:
            tls |= {"certificate_file": str(ours[0]), "key_file": str(ours[1])}
            trust = ssl.create_default_context(cafile=ours[0])
        self.gateway = start_gateway({"tls": tls, "upstreams": [self.upstream.upstream()]})
        self.gateway.tls = trust

    def knock(self):
        ticket = self.gateway.ticket()
        raw = socket.create_connection((self.gateway.host, self.gateway.port))
        client = End(self.gateway.tls.wrap_socket(raw, server_hostname="localhost") if self.gateway.tls else raw)
        client.send(request_bytes(f"GET /raw?ticket={ticket} HTTP/1.1", UPGRADE))
        return client

    def open(self):
        with ThreadPoolExecutor(1) as pool:
            accepted = pool.submit(self.upstream.accept)
            client = self.knock()
            assert client.take_head().startswith(b"HTTP/1.1 101 ")
            return client, accepted.result()

    def revoke(self):
        assert "result" in self.gateway.api("revoke", {"session": "s1", "ttl": 60})


@pytest.fixture(params=[("client",), ("upstream",), ("client", "upstream")], ids="+".join)
def place(request, start_gateway, tmp_path):
    made = Place(start_gateway, tmp_path, request.param)
    yield made
    made.upstream.close()


def test_bytes_pass_unchanged_over_tls_and_a_revocation_tells_both_ends(place):
    client, server = place.open()
    up, down = frame(BINARY, os.urandom(4 * MIB)), frame(BINARY, os.urandom(4 * MIB), mask=None)
    with ThreadPoolExecutor(1) as pool:
        for sender, receiver, data in [(client, server, up), (server, client, down)]:
            sending = pool.submit(sender.send, data, 50_021)
            receiver.expect(data)
            sending.result()
    client.send(text("a"), 1)
    server.expect(text("a"))
    place.revoke()
    client.expect_close(3520, "SESSION_REVOKED")
    server.expect_close(3520, "SESSION_REVOKED")
    server.expect_end()
    client.close()
    wait_for_no_tunnel(place.gateway)


def test_a_client_that_is_gone_ends_the_upstream_over_tls(place):
    client, server = place.open()
    client.close()
    server.expect_end()
    server.close()
    wait_for_no_tunnel(place.gateway)


def test_an_upstream_that_is_gone_ends_the_client_behind_its_last_byte_over_tls(place):
    client, server = place.open()
    last = frame(BINARY, os.urandom(MIB), mask=None) + answer("the end")
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(lambda: (server.send(last), server.close()))
        client.expect(last)
        sending.result()
    client.expect_end()
    wait_for_no_tunnel(place.gateway)


def test_an_upstream_with_a_certificate_that_is_not_trusted_is_unavailable(start_gateway, tmp_path):
    place = Place(start_gateway, tmp_path, ("upstream",), trusted="another")
    with ThreadPoolExecutor(1) as pool:
        accepted = pool.submit(place.upstream.accept)
        client = place.knock()
        assert client.take_head().startswith(b"HTTP/1.1 101 ")
        client.expect_close(1013, "UPSTREAM_UNAVAILABLE")
        with pytest.raises(OSError):
            accepted.result()
    place.upstream.close()
