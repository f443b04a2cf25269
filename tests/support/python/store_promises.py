"""What is promised while the ticket store has bad days: an answer in time, and all is well soon after."""

import time

from gateway import wait_until
from upgrade import STORE_UNAVAILABLE, outcome_of

STORE_TIMEOUT = 0.5
ANSWER_MAX = STORE_TIMEOUT + 0.5
BACK_MAX = 2.0


def timed(action):
    begin = time.monotonic()
    result = action()
    return result, time.monotonic() - begin


def assert_unavailable(gateway, ticket):
    """Both calls say so, in time."""
    answer, took = timed(gateway.ask_ticket)
    assert (answer.status, answer.json()["code"]) == (503, "STORE_UNAVAILABLE"), answer
    assert answer.headers["Retry-After"]
    assert took < ANSWER_MAX
    closed, took = timed(lambda: outcome_of(gateway, ticket))
    assert closed == STORE_UNAVAILABLE
    assert took < ANSWER_MAX


def assert_back(gateway, since=None, within=BACK_MAX):
    """A whole cycle works, not later than `within` seconds after `since`."""
    since = since or time.monotonic()

    def cycle():
        answer = gateway.ask_ticket()
        return answer.status == 200 and outcome_of(gateway, answer.json()["ticket"]) == "connected"

    wait_until(cycle, f"a ticket cycle; {gateway.log[-2000:]}", within + 5)
    took = time.monotonic() - since
    assert took < within, f"back after {took:.2f} s"
    gateway.wait_until_ready(2)
    print(f"back after {took * 1000:.0f} ms")
