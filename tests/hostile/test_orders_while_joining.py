"""What a backend orders for a connection while that is joining is carried out afterwards, and the connection goes on."""

import concurrent.futures
import json
import time

from websocket import WebSocket

CHAT = {"channel": {"namespaces": [{"name": "chat", "subscribe": "anyone", "history_size": 10, "history_ttl": "1m",
                                    "recovery": True}]}, "server": {"threads": 2},
        "limits": {"connections_per_user": 0, "connections_per_session": 0}}
ROUNDS, CLIENTS = 12, 8


def test_a_refresh_while_joining_leaves_no_connection_deaf(start_gateway):
    gateway = start_gateway(CHAT)
    body = json.dumps({"subs": {f"chat:{number}": {} for number in range(100)}}).encode()
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        for moment in range(ROUNDS):
            tickets = [gateway.ask_ticket(sessionId=f"s{moment}-{n}", sub="ada", body=body).json()["ticket"]
                       for n in range(CLIENTS)]
            joining = [pool.submit(WebSocket, gateway.address, f"/ws?ticket={ticket}") for ticket in tickets]
            time.sleep(moment / 1000)  # so that the order comes at another stage in each round
            assert gateway.api("refresh", {"user": "ada", "expire_at": int(time.time()) + 600}) == {"result": {}}
            for client in (future.result() for future in joining):
                client.read_connect()
                client.send({"id": 1, "ping": {}})
                assert client.read_reply(1) == {"id": 1, "ping": {}}
                client.close()
