"""A revocation that one gateway is told of holds on all of them, or is not said to be in force."""

import base64
import json

from delaying_proxy import DelayingProxy
from gateway import bearer, wait_until
from store_promises import assert_back
from upgrade import SESSION_REVOKED, outcome_of
from websocket import connect


def test_a_revocation_shuts_every_gateways_door_and_sends_out_who_is_inside(redis, start_ready):
    first, second = start_ready(redis.url), start_ready(redis.url)
    inside = connect(second, second.ticket(sessionId="bad"))
    ticket = second.ticket(sessionId="bad")
    assert first.api("revoke", {"session": "bad", "ttl": 600}) == {"result": {}}
    assert inside.read_close() == SESSION_REVOKED
    assert outcome_of(second, ticket) == SESSION_REVOKED
    assert second.ask_ticket(sessionId="bad").json()["code"] == "SESSION_REVOKED"
    third = start_ready(redis.url)
    assert third.ask_ticket(sessionId="bad").json()["code"] == "SESSION_REVOKED", "loaded before it was ready"
    assert third.ask_ticket(sessionId="good").status == 200


def test_a_revocation_that_was_missed_is_heeded_when_pub_sub_is_back(redis, start_ready):
    with DelayingProxy(redis.port) as proxy:
        first, second = start_ready(redis.url), start_ready(proxy.url)
        inside = connect(second, second.ticket(sessionId="bad"))
        proxy.cut_from_redis = True
        wait_until(lambda: "redis pub/sub is down" in second.not_ready_reasons(), "/readyz to say why")
        first.api("revoke", {"session": "bad", "ttl": 600})
        proxy.cut_from_redis = False
        assert inside.read_close() == SESSION_REVOKED
        assert_back(second)
        assert second.ask_ticket(sessionId="bad").json()["code"] == "SESSION_REVOKED"


def jti_of(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["jti"]


def renew(gateway, token):
    answer = gateway.request("POST", "/auth/token", bearer(token))
    return answer.status, answer.json().get("code")


def test_a_guests_token_that_was_revoked_elsewhere_does_not_come_back_with_another_jti(redis, start_ready):
    with DelayingProxy(redis.port) as proxy:
        first, second = start_ready(redis.url), start_ready(proxy.url)
        bad, good = first.guest()["token"], first.guest()["token"]
        proxy.cut_from_redis = True
        wait_until(lambda: "revocations are not loaded" in second.not_ready_reasons(), "/readyz to say why")
        first.api("revoke", {"jti": jti_of(bad), "ttl": 600})
        assert renew(second, bad) == renew(second, good) == (503, "STORE_UNAVAILABLE")
        assert second.guest()["token"], "a new guest has nothing that could be revoked"
        proxy.cut_from_redis = False
        wait_until(lambda: renew(second, good)[0] == 200, "the revocations to be loaded")
        assert renew(second, bad) == (401, "SESSION_REVOKED")


def test_without_redis_a_revocation_is_not_said_to_be_in_force(redis, start_ready):
    gateway = start_ready(redis.url)
    redis.kill()
    gateway.wait_until_not_ready()
    answer = gateway.api("revoke", {"session": "bad", "ttl": 600})
    assert answer["error"]["code"] == 100, answer
    assert gateway.ask_ticket(sessionId="bad").json()["code"] == "SESSION_REVOKED", "here it is"
    redis.start()
    assert_back(gateway)
    assert gateway.api("revoke", {"session": "bad", "ttl": 600}) == {"result": {}}
