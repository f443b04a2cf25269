"""1002, 1003, 1007, 1009: frames that RFC 6455 forbids, messages that are no text or too long."""

import struct

import pytest

from websocket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, WebSocket, connect, frame

# ---- 1002, 1007: RFC 6455 ----

BROKEN_FRAMES = {
    "an unmasked frame": frame(TEXT, "{}", mask=None),
    "a reserved bit": frame(TEXT, "{}", rsv=4),
    "a reserved data opcode": frame(3, "{}"),
    "a reserved control opcode": frame(11, ""),
    "a fragmented ping": frame(PING, "a", fin=False),
    "a ping of 126 bytes": frame(PING, "a" * 126),
    "a continuation of nothing": frame(CONTINUATION, "{}"),
    "a message inside another": frame(TEXT, "{", fin=False) + frame(TEXT, "}"),
    "a length that is longer than it need be": b"\x81\xfe\x00\x02\x00\x00\x00\x00{}",
    "a length with its top bit set": b"\x81\xff\x80\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00",
    "a close frame of one byte": frame(CLOSE, b"\x03"),
    **{f"a close frame with {code}": frame(CLOSE, struct.pack("!H", code))
       for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)},
}


@pytest.mark.parametrize("data", BROKEN_FRAMES.values(), ids=BROKEN_FRAMES)
def test_1002_for(gateway, data):
    ws = connect(gateway)
    ws.send_raw(data)
    assert ws.read_close() == (1002, "PROTOCOL_ERROR")
    ws.close()


BROKEN_TEXT = {
    "a lone continuation byte": frame(TEXT, b'"\x80"'),
    "an overlong form": frame(TEXT, b'"\xc0\xaf"'),
    "a surrogate": frame(TEXT, b'"\xed\xa0\x80"'),
    "beyond Unicode": frame(TEXT, b'"\xf4\x90\x80\x80"'),
    "a character cut off at the end": frame(TEXT, b'{"id":1}\xe2\x82'),
    "a character broken across fragments": frame(TEXT, b"\xe2", fin=False) + frame(CONTINUATION, b"a"),
    "a close reason": frame(CLOSE, struct.pack("!H", 1000) + b"\xff"),
}


@pytest.mark.parametrize("data", BROKEN_TEXT.values(), ids=BROKEN_TEXT)
def test_1007_for(gateway, data):
    ws = connect(gateway)
    ws.send_raw(data)
    assert ws.read_close() == (1007, "INVALID_UTF8")
    ws.close()


# ---- 1003, 1009 ----


def test_1003_for_a_binary_frame(gateway):
    ws = connect(gateway)
    ws.send_frame(BINARY, b'{"id":1,"ping":{}}')
    assert ws.read_close() == (1003, "UNSUPPORTED_DATA")
    ws.close()


def test_3501_for_a_binary_frame_where_sdks_come_in(gateway):
    for is_connected in (False, True):
        ws = WebSocket(gateway.address, "/connection/websocket", protocols=())
        if is_connected:
            ws.send({"id": 1, "connect": {"token": gateway.ticket()}})
            assert "connect" in ws.read_reply(1)
        ws.send_frame(BINARY, b'{"id":2,"ping":{}}')
        assert ws.read_close() == (3501, "BAD_REQUEST")
        ws.close()


def ping_of(size):
    command = b'{"id":1,"ping":{}}'
    return command + b" " * (size - len(command))


def fragments(data, size):
    parts = [data[i:i + size] for i in range(0, len(data), size)]
    for i, part in enumerate(parts):
        yield frame(CONTINUATION if i else TEXT, part, fin=i + 1 == len(parts))


@pytest.mark.parametrize("cut", [None, 10_000], ids=["in one frame", "in fragments"])
def test_1009_for_65537_bytes_and_not_for_65536(gateway, cut):
    ws = connect(gateway)
    for size in (65536, 65537):
        data = ping_of(size)
        ws.send_raw(b"".join(fragments(data, cut or size)))
        if size == 65536:
            assert ws.read() == {"id": 1, "ping": {}}
    assert ws.read_close() == (1009, "MESSAGE_TOO_BIG")
    ws.close()


def test_1009_is_said_at_the_header_before_the_payload_comes(gateway):
    ws = connect(gateway)
    ws.send_raw(b"\x81\xff" + struct.pack("!Q", 1 << 40) + b"\x01\x02\x03\x04")
    assert ws.read_close() == (1009, "MESSAGE_TOO_BIG")
    ws.close()


def test_1009_follows_limits_message_bytes(start_gateway):
    gateway = start_gateway({"limits": {"message_bytes": 1000}})
    ws = connect(gateway)
    ws.send_frame(TEXT, ping_of(1000))
    assert ws.read() == {"id": 1, "ping": {}}
    ws.send_frame(TEXT, ping_of(1001))
    assert ws.read_close() == (1009, "MESSAGE_TOO_BIG")
    ws.close()


def test_a_ping_is_answered_with_its_payload_also_between_fragments(gateway):
    ws = connect(gateway)
    first, last = fragments(ping_of(100), 50)
    ws.send_raw(first + frame(PING, "now") + last)
    assert ws.read_frame() == (PONG, b"now")
    assert ws.read() == {"id": 1, "ping": {}}
    ws.close()
