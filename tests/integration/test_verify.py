"""The verify door: a proxy asks whether it may let a WebSocket through. On both engines."""

import base64
import json
import re
import signal
import socket
import threading

import pytest

from gateway import API_KEY, ORIGIN, Gateway, wait_until
from raw_http import UPGRADE, request_bytes
from redis_server import RedisServer, on_redis
from upgrade import EVIL, outcome_of, ticket_for, upgrade_request
from websocket import connect


def ask(gateway, fields=None, path="/auth/verify", method="GET"):
    return gateway.request(method, path, fields, address=gateway.verify_address)


def ask_with(gateway, ticket, origin=ORIGIN, **more):
    return ask(gateway, {"X-Original-URI": f"/board?room=7&ticket={ticket}",
                         **({"Origin": origin} if origin is not None else {}), **more})


def told(answer):
    """What an answer says about the client: its X-Usher- fields."""
    return {name: value for name, value in answer.headers.items() if name.startswith("X-Usher-")}


def refused(answer):
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(told(answer)) == {"X-Usher-Code"}, answer
    assert answer.json()["code"] == answer.headers["X-Usher-Code"]
    return answer.status, answer.headers["X-Usher-Code"]


def test_a_good_ticket_is_answered_with_who_its_bearer_is(door_gateway):
    claims = {"sessionId": "s: \u00e9%", "sub": "ada", "org": {"id": 7}, "role": "admin"}
    exp = door_gateway.claims()["exp"]
    answer = ask_with(door_gateway, ticket_for(door_gateway, ORIGIN, **claims, exp=exp))
    assert (answer.status, answer.body, answer.headers["Cache-Control"]) == (200, b"", "no-store")
    fields = told(answer)
    client = fields.pop("X-Usher-Client")
    claims_told = fields.pop("X-Usher-Claims")
    assert fields == {"X-Usher-Session": "s:%20%C3%A9%25", "X-Usher-User": "ada", "X-Usher-Expires": str(exp)}
    assert "=" not in claims_told
    assert json.loads(base64.urlsafe_b64decode(claims_told + "=" * (-len(claims_told) % 4))) == {"org": {"id": 7}}
    assert re.fullmatch(r"[0-9a-f]{16}", client)
    line = door_gateway.wait_for_line(f"[WS] Authenticated via ticket {{ hasUserId: true, client: '{client}'")
    assert line.endswith("door: 'verify' }"), line


def test_a_guest_has_no_user_whatever_the_client_smuggles_in(door_gateway):
    ticket = door_gateway.ask_ticket(door_gateway.guest()["token"]).json()["ticket"]
    answer = ask_with(door_gateway, ticket, None, **{"X-Usher-User": "eve", "X_Usher_User": "eve", "X-Usher-Session": "x"})
    assert answer.status == 200
    assert "X-Usher-User" not in answer.headers and answer.headers["X-Usher-Session"].startswith("sess_")


PLACES = {
    "nginx": lambda t: ({"X-Original-URI": f"/board?ticket={t}"}, "/auth/verify"),
    "Caddy and Traefik": lambda t: ({"X-Forwarded-Uri": f"/board?x=1&ticket={t}"}, "/auth/verify"),
    "a whole URL": lambda t: ({"X-Original-URL": f"https://app.example/board?ticket={t}#x"}, "/auth/verify"),
    "its own query": lambda t: ({}, f"/auth/verify?ticket={t}"),
    "Envoy's prefix": lambda t: ({}, f"/auth/verify/board/7?ticket={t}"),
    "a subprotocol": lambda t: ({"Sec-WebSocket-Protocol": f"chat, usher.ticket.{t}"}, "/auth/verify"),
    "the same in two places": lambda t: ({"X-Original-URI": f"/board?ticket={t}",
                                          "Sec-WebSocket-Protocol": f"usher.ticket.{t}"}, "/auth/verify"),
}


