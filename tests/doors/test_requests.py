"""What the upstream is asked, and what becomes of its answer: the rows of docs/doors.md, seen from both sides."""

import base64
import json
import socket

import pytest

from gateway import wait_until
from raw_http import UPGRADE, request_bytes
from raw_upstream import End, accept_of, answer, open_tunnel, text

ACCEPTED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
KEY = UPGRADE["Sec-WebSocket-Key"]
UNAVAILABLE = (1013, "UPSTREAM_UNAVAILABLE")
REFUSED = (3522, "UPSTREAM_REFUSED")


class Case:
    """One gateway with several paths that lead to the same upstream."""

    def __init__(self, gateway, upstream):
        self.gateway, self.upstream = gateway, upstream

    def send(self, target, fields=()):
        """Sends an upgrade; `fields` are pairs that stand behind the usual ones."""
        client = End(socket.create_connection((self.gateway.host, self.gateway.port)))
        client.send(request_bytes(f"GET {target} HTTP/1.1", [*UPGRADE.items(), *fields]))
        return client

    def ask(self, target, fields=(), **claims):
        """(request line, fields) that reach the upstream; `{}` in the target stands for a ticket."""
        client = self.send(target.replace("{}", self.gateway.ticket(**claims)), fields)
        server = End(self.upstream.listener.accept()[0])
        line, *rest = server.take_head().decode().split("\r\n")
        server.close()
        client.close()
        return line, [tuple(field.split(": ", 1)) for field in rest]

    def answer(self, head, fields=()):
        """The client's end, and the head that it got, when the upstream answers with `head`."""
        client = self.send(f"/raw?ticket={self.gateway.ticket()}", fields)
        server = End(self.upstream.listener.accept()[0])
        server.take_head()
        server.send(head)
        self.upstream.ends.append(server)
        return client, client.take_head().decode()


@pytest.fixture
def case(upstream, start_gateway, tmp_path):
    secret = tmp_path / "identity.secret"
    secret.write_text("a secret of the upstream's, 32 bytes or more")
    secret.chmod(0o600)
    base = f"http://127.0.0.1:{upstream.port}"
    return Case(start_gateway({"upstreams": [
        {"name": "raw", "path": "/raw", "url": f"{base}/"},
        {"name": "users", "path": "/users", "url": f"{base}/", "who": "users"},
        {"name": "below", "path": "/below/*", "url": f"{base}/base"},
        {"name": "told", "path": "/told", "url": f"{base}/", "claims": ["org", "role"], "identity_secret_file": str(secret)},
    ]}), upstream)


# ---- the request ----


@pytest.mark.parametrize("target, asked", [
    ("/raw?ticket={}", "/"),
    ("/raw?ticket={}&room=7", "/?room=7"),
    ("/raw?room=7&ticket={}", "/?room=7"),
    ("/raw?a=1&ticket={}&b=%2F+%20&a=2", "/?a=1&b=%2F+%20&a=2"),
    ("/raw?ticket={}&ticket={}", "/"),
    ("/raw?tickets=1&ticket={}&my_ticket=2", "/?tickets=1&my_ticket=2"),
    ("/below/?ticket={}", "/base/"),
    ("/below/room/7%2F8?ticket={}&x", "/base/room/7%2F8?x"),
])
def test_path_and_query_reach_the_upstream_without_the_ticket(case, target, asked):
    line, _ = case.ask(target)
    assert line == f"GET {asked} HTTP/1.1"


def test_a_ticket_as_subprotocol_does_not_reach_it(case):
    _, fields = case.ask("/raw?x", [("Sec-WebSocket-Protocol", f"usher.ticket.{case.gateway.ticket()}, mqtt, usher.refused, usher.accepted")])
    assert dict(fields)["Sec-WebSocket-Protocol"] == "mqtt"
    assert "usher." not in str(fields)


