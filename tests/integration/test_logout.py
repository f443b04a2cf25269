"""An identity provider ends sessions: back-channel logout and security events, on each engine, to sockets and tunnels.

tests/identity does the same with a provider of others' making."""

import json
import time
import urllib.parse

import pytest

from gateway import ORIGIN, SECRET, Gateway, make_jwt, wait_until
from protocol import assert_alive
from redis_server import RedisServer, on_redis
from websocket import WebSocket, connect

ISSUER, CLIENT = "https://idp.example", "client-1"
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
REVOKED = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
DISABLED = "https://schemas.openid.net/secevent/risc/event-type/account-disabled"
CONFIG = {"jwt": {"issuer": ISSUER, "logout_audience": [CLIENT]}}


@pytest.fixture(scope="module", params=["memory", "redis"])
def gateway(request, tmp_path_factory):
    config, redis = CONFIG, None
    if request.param == "redis":
        redis = RedisServer(tmp_path_factory.mktemp("redis")).start()
        config = {**CONFIG, **on_redis(url=redis.url)}
    shared = Gateway(tmp_path_factory.mktemp("gateway"), config).start().wait_until_ready()
    yield shared
    shared.stop()
    if redis:
        redis.kill()


def claims(**over):
    return {"iss": ISSUER, "jti": None, **over}


def message(secret=SECRET, typ="logout+jwt", **over):
    now = int(time.time())
    said = {"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": f"m{time.monotonic_ns()}", "events": {LOGOUT: {}}}
    said.update(over)
    header = {"alg": "HS256", **({"typ": typ} if typ else {})}
    return make_jwt({name: value for name, value in said.items() if value is not None}, secret, header)


def log_out(gateway, token, **headers):
    return gateway.post("/auth/backchannel-logout", {"Content-Type": "application/x-www-form-urlencoded", **headers},
                        urllib.parse.urlencode({"logout_token": token}))


def event(gateway, kind=REVOKED, subject=None, **over):
    body = {"subject": subject} if subject else {}
    token = message(typ="secevent+jwt", exp=None, **{"events": {kind: body}, **over})
    return gateway.post("/auth/security-events", {"Content-Type": "application/secevent+jwt"}, token)


def code(answer):
    return answer.status, answer.json()["code"]


def test_by_sid_the_sockets_of_that_session_close_and_others_stay(gateway):
    gone = [connect(gateway, gateway.ticket(**claims(sessionId=f"a{i}", sub="ada", sid="S1"))) for i in range(3)]
    stays = connect(gateway, gateway.ticket(**claims(sessionId="a4", sub="ada", sid="S2")))
    outstanding = gateway.ticket(**claims(sessionId="a5", sub="ada", sid="S1"))
    answer = log_out(gateway, message(sid="S1", sub="ada"))
    assert answer.status == 200 and answer.body == b"" and answer.headers["Cache-Control"] == "no-store"
    for ws in gone:
        assert ws.read_close() == (3520, "SESSION_REVOKED")
        ws.close()
    assert code(gateway.ask_ticket(**claims(sessionId="a6", sid="S1"))) == (401, "SESSION_REVOKED")
    late = WebSocket(gateway.address, f"/ws?ticket={outstanding}")
    assert late.read_close() == (3520, "SESSION_REVOKED")
    late.close()
    assert_alive(stays)
    stays.close()


def test_by_user_everything_issued_before_ends_and_a_later_login_gets_in(gateway):
    now = int(time.time())
    old = connect(gateway, gateway.ticket(**claims(sessionId="b1", sub="bob", iat=now - 20)))
    new = connect(gateway, gateway.ticket(**claims(sessionId="b2", sub="bob", iat=now - 5)))
    assert log_out(gateway, message(sub="bob", iat=now - 10)).status == 200
    assert old.read_close() == (3520, "SESSION_REVOKED")
    assert_alive(new)
    assert code(gateway.ask_ticket(**claims(sessionId="b1", sub="bob", iat=now - 10))) == (401, "SESSION_REVOKED")
    old.close()
    new.close()


def test_a_refresh_does_not_shake_a_logout_off(gateway):
    ws = connect(gateway, gateway.ticket(**claims(sessionId="c1", sub="cy", sid="C1")))
    ws.send({"id": 1, "refresh": {"token": gateway.ticket(**claims(sessionId="c1", sub="cy", sid="C2"))}})
    assert "refresh" in ws.read_reply(1)
    assert log_out(gateway, message(sid="C1")).status == 200
    assert ws.read_close() == (3520, "SESSION_REVOKED"), "its earlier token is still good"
    ws.close()
    other = connect(gateway, gateway.ticket(**claims(sessionId="c2", sub="cy", sid="C3")))
    into_revoked = gateway.ticket(**claims(sessionId="c2", sub="cy", sid="C4"))
    assert log_out(gateway, message(sid="C4")).status == 200
    other.send({"id": 1, "refresh": {"token": into_revoked}})
    assert other.read_close() == (3520, "SESSION_REVOKED")
    other.close()


