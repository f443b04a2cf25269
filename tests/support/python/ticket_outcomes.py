"""What becomes of tickets while their store has bad days: the promised answer, in time, and all well soon after."""

import time

from gateway import wait_until
from websocket import Closed, WebSocket

STORE_TIMEOUT = 0.5
ANSWER_MAX = STORE_TIMEOUT + 0.5
BACK_MAX = 2.0
UNAVAILABLE = (1013, "STORE_UNAVAILABLE")
EXPIRED = (3100, "TICKET_EXPIRED")
SPENT = (1008, "NOT_AUTHORIZED")


def timed(action):
    begin = time.monotonic()
    result = action()
    return result, time.monotonic() - begin


def upgrade(gateway, ticket):
    """"connected", or the (code, reason) that it was closed with."""
    ws = WebSocket(gateway.address, f"/ws?ticket={ticket}")
    try:
        ws.read_connect()
        return "connected"
    except Closed as closed:
        return closed.code, closed.reason
    finally:
        ws.close()


def assert_unavailable(gateway, ticket):
    """Both calls say so, in time."""
    answer, took = timed(gateway.ask_ticket)
    assert (answer.status, answer.json()["code"]) == (503, "STORE_UNAVAILABLE"), answer
    assert answer.headers["Retry-After"]
    assert took < ANSWER_MAX
    closed, took = timed(lambda: upgrade(gateway, ticket))
    assert closed == UNAVAILABLE
    assert took < ANSWER_MAX


def assert_back(gateway, since=None, within=BACK_MAX):
    """A whole cycle works, not later than `within` seconds after `since`."""
    since = since or time.monotonic()

    def cycle():
        answer = gateway.ask_ticket()
        return answer.status == 200 and upgrade(gateway, answer.json()["ticket"]) == "connected"

    wait_until(cycle, f"a ticket cycle; {gateway.log[-2000:]}", within + 5)
    took = time.monotonic() - since
    assert took < within, f"back after {took:.2f} s"
    gateway.wait_until_ready(2)
    print(f"back after {took * 1000:.0f} ms")