@pytest.mark.parametrize("place", PLACES)
def test_the_ticket_is_found_where_proxies_put_it_and_good_once(door_gateway, place):
    fields, path = PLACES[place](ticket_for(door_gateway))
    assert ask(door_gateway, fields, path).status == 200
    assert refused(ask(door_gateway, fields, path)) == (401, "NOT_AUTHORIZED")


def test_of_two_different_tickets_neither_is_spent(door_gateway):
    one, other = ticket_for(door_gateway), ticket_for(door_gateway)
    for fields, path in (({"X-Original-URI": f"/board?ticket={one}"}, f"/auth/verify?ticket={other}"),
                         ({"X-Original-URI": f"/board?ticket={one}", "X-Forwarded-Uri": f"/board?ticket={other}"},
                          "/auth/verify"),
                         ({"X-Original-URI": f"/board?ticket={one}&ticket={other}"}, "/auth/verify"),
                         ({"X-Original-URI": f"/board?ticket={one}", "Sec-WebSocket-Protocol": f"usher.ticket.{other}"},
                          "/auth/verify")):
        assert refused(ask(door_gateway, fields, path)) == (401, "NOT_AUTHORIZED"), fields
    assert [ask_with(door_gateway, ticket).status for ticket in (one, other)] == [200, 200]


def revoked(gateway):
    ticket = ticket_for(gateway, ORIGIN, sessionId="verify-revoked")
    assert gateway.api("revoke", {"session": "verify-revoked"}) == {"result": {}}
    return ticket


def spent_on_a_socket(gateway):
    ticket = ticket_for(gateway)
    assert outcome_of(gateway, ticket) == "connected"
    return ticket


def spent_by_redeem(gateway):
    ticket = ticket_for(gateway)
    assert "result" in gateway.api("redeem", {"ticket": ticket, "origin": None})
    return ticket


# What is shown: ticket, Origin; the answer, the log line, and whether the ticket is still good afterwards.
REFUSED = {
    "3: a foreign Origin, which spends nothing":
        (lambda g: ticket_for(g), EVIL, (403, "ORIGIN_BLOCKED"), "origin blocked { originHost: 'evil.example'", True),
    "4: no ticket": (lambda g: "", ORIGIN, (401, "NOT_AUTHORIZED"), "no auth ticket {", False),
    "6: no ticket's form": (lambda g: "x" * 32, ORIGIN, (401, "NOT_AUTHORIZED"), "ticket invalid or expired {", False),
    "6: spent on a socket": (spent_on_a_socket, ORIGIN, (401, "NOT_AUTHORIZED"), "ticket replayed {", False),
    "6: spent by a call": (spent_by_redeem, ORIGIN, (401, "NOT_AUTHORIZED"), "ticket replayed {", False),
    "8: bound to another Origin": (lambda g: ticket_for(g, ORIGIN), "https://a.wild.example", (403, "ORIGIN_BLOCKED"),
                                   "origin blocked { originHost: 'a.wild.example', ticketHash: '", False),
    "8: bound, and none given":
        (lambda g: ticket_for(g, ORIGIN), None, (403, "ORIGIN_BLOCKED"), "origin blocked { originHost: '',", False),
    "9: revoked": (revoked, ORIGIN, (401, "SESSION_REVOKED"), "session revoked {", False),
}


@pytest.mark.parametrize("row", REFUSED)
def test_each_row_of_the_table_has_its_status_code_and_line(door_gateway, row):
    make, origin, expected, line, still_good = REFUSED[row]
    ticket = make(door_gateway)
    replays = door_gateway.metric("usher_ticket_replays_total")
    before = len(door_gateway.lines)
    assert refused(ask_with(door_gateway, ticket, origin)) == expected
    found = wait_until(lambda: [each for each in door_gateway.lines[before:] if f"WS: Rejected - {line}" in each], line)
    assert all(each.endswith("door: 'verify' }") for each in found), found
    assert door_gateway.metric("usher_ticket_replays_total") - replays == ("replayed" in line)
    if ticket:
        assert (ask_with(door_gateway, ticket).status == 200) == still_good


