"""The C++ client outlives a gateway that is killed and started again at random moments, USHER_RESTARTS times."""

import json
import os
import random
import time

import pytest
from cpp_client import CppClient
from gateway import Gateway, wait_until

RESTARTS = int(os.environ.get("USHER_RESTARTS", "20"))
CONFIG = {"channel": {"namespaces": [{"name": "news", "subscribe": "anyone", "history_size": 10, "history_ttl": "1m",
                                      "recovery": True}]}}


def ticket_requests_that_are_due(lines):
    """One for each attempt that had a token, and one for each 401 refresh that brought one."""
    due, refreshed = 0, False
    for line in lines:
        if line.startswith("[WS] Ensuring"):
            due_in_attempt, refreshed = 0, False
        elif line.startswith("[Auth] Received 401"):
            refreshed = True
        elif line == "[WS] JWT ready":
            due_in_attempt += 1
            assert due_in_attempt == (2 if refreshed else 1), lines
            due += 1
    return due


@pytest.mark.parametrize("secret", ["kept", "changed"])
def test_the_client_is_connected_in_the_end_and_has_asked_no_more_than_it_had_to(tmp_path, secret):
    seed = int(os.environ.get("USHER_SEED", time.time_ns() % 2**32))
    print(f"USHER_SEED={seed}")
    dice = random.Random(seed)
    gateway = Gateway(tmp_path / "gateway", CONFIG).start()
    gateway.config["server"]["listen"] = gateway.address
    gateway.config["admin"]["listen"] = gateway.admin_address
    client = CppClient(f"http://{gateway.address}", "--subscribe", "news:1")
    asked = 0
    try:
        if secret == "changed":  # it has a token, then, that will be refused
            wait_until(client.is_connected, "the client to connect")
        for restart in range(RESTARTS if secret == "kept" else RESTARTS // 4):
            time.sleep(dice.uniform(0, 0.5))  # the fault's own moment, not a wait
            gateway.kill()
            gateway.reader.join(5)
            asked += gateway.count_lines("[WSTicket] Ticket generated") + gateway.count_lines("route: 'ticket'")
            time.sleep(dice.uniform(0, 0.2))
            if secret == "changed":
                gateway.write_file("jwt.secret", f"secret number {restart}, of 32 bytes or more, no doubt")
            gateway.start()
        wait_until(client.is_connected, f"the client to be back: {client.lines[-10:]}", 30)
        asked += gateway.count_lines("[WSTicket] Ticket generated") + gateway.count_lines("route: 'ticket'")
        assert gateway.publish("news:1", {"restarts": RESTARTS})["result"]
        wait_until(lambda: client.messages, "the subscription to be there again")
    finally:
        code = client.stop()
        gateway.stop()
    assert code == 0
    assert json.loads(client.messages[-1])["data"] == {"restarts": RESTARTS}
    requests = client.count("[WS] Requesting WebSocket ticket...")
    assert requests == ticket_requests_that_are_due(client.lines)
    assert asked <= requests  # some found nobody there
    if secret == "changed":
        assert client.count("[Auth] Received 401 INVALID_TOKEN, refreshing token...") > 0
    assert client.count("Hard failure") == 0
    assert not client.leaks()