def test_a_token_counts_once(gateway):
    token = message(sid="D1")
    assert log_out(gateway, token).status == 200
    answer = log_out(gateway, token)
    assert answer.status == 400 and answer.json()["error"] == "invalid_request"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_jwt_on_the_sdk_endpoint_is_refused_after_its_logout(start_gateway):
    gateway = start_gateway({**CONFIG, "client": {"accept_jwt": True}})
    token = gateway.token(**claims(sessionId="o1", sub="oz", sid="O1"))
    ws = WebSocket(gateway.address, "/connection/websocket", protocols=())
    ws.send({"id": 1, "connect": {"token": token}})
    assert "connect" in ws.read_reply(1)
    assert log_out(gateway, message(sid="O1")).status == 200
    assert ws.read_close() == (3520, "SESSION_REVOKED")
    again = WebSocket(gateway.address, "/connection/websocket", protocols=())
    again.send({"id": 1, "connect": {"token": token}})
    assert again.read_close() == (3520, "SESSION_REVOKED")
    ws.close()
    again.close()


BROKEN = {
    "another key": dict(secret="another-secret-another-secret-another"),
    "another issuer": dict(iss="https://other.example"),
    "no issuer": dict(iss=None),
    "another audience": dict(aud="api"),
    "no audience": dict(aud=None),
    "no iat": dict(iat=None),
    "iat in the future": dict(iat=int(time.time()) + 3600),
    "no exp": dict(exp=None),
    "expired": dict(exp=int(time.time()) - 3600),
    "no jti": dict(jti=None),
    "neither sid nor sub": dict(sid=None),
    "no events": dict(events=None),
    "another event": dict(events={REVOKED: {}}),
    "an event that is no object": dict(events={LOGOUT: 1}),
    "a nonce": dict(nonce="n"),
    "an access token's type": dict(typ="at+jwt"),
    "an event's type": dict(typ="secevent+jwt"),
}


@pytest.mark.parametrize("wrong", BROKEN.values(), ids=BROKEN)
def test_a_logout_token_with_one_rule_broken_ends_nothing(start_gateway, wrong):
    gateway = start_gateway(CONFIG)
    ws = connect(gateway, gateway.ticket(**claims(sessionId="e1", sub="eve", sid="E1")))
    answer = log_out(gateway, message(**{"sid": "E1", **wrong}))
    assert answer.status == 400 and answer.json()["error"] == "invalid_request" and answer.json()["error_description"]
    assert_alive(ws)
    ws.close()


def test_what_is_unsigned_or_no_form_is_refused(gateway):
    unsigned = make_jwt({"iss": ISSUER}, header={"alg": "none"}).rsplit(".", 1)[0] + "."
    assert log_out(gateway, unsigned).status == 400
    good = message(sid="F1")
    form = "application/x-www-form-urlencoded"
    for kind, body in [("application/json", json.dumps({"logout_token": good})), (form, ""), (form, f"token={good}"),
                       (form, f"logout_token={good}&logout_token={good}"), (form, "logout_token=%"), (form, "a=b&" * 40)]:
        assert gateway.post("/auth/backchannel-logout", {"Content-Type": kind}, body).status == 400, body[:40]
    assert gateway.post("/auth/backchannel-logout", {"Content-Type": form}, "a" * 30000).status == 413
    assert log_out(gateway, good).status == 200


def test_a_logout_token_opens_nothing(start_gateway):
    gateway = start_gateway({"jwt": {"issuer": ISSUER, "audience": CLIENT, "logout_audience": [CLIENT]}})
    for typ in ("logout+jwt", "JWT", None):
        assert code(gateway.ask_ticket(message(typ=typ, sid="G1", sessionId="g1"))) == (401, "INVALID_TOKEN")
    assert log_out(gateway, gateway.token(**claims(aud=CLIENT, jti="x"))).status == 400


def test_pages_and_other_methods_are_refused_without_cors(gateway):
    answer = log_out(gateway, message(sid="H1"), Origin=ORIGIN)
    assert answer.status == 403 and "Access-Control-Allow-Origin" not in answer.headers
    assert gateway.request("GET", "/auth/backchannel-logout").headers["Allow"] == "POST"
    assert gateway.request("OPTIONS", "/auth/security-events", {"Origin": ORIGIN}).status == 405


def test_without_logout_audience_the_paths_do_not_exist(start_gateway):
    gateway = start_gateway({"jwt": {"issuer": ISSUER}})
    assert log_out(gateway, message(sid="I1")).status == 404
    assert event(gateway).status == 404


def test_forged_messages_cost_their_address_and_good_ones_do_not(start_gateway):
    gateway = start_gateway({**CONFIG, "limits": {"logout_failures_per_address": "3/1m"}})
    for i in range(5):
        assert log_out(gateway, message(sid=f"J{i}")).status == 200
    assert [log_out(gateway, "forged").status for _ in range(4)] == [400, 400, 400, 429]
    assert log_out(gateway, message(sid="J9")).status == 429


