"""POST /api/redeem: a server that opens its own WebSocket asks who its client is. On both engines."""

import hashlib
import re

import pytest

from gateway import ORIGIN, Gateway, wait_until
from redis_server import RedisServer, on_redis
from upgrade import EVIL, NOT_AUTHORIZED, outcome_of, refused_with, ticket_for


def hash_of(ticket):
    return hashlib.sha256(ticket.encode()).hexdigest()[:12]


def redeem(gateway, ticket, origin=ORIGIN, **headers):
    return gateway.api("redeem", {"ticket": ticket, "origin": origin}, **headers)


def reason_of(answer):
    error = answer["error"]
    assert (error["code"], error["message"]) == (109, "token expired"), answer
    return error["reason"]


def test_a_good_ticket_says_who_its_bearer_is(door_gateway):
    claims = {"sessionId": "s:\u00e9 1", "sub": "ada", "channels": ["news", "orders:*"],
              "org": {"id": 12345678901234567890, "name": "\u00fc"}, "role": "admin"}
    token_claims = door_gateway.claims(**claims)
    ticket = ticket_for(door_gateway, ORIGIN, **claims)
    result = redeem(door_gateway, ticket)["result"]
    client = result.pop("client")
    assert result == {"session": "s:\u00e9 1", "user": "ada", "guest": False, "channels": ["news", "orders:*"],
                      "claims": {"org": claims["org"]}, "expire_at": pytest.approx(token_claims["exp"], abs=5)}
    assert re.fullmatch(r"[0-9a-f]{16}", client)
    line = door_gateway.wait_for_line(f"[WS] Authenticated via ticket {{ hasUserId: true, client: '{client}'")
    assert line.endswith("door: 'redeem' }"), line
    # usher holds no such connection: the order finds none, and says so in no way.
    assert door_gateway.api("disconnect", {"client": client}) == {"result": {}}


def test_a_guests_ticket_has_no_user(door_gateway):
    ticket = door_gateway.ask_ticket(door_gateway.guest()["token"]).json()["ticket"]
    result = redeem(door_gateway, ticket, None)["result"]
    assert (result["user"], result["guest"], result["channels"], result["claims"]) == ("", True, [], {})


def revoked(gateway):
    ticket = ticket_for(gateway, ORIGIN, sessionId="redeem-revoked")
    assert gateway.api("revoke", {"session": "redeem-revoked"}) == {"result": {}}
    return ticket


def spent_on_a_socket(gateway):
    ticket = ticket_for(gateway)
    assert outcome_of(gateway, ticket) == "connected"
    return ticket


def spent_here(gateway):
    ticket = ticket_for(gateway)
    assert "result" in redeem(gateway, ticket)
    return ticket


# What is shown: ticket, origin; the reason, the log line, and whether the ticket is still good afterwards.
REFUSED = {
    "3: a foreign Origin, which spends nothing":
        (lambda g: ticket_for(g), EVIL, "origin", "origin blocked { originHost: 'evil.example'", True),
    "3: an Origin that is none":
        (lambda g: ticket_for(g), "", "origin", "origin blocked { originHost: '", True),
    "6: no ticket's form": (lambda g: "x" * 32, ORIGIN, "unknown", "ticket invalid or expired { ticketHash: '%s'", False),
    "6: a JWT": (lambda g: g.token(), ORIGIN, "unknown", "ticket invalid or expired { ticketHash: '%s'", False),
    "6: spent on a socket": (spent_on_a_socket, ORIGIN, "consumed", "ticket replayed { ticketHash: '%s'", False),
    "6: spent by the same call": (spent_here, ORIGIN, "consumed", "ticket replayed { ticketHash: '%s'", False),
    "8: bound to another Origin": (lambda g: ticket_for(g, ORIGIN), "https://a.wild.example", "origin",
                                   "origin blocked { originHost: 'a.wild.example', ticketHash: '%s'", False),
    "8: bound, and none given":
        (lambda g: ticket_for(g, ORIGIN), None, "origin", "origin blocked { originHost: '', ticketHash: '%s'", False),
    "9: revoked": (revoked, ORIGIN, "revoked", "session revoked { ticketHash: '%s', session: '", False),
}


@pytest.mark.parametrize("row", REFUSED)
def test_each_row_of_the_table_has_its_reason(door_gateway, row):
    make, origin, reason, line, still_good = REFUSED[row]
    ticket = make(door_gateway)
    replays = door_gateway.metric("usher_ticket_replays_total")
    assert reason_of(redeem(door_gateway, ticket, origin)) == reason
    part = line % hash_of(ticket) if "%s" in line else line
    found = wait_until(lambda: next((each for each in list(door_gateway.lines) if f"WS: Rejected - {part}" in each
                                     and each.endswith("door: 'redeem' }")), None), part)
    assert ticket not in found
    assert door_gateway.metric("usher_ticket_replays_total") - replays == (1 if reason == "consumed" else 0)
    again = redeem(door_gateway, ticket, ORIGIN)
    assert ("result" in again) == still_good, again


def test_an_expired_ticket_says_so(start_gateway):
    gateway = start_gateway({"ticket": {"ttl": "1s"}})
    ticket = ticket_for(gateway)
    wait_until(lambda: gateway.metric("usher_tickets_live") == 0, "the ticket to expire")
    assert reason_of(redeem(gateway, ticket)) == "expired"
    gateway.wait_for_line(f"WS: Rejected - ticket expired {{ ticketHash: '{hash_of(ticket)}', ageMs: ")
    assert reason_of(redeem(gateway, "0" * 32)) == "expired", "a young store has forgotten, as far as it knows"


