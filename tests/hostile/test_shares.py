"""Tables that all callers share: one caller who takes all that it can get takes its own share only."""

import concurrent.futures
import itertools
import json
import threading

import pytest
from gateway import wait_until
from hook_server import HookServer, hooked
from peers import drain, push, text
from protocol import ask
from websocket import WebSocket, connect

# One proxy that is believed plays any number of addresses.
BEHIND_PROXY = {"server": {"trusted_proxies": ["127.0.0.1"]}}
STRANGER = "203.0.113.7"


def from_address(address):
    return {"X-Forwarded-For": address}


def connect_from(gateway, address, ticket):
    ws = WebSocket(gateway.address, f"/ws?ticket={ticket}", headers=from_address(address))
    ws.connected = ws.read_connect()
    return ws


def wish(channels):
    return json.dumps({"subs": {channel: {} for channel in channels}})


# ---- subscriptions that wait for their owner ----


@pytest.mark.parametrize("address", [STRANGER, "10.0.0.0"], ids=["elsewhere", "at one of the attackers' addresses"])
def test_guests_who_wait_for_thousands_of_jobs_leave_room_for_a_job_that_is_real(start_gateway, address):
    gateway = start_gateway({**BEHIND_PROXY, "limits": {"pending_subscriptions": 1000, "connections_per_session": 20},
                             "channel": {"namespaces": [{"name": "jobs", "subscribe": "owner"}]}})
    held, pending, full = [], 0, False
    for number in range(48):  # four addresses, three guests each, four connections each: 6144 where 2000 find room
        token = gateway.guest()["token"] if number % 4 == 0 else token
        home = from_address(f"10.0.0.{number % 4}")
        body = wish([f"jobs:{number}-{n}" for n in range(128)])
        answer = gateway.ask_ticket(token, body, home)
        assert answer.status in (200, 429, 503), answer
        if answer.status != 200:
            full = True
            continue
        held.append(connect_from(gateway, home["X-Forwarded-For"], answer.json()["ticket"]))
        waiting = sum(sub.get("pending", False) for sub in held[-1].connected["subs"].values())
        pending += waiting
        full = full or waiting < 128
    assert full, "the attack must come to some bound"
    for number in range(8):
        channel, session = f"jobs:real{number}", f"good{number}"
        good = connect_from(gateway, address, gateway.ticket(sessionId=session, sub="honest"))
        reply = ask(good, "subscribe", channel=channel)
        assert reply.get("subscribe", {}).get("pending"), f"{reply} beside {pending} pending ones"
        gateway.api("bind", {"channel": channel, "session": session, "ttl": 60})
        gateway.publish(channel, "done")
        assert good.read_publication() == (channel, {"data": "done"})
        good.close()


# ---- tickets ----

BIG_WISH = wish([f"x:{n:03}".ljust(116, "y") for n in range(128)])
TICKETS = {"outstanding_bytes": "1MiB"}


def take_tickets(gateway, addresses, each):
    """All ask for tickets with 16 KiB of wishes, and for small ones to fill what is left; returns how often each status
    was the answer to a big one."""
    statuses, lock = {}, threading.Lock()

    def take(number):
        home = from_address(f"10.{number}.0.1")
        for n in range(each):
            answer = gateway.ask_ticket(body=BIG_WISH, headers=home, sessionId=f"s{number}-{n}")
            with lock:
                statuses[answer.status] = statuses.get(answer.status, 0) + 1
            if answer.status != 200:
                gateway.ask_ticket(headers=home, sessionId=f"s{number}-{n}")

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(take, range(addresses)))
    return statuses