def test_end_to_end_fields_reach_the_upstream_unchanged(case):
    sent = [("Cookie", "a=b; c=d"), ("User-Agent", "probe/1.0"), ("Origin", "https://app.example"), ("Authorization", "Bearer theirs"),
            ("Accept-Language", "de"), ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits")]
    ticket = case.gateway.ask_ticket(headers={"Origin": "https://app.example"}).json()["ticket"]
    _, fields = case.ask(f"/raw?ticket={ticket}", sent)
    for field in sent:
        assert field in fields


@pytest.mark.parametrize("name", [
    "X-Usher-User", "x-usher-user", "X-USHER-SESSION", "X-Usher-Client", "X-Usher-Claims", "X-Usher-Identity", "X-Usher-Anything", "X_Usher_User",
])
def test_no_client_can_say_who_it_is(case, name):
    _, fields = case.ask("/raw?ticket={}", [(name, "smuggled")], sessionId="s1", sub="u1")
    assert "smuggled" not in str(fields)
    assert ("X-Usher-Session", "s1") in fields and ("X-Usher-User", "u1") in fields


def test_a_guest_has_no_user_whatever_it_says(case):
    _, fields = case.ask("/raw?ticket={}", [("X-Usher-User", "admin")])
    assert "X-Usher-User" not in dict(fields)


@pytest.mark.parametrize("name", ["Keep-Alive", "TE", "Trailer", "Proxy-Authorization", "Proxy-Connection", "Proxy-Authenticate"])
def test_hop_by_hop_fields_end_here(case, name):
    _, fields = case.ask("/raw?ticket={}", [(name, "for-one-hop")])
    assert "for-one-hop" not in str(fields)


def test_what_connection_names_ends_here_but_not_what_usher_says(case):
    fields = [("Connection", "Upgrade, X-Own, X-Usher-Session, X-Usher-Client, X-Forwarded-For, Host"), ("X-Own", "for-one-hop")]
    line, seen = case.ask("/raw?ticket={}", fields)
    assert "for-one-hop" not in str(seen)
    names = [name for name, _ in seen]
    for name in ["X-Usher-Session", "X-Usher-Client", "X-Forwarded-For", "Host", "Upgrade", "Sec-WebSocket-Key"]:
        assert names.count(name) == 1, name


def test_where_the_client_is_is_said_by_usher(case):
    _, fields = case.ask("/raw?ticket={}", [("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil"), ("Forwarded", "for=6.6.6.6")])
    assert "6.6.6.6" not in str(fields) and "evil" not in str(fields)
    seen = dict(fields)
    assert (seen["X-Forwarded-For"], seen["X-Forwarded-Proto"], seen["X-Forwarded-Host"]) == ("127.0.0.1", "http", UPGRADE["Host"])
    assert seen["traceparent"].startswith("00-")


def decoded(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_names_claims_and_the_signed_identity(case):
    _, fields = case.ask("/told?ticket={}", sessionId="s 1", sub="Ünï", org={"id": 7}, role="admin", secret="not named")
    seen = dict(fields)
    assert (seen["X-Usher-Session"], seen["X-Usher-User"]) == ("s%201", "%C3%9Cn%C3%AF")
    assert decoded(seen["X-Usher-Claims"]) == {"org": {"id": 7}, "role": "admin"}
    header, payload, _ = seen["X-Usher-Identity"].split(".")
    assert decoded(header)["alg"] == "HS256"
    identity = decoded(payload)
    assert (identity["iss"], identity["aud"], identity["sub"], identity["sessionId"]) == ("usher", "told", "Ünï", "s 1")


def test_a_guest_is_refused_where_users_are_wanted(case):
    client = case.send(f"/users?ticket={case.gateway.ticket()}")
    assert client.take_head().startswith(b"HTTP/1.1 101 ")
    client.expect_close(1008, "NOT_AUTHORIZED")
    line, _ = case.ask("/users?ticket={}", sub="u1")
    assert line == "GET / HTTP/1.1", "the guest has not been here"


# ---- the answer ----


def answered(status, *fields):
    return "\r\n".join([f"HTTP/1.1 {status} Whatever", *fields, "Content-Length: 2", "", "no"]).encode()


def switching(*fields, key=KEY):
    return ACCEPTED + accept_of(key.encode()) + "".join(f"\r\n{field}" for field in fields).encode() + b"\r\n\r\n"


@pytest.mark.parametrize("head, outcome", [
    *[(answered(status), UNAVAILABLE) for status in (500, 502, 503, 504, 599, 408, 425, 429)],
    *[(answered(status), REFUSED) for status in (400, 401, 403, 404, 409, 426, 499)],
    *[(answered(status, "Location: /elsewhere"), UNAVAILABLE) for status in (200, 204, 301, 302, 307)],
    (switching(key="x" * 24), UNAVAILABLE),
    (switching("Sec-WebSocket-Protocol: never.offered"), UNAVAILABLE),
    (switching("Sec-WebSocket-Extensions: permessage-deflate"), UNAVAILABLE),
    (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", UNAVAILABLE),
    (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", UNAVAILABLE),
], ids=lambda value: value[:40].decode() if isinstance(value, bytes) else value[1])
def test_an_answer_that_is_no_welcome_becomes_a_close_code(case, head, outcome):
    client, seen = case.answer(head)
    assert seen.startswith("HTTP/1.1 101 ")
    client.expect_close(*outcome)
    client.finish_sending()
    client.expect_end()
    case.gateway.wait_for_line("upstream lets no client in")


def test_a_retry_after_is_in_the_log(case):
    case.answer(answered(503, "Retry-After: 7"))
    case.gateway.wait_for_line("retry_after_ms: 7000")


@pytest.mark.parametrize("offer, chosen, told", [
    ("mqtt, soap", "soap", "soap"),
    ("mqtt", None, None),
    ("mqtt, usher.refused, usher.accepted", "mqtt", "mqtt"),
    ("mqtt, usher.refused, usher.accepted", None, "usher.accepted"),
    ("usher.refused, usher.accepted", None, "usher.accepted"),
])
def test_the_subprotocol_of_success(case, offer, chosen, told):
    fields = [f"Sec-WebSocket-Protocol: {chosen}"] if chosen else []
    _, head = case.answer(switching(*fields), [("Sec-WebSocket-Protocol", offer)])
    assert [line.split(": ")[1] for line in head.split("\r\n") if line.startswith("Sec-WebSocket-Protocol: ")] == ([told] if told else [])


@pytest.mark.parametrize("offer, told", [("mqtt, soap", "mqtt"), ("mqtt, usher.refused, usher.accepted", "usher.refused")])
def test_the_subprotocol_of_a_refusal(case, offer, told):
    client, head = case.answer(answered(403), [("Sec-WebSocket-Protocol", offer)])
    assert f"\r\nSec-WebSocket-Protocol: {told}\r\n" in head + "\r\n"
    client.expect_close(*REFUSED)


def test_what_the_upstream_chose_of_the_extensions_reaches_the_client(case):
    chosen = "permessage-deflate; server_no_context_takeover"
    _, head = case.answer(switching(f"Sec-WebSocket-Extensions: {chosen}"), [("Sec-WebSocket-Extensions", "permessage-deflate")])
    assert f"\r\nSec-WebSocket-Extensions: {chosen}\r\n" in head + "\r\n"


def test_results_answers_and_bytes_are_counted(case):
    gateway = case.gateway
    for head in [answered(503), answered(404), answered(404), answered(200)]:
        case.answer(head)
    client, server = open_tunnel(gateway, case.upstream)
    client.send(text("up"))
    server.expect(text("up"))
    server.send(answer("down!"))
    client.expect(answer("down!"))
    for end in open_tunnel(gateway, case.upstream):
        end.close()
    case.upstream.listener.close()
    refused = case.send(f"/raw?ticket={gateway.ticket()}")
    assert refused.take_head().startswith(b"HTTP/1.1 101 ")
    refused.expect_close(*UNAVAILABLE)

    def counted():
        results = {result: gateway.metric("usher_upstream_opened_total", upstream="raw", result=result)
                   for result in ["opened", "unavailable", "refused", "wrong", "unreachable"]}
        bytes_passed = [gateway.metric("usher_upstream_bytes_total", upstream="raw", direction=direction)
                        for direction in ["to_upstream", "to_client"]]
        return (results, bytes_passed, gateway.metric("usher_upstream_connections", upstream="raw"),
                gateway.metric("usher_upstream_answer_seconds_count", upstream="raw"))

    wanted = ({"opened": 2, "unavailable": 1, "refused": 2, "wrong": 1, "unreachable": 1},
              [len(text("up")), len(answer("down!"))], 1, 6)
    wait_until(lambda: counted() == wanted, f"{wanted}")
    assert gateway.metric("usher_upstream_answer_seconds_sum", upstream="raw") > 0
    client.close()
