"""nginx, Caddy and HAProxy with the configurations of docs/doors/, in front of the proxy door and beside the verify door."""

import json

import pytest
from gateway import bearer, wait_until
from proxies_app import App
from proxies_pages import DoorsGateway, Proxy, block
from upgrade import EVIL
from websocket import CLOSE, TEXT, Closed, Refused

KINDS = ["nginx", "caddy", "haproxy"]
USES = ["proxy", "verify"]
PAGES = "https://app.example.com"
PLAIN = {"sessionId": "s-1", "sub": "ada"}


class Stack:
    def __init__(self, kind, use, folder, **config):
        self.kind, self.use = kind, use
        self.app = App()
        self.gateway = DoorsGateway(folder / "gateway", block(kind, use, "usher.toml"), self.app.address, config).start()
        self.proxy = Proxy(kind, use, folder / "proxy", self.gateway, self.app).start()
        self.tickets = []

    def ticket(self, secret=True, **claims):
        """`secret`: no log of the proxy may have it."""
        token = self.gateway.token(**{**PLAIN, **claims})
        status, body = self.proxy.post("/auth/ticket", {"Origin": PAGES, **bearer(token)})
        assert status == 200, body
        ticket = json.loads(body)["ticket"]
        if secret:
            self.tickets.append(ticket)
        return ticket

    def open(self, query, **options):
        return self.proxy.open(f"/board?{query}", **options)

    def outcome(self, query, **options):
        """"let in", the status in place of a 101, or the close frame's (code, reason)."""
        before = len(self.app.upgrades)
        try:
            ws = self.open(query, **options)
        except Refused as refused:
            return refused.status
        try:
            if len(self.app.upgrades) == before:
                return ws.read_close()
            ws.send_frame(TEXT, "hello")
            assert ws.read_frame() == (TEXT, b"hello")
            return "let in"
        finally:
            ws.close()

    def stop(self):
        wait_until(lambda: "/board" in self.proxy.logs(), "a request in the logs: others prove nothing")
        self.proxy.stop()
        self.gateway.stop()
        self.app.close()
        lines = self.proxy.logs().split("\n")
        leaks = [line for line in lines if any(ticket in line for ticket in self.tickets)]
        assert not leaks, f"tickets in the logs of {self.kind}:\n" + "\n".join(leaks)


@pytest.fixture(scope="module", params=[(kind, use) for kind in KINDS for use in USES], ids="-".join)
def stack(request, tmp_path_factory):
    running = Stack(*request.param, tmp_path_factory.mktemp("-".join(request.param)))
    yield running
    running.stop()


# What the client gets: the proxy door's close frame, or the status that the proxy makes of the verify door's.
REFUSALS = {
    "spent": ((1008, "NOT_AUTHORIZED"), 401),
    "unknown": ((1008, "NOT_AUTHORIZED"), 401),
    "none": ((1008, "NOT_AUTHORIZED"), 401),
    "foreign": ((1008, "ORIGIN_BLOCKED"), 403),
    "revoked": ((3520, "SESSION_REVOKED"), 401),
}


def refused_as(stack, row):
    door, status = REFUSALS[row]
    return door if stack.use == "proxy" else status


def test_a_ticket_lets_in_once_and_is_refused_the_second_time(stack):
    query = f"ticket={stack.ticket()}"
    assert stack.outcome(query) == "let in"
    assert stack.outcome(query) == refused_as(stack, "spent")


def test_the_app_learns_from_usher_who_it_is(stack):
    assert stack.outcome(f"room=7&ticket={stack.ticket()}&x=1") == "let in"
    headers = stack.app.headers()
    assert (headers["x-usher-session"], headers["x-usher-user"]) == ("s-1", "ada")
    assert len(headers["x-usher-client"]) == 16
    assert headers["origin"] == PAGES


def test_the_app_gets_the_query_without_the_ticket(stack):
    for query in ("room=7&ticket={}&x=1", "ticket={}&room=7", "room=7&ticket={}", "myticket=1&ticket={}"):
        ticket = stack.ticket()
        assert stack.outcome(query.format(ticket)) == "let in"
        request = stack.app.upgrades[-1][0]
        path, _, rest = request.split(" ")[1].partition("?")
        assert path == "/socket", request
        assert [each for each in rest.split("&") if each] == [each for each in query.split("&") if each != "ticket={}"]
        assert ticket not in str(stack.app.upgrades[-1])


@pytest.mark.parametrize("row", ["unknown", "none"])
def test_a_ticket_that_is_none_opens_nothing(stack, row):
    assert stack.outcome({"unknown": "ticket=never-issued", "none": "room=7"}[row]) == refused_as(stack, row)


