"""Every row of the contract's table of checks on /ws that one machine can produce: answer, log line, order."""

import hashlib
import re
import signal
import socket
import threading

import pytest

from gateway import ORIGIN, wait_until
from raw_http import UPGRADE, exchange
from websocket import Refused, WebSocket, connect

EVIL = "https://evil.example"
OTHER = "https://one.wild.example"
UNKNOWN = "0123456789abcdef0123456789abcdef"
NOT_AUTHORIZED = (1008, "NOT_AUTHORIZED")
ORIGIN_BLOCKED = (1008, "ORIGIN_BLOCKED")
TICKET_EXPIRED = (3100, "TICKET_EXPIRED")


def ticket_hash(ticket):
    return hashlib.sha256(ticket.encode()).hexdigest()[:12]


def refused_with(gateway, query, **options):
    """Opens /ws and returns (code, reason); the subprotocol must be echoed even so, or Chromium would say 1006."""
    ws = WebSocket(gateway.address, f"/ws{query}", **options)
    assert ws.protocol == "usher.v1.json"
    closed = ws.read_close()
    ws.close()
    return closed


def ticket_for(gateway, origin=None, **claims):
    return gateway.ask_ticket(headers={"Origin": origin} if origin else {}, **claims).json()["ticket"]


def assert_logged(gateway, line):
    """`line` up to an ellipsis, word for word behind time and level."""
    found = gateway.wait_for_line(line.split(" {")[0])
    assert re.match(r"\S+ warn " + re.escape(line), found), found


# ---- 2: the gate, before the upgrade ----


def assert_turned_away(gateway, code, query="", **options):
    with pytest.raises(Refused) as refused:
        WebSocket(gateway.address, f"/ws{query}", **options)
    answer = refused.value
    assert answer.status == 503
    assert answer.json()["code"] == code
    assert answer.json()["retry_after_ms"] > 0
    assert "retry-after: " in answer.head.lower()
    assert "connection: close" in answer.head.lower()
    assert "content-type: application/problem+json" in answer.head.lower()


def test_an_address_opens_exactly_as_many_as_its_bucket_holds_and_then_gets_503_before_the_upgrade(start_gateway):
    gateway = start_gateway({"limits": {"upgrades_per_address": "2/1h"}})
    assert refused_with(gateway, "") == NOT_AUTHORIZED
    assert refused_with(gateway, "?ticket=x", origin=EVIL) == ORIGIN_BLOCKED
    assert_turned_away(gateway, "OVERLOADED")
    assert_turned_away(gateway, "OVERLOADED", origin=EVIL)
    assert gateway.metric("usher_upgrades_total", result="rate_limited") == 2


def test_a_bad_request_costs_the_address_nothing(start_gateway):
    gateway = start_gateway({"limits": {"upgrades_per_address": "1/1h"}})
    for _ in range(3):
        assert exchange(gateway, "GET /ws HTTP/1.1", {**UPGRADE, "Sec-WebSocket-Key": "x"})[0] == 400
    connect(gateway).close()


def test_at_limits_connections_newcomers_wait_outside_a_good_ticket_in_hand_too_and_it_is_not_burnt(start_gateway):
    gateway = start_gateway({"limits": {"connections": 2}})
    first, second = connect(gateway), connect(gateway)
    ticket = gateway.ticket()
    assert_turned_away(gateway, "OVERLOADED", f"?ticket={ticket}")
    assert gateway.metric("usher_upgrades_total", result="overloaded") == 1
    first.close()

    def let_in():
        try:
            return connect(gateway, ticket)
        except Refused:
            return None

    third = wait_until(let_in, "the place of the one who left")
    second.close()
    third.close()


def test_a_good_ticket_in_hand_is_not_turned_away_by_the_nodes_accept_rate(start_gateway):
    gateway = start_gateway({"limits": {"upgrades_per_second": 1}})

    def turned_away():
        try:
            return WebSocket(gateway.address, "/ws").close()
        except Refused as refused:
            return refused

    assert wait_until(turned_away, "an upgrade over the rate").json()["code"] == "OVERLOADED"
    clients = [connect(gateway) for _ in range(5)]
    for ws in clients:
        ws.close()


