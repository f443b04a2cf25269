"""Everybody comes back at once: what the gateway tells its clients, and that real ones keep to it."""

import contextlib
import re
import time

from cpp_client import CppClient
from gateway import wait_until

CLIENTS = 8
STABLE = 5.5  # seconds: the clients' own measure of a connection that was up


@contextlib.contextmanager
def connected_clients(gateway):
    clients = [CppClient(f"http://{gateway.address}") for _ in range(CLIENTS)]
    try:
        for client in clients:
            client.wait_for_line("[WS] Connected")
        yield clients
    finally:
        for client in clients:
            client.stop()


def first_delays(clients):
    """What each has said after its loss, in milliseconds."""
    said = [re.search(r"\[WS\] Reconnecting in (\d+)ms", "\n".join(list(client.lines))) for client in clients]
    return [int(match.group(1)) for match in said if match]


def test_clients_of_a_dead_node_come_back_over_the_window_that_it_told_them(start_gateway):
    gateway = start_gateway({"client": {"reconnect_spread": "60s"}})
    with connected_clients(gateway) as clients:
        since = time.monotonic()
        wait_until(lambda: time.monotonic() - since > STABLE, "the connections to count as stable")
        gateway.kill()
        wait_until(lambda: len(first_delays(clients)) == CLIENTS, "each client to say when it will be back")
        said = sorted(first_delays(clients))
    assert said[-1] <= 60_000 and said[-1] - said[0] > 5_000, said


def test_each_client_comes_back_at_its_place_and_is_let_in(start_gateway):
    gateway = start_gateway()
    gateway.config["server"]["listen"] = gateway.address
    gateway.config["limits"]["tickets_per_second"] = 2
    with connected_clients(gateway) as clients:
        gateway.kill()
        gateway.start()
        wait_until(lambda: all(client.count("[WS] Connected") == 2 for client in clients), "all to be back", 30)
        told = sum(client.count("status: 503, error: { code: 'OVERLOADED' }") for client in clients)
        # A stalled machine brings some together; whoever must wait for that keeps its place.
        assert CLIENTS // 2 <= told <= CLIENTS + CLIENTS // 2, "there was a queue, and hardly anybody asked a third time"
    assert gateway.metric("usher_ticket_places") == 0
