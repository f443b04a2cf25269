"""3503, 3504, 3520: who is sent out by the backend, by a revocation, or by newcomers over a limit; nobody else is."""

import pytest

from protocol import assert_alive
from websocket import connect


def test_3504_for_the_oldest_of_21_connections_of_a_session(gateway):
    clients = [connect(gateway, gateway.ticket(sessionId="crowd")) for _ in range(21)]
    assert clients[0].read_close() == (3504, "CONNECTION_LIMIT")
    for ws in clients[1:]:
        assert_alive(ws)
    for ws in clients:
        ws.close()


@pytest.mark.parametrize("by", ["session", "user", "jti"])
def test_3520_for_live_connections_of_what_is_revoked_and_for_no_others(start_gateway, by):
    gateway = start_gateway()
    mine = dict(sessionId="mine", sub="ada", jti="j1")
    other = {"session": dict(mine, sessionId="other"), "user": dict(mine, sub="bob"), "jti": dict(mine, jti="j2")}[by]
    revoked = [connect(gateway, gateway.ticket(**mine)) for _ in range(4)]
    spared = connect(gateway, gateway.ticket(**other))
    name = {"session": "mine", "user": "ada", "jti": "j1"}[by]
    assert gateway.api("revoke", {by: name}) == {"result": {}}
    for ws in revoked:
        assert ws.read_close() == (3520, "SESSION_REVOKED")
        ws.close()
    assert_alive(spared)
    spared.close()


DISCONNECTS = {
    "by session": (dict(session="who"), {}, (3503, "FORCE_DISCONNECT")),
    "by user": (dict(user="whose"), {}, (3503, "FORCE_DISCONNECT")),
    "by session and user": (dict(session="who", user="whose"), {}, (3503, "FORCE_DISCONNECT")),
    "with a code of its own": (dict(session="who"), {"code": 4001, "reason": "lunch"}, (4001, "lunch")),
    "with a hard one": (dict(user="whose"), {"code": 4999, "reason": "never"}, (4999, "never")),
    "with a standard one": (dict(user="whose"), {"code": 1000, "reason": ""}, (1000, "")),
    "with a long reason": (dict(user="whose"), {"code": 3000, "reason": "r" * 123}, (3000, "r" * 123)),
}


@pytest.mark.parametrize("target, own, closed", DISCONNECTS.values(), ids=DISCONNECTS)
def test_3503_or_what_the_backend_says(gateway, target, own, closed):
    ws = connect(gateway, gateway.ticket(sessionId="who", sub="whose"))
    bystander = connect(gateway, gateway.ticket(sessionId="somebody", sub="else"))
    params = {**target, **({"disconnect": own} if own else {})}
    assert gateway.api("disconnect", params) == {"result": {}}
    assert ws.read_close() == closed
    assert_alive(bystander)
    ws.close()
    bystander.close()


def test_3503_by_client_and_not_for_those_on_the_white_list(gateway):
    clients = [connect(gateway, gateway.ticket(sessionId="several")) for _ in range(3)]
    ids = [ws.connected["client"] for ws in clients]
    assert gateway.api("disconnect", {"client": ids[0]}) == {"result": {}}
    assert clients[0].read_close() == (3503, "FORCE_DISCONNECT")
    assert gateway.api("disconnect", {"session": "several", "whitelist": [ids[2]]}) == {"result": {}}
    assert clients[1].read_close() == (3503, "FORCE_DISCONNECT")
    assert_alive(clients[2])
    for ws in clients:
        ws.close()


@pytest.mark.parametrize("own", [{"code": c, "reason": "x"} for c in (0, 999, 1005, 1006, 1015, 2999, 5000, 70000)]
                         + [{"code": 4000, "reason": "r" * 124}, {"code": "4000", "reason": "x"}], ids=str)
def test_a_close_that_no_frame_can_carry_is_refused_and_nobody_is_disconnected(gateway, own):
    ws = connect(gateway, gateway.ticket(sessionId="safe"))
    assert gateway.api("disconnect", {"session": "safe", "disconnect": own})["error"]["code"] == 107
    assert_alive(ws)
    ws.close()