def test_an_expired_ticket_says_so(start_gateway):
    gateway = start_gateway({"ticket": {"ttl": "1s"}, "verify": {"listen": "127.0.0.1:0"}})
    ticket = ticket_for(gateway)
    wait_until(lambda: gateway.metric("usher_tickets_live") == 0, "the ticket to expire")
    assert refused(ask_with(gateway, ticket)) == (401, "TICKET_EXPIRED")


def test_while_the_store_is_away_the_answer_is_503(tmp_path):
    with RedisServer(tmp_path / "redis").start() as redis:
        config = {**on_redis(url=redis.url), "verify": {"listen": "127.0.0.1:0"}}
        gateway = Gateway(tmp_path / "gateway", config).start().wait_until_ready()
        try:
            ticket = ticket_for(gateway)
            redis.kill()
            gateway.wait_until_not_ready()
            answer = ask_with(gateway, ticket)
            assert refused(answer) == (503, "STORE_UNAVAILABLE")
            assert answer.headers["Retry-After"] == "1"
        finally:
            gateway.stop()


def test_a_node_that_drains_refuses_and_spends_nothing(start_gateway):
    gateway = start_gateway({"verify": {"listen": "127.0.0.1:0"}, "shutdown": {"timeout": "20s"}})
    ticket = ticket_for(gateway)
    holder = [threading.Event(), threading.Event()]

    def hold():  # a connection that keeps the drain from ending
        ws = connect(gateway, ticket_for(gateway))
        holder[0].set()
        holder[1].wait(20)
        ws.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert holder[0].wait(10)
    redeems = gateway.metric("usher_ticket_redeems_total")
    gateway.signal(signal.SIGTERM)
    gateway.wait_until_not_ready()
    try:
        assert refused(ask_with(gateway, ticket)) == (503, "DRAINING")
        assert gateway.metric("usher_ticket_redeems_total") == redeems
    finally:
        holder[1].set()
        thread.join()


def test_only_get_and_head_are_a_handshakes_and_each_redeems(door_gateway):
    ticket = ticket_for(door_gateway)
    fields = {"X-Original-URI": f"/board?ticket={ticket}"}
    for method in ("POST", "PUT", "OPTIONS", "DELETE"):
        answer = ask(door_gateway, fields, method=method)
        assert (refused(answer), answer.headers["Allow"]) == ((405, "METHOD_NOT_ALLOWED"), "GET, HEAD")
    answer = ask(door_gateway, fields, method="HEAD")
    assert (answer.status, answer.body) == (200, b"") and "X-Usher-Session" in answer.headers
    assert refused(ask(door_gateway, fields)) == (401, "NOT_AUTHORIZED")


def test_a_question_that_carries_the_handshake_is_not_upgraded(door_gateway):
    answer = ask_with(door_gateway, ticket_for(door_gateway), **{k: v for k, v in UPGRADE.items() if k != "Host"})
    assert answer.status == 200 and "Upgrade" not in answer.headers
    answer = ask_with(door_gateway, ticket_for(door_gateway), Upgrade="websocket", Connection="Upgrade")
    assert answer.status == 200, "however little of a handshake it is"


def test_it_has_a_listener_of_its_own_with_nothing_else(door_gateway):
    for path in ("/", "/ws", "/auth/ticket", "/auth/token", "/api/info", "/healthz", "/metrics", "/auth/verifyx"):
        assert ask(door_gateway, path=path).status == 404, path
    for address in (door_gateway.address, door_gateway.admin_address):
        ticket = ticket_for(door_gateway)
        assert door_gateway.request("GET", f"/auth/verify?ticket={ticket}", address=address).status == 404
        assert ask_with(door_gateway, ticket).status == 200