def test_events_end_users_and_sessions(gateway):
    user = connect(gateway, gateway.ticket(**claims(sessionId="k1", sub="kim", iat=int(time.time()) - 5)))
    session = connect(gateway, gateway.ticket(**claims(sessionId="k2", sub="kay", sid="K2")))
    assert event(gateway, DISABLED, {"format": "iss_sub", "iss": ISSUER, "sub": "kim"}).status == 202
    assert user.read_close() == (3520, "SESSION_REVOKED")
    assert_alive(session)
    answer = event(gateway, REVOKED, {"format": "opaque", "id": "K2"})
    assert answer.status == 202 and answer.body == b""
    assert session.read_close() == (3520, "SESSION_REVOKED")
    user.close()
    session.close()


def test_an_unknown_event_is_accepted_and_said_in_the_log(gateway):
    assert event(gateway, "https://example.com/hello").status == 202
    gateway.wait_for_line("[Logout] Event of an unknown type ignored")


ERRORS = {
    "no token": (dict(jti=None), "invalid_request"),
    "another issuer": (dict(iss="https://other.example"), "invalid_issuer"),
    "another audience": (dict(aud="other"), "invalid_audience"),
    "a subject of another issuer": (dict(subject={"format": "iss_sub", "iss": "x", "sub": "y"}), "invalid_request"),
    "a subject that names nobody here": (dict(subject={"format": "did", "url": "did:x:1"}), "invalid_request"),
}


@pytest.mark.parametrize("wrong, err", ERRORS.values(), ids=ERRORS)
def test_a_refused_event_has_a_code_of_rfc_8935(gateway, wrong, err):
    answer = event(gateway, **{"subject": {"format": "iss_sub", "iss": ISSUER, "sub": "z"}, **wrong})
    assert answer.status == 400 and answer.headers["Content-Type"] == "application/json"
    assert answer.json()["err"] == err and answer.json()["description"]


def test_a_forged_event_is_an_invalid_key(gateway):
    token = message("another-secret-another-secret-another", "secevent+jwt", sub="x", events={DISABLED: {}})
    answer = gateway.post("/auth/security-events", {"Content-Type": "application/secevent+jwt"}, token)
    assert answer.status == 400 and answer.json()["err"] == "invalid_key"


def test_by_user_where_access_tokens_have_no_sid(start_gateway):
    gateway = start_gateway({"jwt": {**CONFIG["jwt"], "logout_by": "user"}})
    ws = connect(gateway, gateway.ticket(**claims(sessionId="l1", sub="lu", iat=int(time.time()) - 5)))
    assert log_out(gateway, message(sid="L1", sub="lu")).status == 200
    assert ws.read_close() == (3520, "SESSION_REVOKED")
    ws.close()


def test_no_issuer_ends_sessions_or_users_of_another(start_gateway):
    gateway = start_gateway()
    secrets = {name: gateway.write_file(name, (name * 40)[:40]) for name in ("one", "two")}
    issuers = [{"issuer": f"https://{name}.example", "secret_file": [str(path)], "user_prefix": f"{name}:", "logout_audience": [CLIENT]}
               for name, path in secrets.items()]
    gateway = start_gateway({"jwt": {"secret_file": None, "issuers": issuers}, "guest": {"enabled": False}})

    def token(name):
        return make_jwt(gateway.claims(iss=f"https://{name}.example", sessionId="s", sub="mo", sid="M"), (name * 40)[:40])

    sockets = {name: connect(gateway, gateway.ticket(token(name))) for name in secrets}
    assert log_out(gateway, message(("two" * 40)[:40], iss="https://one.example", sid="M")).status == 400
    assert log_out(gateway, message(("one" * 40)[:40], iss="https://one.example", sid="M")).status == 200
    assert sockets["one"].read_close() == (3520, "SESSION_REVOKED")
    assert_alive(sockets["two"])
    for ws in sockets.values():
        ws.close()


def test_while_redis_is_away_it_is_503_and_can_be_sent_again(tmp_path):
    (tmp_path / "redis").mkdir()
    redis = RedisServer(tmp_path / "redis").start()
    gateway = Gateway(tmp_path / "gateway", {**CONFIG, **on_redis(url=redis.url)}).start().wait_until_ready()
    token = message(sid="N1")
    redis.kill()
    wait_until(lambda: not gateway.is_ready(), "the gateway to notice")
    answer = log_out(gateway, token)
    assert answer.status == 503 and answer.json()["code"] == "STORE_UNAVAILABLE" and answer.headers["Retry-After"]
    redis.start()
    gateway.wait_until_ready()
    wait_until(lambda: log_out(gateway, token).status == 200, "the logout to be taken")
    gateway.stop()
    redis.kill()