def test_guessing_tickets_is_refused_before_the_store_is_asked_and_others_get_in(start_gateway):
    gateway = start_gateway({"limits": {"upgrades_per_second": 1}, "server": {"trusted_proxies": ["127.0.0.1"]}})
    ticket = gateway.ticket()

    def guess():
        try:
            return WebSocket(gateway.address, "/ws?ticket=" + "0" * 32, headers={"X-Forwarded-For": "192.0.2.1"})
        except Refused as refused:
            return refused

    def shown_to_the_store():
        return sum(gateway.metric("usher_ticket_redeems_total", outcome=o) for o in ("unknown", "expired"))

    refused = wait_until(lambda: isinstance(r := guess(), Refused) and r, "the one who guesses to be turned away")
    assert refused.status == 503 and refused.json()["code"] == "OVERLOADED" and refused.json()["retry_after_ms"] > 0
    before = shown_to_the_store()
    for _ in range(50):
        guess()
    assert shown_to_the_store() - before < 25, "most were not"
    connect(gateway, ticket, headers={"X-Forwarded-For": "192.0.2.2"}).close()


def test_a_draining_node_turns_upgrades_away(start_gateway):
    gateway = start_gateway({"server": {"threads": 1}, "shutdown": {"timeout": "1h"}})
    clients = [connect(gateway) for _ in range(3)]
    ticket = gateway.ticket()
    gateway.signal(signal.SIGTERM)
    gateway.wait_for_line("draining { windowMs: 3600000 }")
    wait_until(lambda: gateway.admin("/readyz").status == 503, "the node to be draining")
    assert_turned_away(gateway, "DRAINING", f"?ticket={ticket}")
    assert_turned_away(gateway, "DRAINING", origin=EVIL)
    for ws in clients:
        ws.close()


# ---- 3 to 9, row by row ----


def spent(gateway):
    ticket = gateway.ticket()
    connect(gateway, ticket).close()
    return ticket


def revoked(gateway):
    ticket = ticket_for(gateway, sessionId="gone")
    gateway.api("revoke", {"session": "gone"})
    return ticket


# What comes -> (ticket, Origin), what is answered, the log line (%s: the ticket's hash), the result in the metrics.
ROWS = {
    "3: a foreign Origin": (
        lambda g: g.ticket(), EVIL, ORIGIN_BLOCKED,
        "WS: Rejected - origin blocked { originHost: 'evil.example' }", "origin_blocked"),
    "3: a foreign Origin with a port": (
        lambda g: g.ticket(), "https://evil.example:8443", ORIGIN_BLOCKED,
        "WS: Rejected - origin blocked { originHost: 'evil.example:8443' }", "origin_blocked"),
    "3: null, which is not listed": (
        lambda g: g.ticket(), "null", ORIGIN_BLOCKED,
        "WS: Rejected - origin blocked { originHost: 'null' }", "origin_blocked"),
    "3: a foreign Origin and no ticket": (
        lambda g: None, EVIL, ORIGIN_BLOCKED,
        "WS: Rejected - origin blocked { originHost: 'evil.example' }", "origin_blocked"),
    "4: no ticket": (
        lambda g: None, ORIGIN, NOT_AUTHORIZED, "WS: Rejected - no auth ticket", "no_ticket"),
    "4: an empty ticket": (
        lambda g: "", ORIGIN, NOT_AUTHORIZED, "WS: Rejected - no auth ticket", "no_ticket"),
    "6: a ticket of 31 digits": (
        lambda g: UNKNOWN[1:], ORIGIN, NOT_AUTHORIZED,
        "WS: Rejected - ticket invalid or expired { ticketHash: '%s'", "ticket_invalid"),
    "6: a ticket of 33 digits": (
        lambda g: UNKNOWN + "0", ORIGIN, NOT_AUTHORIZED,
        "WS: Rejected - ticket invalid or expired { ticketHash: '%s'", "ticket_invalid"),
    "6: a ticket in capitals": (
        lambda g: g.ticket().upper().replace("0", "A"), ORIGIN, NOT_AUTHORIZED,
        "WS: Rejected - ticket invalid or expired { ticketHash: '%s'", "ticket_invalid"),
    "6: a ticket with an escape": (
        lambda g: "%30" + UNKNOWN[1:], ORIGIN, NOT_AUTHORIZED,
        "WS: Rejected - ticket invalid or expired { ticketHash: '%s'", "ticket_invalid"),
    "6: a JWT": (
        lambda g: g.token(), ORIGIN, NOT_AUTHORIZED,
        "WS: Rejected - ticket invalid or expired { ticketHash: '%s'", "ticket_invalid"),
    "6: a spent ticket": (
        spent, ORIGIN, NOT_AUTHORIZED,
        "WS: Rejected - ticket replayed { ticketHash: '%s'", "ticket_replayed"),
    "7: a ticket that this young store has never seen": (
        lambda g: UNKNOWN, ORIGIN, TICKET_EXPIRED,
        "WS: Rejected - ticket expired { ticketHash: '%s'", "ticket_expired"),
    "8: a bound ticket with another listed Origin": (
        lambda g: ticket_for(g, ORIGIN), OTHER, ORIGIN_BLOCKED,
        "WS: Rejected - origin blocked { originHost: 'one.wild.example'", "origin_blocked"),
    "8: a bound ticket without an Origin": (
        lambda g: ticket_for(g, ORIGIN), None, ORIGIN_BLOCKED,
        "WS: Rejected - origin blocked { originHost: ''", "origin_blocked"),
    "9: a ticket of a session revoked since": (
        revoked, ORIGIN, (3520, "SESSION_REVOKED"),
        "WS: Rejected - session revoked", "session_revoked"),
}


