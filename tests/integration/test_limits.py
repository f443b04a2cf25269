"""What a client can make grow, at its bound: the last that passes, and the first that does not.

Commands per second, publish_rate, channels per connection and the size of messages are in test_messages.py and
test_close_codes.py; what waits for a hook in test_hooks.py.
"""

import pytest
from protocol import ask, error
from websocket import connect

CHANNELS = [{"name": "jobs", "subscribe": "owner"},
            {"name": "kept", "subscribe": "anyone", "publish": "anyone", "history_size": 3, "history_ttl": "1m",
             "recovery": True},
            {"name": "room", "subscribe": "anyone", "presence": True},
            {"name": "", "subscribe": "anyone", "publish": "anyone"}]


def limited(start_gateway, **limits):
    return start_gateway({"limits": {"connections_per_session": 0, **limits}, "server": {"threads": 1},
                          "channel": {"namespaces": CHANNELS}})


@pytest.mark.parametrize("configured, longest", [(None, 255), (40, 40)])
def test_a_channels_name_is_as_long_as_configured(start_gateway, configured, longest):
    gateway = limited(start_gateway, channel_bytes=configured)
    ws = connect(gateway)
    assert ask(ws, "subscribe", channel="c" * longest) == {"subscribe": {}}
    assert ask(ws, "publish", channel="c" * longest, data=1) == {"publish": {}}
    assert error(ws, "subscribe", channel="c" * (longest + 1)) == (107, False)
    assert error(ws, "publish", channel="c" * (longest + 1), data=1) == (107, False)
    refused = gateway.publish("c" * (longest + 1), 1)["error"]
    assert refused["code"] == 107 and "limits.channel_bytes" in refused["detail"]


def test_a_channels_name_is_printable_ascii_but_for_four_characters(start_gateway):
    ws = connect(limited(start_gateway, commands="0", channels_per_connection=200))
    good = [chr(c) for c in range(0x21, 0x7F) if chr(c) not in '"\\*:']
    assert all(ask(ws, "subscribe", channel=f"x{c}x") == {"subscribe": {}} for c in good)
    for bad in ['"', "\\", "*", " ", "\t", "\n", "\0", "\x7f", "\u00fc", "\u2028"]:
        assert error(ws, "subscribe", channel=f"x{bad}x") == (107, False), repr(bad)


def test_subscriptions_that_wait_for_a_binding_are_bounded(start_gateway):
    gateway = limited(start_gateway, pending_subscriptions=3)
    one, two = connect(gateway), connect(gateway)
    assert [ask(one, "subscribe", channel=f"jobs:{i}") for i in range(2)] == [{"subscribe": {"pending": True}}] * 2
    assert ask(two, "subscribe", channel="jobs:2") == {"subscribe": {"pending": True}}
    assert error(two, "subscribe", channel="jobs:3") == (106, False)
    ask(one, "unsubscribe", channel="jobs:0")
    assert ask(two, "subscribe", channel="jobs:3") == {"subscribe": {"pending": True}}


def test_clients_listed_on_a_channel_are_bounded(start_gateway):
    gateway = limited(start_gateway, presence_per_channel=2)
    clients = [connect(gateway) for _ in range(3)]
    assert [ask(ws, "subscribe", channel="room:1") for ws in clients[:2]] == [{"subscribe": {}}] * 2
    assert error(clients[2], "subscribe", channel="room:1") == (106, False)
    assert ask(clients[0], "presence_stats", channel="room:1")["presence_stats"]["num_clients"] == 2
    assert ask(clients[2], "subscribe", channel="room:2") == {"subscribe": {}}
    ask(clients[0], "unsubscribe", channel="room:1")
    assert ask(clients[2], "subscribe", channel="room:1") == {"subscribe": {}}


def test_a_channel_keeps_as_many_publications_as_its_namespace_says(start_gateway):
    gateway = limited(start_gateway)
    ws = connect(gateway)
    ask(ws, "subscribe", channel="kept:1")
    for n in range(1, 5):
        gateway.publish("kept:1", n)
        kept = gateway.api("history", {"channel": "kept:1", "limit": -1})["result"]["publications"]
        assert [p["data"] for p in kept] == list(range(max(1, n - 2), n + 1))


def test_all_histories_together_keep_as_much_as_configured(start_gateway):
    gateway = limited(start_gateway, history_bytes="1MiB")
    text = "x" * 60_000

    def kept(channel):
        return len(gateway.api("history", {"channel": channel, "limit": -1})["result"]["publications"])

    # Seventeen times 60 kB fit; the quietest give way.
    for n in range(17):
        assert "result" in gateway.publish(f"kept:{n}", text)
    assert sum(kept(f"kept:{n}") for n in range(17)) == 17
    for n in range(17, 20):
        assert "result" in gateway.publish(f"kept:{n}", text)
    assert [kept(f"kept:{n}") for n in range(20)] == [0] * 3 + [1] * 17
