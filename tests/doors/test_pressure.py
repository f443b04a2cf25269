"""Endings while an end does not read: what is on its way arrives, what cannot arrive holds nobody up."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway import wait_until
from raw_upstream import answer, fill, wait_for_no_tunnel
from websocket import BINARY, frame

MIB = 1 << 20
MASK = b"\x5a\x00\xff\x31"


def flood(mask):
    """More than the kernel and usher together hold."""
    return frame(BINARY, os.urandom(1000), mask=mask) + frame(BINARY, bytes(64 * MIB), mask=mask)


def revoke(gateway):
    assert "result" in gateway.api("revoke", {"session": "s1", "ttl": 60})


def test_what_a_client_has_sent_arrives_before_its_end_however_late_it_is_read(upstream, tunnel_to):
    gateway, client, server = tunnel_to(upstream)
    data = frame(BINARY, os.urandom(12 * MIB), mask=MASK)

    def send_and_finish():
        client.send(data)
        client.finish_sending()

    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send_and_finish)
        wait_until(lambda: gateway.metric("usher_upstream_bytes_total", upstream="raw") > MIB, "the buffers to fill")
        server.expect(data)
        sending.result()
    server.expect_end()
    server.send(answer("thank you"))
    client.expect(answer("thank you"))
    server.close()
    client.expect_end()
    wait_for_no_tunnel(gateway)


def test_what_an_upstream_has_sent_arrives_before_its_end_however_late_it_is_read(upstream, tunnel_to):
    gateway, client, server = tunnel_to(upstream)
    data = frame(BINARY, os.urandom(12 * MIB), mask=None)

    def send_and_close():
        server.send(data)
        server.close()

    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send_and_close)
        wait_until(lambda: gateway.metric("usher_upstream_bytes_total", upstream="raw") > MIB, "the buffers to fill")
        client.expect(data)
        sending.result()
    client.expect_end()
    wait_for_no_tunnel(gateway)


def test_both_ends_may_flood_each_other_before_either_reads(upstream, tunnel_to):
    _, client, server = tunnel_to(upstream)
    up, down = flood(MASK), flood(None)
    with ThreadPoolExecutor(2) as pool:
        sent_up, sent_down = pool.map(lambda pair: fill(*pair), [(client, up), (server, down)])
        assert sent_up < len(up) and sent_down < len(down)
        reading = [pool.submit(server.expect, up[:sent_up]), pool.submit(client.expect, down[:sent_down])]
        for done in reading:
            done.result()


def test_a_revoked_client_that_does_not_read_is_cut(upstream, tunnel_to):
    gateway, client, server = tunnel_to(upstream)
    fill(server, flood(None), patience=0.3)
    revoke(gateway)
    wait_for_no_tunnel(gateway)
    server.read_to_end()


def test_a_revoked_client_is_told_so_though_its_upstream_does_not_read(upstream, tunnel_to):
    gateway, client, server = tunnel_to(upstream)
    fill(client, flood(MASK), patience=0.3)
    revoke(gateway)
    client.expect_close(3520, "SESSION_REVOKED")
    wait_for_no_tunnel(gateway)
    client.close()


@pytest.mark.parametrize("who", ["client", "upstream"])
def test_a_drain_is_not_held_up_by_an_end_that_does_not_read(upstream, tunnel_to, who):
    gateway, client, server = tunnel_to(upstream)
    fill(*((server, flood(None)) if who == "client" else (client, flood(MASK))), patience=0.3)
    gateway.signal(signal.SIGTERM)
    if who == "upstream":
        client.expect_close(1001, "SERVER_SHUTDOWN")
    assert gateway.process.wait(20) == 0


def test_an_upstream_that_does_not_read_is_ended_when_its_client_is_reset(upstream, tunnel_to):
    """A client that closes properly still wants its bytes delivered: its end stands behind them."""
    gateway, client, server = tunnel_to(upstream)
    fill(client, flood(MASK), patience=0.3)
    client.reset()
    wait_for_no_tunnel(gateway)
    server.read_to_end()


@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_client_that_does_not_read_is_ended_by_its_upstreams_end(upstream, tunnel_to, how):
    gateway, client, server = tunnel_to(upstream)
    fill(server, flood(None), patience=0.3)
    getattr(server, how)()
    assert client.read_to_end()[:2] == b"\x82\x7e"  # begins with the first frame, and ends
    wait_for_no_tunnel(gateway)
