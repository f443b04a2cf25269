"""A drain at the moment at which upstreams, or clients, go away."""

import signal

import pytest

from raw_upstream import answer, open_tunnel

TUNNELS = 200


@pytest.mark.parametrize("who", ["upstreams", "clients", "both"])
@pytest.mark.parametrize("window", ["0s", "1s"])
def test_a_drain_survives_the_loss_of_every_other_tunnel_at_the_same_moment(upstream, start_gateway, who, window):
    gateway = start_gateway({
        "server": {"threads": 1}, "upstreams": [upstream.upstream()], "shutdown": {"timeout": window}, "limits": {"connections_per_session": 0}})
    tunnels = [open_tunnel(gateway, upstream) for _ in range(TUNNELS)]
    # A close frame of usher's has no place there: such a tunnel is cut as soon as its upstream is found to be gone.
    for client, server in tunnels[::2]:
        server.send(answer("half of a frame")[:5])
        client.take(5)
    # Stopped, it finds all of this at once when it goes on.
    gateway.suspend()
    gateway.signal(signal.SIGTERM)
    for client, server in tunnels[::2]:
        for end in {"upstreams": [server], "clients": [client], "both": [client, server]}[who]:
            end.reset()
    gateway.signal(signal.SIGCONT)
    for client, _ in tunnels[1::2]:
        client.expect_close(1001, "SERVER_SHUTDOWN")
        client.close()
    assert gateway.process.wait(20) == 0
