"""A client that keeps to all rules, in a process of its own: how long it waits says how fair a gateway is.

    good = GoodClient(gateway).start()      … then, at any time:
    good.waits("delivery", since, until)    seconds of each wait that ended, or was still open, in that time
    good.finish()                           ends it; complaints() says what must not have happened

What it does all the time, each on a thread of its own: commands `ping` on a live connection; publications through the
server API, each followed to its delivery on that connection, numbered, repeated until they are accepted; and now and then a
fresh ticket over HTTP and a connection with it. The process is good_client_process.py.
"""

import json
import pathlib
import subprocess
import sys
import threading
import time

PROGRAM = pathlib.Path(__file__).with_name("good_client_process.py")
KINDS = {"ping": 0.03, "delivery": 0.04, "fresh": 0.2}  # how often each is begun, in seconds
NAMESPACE = {"name": "good", "subscribe": "anyone", "history_size": 1000, "history_ttl": "10m", "recovery": True}


def percentile(values, part):
    """In the units of `values`; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


def at_the_rate(waits, every):
    """With the waits of those that would have come meanwhile: a client that waits 2 s for one answer begins no others."""
    return [wait - n * every for wait in waits for n in range(1 + int(wait / every))]


class GoodClient:
    """`forgives`: codes of refusals that are no fault now, e.g. STORE_UNAVAILABLE while Redis is cut off. `source`: the
    address that it comes from, so that it shares no bucket with attackers."""

    def __init__(self, gateway, key, source="127.0.0.1", tls=False, forgives=(), name="good", **claims):
        self.parameters = {"address": gateway.address, "key": key, "source": source, "tls": tls, "name": name,
                           "token": gateway.token(sessionId=name, sub=f"user-{name}", **claims), "forgives": list(forgives)}
        self.waited, self.faults, self.ending = [], [], None

    def start(self, timeout=20.0):
        self.process = subprocess.Popen([sys.executable, str(PROGRAM), json.dumps(self.parameters)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        deadline = time.monotonic() + timeout
        while {kind for kind, _, _ in list(self.waited)} != set(KINDS):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the good client did not come in: {self.faults}")
            time.sleep(0.02)
        return self

    def _read(self):
        for line in self.process.stdout:
            said = json.loads(line)
            if "wait" in said:
                self.waited.append((said["kind"], said["at"], said["wait"]))
            elif "end" in said:
                self.ending = said["end"]
            else:
                self.faults.append(said["fault"])

    def waits(self, kind, since, until):
        return [wait for a_kind, begun, wait in list(self.waited)
                if a_kind == kind and begun < until and begun + wait > since]

    def figures(self, since, until):
        """{kind: {"n", "p50", "p99", "worst"}}, in milliseconds."""
        result = {}
        for kind in KINDS:
            waits = self.waits(kind, since, until)
            all_waits = at_the_rate(waits, KINDS[kind])
            result[kind] = {"n": len(waits), "p50": round(percentile(all_waits, 0.5) * 1000, 1),
                            "p99": round(percentile(all_waits, 0.99) * 1000, 1),
                            "worst": round(max(waits, default=0) * 1000, 1)}
        return result

    def finish(self, timeout=40.0):
        """Stops publishing, waits for what is on its way, ends."""
        self.process.stdin.close()
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            self.faults.append("the good client did not end")
        self.reader.join(5)

    def complaints(self):
        """Connections lost, refusals, and publications lost, doubled or out of order."""
        found = list(self.faults)
        if self.ending is None:
            found.append("no ending")
        elif self.ending["published"] != self.ending["delivered"]:
            found.append(f"{self.ending['published']} published, {self.ending['delivered']} delivered")
        return found
