"""One process of the storm: clients that do what misbehaviours.py has, at random. Takes its parameters as JSON, prints
what it did as JSON when its time is over."""

import collections
import contextlib
import http.client
import json
import os
import random
import sys
import time

from misbehaviours import ALL, EXPECTED
from peers import Repeated, dial, drain, reset, trust_nobody, upgraded

HELD_MAX = 120  # of each process; the oldest makes room
STIRRED = 8  # of them for each new deed


class Attacker:
    def __init__(self, address, source, key, tls, seed, seconds, tokens):
        self.address, self.source, self.key, self.tokens = address, source, key, tokens
        self.context = trust_nobody() if tls else None
        self.dice, self.seconds = random.Random(seed), seconds
        self.held, self.done, self.connections = collections.deque(), collections.Counter(), 0
        self.calls = None

    # ---- what misbehaviours use ----

    def dial(self, **options):
        self.connections += 1
        return dial(self.address, self.source, timeout=2.0, tls=self.context, **options)

    def dial_in_the_clear(self):
        self.connections += 1
        return dial(self.address, self.source, timeout=2.0)

    def upgraded(self, path, **options):
        self.connections += 1
        return upgraded(self.address, path, source=self.source, timeout=2.0, tls=self.context, **options)

    def token(self, session=None):
        return self.tokens[session] if session else self.dice.choice(list(self.tokens.values()))

    def ticket(self, subs=None, session=None):
        status, answer = self.call("/auth/ticket", {"subs": subs} if subs else {},
                                   {"Authorization": f"Bearer {self.token(session)}"})
        if status != 200:
            raise LookupError(status)
        return answer["ticket"]

    def order(self, method, params):
        self.done[f"order {method}"] += 1
        return self.call(f"/api/{method}", params, {"X-API-Key": self.key})

    def call(self, path, body, headers):
        if self.calls is None:
            self.calls = http.client.HTTPConnection(self.address)
            self.calls.sock = self.dial()
        try:
            self.calls.request("POST", path, json.dumps(body), headers)
            answer = self.calls.getresponse()
            said = answer.status, json.loads(answer.read() or b"{}")
            if answer.will_close:
                self.calls = None
            return said
        except EXPECTED:
            self.calls = None
            raise

    def hold(self, peer, trickle=b"", reads=False, turns=1 << 30):
        """Keeps a connection: each time that its turn comes it sends `trickle` on, and reads or does not."""
        self.held.append([peer, Repeated(peer, trickle) if trickle else None, reads, turns])
        while len(self.held) > HELD_MAX:
            self.leave(self.held.popleft()[0])

    # ---- the run ----

    def leave(self, peer):
        if self.dice.random() < 0.5:
            reset(peer)
        else:
            peer.close()

    def stir(self):
        """Some of those that are held go on with what they do, or leave."""
        for _ in range(min(STIRRED, len(self.held))):
            self.held.rotate(-1)
            peer, flood, reads, turns = self.held[-1]
            ended = (flood is not None and turns > 0 and flood.push() < 0) or (reads and drain(peer, 1 << 18) < 0)
            self.held[-1][3] -= 1
            if ended or self.dice.random() < 0.01:
                self.leave(self.held.pop()[0])

    def run(self):
        ends, refused = time.monotonic() + self.seconds, 0
        while time.monotonic() < ends:
            act = self.dice.choice(ALL)
            try:
                act(self)
                self.done[act.__name__] += 1
                refused = 0
            except EXPECTED as failure:
                self.done[f"{act.__name__}: {type(failure).__name__}"] += 1
                refused = refused + 1 if isinstance(failure, ConnectionRefusedError) else 0
                if refused > 50:
                    break  # there is no gateway any more
            self.stir()
        for peer, *_ in self.held:
            with contextlib.suppress(OSError):
                self.leave(peer)
        return {"connections": self.connections, "done": dict(self.done)}


if __name__ == "__main__":
    os.nice(5)
    print(json.dumps(Attacker(**json.loads(sys.argv[1])).run()))
