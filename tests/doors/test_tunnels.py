"""What passes through a tunnel, and how one end's ending reaches the other: both ends are sockets that the test holds."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from raw_upstream import RawUpstream, answer, open_tunnel, text, wait_for_no_tunnel
from websocket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, frame

MIB = 1 << 20


def both(*works):
    """Runs them at the same time."""
    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(work) for work in works]:
            done.result()


def revoke(gateway, session="s1"):
    assert "result" in gateway.api("revoke", {"session": session, "ttl": 60})


@pytest.mark.parametrize("piece", [1021, 65_536, MIB])
def test_a_megabyte_in_pieces_passes_unchanged_in_both_directions_at_once(upstream, tunnel_to, piece):
    _, client, server = tunnel_to(upstream)
    up = frame(BINARY, os.urandom(MIB))
    down = frame(BINARY, os.urandom(MIB), mask=None)
    both(lambda: client.send(up, piece), lambda: server.send(down, piece), lambda: server.expect(up), lambda: client.expect(down))


@pytest.mark.parametrize("where", ["a name", "a Unix socket"])
def test_an_upstream_may_have_a_name_or_be_a_unix_socket(tunnel_to, tmp_path, where):
    upstream = RawUpstream(unix=tmp_path / "app.sock") if where == "a Unix socket" else RawUpstream(host="localhost")
    gateway, client, server = tunnel_to(upstream)
    down = frame(BINARY, os.urandom(MIB), mask=None)
    both(lambda: server.send(down), lambda: client.expect(down))
    client.send(text("hello"))
    server.expect(text("hello"))
    revoke(gateway)
    client.expect_close(3520, "SESSION_REVOKED")
    server.expect_close(3520, "SESSION_REVOKED")
    server.expect_end()
    upstream.close()


@pytest.mark.parametrize("piece", [1, 2, 3, 7, None])
def test_not_a_byte_is_changed_whatever_the_frames_are(upstream, tunnel_to, piece):
    """Fragments, control frames between them, reserved bits of an extension, text that is none: the two ends judge them."""
    _, client, server = tunnel_to(upstream)
    for sender, receiver, mask in [(client, server, b"\x9a\x01\xff\x00"), (server, client, None)]:
        stream = b"".join([
            frame(TEXT, "a", fin=False, mask=mask), frame(PING, b"p", mask=mask), frame(CONTINUATION, b"", fin=False, mask=mask),
            frame(CONTINUATION, "b" * 126, mask=mask), frame(BINARY, bytes(200), rsv=4, mask=mask), frame(PONG, b"", mask=mask),
            frame(TEXT, b"\xff\xfe", mask=mask), frame(BINARY, b"", mask=mask),
        ])
        sender.send(stream, piece)
        receiver.expect(stream)


def test_frames_may_come_with_the_handshake_on_both_sides(upstream, start_gateway):
    gateway = start_gateway({"upstreams": [upstream.upstream()]})
    early, greeting = text("before the 101 is there"), answer("behind the 101")
    client, server = open_tunnel(gateway, upstream, early=early, greeting=greeting)
    server.expect(early)
    client.expect(greeting)
    client.close()


def test_a_byte_a_second_passes_at_once_in_each_direction(upstream, tunnel_to):
    """No deadline of the handshake is left behind, and a frame need not be whole to pass."""
    _, client, server = tunnel_to(upstream, connect_timeout="1500ms")
    up, down = text("hello"), answer("hello")
    for second in range(3):
        if second:
            time.sleep(1)  # the pause is what is tested
        client.send(up[second:second + 1])
        server.send(down[second:second + 1])
        server.expect(up[second:second + 1])
        client.expect(down[second:second + 1])
    client.send(up[3:])
    server.send(down[3:])
    server.expect(up[3:])
    client.expect(down[3:])


# ---- endings ----


def test_a_client_that_finishes_sending_still_gets_its_answer(upstream, tunnel_to):
    gateway, client, server = tunnel_to(upstream)
    client.send(text("a question"))
    client.finish_sending()
    server.expect(text("a question"))
    server.expect_end()
    server.send(answer("an answer"))
    client.expect(answer("an answer"))
    server.close()
    client.expect_end()
    wait_for_no_tunnel(gateway)


def test_an_upstream_that_finishes_sending_ends_the_client_behind_its_last_byte(upstream, tunnel_to):
    gateway, client, server = tunnel_to(upstream)
    last = frame(BINARY, os.urandom(MIB), mask=None)
    both(lambda: (server.send(last), server.finish_sending()), lambda: client.expect(last))
    client.expect_end()
    client.close()
    server.read_to_end()
    wait_for_no_tunnel(gateway)


@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_client_that_is_gone_ends_the_upstream(upstream, tunnel_to, how):
    gateway, client, server = tunnel_to(upstream)
    client.send(text("here"))
    server.expect(text("here"))
    getattr(client, how)()
    server.expect_end()
    server.close()
    wait_for_no_tunnel(gateway)


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("before", [answer("a frame"), answer("half a frame")[:5]])
def test_an_upstream_that_is_gone_ends_the_client(upstream, tunnel_to, how, before):
    gateway, client, server = tunnel_to(upstream)
    server.send(before)
    client.expect(before)
    getattr(server, how)()
    client.expect_end()
    client.close()
    wait_for_no_tunnel(gateway)


def test_a_close_frame_passes_with_its_code_and_reason_in_each_direction(upstream, tunnel_to):
    gateway, client, server = tunnel_to(upstream)
    goodbye = frame(CLOSE, b"\x10\xe1enough")
    client.send(goodbye)
    server.expect(goodbye)
    reply = frame(CLOSE, b"\x10\xe1enough", mask=None)
    server.send(reply)
    server.close()
    client.expect(reply)
    client.expect_end()
    client.close()
    gateway.wait_for_line("websocket_disconnected { code: 4321")
    wait_for_no_tunnel(gateway)


# ---- usher ends it ----


def test_a_revocation_tells_both_ends(upstream, tunnel_to):
    gateway, client, server = tunnel_to(upstream)
    revoke(gateway)
    client.expect_close(3520, "SESSION_REVOKED")
    server.expect_close(3520, "SESSION_REVOKED")
    server.expect_end()
    server.close()
    client.finish_sending()
    client.expect_end()
    wait_for_no_tunnel(gateway)


def test_a_revocation_in_the_middle_of_the_upstreams_frame_waits_for_its_end(upstream, tunnel_to):
    gateway, client, server = tunnel_to(upstream)
    long = frame(BINARY, os.urandom(MIB), mask=None)
    server.send(long[:MIB // 2])
    client.expect(long[:MIB // 2])
    revoke(gateway)
    server.expect_close(3520, "SESSION_REVOKED")
    server.send(long[MIB // 2:] + answer("too late"))
    client.expect(long[MIB // 2:])
    client.expect_close(3520, "SESSION_REVOKED")
    client.finish_sending()
    client.expect_end()
    server.read_to_end()
    wait_for_no_tunnel(gateway)


def test_an_upstream_that_stays_in_the_middle_of_a_frame_is_cut(upstream, tunnel_to):
    gateway, client, server = tunnel_to(upstream)
    unfinished = frame(BINARY, bytes(MIB), mask=None)[:1000]
    server.send(unfinished)
    client.expect(unfinished)
    revoke(gateway)
    client.expect_end()
    server.read_to_end()
    wait_for_no_tunnel(gateway)


def test_a_revocation_in_the_middle_of_the_clients_frame_is_told_to_the_client_alone(upstream, tunnel_to):
    """There is no place for a close frame towards the upstream."""
    gateway, client, server = tunnel_to(upstream)
    unfinished = frame(BINARY, bytes(MIB))[:1000]
    client.send(unfinished)
    server.expect(unfinished)
    revoke(gateway)
    client.expect_close(3520, "SESSION_REVOKED")
    server.expect_end()
    client.finish_sending()
    client.expect_end()
    wait_for_no_tunnel(gateway)


def test_of_two_tunnels_only_the_revoked_ones_end(upstream, tunnel_to):
    gateway, client, server = tunnel_to(upstream)
    other_client, other_server = open_tunnel(gateway, upstream, session="s2")
    revoke(gateway)
    client.expect_close(3520, "SESSION_REVOKED")
    other_client.send(text("still here"))
    other_server.expect(text("still here"))
    other_server.send(answer("so am I"))
    other_client.expect(answer("so am I"))
    other_client.close()
    other_server.expect_end()
