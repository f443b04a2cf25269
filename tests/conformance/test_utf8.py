"""RFC 6455 section 8.1: text is UTF-8, strictly, and a server may say so at the first impossible byte."""
import pytest

from raw_client import BINARY, CLOSE, CONTINUATION, TEXT, RawClient, close_body, frame

VALID = [
    "κόσμε",
    "\x00",
    "\x7f\x80\u07ff\u0800\uffff",
    "\ud7ff\ue000\ufffd",
    "\ufffe\uffff\ufdd0",  # noncharacters are characters enough
    "\U00010000\U0010ffff",
    "Hello-µ@ßöäüàá-UTF-8!!",
    "😀" * 300,
]

# Name, bytes, and the index of the first byte that makes them impossible.
INVALID = [
    ("lone continuation", b"ok\x80", 2),
    ("lone continuation BF", b"\xbf", 0),
    ("overlong of 2", b"\xc0\xaf", 0),
    ("overlong of 2, highest", b"\xc1\xbf", 0),
    ("overlong of 3", b"\xe0\x80\xaf", 1),
    ("overlong of 3, highest", b"\xe0\x9f\xbf", 1),
    ("overlong of 4", b"\xf0\x80\x80\xaf", 1),
    ("overlong of 4, highest", b"\xf0\x8f\xbf\xbf", 1),
    ("first surrogate", b"\xed\xa0\x80", 1),
    ("last surrogate", b"\xed\xbf\xbf", 1),
    ("surrogate pair", "κόσμε".encode() + b"\xed\xa0\xbd\xed\xb8\x80", 11),
    ("beyond U+10FFFF", b"\xf4\x90\x80\x80", 1),
    ("lead byte F5", b"\xf5\x80\x80\x80", 0),
    ("5 bytes", b"\xf8\x88\x80\x80\x80", 0),
    ("6 bytes", b"\xfc\x84\x80\x80\x80\x80", 0),
    ("FE", b"\xfe", 0),
    ("FF", b"caf\xc3\xa9\xff", 5),
    ("cut by ASCII", b"\xe2\x82z", 2),
    ("cut by another", b"\xf0\x9f\x98\xc3\xa9", 3),
]
CUT = [b"\xce", b"ok\xe2\x82", b"\xf0\x9f\x98", b"\xed"]

invalid = pytest.mark.parametrize("data, impossible", [row[1:] for row in INVALID], ids=[row[0] for row in INVALID])


def splits(data):
    return [(data[:at], data[at:]) for at in range(len(data) + 1)]


@pytest.mark.parametrize("text", VALID, ids=ascii)
def test_valid_text_comes_back_however_it_is_split(client, text):
    data = text.encode()
    client.send_in_pieces(frame(TEXT, data))
    client.expect(TEXT, data)
    for first, second in splits(data)[:41]:
        client.send(frame(TEXT, first, fin=False) + frame(CONTINUATION, second))
        client.expect(TEXT, data)
    client.send(frame(TEXT, data[:1], fin=False))
    client.send(b"".join(frame(CONTINUATION, data[at : at + 1], fin=False) for at in range(1, len(data))))
    client.send(frame(CONTINUATION))
    client.expect(TEXT, data)


@invalid
def test_invalid_text_is_refused_however_it_is_split(server, data, impossible):
    streams = [frame(TEXT, data)]
    streams += [frame(TEXT, first, fin=False) + frame(CONTINUATION, second) for first, second in splits(data)]
    for stream in streams:
        for send in (RawClient.send, RawClient.send_in_pieces):
            with RawClient(server) as client:
                send(client.open(), stream)
                client.expect_close(1007)


@invalid
def test_invalid_text_is_refused_before_its_frame_is_complete(client, data, impossible):
    client.send(frame(TEXT, data[: impossible + 1], announce=1000))
    client.expect_close(1007)


@invalid
def test_invalid_text_is_refused_before_its_message_is_complete(client, data, impossible):
    for at in range(impossible + 1):
        client.send(frame(TEXT if at == 0 else CONTINUATION, data[at : at + 1], fin=False))
    client.expect_close(1007)


@pytest.mark.parametrize("data", CUT, ids=repr)
def test_text_that_ends_within_a_character_is_refused(server, data):
    for stream in [frame(TEXT, data)] + [frame(TEXT, a, fin=False) + frame(CONTINUATION, b) for a, b in splits(data)]:
        with RawClient(server) as client:
            client.open().send(stream)
            client.expect_close(1007)


@pytest.mark.parametrize("data", [row[1] for row in INVALID] + CUT, ids=repr)
def test_a_close_reason_is_text_too(client, data):
    client.send(frame(CLOSE, close_body(1000, data)))
    client.expect_close(1007)


@pytest.mark.parametrize("data", [row[1] for row in INVALID] + CUT, ids=repr)
def test_binary_is_none_of_its_business(client, data):
    client.send(frame(BINARY, data[:1], fin=False) + frame(CONTINUATION, data[1:]))
    client.expect(BINARY, data)
