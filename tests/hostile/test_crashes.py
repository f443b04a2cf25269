"""Peers that once ended the process. USHER_HOSTILE_SECONDS: for how long each is at it (scripts/nightly: ten minutes)."""

import concurrent.futures
import contextlib
import http.client
import json
import os
import time

from peers import PING_EMPTY, PING_FULL, closing, dial, drain, push, text, upgrade_bytes, upgraded
from protocol import ask
from survival import assert_survived
from websocket import WebSocket, connect

SECONDS = float(os.environ.get("USHER_HOSTILE_SECONDS", "5"))
CHAT = {"name": "chat", "subscribe": "anyone", "publish": "anyone", "history_size": 1000, "history_ttl": "10m",
        "recovery": True}
# The attackers' own rates are no protection: there are always more connections.
OPEN = {"limits": {"commands": "0", "connections_per_session": 0, "upgrades_per_address": "0", "tickets_per_session": "0",
                   "half_open_per_address": 0}, "channel": {"namespaces": [CHAT]}}


def rounds(gateway, seconds=SECONDS):
    """Counts rounds until the time is over or the gateway is dead."""
    ends, number = time.monotonic() + seconds, 0
    while time.monotonic() < ends and gateway.process.poll() is None:
        yield number
        number += 1


def attack(gateway, once):
    """Runs once(round) over and over; then the gateway must be well. What fails because it is dead is not the finding."""
    count = 0
    for count in rounds(gateway):
        try:
            once(count)
        except (OSError, http.client.HTTPException) as failure:
            print(f"round {count}: {failure!r}")
            if isinstance(failure, ConnectionRefusedError):
                break  # it is dying
    print(f"{count + 1} rounds")
    assert_survived(gateway)


NEWCOMERS = 3
BUSY_SECONDS = 0.006  # long enough for what all others send meanwhile to be met in one turn


def busy_commands(gateway):
    """How many empty commands keep one of its loops busy for BUSY_SECONDS: a debug build takes ten times as long."""
    ws = connect(gateway)
    took = []
    for _ in range(3):
        begun = time.monotonic()
        ws.send_raw(text("\n".join(["{}"] * 2000)))
        ask(ws, "ping")
        took.append(time.monotonic() - begun)
    ws.close()
    return max(300, min(21_000, int(2000 * BUSY_SECONDS / min(took))))


def read_some(peers, wanted, seconds):
    """Reads from all until each has given `wanted` bytes or ended, or the time is over."""
    left, ends = {peer: wanted for peer in peers}, time.monotonic() + seconds
    while left and time.monotonic() < ends:
        for peer in list(left):
            got = drain(peer)
            left[peer] -= got
            if got < 0 or left[peer] <= 0:
                del left[peer]


def test_peers_without_a_credential_that_ping_and_never_read(start_gateway):
    """Pongs that a full socket takes in part are joined while the batch still holds the shared buffer."""
    gateway = start_gateway(OPEN)
    busy_pings = busy_commands(gateway) // 2
    pings, busy = PING_FULL * 60, PING_EMPTY * busy_pings

    def batch(_):
        with closing() as mute, closing() as loud:
            # Before `connect` a connection lives for ten seconds.
            for _ in range(40):
                mute.append(upgraded(gateway.address, window=2048))
            for _ in range(8):
                loud.append(upgraded(gateway.address))
            for _ in rounds(gateway, min(8.0, SECONDS)):
                for peer in loud:
                    push(peer, busy)
                if all([push(peer, pings) < 0 for peer in mute]):
                    return
                read_some(loud, 2 * busy_pings, 0.3)

    attack(gateway, batch)


def test_ten_clients_that_stopped_reading_while_a_backend_broadcasts_in_parallel(start_gateway):
    """The same by publications: each client has channels of its own, so that no two can share what is joined."""
    gateway = start_gateway(OPEN)
    clients, mine = 30, 4
    channels = [f"chat:{client}-{n}" for client in range(clients) for n in range(mine)]

    def member(client, **options):
        wished = {channel: {} for channel in channels[client * mine:][:mine]}
        ticket = gateway.ask_ticket(sessionId=f"s{client}", body=json.dumps({"subs": wished})).json()["ticket"]
        return upgraded(gateway.address, f"/ws?ticket={ticket}", **options)

    def broadcast(size):
        with contextlib.suppress(OSError, http.client.HTTPException):
            gateway.api("broadcast", {"channels": channels, "data": "x" * size})

    with closing() as reading, concurrent.futures.ThreadPoolExecutor(8) as backend:
        for client in range(10, clients):
            reading.append(member(client))

        def once(_):
            with closing() as mute:
                for client in range(10):
                    mute.append(member(client, window=2048))
                # These fill the sockets of those that do not read, while each batch fills the shared buffer.
                calls = [backend.submit(broadcast, size) for size in (3800, 1900, 3800, 1000) * 4]
                while not all(call.done() for call in calls):
                    read_some(reading, 1 << 20, 0.05)

        attack(gateway, once)


