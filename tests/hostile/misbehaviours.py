"""What a client of the storm can do wrong. Each is a function of (Attacker) that does one thing and returns at once or within
a second; what it leaves open stays in attacker.held until its turn to be reset, closed or written to comes.

An OSError is what an attacker may meet: the gateway has refused or ended it.
"""

import http.client
import json
import os
import ssl

from floods import BROADCAST_CHANNELS, broadcast
from peers import (ANONYMOUS, EMPTY_COMMANDS, FRAGMENT_EMPTY, FRAGMENT_FIRST, GET_NOTHING, PING_EMPTY, PING_FULL, PREFLIGHT,
                   drain, push, reset, text, upgrade_bytes)
from websocket import BINARY, CLOSE, CONTINUATION, PONG, TEXT, frame

NO_MASK = b"\0\0\0\0"
SOMETIMES_REVOKED = ({"session": "bad19"}, {"user": "u18"})  # two of those who misbehave are mostly out
NAMESPACES = [
    {"name": "chat", "subscribe": "anyone", "publish": "anyone", "history_size": 100, "history_ttl": "10m", "recovery": True,
     "presence": True, "join_leave": True},
    {"name": "live", "subscribe": "anyone", "publish": "anyone"},
    {"name": "jobs", "subscribe": "owner", "publish": "owner", "history_size": 10, "history_ttl": "10m", "recovery": True},
]


def channels(dice, count):
    return [f"{dice.choice(('chat', 'live', 'jobs'))}:{dice.randrange(40)}" for _ in range(count)]


def publishing(dice, count, channel=None):
    """Commands that publish to one channel."""
    channel = channel or f"chat:{dice.randrange(10)}"
    data = "x" * dice.choice((1, 100, 1000, 7000))
    return [{"id": n + 2, "publish": {"channel": channel, "data": data}} for n in range(count)]


def restless(dice, count):
    """Commands that come, go, look and come again, without waiting for an answer."""
    commands = []
    for n in range(count):
        channel, what = channels(dice, 1)[0], dice.choice(("subscribe", "unsubscribe", "history", "presence", "presence_stats"))
        more = {"limit": dice.choice((1, -1, 100))} if what == "history" else {}
        if what == "subscribe" and dice.random() < 0.5:
            more = {"recover": True, "epoch": "", "offset": 0}
        commands.append({"id": n + 2, what: {"channel": channel, **more}})
    return commands


# ---- connections that begin and are left ----


def reset_at_some_stage(a):
    """TCP, half a TLS hello, half a request, an upgrade that is not read, frames, a close frame: RST after each."""
    anonymous = upgrade_bytes(ANONYMOUS, None)
    member = upgrade_bytes(f"/ws?ticket={a.ticket()}")
    stages = [b"", b"\x16\x03\x01", anonymous[:a.dice.randrange(150)], anonymous, member,
              member + text(*publishing(a.dice, 5)), member + frame(CLOSE, mask=NO_MASK)]
    peer = a.dial(window=a.dice.choice((None, 1024)))
    push(peer, a.dice.choice(stages))
    if a.dice.random() < 0.5:
        drain(peer)
    reset(peer)