def test_a_ticket_that_is_redeemed_here_opens_no_socket(door_gateway):
    ticket = ticket_for(door_gateway)
    assert "result" in redeem(door_gateway, ticket)
    assert refused_with(door_gateway, f"?ticket={ticket}") == NOT_AUTHORIZED


def test_null_is_an_origin_and_no_origin(door_gateway):
    assert reason_of(redeem(door_gateway, ticket_for(door_gateway), "null")) == "origin"
    assert "result" in redeem(door_gateway, ticket_for(door_gateway), None)


WRONG = {
    "no origin": ({"ticket": "0" * 32}, "'origin' is missing"),
    "an origin of another type": ({"ticket": "0" * 32, "origin": False}, "'origin' must be a string"),
    "no ticket": ({"origin": None}, "'ticket' is missing or empty"),
    "an unknown member": ({"ticket": "0" * 32, "origin": None, "address": "192.0.2.1"}, "'address' is not taken here"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_call_that_says_too_little_spends_nothing_and_is_told_what(door_gateway, wrong):
    params, detail = WRONG[wrong]
    before = door_gateway.metric("usher_ticket_redeems_total")
    error = door_gateway.api("redeem", params)["error"]
    assert error["code"] == 107 and detail in error["detail"], error
    assert door_gateway.metric("usher_ticket_redeems_total") == before


def test_in_transport_mode_errors_are_statuses(door_gateway):
    def status(params):
        answer = door_gateway.api_raw("redeem", params, **{"X-Centrifugo-Error-Mode": "transport"})
        return answer.status, answer.json()["error"]["code"]

    assert status('{"ticket":"x","origin":null}') == (400, 109)
    assert status('{"ticket":"x"}') == (400, 107)


def test_it_is_for_backends_alone(door_gateway):
    body = '{"ticket":"x","origin":null}'
    assert door_gateway.api_raw("redeem", body, key="wrong").status == 401
    answer = door_gateway.api_raw("redeem", body, Origin=ORIGIN)
    assert (answer.status, answer.json()["code"]) == (403, "ORIGIN_BLOCKED")


def test_the_backends_address_does_not_pay_for_tickets_that_its_clients_forge(start_gateway):
    gateway = start_gateway({"limits": {"upgrades_per_second": 1}})
    for _ in range(50):
        assert reason_of(redeem(gateway, "0" * 32)) == "expired"
    # All come from one address here, as the backend's do.
    assert "result" in redeem(gateway, ticket_for(gateway))
    assert outcome_of(gateway, ticket_for(gateway)) == "connected"


def test_claims_of_a_backends_own_ticket_are_told(door_gateway):
    params = {"session": "minted", "claims": {"org": 7, "plan": [1, {"a": None}]}}
    ticket = door_gateway.api("ticket", params)["result"]["ticket"]
    assert redeem(door_gateway, ticket, None)["result"]["claims"] == params["claims"]
    error = door_gateway.api("ticket", {"session": "minted", "claims": {"role": "admin"}})["error"]
    assert error["code"] == 107 and "ticket.claims" in error["detail"], error


def test_claims_that_are_too_long_get_no_ticket(start_gateway):
    gateway = start_gateway({"ticket": {"claims": ["org"], "claims_bytes": 100}})
    longest = "x" * (100 - len('{"org": ""}') + 1)  # no space in what a ticket carries
    assert gateway.ask_ticket(org=longest).status == 200
    answer = gateway.ask_ticket(org=longest + "x")
    assert (answer.status, answer.json()["code"]) == (413, "TOO_LARGE")
    assert "ticket.claims_bytes" in answer.json()["detail"]
    assert gateway.ask_ticket(role="x" * 200).status == 200, "not carried, so not counted"
    params = {"session": "s", "claims": {"org": longest + "x"}}
    assert "ticket.claims_bytes" in gateway.api("ticket", params)["error"]["detail"]


def test_while_redis_is_away_the_error_is_temporary_and_no_ticket_is_lost(tmp_path):
    with RedisServer(tmp_path / "redis").start() as redis:
        gateway = Gateway(tmp_path / "gateway", on_redis(url=redis.url)).start().wait_until_ready()
        try:
            ticket = ticket_for(gateway)
            redis.kill()
            gateway.wait_until_not_ready()
            assert redeem(gateway, ticket)["error"]["code"] == 100
            gateway.wait_for_line("WS: Rejected - ticket store unavailable")
        finally:
            gateway.stop()


def test_what_one_gateway_issues_the_other_redeems_once(tmp_path):
    with RedisServer(tmp_path / "redis").start() as redis:
        config = {**on_redis(url=redis.url), "ticket": {"claims": ["org"]}}
        pair = [Gateway(tmp_path / f"gateway{i}", config).start().wait_until_ready() for i in range(2)]
        try:
            ticket = ticket_for(pair[0], org="acme")
            assert redeem(pair[1], ticket)["result"]["claims"] == {"org": "acme"}
            assert reason_of(redeem(pair[0], ticket)) == "consumed"
            redis.call("DEL", "usher:tickets:young")
            assert reason_of(redeem(pair[0], "0" * 32)) == "unknown"
        finally:
            for gateway in pair:
                gateway.stop()
