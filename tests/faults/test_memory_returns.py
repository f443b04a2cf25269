"""What a storm has taken goes back to the system when it is over."""

import os
import socket

from gateway import wait_until
from upgrade import upgrade_request

CONNECTIONS = 40
ROUNDS = 130
PAYLOAD = "x" * 60_000


def resident_mib(gateway):
    with open(f"/proc/{gateway.process.pid}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20


def open_and_never_read(gateway, number):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect((gateway.host, gateway.port))
    sock.sendall(upgrade_request(gateway.ticket(sessionId=f"s{number}")))
    seen = b""
    while b'"connect"' not in seen:
        seen += sock.recv(512)
    return sock


def test_memory_of_full_outboxes_goes_back_to_the_system(start_gateway):
    gateway = start_gateway({"limits": {"outbox_bytes": "64MiB", "history_bytes": "16MiB"},
                             "channel": {"namespaces": [{"name": "kept", "subscribe": "anyone", "history_size": 1000,
                                                         "history_ttl": "1h"}]}})
    before = resident_mib(gateway)
    clients = [open_and_never_read(gateway, i) for i in range(CONNECTIONS)]
    personal = [f"session:s{i}" for i in range(CONNECTIONS)]
    for n in range(ROUNDS):
        assert "result" in gateway.api("broadcast", {"channels": personal, "data": PAYLOAD})
        assert "result" in gateway.publish("kept:1", n)  # stays, between what goes
    peak = resident_mib(gateway)
    assert peak > before + 100, "nothing to give back"
    for client in clients:
        client.close()
    wait_until(lambda: gateway.metric("usher_sockets") <= 1, "all to have left")
    left = before + (peak - before) / 5
    wait_until(lambda: resident_mib(gateway) < left,
               f"{peak:.0f} MiB to become less than {left:.0f}; before {before:.0f}", timeout=75)
    print(f"before {before:.0f} MiB, peak {peak:.0f} MiB, after {resident_mib(gateway):.0f} MiB")
