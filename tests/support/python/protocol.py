"""Commands of the client protocol and their replies, over websocket.py; and channels to use them on."""

# One namespace of each kind.
NAMESPACES = [
    {"name": "chat", "subscribe": "anyone", "publish": "anyone", "history_size": 10, "history_ttl": "1m",
     "recovery": True, "presence": True, "join_leave": True},
    {"name": "news", "subscribe": "anyone", "history_size": 5, "history_ttl": "1m", "recovery": True},
    {"name": "room", "subscribe": "users", "publish": "users"},
    {"name": "live", "subscribe": "anyone", "publish": "anyone"},
    {"name": "jobs", "subscribe": "owner", "publish": "owner", "history_size": 10, "history_ttl": "1m",
     "recovery": True},
    {"name": "slow", "subscribe": "anyone", "publish": "anyone", "publish_rate": "2/1h"},
    {"name": "granted"}, {"name": "orders"}, {"name": "depot"}, {"name": ""},
]


def ask(ws, method, /, **params):
    """The reply to a command, without its id."""
    ws.asked = getattr(ws, "asked", 100) + 1
    ws.send({"id": ws.asked, method: params})
    reply = ws.read_reply(ws.asked)
    return {name: value for name, value in reply.items() if name != "id"}


def error(ws, method, /, **params):
    """(code, temporary) of the error that a command is answered with."""
    reply = ask(ws, method, **params)
    assert set(reply) == {"error"} and reply["error"]["message"], reply
    return reply["error"]["code"], reply["error"].get("temporary", False)


def read_push(ws, kind):
    """(channel, body) of the next push of that kind."""
    while True:
        push = ws.read().get("push", {})
        if kind in push:
            return push.get("channel"), push[kind]


def ask_and_keep(ws, method, /, **params):
    """Like ask(), but pushes before the reply stay to be read."""
    ws.send({"id": 99, method: params})
    kept = []
    while True:
        message = ws.read()
        if message.get("id") == 99:
            ws.messages = kept + ws.messages
            return message
        kept.append(message)


def assert_alive(ws):
    assert ask(ws, "ping") == {"ping": {}}