@pytest.mark.parametrize("make, origin, closed, line, result", ROWS.values(), ids=ROWS)
def test_row(start_gateway, make, origin, closed, line, result):
    gateway = start_gateway()
    ticket = make(gateway)
    query = "" if ticket is None else f"?ticket={ticket}"
    assert refused_with(gateway, query, origin=origin) == closed
    assert_logged(gateway, line % ticket_hash(ticket) if "%s" in line else line)
    assert gateway.metric("usher_upgrades_total", result=result) == 1
    assert not ticket or ticket not in gateway.log


def test_a_refusal_is_said_to_bare_clients_too_without_a_subprotocol(gateway):
    ws = WebSocket(gateway.address, "/ws", protocols=())
    assert ws.protocol is None
    assert ws.read_close() == NOT_AUTHORIZED


def test_a_foreign_page_does_not_burn_the_ticket(gateway):
    ticket = gateway.ticket()
    assert refused_with(gateway, f"?ticket={ticket}", origin=EVIL) == ORIGIN_BLOCKED
    connect(gateway, ticket, origin=ORIGIN).close()


BINDINGS = {
    "a bound ticket with exactly its Origin": (ORIGIN, ORIGIN),
    "a bound ticket with its Origin written otherwise": (ORIGIN, "https://APP.example:443"),
    "an unbound ticket without an Origin": (None, None),
    "an unbound ticket with any listed Origin": (None, OTHER),
    "a ticket bound under the wildcard": (OTHER, OTHER),
}


@pytest.mark.parametrize("asked_from, shown_from", BINDINGS.values(), ids=BINDINGS)
def test_a_ticket_opens_a_socket_if_it_is(gateway, asked_from, shown_from):
    ws = connect(gateway, ticket_for(gateway, asked_from), origin=shown_from)
    assert ws.connected["session"] == "s1"
    ws.close()


def test_a_bound_ticket_opens_nothing_under_another_label_of_the_same_wildcard(gateway):
    ticket = ticket_for(gateway, OTHER)
    assert refused_with(gateway, f"?ticket={ticket}", origin="https://two.wild.example") == ORIGIN_BLOCKED


def test_programs_without_an_origin_are_let_in_unless_one_is_required(start_gateway):
    gateway = start_gateway({"client": {"require_origin": True}})
    ticket = gateway.ask_ticket(headers={"Origin": ORIGIN}).json()["ticket"]
    assert refused_with(gateway, f"?ticket={ticket}") == ORIGIN_BLOCKED
    assert_logged(gateway, "WS: Rejected - origin blocked { originHost: ''")
    connect(gateway, ticket, origin=ORIGIN).close()


def test_an_expired_ticket_says_so_again_and_again_with_its_age(start_gateway):
    gateway = start_gateway({"ticket": {"ttl": "1s"}})
    answer = gateway.ask_ticket()
    assert answer.json()["expires_in"] == 1
    ticket = answer.json()["ticket"]
    wait_until(lambda: gateway.metric("usher_tickets_live") == 0, "the ticket to expire")
    assert refused_with(gateway, f"?ticket={ticket}") == TICKET_EXPIRED
    assert refused_with(gateway, f"?ticket={ticket}") == TICKET_EXPIRED
    line = gateway.wait_for_line(f"WS: Rejected - ticket expired {{ ticketHash: '{ticket_hash(ticket)}', ageMs: ")
    assert 1000 <= int(re.search(r"ageMs: (\d+)", line).group(1)) < 30_000
    assert gateway.metric("usher_ticket_redeems_total", outcome="expired") == 2
    assert gateway.metric("usher_ticket_replays_total") == 0