def half_open(a):
    """Says nothing, or half of something, in the clear where TLS is spoken, and stays."""
    peer = a.dial_in_the_clear()
    push(peer, a.dice.choice((b"", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET /ws", b"\x00" * 300)))
    a.hold(peer)


def slow_body(a):
    path = a.dice.choice(("/api/publish", "/auth/ticket", "/auth/token"))
    length = a.dice.choice((10, 16_000, 1 << 20, 1 << 40))
    peer = a.dial()
    push(peer, f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n".encode() + b"x" * a.dice.randrange(20_000))
    a.hold(peer, trickle=b"x")


def pipeline(a):
    peer = a.dial()
    a.hold(peer, trickle=a.dice.choice((GET_NOTHING, PREFLIGHT)) * a.dice.choice((1, 50, 2000)), reads=a.dice.random() < 0.7)


# ---- sockets that are open ----


def ping_and_never_read(a):
    path = a.dice.choice((ANONYMOUS, f"/ws?ticket={a.ticket()}"))
    a.hold(a.upgraded(path, window=a.dice.choice((1024, 2048, None))), trickle=PING_FULL * a.dice.choice((1, 60, 300)))


def empty_frames(a):
    peer = a.upgraded(f"/ws?ticket={a.ticket()}")
    data = a.dice.choice((EMPTY_COMMANDS, PING_EMPTY * 10_000, FRAGMENT_EMPTY * 10_000, frame(PONG, mask=NO_MASK) * 5000))
    if data.startswith(FRAGMENT_EMPTY):
        push(peer, FRAGMENT_FIRST)
    a.hold(peer, trickle=data, reads=a.dice.random() < 0.5)


def broken_frame(a):
    peer = a.upgraded(a.dice.choice((ANONYMOUS, f"/ws?ticket={a.ticket()}")))
    push(peer, a.dice.choice((frame(BINARY, b"\0\1"), frame(TEXT, b"\xff\xfe"), frame(TEXT, "{", mask=None), os.urandom(64),
                              frame(CONTINUATION, b"x"), frame(TEXT, "[" * 500), b"\x81\xff" + b"\x7f" + b"\xff" * 11,
                              text({"id": 1, "publish": {"channel": "chat:1"}}))))
    a.hold(peer, reads=True)


def subscriber_that_does_not_read(a):
    subs = dict.fromkeys(channels(a.dice, a.dice.choice((1, 20, 100))), {})
    a.hold(a.upgraded(f"/ws?ticket={a.ticket(subs)}", window=a.dice.choice((1024, 2048, 1 << 16))))


def publish_right_behind_the_upgrade(a):
    """While others recover what is in the channel's history."""
    for _ in range(a.dice.choice((1, 3, 8))):
        channel = f"chat:{a.dice.randrange(10)}"
        subs = {channel: {"recover": True, "epoch": "", "offset": 0} if a.dice.random() < 0.5 else {}}
        peer = a.dial()
        push(peer, upgrade_bytes(f"/ws?ticket={a.ticket(subs)}") + text(*publishing(a.dice, a.dice.choice((1, 30)))))
        a.hold(peer, reads=a.dice.random() < 0.5)


def commands_held_behind_connect(a):
    peer = a.upgraded(ANONYMOUS)
    mine, count = f"chat:{a.dice.randrange(4)}", a.dice.choice((1, 20, 99))
    subs = dict.fromkeys([mine, *channels(a.dice, a.dice.choice((1, 60, 100)))], {})
    more = publishing(a.dice, count, mine) if a.dice.random() < 0.6 else restless(a.dice, count)
    push(peer, text({"id": 1, "connect": {"token": a.ticket(), "subs": subs}}, *more))
    a.hold(peer, trickle=text(*restless(a.dice, 20)), reads=a.dice.random() < 0.7)


def restless_member(a):
    peer = a.upgraded(f"/ws?ticket={a.ticket()}")
    a.hold(peer, trickle=text(*restless(a.dice, 10), *publishing(a.dice, 10)), reads=a.dice.random() < 0.8)


def refresh_over_and_over(a):
    session = f"bad{a.dice.randrange(18)}"
    peer = a.upgraded(f"/ws?ticket={a.ticket(session=session)}")
    push(peer, text(*[{"id": n + 1, "refresh": {"token": a.dice.choice((a.ticket(session=session), "0" * 32, "x.y.z"))}}
                      for n in range(3)]))
    a.hold(peer, reads=True)


# ---- calls ----


def false_credentials(a):
    peer = a.dial()
    bad = a.dice.choice(("Bearer " + a.token()[:-4] + "AAAA", "Bearer x", "Basic eDp5", "apikey guessed"))
    for path in ("/auth/ticket", "/auth/token", "/api/publish"):
        push(peer, f"POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: {bad}\r\nContent-Length: 2\r\n\r\n{{}}".encode())
    a.hold(peer, reads=True)


def backend_orders(a):
    """A backend that orders everything, about those who misbehave and never about the good client."""
    who = a.dice.choice(({"user": f"u{a.dice.randrange(20)}"}, {"session": f"bad{a.dice.randrange(20)}"}))
    channel = channels(a.dice, 1)[0]
    order, params = a.dice.choice((
        ("publish", {"channel": channel, "data": "x" * a.dice.choice((1, 1000, 60_000))}),
        ("broadcast", {"channels": channels(a.dice, 100), "data": "x" * a.dice.choice((300, 1200))}),
        ("bind", {"channel": f"jobs:{a.dice.randrange(40)}", **who, "ttl": 60}),
        ("disconnect", who), ("subscribe", {**who, "channel": channel}), ("unsubscribe", {**who, "channel": channel}),
        ("revoke", {"jti": f"j{a.dice.randrange(1000)}", "ttl": 60}), ("revoke", a.dice.choice(SOMETIMES_REVOKED)),
        ("history", {"channel": channel, "limit": -1}), ("presence", {"channel": channel}), ("info", {}), ("channels", {}), ("refresh", {**who, "expired": True})))
    for _ in range(a.dice.choice((1, 1, 20))):
        a.order(order, params)


def large_broadcast(a):
    peer = a.dial()
    if a.dice.random() < 0.3:
        a.hold(peer, trickle=broadcast(a.key, "live"), reads=True, turns=2)
    else:
        peer.close()
        a.order("broadcast", {"channels": [f"live:{n}" for n in range(BROADCAST_CHANNELS // 10)], "data": 1})


ALL = [reset_at_some_stage, half_open, slow_body, pipeline, ping_and_never_read, empty_frames, broken_frame,
       subscriber_that_does_not_read, publish_right_behind_the_upgrade, commands_held_behind_connect, restless_member,
       refresh_over_and_over, false_credentials, backend_orders, backend_orders, large_broadcast]
EXPECTED = (OSError, http.client.HTTPException, ssl.SSLError, LookupError, json.JSONDecodeError)