@pytest.mark.parametrize("engine", ["memory", "redis"])
@pytest.mark.parametrize("addresses", [1, 6])
def test_a_few_addresses_that_hoard_tickets_keep_no_other_address_out(start_gateway, redis, engine, addresses):
    on_engine = {} if engine == "memory" else {"engine": {"type": "redis"}, "redis": {"url": redis.url}}
    gateway = start_gateway({**BEHIND_PROXY, **on_engine, "ticket": TICKETS}).wait_until_ready()
    statuses = take_tickets(gateway, addresses, 240 // addresses)
    assert set(statuses) <= {200, 429, 503} and statuses.get(200, 0) < 100, f"64 of these fill 1 MiB: {statuses}"
    for number in range(10):
        answer = gateway.ask_ticket(headers=from_address(f"203.0.113.{number}"), sessionId=f"good{number}")
        assert answer.status == 200, answer
        connect_from(gateway, STRANGER, answer.json()["ticket"]).close()


def test_gateways_on_one_redis_hold_its_tickets_to_the_bounds_together(start_on_redis, redis):
    bounds = {"ticket": {"outstanding_max": 100, "outstanding_bytes": "1MiB"}}
    gateways = [start_on_redis(redis.url, bounds) for _ in range(2)]
    before = int(redis.info("memory", "used_memory"))
    statuses = []
    for number, gateway in zip(range(400), itertools.cycle(gateways)):
        statuses.append(gateway.ask_ticket(body=BIG_WISH, sessionId=f"s{number // 20}").status)
    taken = int(redis.info("memory", "used_memory")) - before
    assert set(statuses) == {200, 503} and statuses.count(200) <= 100, f"{statuses.count(200)} of {len(statuses)} given"
    assert taken < 4 << 20, f"{taken} bytes in Redis"


# ---- histories ----


def test_a_guest_who_publishes_without_end_leaves_other_namespaces_their_history(start_gateway):
    kept = {"history_size": 100, "history_ttl": "24h"}
    gateway = start_gateway({"limits": {"history_bytes": "8MiB", "commands": "0"}, "channel": {"namespaces": [
        {"name": "orders", "subscribe": "granted", **kept, "recovery": True},
        {"name": "chat", "subscribe": "anyone", "publish": "anyone", **kept}]}})
    channels = [f"orders:{n}" for n in range(100)]
    for n in range(5):
        gateway.api("broadcast", {"channels": channels, "data": {"n": n, "pad": "p" * 200}})

    def count(channel):
        return len(gateway.api("history", {"channel": channel, "limit": -1})["result"]["publications"])

    assert sum(map(count, channels)) == 500
    guest = connect(gateway, gateway.ticket(gateway.guest()["token"]))
    for n in range(300):  # 19 MB, on channels that nobody has used
        reply = ask(guest, "publish", channel=f"chat:{n}", data="z" * 64_000)
        assert "publish" in reply or "error" in reply
    assert sum(map(count, channels)) == 500
    assert count("chat:299") == 1, "the newest of the guest's own namespace stays"


# ---- hooks ----


@pytest.mark.parametrize("flood", ["send", "rpc"])
def test_a_session_that_calls_the_backend_without_end_leaves_others_their_turn(start_gateway, tmp_path, flood):
    done = threading.Event()

    def slow(hit):
        done.wait(0.05)
        return 200, '{"data":1}'

    def call_on(connections):
        for n in itertools.count(1):
            for ws in connections:
                push(ws.socket, text(*[{flood: {"data": 1}} | ({"id": n * 20 + i} if flood == "rpc" else {}) for i in range(20)]))
                if drain(ws.socket) < 0:
                    connections.remove(ws)
            if done.wait(0.01):
                return

    server = HookServer(slow)
    noisy = []
    thread = threading.Thread(target=call_on, args=(noisy,))
    try:
        gateway = hooked(start_gateway, server, tmp_path, ("rpc",), queue=16, concurrency=1)
        noisy += [connect(gateway, gateway.ticket(sessionId="noisy")) for _ in range(10)]
        thread.start()
        wait_until(lambda: len(server.hits) > 5, "the backend to be busy")
        for n in range(4):
            good = connect(gateway, gateway.ticket(sessionId=f"good{n}"))
            assert ask(good, "rpc", method="m", data={}) == {"rpc": {"data": 1}}
            good.close()
    finally:
        done.set()
        thread.join()
        server.stop()