def test_a_ticket_of_the_process_before_is_expired_not_unknown_so_that_a_deploy_ends_no_client(start_gateway):
    before = start_gateway()
    ticket = before.ticket()
    before.stop()
    after = start_gateway()
    assert refused_with(after, f"?ticket={ticket}") == TICKET_EXPIRED
    assert_logged(after, f"WS: Rejected - ticket expired {{ ticketHash: '{ticket_hash(ticket)}'")


def test_a_replay_is_counted_and_logged_each_time(start_gateway):
    gateway = start_gateway()
    ticket = spent(gateway)
    for count in (1, 2, 3):
        assert refused_with(gateway, f"?ticket={ticket}") == NOT_AUTHORIZED
        assert gateway.metric("usher_ticket_replays_total") == count
        assert gateway.metric("usher_ticket_redeems_total", outcome="consumed") == count
    wait_until(lambda: gateway.count_lines("WS: Rejected - ticket replayed") == 3, "three lines")


@pytest.mark.parametrize("by, name", [("session", "s1"), ("user", "ada"), ("jti", "j1")])
def test_a_ticket_is_worth_nothing_once_what_stands_behind_it_is_revoked(start_gateway, by, name):
    gateway = start_gateway()
    ticket = ticket_for(gateway, sub="ada", jti="j1")
    assert gateway.api("revoke", {by: name}) == {"result": {}}
    assert refused_with(gateway, f"?ticket={ticket}") == (3520, "SESSION_REVOKED")


# Of two faults the first in the table decides.
ORDER = {
    "3 before 6: a foreign Origin with a spent ticket": (spent, EVIL, ORIGIN_BLOCKED),
    "3 before 9: a foreign Origin with a revoked session": (revoked, EVIL, ORIGIN_BLOCKED),
    "8 before 9: a bound ticket, elsewhere, of a revoked session": (
        lambda g: [ticket_for(g, ORIGIN, sessionId="both"), g.api("revoke", {"session": "both"})][0], OTHER,
        ORIGIN_BLOCKED),
    "6 before 8: a spent bound ticket with another Origin": (
        lambda g: [t := ticket_for(g, ORIGIN), connect(g, t, origin=ORIGIN).close()][0], OTHER, NOT_AUTHORIZED),
}


@pytest.mark.parametrize("make, origin, closed", ORDER.values(), ids=ORDER)
def test_order(start_gateway, make, origin, closed):
    gateway = start_gateway()
    assert refused_with(gateway, f"?ticket={make(gateway)}", origin=origin) == closed


# ---- 10: the newcomer is let in ----


@pytest.mark.parametrize("key, claims", [("connections_per_session", [{}, {}, {}]),
                                         ("connections_per_user", [dict(sub="ada", sessionId=s) for s in "abc"])])
def test_over_the_limit_the_oldest_goes_and_the_newcomer_stays(start_gateway, key, claims):
    gateway = start_gateway({"limits": {key: 2}})
    oldest, second = [connect(gateway, gateway.ticket(**claims[i])) for i in range(2)]
    newcomer = connect(gateway, gateway.ticket(**claims[2]))
    assert oldest.read_close() == (3504, "CONNECTION_LIMIT")
    gateway.wait_for_line("websocket_disconnected { code: 3504, reason: 'CONNECTION_LIMIT'")
    for ws in (second, newcomer):
        ws.send({"id": 1, "ping": {}})
        assert ws.read_reply(1) == {"id": 1, "ping": {}}
        ws.close()


# ---- success ----


def test_success_is_logged_word_for_word(start_gateway):
    gateway = start_gateway()
    ws = connect(gateway, ticket_for(gateway, ORIGIN, sub="ada"), origin=ORIGIN)
    gateway.wait_for_line("[WSTicket] Ticket generated { hasUserId: true, ttl: 30")
    gateway.wait_for_line("[WS] Authenticated via ticket { hasUserId: true")
    gateway.wait_for_line("websocket_connected { originHost: 'app.example'")
    ws.close()
    gateway.wait_for_line("websocket_disconnected { code: 1000, reason: ''")
    connect(gateway).abort()
    gateway.wait_for_line("[WS] Authenticated via ticket { hasUserId: false")
    gateway.wait_for_line("websocket_disconnected { code: 1006, reason: ''")


def test_the_connect_push_comes_in_the_same_segment_as_the_101(gateway):
    fields = {**UPGRADE, "Sec-WebSocket-Protocol": "usher.v1.json"}
    lines = [f"GET /ws?ticket={gateway.ticket()} HTTP/1.1", *(f"{k}: {v}" for k, v in fields.items())]
    with socket.create_connection((gateway.host, gateway.port), timeout=10) as s:
        s.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        first = s.recv(65536)
    head, rest = first.split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 101 ")
    assert b'{"push":{"connect":{' in rest


