"""What /auth/token and /auth/ticket give only so often, or only so much of: buckets, places in the queue, room."""

from gateway import bearer, wait_until
from problem import assert_problem
from websocket import connect


def test_a_session_gets_exactly_as_many_tickets_as_its_bucket_holds(start_gateway):
    gateway = start_gateway({"limits": {"tickets_per_session": "3/1m"}})
    assert [gateway.ask_ticket().status for _ in range(3)] == [200, 200, 200]
    body = assert_problem(gateway.ask_ticket(), 429, "RATE_LIMITED")
    assert 15_000 < body["retry_after_ms"] <= 20_000, "a third of a minute, until the next one is there"
    assert gateway.ask_ticket(sessionId="another").status == 200


def test_an_address_gets_exactly_as_many_tokens_as_its_bucket_holds(start_gateway):
    gateway = start_gateway({"limits": {"tokens_per_address": "2/1h"}})
    first, second = gateway.guest(), gateway.guest()
    assert_problem(gateway.post("/auth/token"), 429, "RATE_LIMITED")
    assert_problem(gateway.post("/auth/token", bearer(first["token"])), 429, "RATE_LIMITED")
    assert gateway.post("/auth/ticket", bearer(second["token"])).status == 200, "tickets have buckets of their own"


def test_over_the_nodes_ticket_rate_each_session_gets_a_place_and_is_let_in_at_its_time(start_gateway):
    gateway = start_gateway({"limits": {"tickets_per_second": 1}})
    waits = {}
    for i in range(12):
        answer = gateway.ask_ticket(sessionId=f"s{i}")
        if answer.status != 200:
            waits[f"s{i}"] = assert_problem(answer, 503, "OVERLOADED", place=True)["retry_after_ms"]
    assert len(waits) >= 9 and gateway.metric("usher_ticket_places") == len(waits)
    order = sorted(waits.values())
    assert order == list(waits.values()), "first come, first served"
    assert order[-1] - order[0] > (len(waits) - 1) * 600, "a second each, less what asking took"
    again = assert_problem(gateway.ask_ticket(sessionId="s11"), 503, "OVERLOADED", place=True)
    assert again["retry_after_ms"] < waits["s11"], "asking early neither helps nor harms"
    first = min(waits, key=waits.get)
    wait_until(lambda: gateway.ask_ticket(sessionId=first).status == 200, "the first place")


def test_live_tickets_are_bounded_and_a_used_one_makes_room(start_gateway):
    gateway = start_gateway({"ticket": {"outstanding_max": 2}})
    first = gateway.ticket()
    gateway.ticket()
    assert_problem(gateway.ask_ticket(), 503, "OVERLOADED")
    ws = connect(gateway, first)
    assert gateway.ask_ticket().status == 200
    ws.close()


def test_what_live_tickets_occupy_is_bounded_too(start_gateway):
    gateway = start_gateway({"ticket": {"outstanding_bytes": 1 << 20, "outstanding_share": 0}})
    body = b'{"subs":{"%s":{}}}' % (b"a" * 16_000)
    token = gateway.token()
    answers = [gateway.ask_ticket(token, body=body) for _ in range(80)]
    assert 50 < sum(a.status == 200 for a in answers) < 66, "a MiB holds that many of 16 KiB"
    assert_problem(answers[-1], 503, "OVERLOADED")


def test_few_addresses_do_not_fill_what_all_have_for_live_tickets(start_gateway):
    gateway = start_gateway({"ticket": {"outstanding_bytes": 4 << 20}, "server": {"trusted_proxies": ["127.0.0.1"]}})
    body = b'{"subs":{"%s":{}}}' % (b"a" * 16_000)
    token = gateway.token()

    def ask(address, wishes):
        return gateway.ask_ticket(token, body=wishes, headers={"X-Forwarded-For": address})
    for i in range(12):
        while ask(f"192.0.2.{i}", body).status == 200:
            pass
    assert_problem(ask("192.0.2.0", body), 503, "OVERLOADED")
    for i in range(20):
        assert ask(f"198.51.100.{i}", b"{}").status == 200, "somebody else's"
