"""Upgrades to /ws, and what becomes of them."""

import socket
import threading

from raw_http import UPGRADE, request_bytes
from websocket import Closed, WebSocket

EVIL = "https://evil.example"  # an Origin that no configuration lists

NOT_AUTHORIZED = (1008, "NOT_AUTHORIZED")
ORIGIN_BLOCKED = (1008, "ORIGIN_BLOCKED")
STORE_UNAVAILABLE = (1013, "STORE_UNAVAILABLE")
TICKET_EXPIRED = (3100, "TICKET_EXPIRED")
SESSION_REVOKED = (3520, "SESSION_REVOKED")


def ticket_for(gateway, origin=None, **claims):
    return gateway.ask_ticket(headers={"Origin": origin} if origin else {}, **claims).json()["ticket"]


def upgrade_request(ticket):
    return request_bytes(f"GET /ws?ticket={ticket} HTTP/1.1", {**UPGRADE, "Sec-WebSocket-Protocol": "usher.v1.json"})


def outcome_of(gateway, ticket):
    """"connected", or the (code, reason) that it was closed with."""
    ws = WebSocket(gateway.address, f"/ws?ticket={ticket}")
    try:
        ws.read_connect()
        return "connected"
    except Closed as closed:
        return closed.code, closed.reason
    finally:
        ws.close()


def refused_with(gateway, query, **options):
    """Opens /ws and returns (code, reason); the subprotocol must be echoed even so, or Chromium would say 1006."""
    ws = WebSocket(gateway.address, f"/ws{query}", **options)
    assert ws.protocol == "usher.v1.json"
    closed = ws.read_close()
    ws.close()
    return closed


def _outcome_on(raw):
    """The same, of a raw socket that has sent its request."""
    answer = b""
    while True:
        head, _, frame = answer.partition(b"\r\n\r\n")
        if len(frame) >= 2 and len(frame) >= 2 + (frame[1] if frame[1] < 126 else 2):
            break
        data = raw.recv(65536)
        if not data:
            return "lost"
        answer += data
    assert head.startswith(b"HTTP/1.1 101 "), head
    if frame[0] == 0x81:
        return "connected"
    assert frame[0] == 0x88
    return int.from_bytes(frame[2:4], "big"), frame[4:2 + frame[1]].decode()


def race(gateways, ticket, count, hands=4):
    """Shows one ticket `count` times at once, to each gateway in turn; all outcomes."""
    request = upgrade_request(ticket)
    places = [(gateways[i % len(gateways)].host, gateways[i % len(gateways)].port) for i in range(count)]
    sockets = [socket.create_connection(place, timeout=30) for place in places]
    barrier = threading.Barrier(hands)

    def show(mine):
        barrier.wait()
        for raw in mine:
            raw.sendall(request)

    threads = [threading.Thread(target=show, args=(sockets[i::hands],)) for i in range(hands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcomes = [_outcome_on(raw) for raw in sockets]
    for raw in sockets:
        raw.close()
    return outcomes