def with_protocols(gateway, query, *protocols):
    return WebSocket(gateway.address, f"/ws{query}", protocols=protocols)


def test_the_ticket_may_come_as_subprotocol_and_is_not_echoed(gateway):
    for order in (1, -1):
        offered = ["usher.v1.json", f"usher.ticket.{gateway.ticket()}"][::order]
        ws = with_protocols(gateway, "", *offered)
        assert ws.protocol == "usher.v1.json"
        assert "usher.ticket" not in ws.head
        assert ws.read_connect()["session"] == "s1"
        ws.close()


def test_the_same_ticket_twice_is_one_and_two_different_ones_are_none(gateway):
    ticket = gateway.ticket()
    ws = with_protocols(gateway, f"?ticket={ticket}", "usher.v1.json", f"usher.ticket.{ticket}")
    assert ws.read_connect()["session"] == "s1"
    ws.close()
    one, other = gateway.ticket(), gateway.ticket()
    different = [
        (f"?ticket={one}", "usher.v1.json", f"usher.ticket.{other}"),
        (f"?ticket={one}&ticket={other}", "usher.v1.json"),
        ("", "usher.v1.json", f"usher.ticket.{one}", f"usher.ticket.{other}"),
    ]
    for query, *protocols in different:
        ws = with_protocols(gateway, query, *protocols)
        assert ws.protocol == "usher.v1.json"
        assert ws.read_close() == NOT_AUTHORIZED


def test_only_the_query_parameter_of_that_name_counts(gateway):
    ticket = gateway.ticket()
    for query in (f"?xticket={ticket}", f"?Ticket={ticket}", f"?a=ticket={ticket}"):
        assert refused_with(gateway, query) == NOT_AUTHORIZED
    ws = WebSocket(gateway.address, f"/ws?v=1&ticket={ticket}&x=")
    assert ws.read_connect()["session"] == "s1"
    ws.close()


# ---- one ticket, a thousand hands ----


def outcome_of(s):
    """What a raw socket got behind its 101: "connected", or the close reason."""
    answer = b""
    while True:
        head, _, frame = answer.partition(b"\r\n\r\n")
        if len(frame) >= 2 and len(frame) >= 2 + (frame[1] if frame[1] < 126 else 2):
            break
        data = s.recv(65536)
        if not data:
            return "lost"
        answer += data
    assert head.startswith(b"HTTP/1.1 101 "), head
    if frame[0] == 0x81:
        return "connected"
    assert frame[0] == 0x88
    return (int.from_bytes(frame[2:4], "big"), frame[4:2 + frame[1]].decode())


def test_of_1000_simultaneous_upgrades_with_one_ticket_over_two_shards_exactly_one_connects(start_gateway):
    gateway = start_gateway({"server": {"threads": 2}, "limits": {"half_open_per_address": 0}})
    request = "\r\n".join([f"GET /ws?ticket={gateway.ticket()} HTTP/1.1", *(f"{k}: {v}" for k, v in UPGRADE.items()),
                           "Sec-WebSocket-Protocol: usher.v1.json", "", ""]).encode()
    sockets = [socket.create_connection((gateway.host, gateway.port), timeout=20) for _ in range(1000)]
    hands = 4
    barrier = threading.Barrier(hands)

    def show(mine):
        barrier.wait()
        for s in mine:
            s.sendall(request)

    threads = [threading.Thread(target=show, args=(sockets[i::hands],)) for i in range(hands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcomes = [outcome_of(s) for s in sockets]
    assert outcomes.count("connected") == 1
    assert outcomes.count(NOT_AUTHORIZED) == 999
    assert gateway.metric("usher_ticket_replays_total") == 999
    assert gateway.metric("usher_ticket_redeems_total", outcome="ok") == 1
    assert gateway.metric("usher_upgrades_total", result="ticket_replayed") == 999
    for s in sockets:
        s.close()


# ---- a flood does not fill the disk ----


def test_reject_lines_are_rate_limited_and_say_how_many_were_held_back(start_gateway):
    gateway = start_gateway()

    def held_back():
        assert refused_with(gateway, "") == NOT_AUTHORIZED
        return gateway.has_line("WS: Rejected - no auth ticket { suppressed: ")

    wait_until(held_back, "a line that says how many were suppressed")
    assert gateway.count_lines("WS: Rejected - no auth ticket") < gateway.metric(
        "usher_upgrades_total", result="no_ticket")
