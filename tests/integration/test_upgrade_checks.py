"""Rows 3 to 9 of the contract's table of checks on /ws that one machine can produce: answer, log line, order."""

import hashlib
import re

import pytest

from gateway import ORIGIN, wait_until
from upgrade import (EVIL, NOT_AUTHORIZED, ORIGIN_BLOCKED, SESSION_REVOKED, TICKET_EXPIRED, refused_with,
                     ticket_for)
from websocket import WebSocket, connect

OTHER = "https://one.wild.example"
UNKNOWN = "0123456789abcdef0123456789abcdef"


def ticket_hash(ticket):
    return hashlib.sha256(ticket.encode()).hexdigest()[:12]


def assert_logged(gateway, line):
    """`line` up to an ellipsis, word for word behind time and level."""
    found = gateway.wait_for_line(line.split(" {")[0])
    assert re.match(r"\S+ warn " + re.escape(line), found), found


# ---- row by row ----


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
        revoked, ORIGIN, SESSION_REVOKED,
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
    for path in ("/auth/token", "/auth/ticket"):
        answer = gateway.request("POST", path, {"Authorization": f"Bearer {gateway.token()}"})
        assert (answer.status, answer.json()["code"]) == (403, "ORIGIN_BLOCKED"), path
    assert gateway.request("POST", "/auth/token").status == 403
    assert gateway.request("POST", "/auth/token", {"Origin": ORIGIN}).status == 200


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
    assert refused_with(gateway, f"?ticket={ticket}") == SESSION_REVOKED


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


# ---- a flood does not fill the disk ----


def test_reject_lines_are_rate_limited_and_say_how_many_were_held_back(start_gateway):
    gateway = start_gateway()

    def held_back():
        assert refused_with(gateway, "") == NOT_AUTHORIZED
        return gateway.has_line("WS: Rejected - no auth ticket { suppressed: ")

    wait_until(held_back, "a line that says how many were suppressed")
    assert gateway.count_lines("WS: Rejected - no auth ticket") < gateway.metric(
        "usher_upgrades_total", result="no_ticket")


GOOD_LINES = ["[WSTicket] Ticket generated", "[WS] Authenticated via ticket", "websocket_connected", "websocket_disconnected"]


def test_lines_about_what_went_well_are_rate_limited_too(start_gateway):
    gateway = start_gateway({"log": {"events": "3/1h"}})
    for _ in range(5):
        connect(gateway).close()
    wait_until(lambda: gateway.count_lines("websocket_disconnected") == 3, "three lines")
    assert [gateway.count_lines(line) for line in GOOD_LINES] == [3, 3, 3, 3]
    wait_until(lambda: gateway.metric("usher_log_lines_suppressed_total") == 8, "two of each to be counted")
    refused_with(gateway, "")
    gateway.wait_for_line("WS: Rejected - no auth ticket")  # a limit of its own


def test_the_line_after_the_flood_says_how_many_were_left_out_and_without_a_limit_none_is(start_gateway):
    limited, free = start_gateway({"log": {"events": "1/1s"}}), start_gateway({"log": {"events": "0"}})

    def is_told():
        connect(limited).close()
        return all(any(line in said and "suppressed: " in said for said in list(limited.lines)) for line in GOOD_LINES)

    wait_until(is_told, "lines that say how many were suppressed")
    for _ in range(30):
        connect(free).close()
    wait_until(lambda: free.count_lines("websocket_disconnected") == 30, "all lines")
    assert free.count_lines("websocket_connected") == 30 and not free.has_line("suppressed")