def test_guests_whose_publish_is_right_behind_their_upgrade_while_others_recover(start_gateway):
    """A connection is put into the list of those with something to send twice, gathered twice and sent twice."""
    gateway = start_gateway(OPEN)
    tokens = [gateway.guest()["token"] for _ in range(8)]
    empty_commands = text("\n".join(["{}"] * busy_commands(gateway)))

    def ticket(i, subs):
        return gateway.ask_ticket(tokens[i % 8], json.dumps({"subs": subs})).json()["ticket"]

    with closing() as busy:
        for i in range(8):
            busy.append(upgraded(gateway.address, f"/ws?ticket={ticket(i, {})}"))

        def once(number):
            channel = f"chat:r{number}"
            for n in range(4):
                gateway.publish(channel, "x" * 7000)
            with closing() as peers:
                requests = []
                for i in range(40):
                    subs = {channel: {"recover": True, "epoch": "", "offset": 0} if i % 2 else {}}
                    publish = {"id": 1, "publish": {"channel": channel, "data": i}}
                    requests.append(upgrade_bytes(f"/ws?ticket={ticket(i, subs)}") + text(publish))
                    peers.append(dial(gateway.address))
                for peer in busy:
                    push(peer, empty_commands)
                for peer, request in zip(peers, requests):
                    peer.sendall(request)
                read_some(peers, 20_000, 0.2)
            for peer in busy:
                drain(peer)

        attack(gateway, once)


def test_guests_whose_commands_are_held_behind_connect_while_others_publish(start_gateway):
    """The commands are carried out within the join; a publication that overflows what the join holds back finds none."""
    gateway = start_gateway(OPEN)
    tokens = [gateway.guest()["token"] for _ in range(8)]
    empty_commands = text("\n".join(["{}"] * busy_commands(gateway)))

    def member(i):
        return upgraded(gateway.address, f"/ws?ticket={gateway.ticket(tokens[i % 8])}")

    with closing() as members:
        for i in range(34):
            members.append(member(i))
        busy, flooding = members[:10], members[10:]

        def once(number):
            channel = f"chat:j{number}"
            publish = [{"id": n + 2, "publish": {"channel": channel, "data": 1}} for n in range(99)]
            wished = {channel: {}, **{f"chat:j{number}-{n}": {} for n in range(100)}}
            held = [text({"id": 1, "connect": {"token": gateway.ticket(token), "subs": wished}}, *publish)
                    for token in tokens[:NEWCOMERS]]
            burst = text(*publish[:60 + number * 7 % 40])
            with closing() as newcomers:
                for _ in held:
                    newcomers.append(upgraded(gateway.address))
                for peer in busy:
                    push(peer, empty_commands)
                for peer, commands in zip(newcomers, held):
                    push(peer, commands)
                for peer in flooding:
                    push(peer, burst)
                read_some(newcomers, 1000, 0.5)
            read_some(flooding, 2000, 0.2)
            for i, peer in enumerate(members):
                if drain(peer) < 0:
                    peer.close()
                    members[i] = member(i)
            busy[:], flooding[:] = members[:10], members[10:]

        attack(gateway, once)


def test_history_right_behind_connect_is_granted(start_gateway):
    gateway = start_gateway(OPEN)
    gateway.publish("chat:h", 1)
    for transport in ("connect", "ticket") * 20:
        wish = {"chat:h": {}}
        if transport == "connect":
            ws = WebSocket(gateway.address, "/connection/websocket", protocols=())
            ws.send({"id": 1, "connect": {"token": gateway.ticket(), "subs": wish}},
                    {"id": 2, "history": {"channel": "chat:h", "limit": 10}})
        else:
            ws = connect(gateway, gateway.ask_ticket(body=json.dumps({"subs": wish})).json()["ticket"])
            ws.send({"id": 2, "history": {"channel": "chat:h", "limit": 10}})
        reply = ws.read_reply(2)
        assert [kept["data"] for kept in reply["history"]["publications"]] == [1], reply
        assert ask(ws, "ping") == {"ping": {}}
        ws.close()