def test_it_is_off_unless_it_is_configured(start_gateway):
    gateway = start_gateway()
    assert gateway.verify_address is None
    assert gateway.request("GET", "/auth/verify").status == 404


def test_who_guesses_tickets_behind_the_proxy_is_refused_and_its_neighbours_are_not(start_gateway):
    gateway = start_gateway({"verify": {"listen": "127.0.0.1:0"}, "server": {"trusted_proxies": ["127.0.0.1"]},
                             "limits": {"upgrades_per_second": 1}})

    def guess(address):
        return ask_with(gateway, "0" * 32, **{"X-Forwarded-For": address})

    answers = [refused(guess("192.0.2.1")) for _ in range(30)]
    assert answers[0] == (401, "TICKET_EXPIRED"), "a young store"
    assert answers[-1] == (503, "OVERLOADED")
    good = ask_with(gateway, ticket_for(gateway), **{"X-Forwarded-For": "192.0.2.2"})
    assert good.status == 200
    assert ask_with(gateway, ticket_for(gateway), **{"X-Forwarded-For": "192.0.2.1"}).status == 503


def handshakes(gateway, ticket):
    """How the ticket is shown at each door: where, and with which request. At /away no server is: who is let in learns that."""
    body = json.dumps({"ticket": ticket, "origin": None})
    last = {"Host": "gateway", "Connection": "close"}
    call = request_bytes("POST /api/redeem HTTP/1.1", {**last, "X-API-Key": API_KEY, "Content-Length": len(body)})
    question = request_bytes("GET /auth/verify HTTP/1.1", {**last, "X-Original-URI": f"/board?ticket={ticket}"})
    tunnel = request_bytes(f"GET /away?ticket={ticket} HTTP/1.1", UPGRADE)
    return {"ws": (gateway.address, upgrade_request(ticket)), "redeem": (gateway.address, call + body.encode()),
            "verify": (gateway.verify_address, question), "tunnel": (gateway.address, tunnel)}


LET_IN = {"ws": b'{"push":{"connect":', "redeem": b'{"result":{', "verify": b"HTTP/1.1 200 OK", "tunnel": b"UPSTREAM_UNAVAILABLE"}


def is_let_in(raw, door):
    """Reads until the server ends, or says that it lets the ticket in."""
    answer = b""
    while LET_IN[door] not in answer and (data := raw.recv(65536)):
        answer += data
    return LET_IN[door] in answer


def connected_to(address):
    return socket.create_connection(address.rsplit(":", 1), timeout=30)


@pytest.mark.parametrize("door", LET_IN)
def test_each_door_alone_lets_a_ticket_in_once(door_gateway, door):
    address, request = handshakes(door_gateway, ticket_for(door_gateway))[door]
    for expected in (True, False):
        with connected_to(address) as raw:
            raw.sendall(request)
            assert is_let_in(raw, door) == expected


def test_of_a_thousand_attempts_at_all_doors_exactly_one_gets_in(door_gateway):
    doors = list(handshakes(door_gateway, ticket_for(door_gateway)).items())
    attempts = [(door, connected_to(address), request) for i in range(1000) for door, (address, request) in [doors[i % 4]]]
    redeems = door_gateway.metric("usher_ticket_redeems_total")
    replays = door_gateway.metric("usher_ticket_replays_total")
    hands = 4
    barrier = threading.Barrier(hands)

    def show(mine):
        barrier.wait()
        for _, raw, request in mine:
            raw.sendall(request)

    # Each hand goes to all doors.
    threads = [threading.Thread(target=show, args=(attempts[i * 250:(i + 1) * 250],)) for i in range(hands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_until(lambda: door_gateway.metric("usher_ticket_redeems_total") - redeems == 1000, "all attempts", 30)
    assert door_gateway.metric("usher_ticket_replays_total") - replays == 999
    wins = [door for door, raw, _ in attempts if is_let_in(raw, door)]
    for _, raw, _ in attempts:
        raw.close()
    assert len(wins) == 1, wins
