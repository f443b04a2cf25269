"""What callers can make a gateway hold: no more than the limits say, overhead included, and not for ever."""

import contextlib
import time

import pytest
from gateway import API_KEY, ORIGIN, wait_until
from peers import ANONYMOUS, PING_EMPTY, Repeated, closing, dial, upgraded
from survival import assert_survived, resident_mib

BODIES, PEERS, MIB = 100, 2, 1 << 20
PINGS = PING_EMPTY * 10_000


def unfinished(path, fields):
    """A request whose last byte never comes."""
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {MIB}\r\n{fields}\r\n"
    return head.encode() + b"x" * (MIB - 1)


@pytest.mark.parametrize("fields, status", [
    ("", b"401"), ("X-API-Key: guessed\r\n", b"401"), (f"X-API-Key: {API_KEY}\r\nOrigin: {ORIGIN}\r\n", b"403")],
    ids=["no key", "wrong key", "a page's Origin"])
@pytest.mark.parametrize("path", ["/api/publish", "/api/broadcast"])
def test_a_body_of_a_caller_who_has_no_key_is_not_kept(start_gateway, path, fields, status):
    gateway = start_gateway()
    gateway.publish("session:warm", "up")
    before, request, statuses = resident_mib(gateway), unfinished(path, fields), set()
    with closing() as peers:
        for _ in range(BODIES):
            peers.append(dial(gateway.address))
            with contextlib.suppress(OSError):
                peers[-1].sendall(request)
            # The answer is there before the body's end. Who has sent on regardless may find a reset instead.
            with contextlib.suppress(ConnectionResetError):
                statuses.add(peers[-1].recv(12)[9:])
        grown = resident_mib(gateway) - before
    assert statuses <= {status, b"429", b""} and status in statuses, statuses
    assert grown < 0.25 * BODIES, f"{grown:.0f} MiB for {BODIES} bodies of 1 MiB"
    assert_survived(gateway)


@pytest.mark.parametrize("known", [False, True], ids=["before any credential", "connected"])
def test_pongs_that_are_not_read_take_no_more_than_the_outbox_may_hold(start_gateway, known):
    gateway = start_gateway()
    tickets = [gateway.ticket() for _ in range(PEERS)]
    before = peak = resident_mib(gateway)
    with closing() as peers:
        for ticket in tickets:
            peers.append(upgraded(gateway.address, f"/ws?ticket={ticket}" if known else ANONYMOUS, window=2048))
        floods, ends = [Repeated(peer, PINGS) for peer in peers], time.monotonic() + 4
        while time.monotonic() < ends:
            floods = [flood for flood in floods if flood.sent < 16 * MIB and flood.push() >= 0]
            peak = max(peak, resident_mib(gateway))
    print(f"{before:.1f} MiB before, {peak:.1f} MiB at most")
    assert peak - before < 3 * PEERS, f"{peak - before:.0f} MiB for {PEERS} connections that may keep 1 MiB each"
    assert_survived(gateway)


def test_memory_goes_back_to_the_system_when_a_storm_is_over(start_gateway):
    gateway = start_gateway({"limits": {"outbox_bytes": "4MiB"}})
    gateway.publish("session:warm", "up")
    before = resident_mib(gateway)
    with closing() as peers:
        for n in range(40):
            peers.append(upgraded(gateway.address, f"/ws?ticket={gateway.ticket(sessionId=f's{n}', sub=f'u{n}')}", window=2048))
        for _ in range(30):  # each connection keeps frames of its own: its session's
            for n in range(40):
                gateway.publish(f"session:s{n}", "x" * 60_000)
        peak = resident_mib(gateway)
    assert peak - before > 30, "no storm"
    wait_until(lambda: resident_mib(gateway) - before < max(8, (peak - before) / 8),
               f"the memory: {before:.0f} before, {peak:.0f} then", 15)
    assert_survived(gateway)