def test_a_foreign_page_gets_nothing_and_spends_nothing(stack):
    ticket = stack.ticket()
    assert stack.outcome(f"ticket={ticket}", origin=EVIL) == refused_as(stack, "foreign")
    assert stack.outcome(f"ticket={ticket}") == "let in"


def test_a_revoked_session_does_not_get_in(stack):
    ticket = stack.ticket(sessionId="gone")
    assert stack.gateway.api("revoke", {"session": "gone"}).get("error") is None
    assert stack.outcome(f"ticket={ticket}") == refused_as(stack, "revoked")


def test_an_expired_ticket_says_so(stack, tmp_path):
    short = Stack(stack.kind, stack.use, tmp_path, ticket={"ttl": "1s"})
    try:
        ticket = short.ticket()
        wait_until(lambda: short.gateway.metric("usher_tickets_live") == 0, "the ticket to expire")
        assert short.outcome(f"ticket={ticket}") == ((3100, "TICKET_EXPIRED") if stack.use == "proxy" else 401)
    finally:
        short.stop()


def test_a_ticket_as_subprotocol_lets_in(stack):
    ticket = stack.ticket()
    ws = stack.open("", protocols=("chat", f"usher.ticket.{ticket}"))
    ws.send_frame(TEXT, "hello")
    assert ws.read_frame() == (TEXT, b"hello")
    ws.close()


# Names that servers take for ours: Rack, WSGI and CGI make one variable of `X-Usher-User` and `X_Usher_User`.
@pytest.mark.parametrize("name", ["X-Usher-User", "x-usher-user", "X_Usher_User", "X-Usher_User", "X-Usher-Session", "X-Usher-Claims",
                                  "X-Usher-Identity", "X-Usher-Expires"])
@pytest.mark.parametrize("who", ["a user", "a guest"])
def test_what_a_client_says_about_itself_does_not_reach_the_app(stack, name, who):
    ticket = stack.ticket(sub=None if who == "a guest" else "ada")
    assert stack.outcome(f"ticket={ticket}", headers={name: "smuggled"}) == "let in"
    assert "smuggled" not in str(stack.app.upgrades[-1])
    if who == "a guest":
        assert not stack.app.headers().get("x-usher-user")


@pytest.mark.parametrize("name", ["X-Original-URI", "X-Forwarded-Uri", "X-Original-URL"])
def test_a_ticket_in_a_header_of_a_client_does_not_count(stack, name):
    ticket = stack.ticket(secret=False)
    assert stack.outcome("room=7", headers={name: f"/board?ticket={ticket}"}) == refused_as(stack, "none")
    assert stack.outcome(f"ticket={stack.ticket()}", headers={name: "/board?ticket=" + "0" * 32}) == "let in"


def test_a_client_cannot_ask_the_verify_door(stack):
    ticket = stack.ticket()
    with pytest.raises(Refused) as refused:
        stack.proxy.open(f"/auth/verify?ticket={ticket}")
    assert refused.value.status == 404
    assert stack.outcome(f"ticket={ticket}") == "let in"


def test_a_revocation_ends_the_socket_of_the_proxy_door_only(stack):
    ws = stack.open(f"ticket={stack.ticket(sessionId='later')}")
    assert stack.gateway.api("revoke", {"session": "later"}).get("error") is None
    if stack.use == "proxy":
        assert ws.read_close() == (3520, "SESSION_REVOKED")
    else:
        ws.send_frame(TEXT, "still here")
        assert ws.read_frame() == (TEXT, b"still here")
    ws.close()


def test_the_apps_close_frame_arrives(stack):
    ws = stack.open(f"ticket={stack.ticket()}")
    ws.send_frame(CLOSE, b"\x0f\xa1bye")
    with pytest.raises(Closed) as closed:
        ws.read()
    assert (closed.value.code, closed.value.reason) == (4001, "bye")


@pytest.mark.parametrize("gone", ["app", "usher"])
def test_while_something_is_away_nothing_is_let_in_and_no_log_has_the_ticket(stack, tmp_path, gone):
    broken = Stack(stack.kind, stack.use, tmp_path)
    try:
        ticket = broken.ticket()
        broken.app.close() if gone == "app" else broken.gateway.kill()
        outcome = broken.outcome(f"ticket={ticket}")
        assert outcome in ((1013, "UPSTREAM_UNAVAILABLE"), 500, 502, 503), outcome
    finally:
        broken.stop()  # looks for tickets in the logs
