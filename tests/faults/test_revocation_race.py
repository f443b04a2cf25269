"""A session is revoked at the very moment at which its client comes in: in the end it is out, whoever was first."""

import os
import random
import threading
import time

import pytest
from websocket import Closed, WebSocket

ROUNDS = int(os.environ.get("USHER_RACES", "150"))
NEWS = {"channel": {"namespaces": [{"name": "news", "subscribe": "anyone", "history_size": 10, "history_ttl": "1m",
                                    "recovery": True, "presence": True}]}}


def come_in(gateway, ticket, ended):
    """Appends how it ended: the close, and whether there was a connect push before."""
    ws = WebSocket(gateway.address, f"/ws?ticket={ticket}")
    connected = False
    try:
        while True:
            connected = "connect" in ws.read().get("push", {}) or connected
    except Closed as closed:
        ended.append((closed.code, closed.reason, connected))
    except TimeoutError:
        ended.append(("still there", "", connected))
    ws.socket.close()


@pytest.mark.parametrize("by", ["session", "user", "jti"])
def test_whoever_is_revoked_while_coming_in_ends_with_3520(start_gateway, by):
    gateway = start_gateway({"server": {"threads": 2}, **NEWS})
    seed = int(os.environ.get("USHER_SEED", time.time_ns() % 2**32))
    print(f"USHER_SEED={seed}")
    dice = random.Random(seed)
    ended = []
    for i in range(ROUNDS):
        who = {"sessionId": f"s{i}", "sub": f"u{i}", "jti": f"j{i}"}
        # Joining takes longer with channels that are at home on the other shard.
        body = '{"subs":{%s}}' % ",".join(f'"news:{i}-{n}":{{}}' for n in range(8))
        ticket = gateway.ask_ticket(body=body, **who).json()["ticket"]
        client = threading.Thread(target=come_in, args=(gateway, ticket, ended))
        client.start()
        time.sleep(dice.uniform(0, 0.004))  # the race's own moment
        name = {"session": f"s{i}", "user": f"u{i}", "jti": f"j{i}"}[by]
        assert "result" in gateway.api("revoke", {by: name})
        client.join(15)
    assert len(ended) == ROUNDS
    assert {(code, reason) for code, reason, _ in ended} == {(3520, "SESSION_REVOKED")}
    print(sum(connected for _, _, connected in ended), "of them were inside for a moment")
