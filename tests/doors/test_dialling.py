"""Before the upstream has answered, and what ends a tunnel besides its ends: who leaves, who is revoked, and an upstream that says nothing, too much or nonsense."""

import signal
import socket

import pytest

from raw_http import UPGRADE, request_bytes
from raw_upstream import End, answer, open_tunnel, text, wait_for_no_tunnel
from websocket import BINARY, frame


def knock(gateway, early=b"", session="s1"):
    """A client that has sent its upgrade."""
    client = End(socket.create_connection((gateway.host, gateway.port)))
    client.send(request_bytes(f"GET /raw?ticket={gateway.ticket(sessionId=session)} HTTP/1.1", UPGRADE) + early)
    return client


def silent_upstream(upstream, start_gateway, **keys):
    """(gateway, client, the upstream's socket, which has the request and has not answered)"""
    gateway = start_gateway({"upstreams": [upstream.upstream(**keys)]})
    client = knock(gateway)
    server = End(upstream.listener.accept()[0])
    server.take_head()
    return gateway, client, server


def expect_refusal(client, code, reason):
    assert client.take_head().startswith(b"HTTP/1.1 101 ")
    client.expect_close(code, reason)
    client.finish_sending()
    client.expect_end()


UNAVAILABLE = (1013, "UPSTREAM_UNAVAILABLE")


def test_an_upstream_that_does_not_answer_in_time_is_unavailable(upstream, start_gateway):
    gateway, client, server = silent_upstream(upstream, start_gateway, connect_timeout="1s")
    expect_refusal(client, *UNAVAILABLE)
    server.expect_end()


def test_one_that_answers_too_slowly_is_unavailable_though_it_never_falls_silent(upstream, start_gateway):
    gateway, client, server = silent_upstream(upstream, start_gateway, connect_timeout="1s")
    client.socket.settimeout(0.05)
    for byte in b"HTTP/1.1 101 Switching Protocols\r\nX: " + b"y" * 1000:
        try:
            server.send(bytes([byte]))
            client.received += client.socket.recv(1)
            break
        except TimeoutError:
            continue
        except ConnectionError:
            break
    client.socket.settimeout(10)
    expect_refusal(client, *UNAVAILABLE)


def test_a_head_without_end_is_not_kept(upstream, start_gateway):
    gateway, client, server = silent_upstream(upstream, start_gateway)
    with pytest.raises(ConnectionError):
        server.send(b"HTTP/1.1 101 Switching Protocols\r\n")
        for _ in range(1000):
            server.send(b"X-Filler: " + b"y" * 10_000 + b"\r\n")
    expect_refusal(client, *UNAVAILABLE)


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 101 Swit"])
def test_an_upstream_that_ends_before_its_answer_is_unavailable(upstream, start_gateway, how, said):
    gateway, client, server = silent_upstream(upstream, start_gateway)
    if said:
        server.send(said)
    getattr(server, how)()
    expect_refusal(client, *UNAVAILABLE)


def test_an_upstream_that_ends_right_behind_its_101_ends_the_client(upstream, start_gateway):
    gateway = start_gateway({"upstreams": [upstream.upstream()]})
    client = knock(gateway)
    upstream.accept(greeting=answer("last words")).close()
    assert client.take_head().startswith(b"HTTP/1.1 101 ")
    client.expect(answer("last words"))
    client.expect_end()
    wait_for_no_tunnel(gateway)


@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_client_that_leaves_meanwhile_ends_the_upstream(upstream, start_gateway, how):
    gateway, client, server = silent_upstream(upstream, start_gateway)
    getattr(client, how)()
    server.expect_end()


def test_a_revocation_meanwhile_is_told_at_once(upstream, start_gateway):
    gateway, client, server = silent_upstream(upstream, start_gateway)
    assert "result" in gateway.api("revoke", {"session": "s1", "ttl": 60})
    expect_refusal(client, 3520, "SESSION_REVOKED")
    server.expect_end()


def test_a_drain_meanwhile_is_told_at_once(upstream, start_gateway):
    gateway, client, server = silent_upstream(upstream, start_gateway, connect_timeout="30s")
    gateway.signal(signal.SIGTERM)
    expect_refusal(client, 1001, "SERVER_SHUTDOWN")
    server.expect_end()
    assert gateway.process.wait(10) == 0


def test_whatever_a_client_sends_meanwhile_arrives(upstream, start_gateway):
    """More than usher holds for it: it is read further when the upstream has answered."""
    gateway = start_gateway({"upstreams": [upstream.upstream()]})
    early = text("early") + frame(BINARY, bytes(range(256)) * 2000)
    client = knock(gateway, early)
    server = upstream.accept()
    server.expect(early)
    assert client.take_head().startswith(b"HTTP/1.1 101 ")
    client.close()


def test_the_oldest_tunnel_of_a_session_gives_way_to_one_more(upstream, start_gateway):
    gateway = start_gateway({"upstreams": [upstream.upstream()], "limits": {"connections_per_session": 2}})
    ends = [open_tunnel(gateway, upstream) for _ in range(3)]
    ends[0][0].expect_close(3504, "CONNECTION_LIMIT")
    ends[0][1].expect_close(3504, "CONNECTION_LIMIT")
    for client, server in ends[1:]:
        client.send(text("still here"))
        server.expect(text("still here"))
        client.close()


def test_a_tunnel_is_idle_when_neither_end_speaks(upstream, start_gateway):
    gateway = start_gateway({"upstreams": [upstream.upstream(idle_timeout="1s")]})
    client, server = open_tunnel(gateway, upstream)
    client.expect_close(1001, "IDLE")
    server.expect_close(1001, "IDLE")


def test_a_backend_ends_one_tunnel_by_the_id_that_the_upstream_was_told(upstream, start_gateway):
    gateway = start_gateway({"upstreams": [upstream.upstream()]})
    (client, server), (other_client, other_server) = [open_tunnel(gateway, upstream) for _ in range(2)]
    told = server.fields["X-Usher-Client"]
    assert told != other_server.fields["X-Usher-Client"]
    assert "result" in gateway.api("disconnect", {"session": "s1", "client": told})
    client.expect_close(3503, "FORCE_DISCONNECT")
    server.expect_close(3503, "FORCE_DISCONNECT")
    other_client.send(text("still here"))
    other_server.expect(text("still here"))
    other_client.close()
