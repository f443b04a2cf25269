"""The crowds that a gateway must be fair in: what each needs of the configuration, and how it is let loose.

    figures = in_crowd(start_gateway, CROWDS["pings"], seconds=5)   {"quiet": …, "attacked": …, "flood": …, "complaints": …}
"""

import json
import os
import subprocess
import time

from floods import flooding
from gateway import API_KEY, b64url
from good_client import NAMESPACE, GoodClient

# Rates by address would keep most of a flood out; here it is about what is let in. The good client comes from elsewhere.
OPEN = {"channel": {"namespaces": [NAMESPACE, {"name": "flood", "subscribe": "anyone", "publish": "anyone"}]},
        "limits": {"upgrades_per_address": "0", "tickets_per_session": "0", "commands": "100/1s", "half_open_per_address": 1024,
                   "connections_per_session": 0, "connections_per_user": 0}}


def with_tickets(gateway, count):
    return {"tickets": [gateway.ticket(sessionId=f"flood{n}") for n in range(count)]}


def with_bad_tokens(gateway, count):
    """ES512 tokens of the right form: a signature of random numbers, which costs as much to check as a good one."""
    head = b64url(json.dumps({"alg": "ES512", "typ": "JWT"}).encode())
    claims = [b64url(json.dumps({**gateway.claims(), "iss": "i", "aud": "a", "jti": f"bad{n}"}).encode()) for n in range(count)]
    return {"tokens": [f"{head}.{body}.{b64url(bytes(1) + os.urandom(65) + bytes(1) + os.urandom(65))}" for body in claims]}


def es512_key(folder):
    key = folder / "es512.pem"
    subprocess.run(["openssl", "ecparam", "-name", "secp521r1", "-genkey", "-noout", "-out", key], check=True)
    public = folder / "es512.pub"
    subprocess.run(["openssl", "ec", "-in", key, "-pubout", "-out", public], check=True, capture_output=True)
    return {"jwt": {"public_key_file": [str(public)], "issuer": "i", "audience": "a"}}


CROWDS = {
    "pipelines": {"connections": 600},
    "preflights": {"kind": "preflights", "connections": 100},
    "pings": {"connections": 40, "rate_mb": 75.0, "prepare": lambda gateway: with_tickets(gateway, 40)},
    "empty commands": {"connections": 20, "prepare": lambda gateway: with_tickets(gateway, 20)},
    "empty fragments": {"connections": 20, "prepare": lambda gateway: with_tickets(gateway, 20)},
    "broadcasts": {"connections": 1, "prepare": lambda gateway: {"key": API_KEY}},
    "bad tokens": {"connections": 8, "rate": 1302, "prepare": lambda gateway: with_bad_tokens(gateway, 200),
                   "configure": es512_key},
}


def in_crowd(start_gateway, kind, folder, seconds, quiet_seconds=None):
    """What a good client waits, alone and then beside that crowd."""
    crowd = dict(CROWDS[kind])
    configure, prepare = crowd.pop("configure", lambda _: {}), crowd.pop("prepare", lambda _: {})
    gateway = start_gateway({**OPEN, **configure(folder)})
    more = prepare(gateway)
    if "rate" in crowd:
        size = sum(map(len, more["tokens"])) / len(more["tokens"]) + 90  # with the rest of the request
        crowd["rate_mb"] = crowd.pop("rate") * size / 1e6
    good = GoodClient(gateway, API_KEY, source="127.0.0.2", iss="i", aud="a").start()
    begun = time.monotonic()
    time.sleep(quiet_seconds or seconds)  # the measure to compare with
    quiet_ends = time.monotonic()
    with flooding(gateway, crowd.pop("kind", kind), seconds, **crowd, **more) as flood:
        struck = time.monotonic()
        time.sleep(seconds)
        attacked_ends = time.monotonic()
    good.finish()
    return {"gateway": gateway, "quiet": good.figures(begun, quiet_ends), "attacked": good.figures(struck, attacked_ends),
            "flood": flood.report, "complaints": good.complaints()}
