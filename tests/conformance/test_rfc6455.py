"""RFC 6455 sections 5.2 to 5.6: framing, fragmentation, control frames, sizes."""
import pytest

from raw_client import BINARY, CLOSE, CONTINUATION, LIMIT, PING, PONG, TEXT, close_body, frame

SIZES = [0, 1, 2, 125, 126, 127, 128, 65535, 65536, 65537, 1 << 20]
DATA = {TEXT: b"abcdefghijklmnopqrstuvwxyz", BINARY: bytes(range(256))}


def sample(opcode, size):
    return (DATA[opcode] * (size // len(DATA[opcode]) + 1))[:size]


# Whole frames.


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_messages_of_every_length_class_come_back(client, opcode, size):
    client.send(frame(opcode, sample(opcode, size)))
    client.expect(opcode, sample(opcode, size))
    client.close_properly()


@pytest.mark.parametrize("size, piece", [(0, 1), (1, 1), (126, 1), (300, 1), (65536, 997), (1 << 20, 7919)])
def test_messages_come_back_when_they_arrive_in_pieces(client, size, piece):
    client.send_in_pieces(frame(BINARY, sample(BINARY, size)), piece)
    client.expect(BINARY, sample(BINARY, size))


@pytest.mark.parametrize("mask", [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x01\x02\x04\x08", b"\x80\0\0\0"])
def test_any_mask_is_undone(client, mask):
    for size in (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 1000):
        client.send(frame(BINARY, sample(BINARY, size), mask=mask))
        client.expect(BINARY, sample(BINARY, size))


def test_pipelined_messages_come_back_in_order(client):
    client.send(b"".join(frame(TEXT, f"message {n}") for n in range(500)))
    for n in range(500):
        client.expect(TEXT, f"message {n}")


def test_a_stream_of_frames_cut_anywhere_gives_the_same_echoes(client):
    stream = (
        frame(TEXT, "héllo")
        + frame(PING, b"p")
        + frame(TEXT, "a", fin=False)
        + frame(CONTINUATION, "b")
        + frame(BINARY, b"\xff" * 130)
    )
    for piece in (1, 2, 3, 5, 11, 64):
        client.send_in_pieces(stream, piece)
        client.expect(TEXT, "héllo")
        client.expect(PONG, b"p")
        client.expect(TEXT, "ab")
        client.expect(BINARY, b"\xff" * 130)


# What no header may say. Each follows a good message, which must be answered first.


def refused(client, data, code=1002):
    client.send(frame(TEXT, "good") + data)
    client.expect(TEXT, "good")
    client.expect_close(code)


@pytest.mark.parametrize("rsv", range(1, 8))
@pytest.mark.parametrize("opcode", [TEXT, BINARY, CONTINUATION, PING, PONG, CLOSE])
def test_reserved_bits_are_refused(client, opcode, rsv):
    refused(client, frame(opcode, rsv=rsv))


@pytest.mark.parametrize("payload", [b"", b"payload"])
@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
def test_reserved_opcodes_are_refused(client, opcode, payload):
    refused(client, frame(opcode, payload))


@pytest.mark.parametrize("opcode", [TEXT, BINARY, PING, CLOSE])
def test_unmasked_frames_are_refused(client, opcode):
    refused(client, frame(opcode, mask=None))


@pytest.mark.parametrize("size, bits", [(0, 16), (125, 16), (0, 64), (125, 64), (126, 64), (65535, 64)])
def test_lengths_longer_than_needed_are_refused(client, size, bits):
    refused(client, frame(BINARY, sample(BINARY, size), length_bits=bits))


@pytest.mark.parametrize("length", [1 << 63, (1 << 64) - 1])
def test_lengths_with_the_top_bit_are_refused(client, length):
    refused(client, frame(BINARY, announce=length, length_bits=64))


# Sizes.


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_message_may_be_as_long_as_the_limit(limited_client, opcode):
    limited_client.send(frame(opcode, sample(opcode, LIMIT)))
    limited_client.expect(opcode, sample(opcode, LIMIT))


@pytest.mark.parametrize("length", [LIMIT + 1, 1 << 20, 1 << 32, (1 << 63) - 1])
def test_a_longer_one_is_refused_by_its_header_alone(limited_client, length):
    limited_client.send(frame(TEXT, announce=length))
    limited_client.expect_close(1009)


def test_fragments_count_together(limited_client):
    limited_client.send(frame(BINARY, bytes(LIMIT - 1), fin=False) + frame(CONTINUATION, b"x"))
    limited_client.expect(BINARY, bytes(LIMIT - 1) + b"x")
    limited_client.send(frame(BINARY, bytes(LIMIT - 1), fin=False) + frame(CONTINUATION, announce=2))
    limited_client.expect_close(1009)


# Fragments.


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
@pytest.mark.parametrize(
    "parts",
    [["a", "b"], ["", "b"], ["a", ""], ["", ""], ["a", "", "b"], ["a", "b", "c", "d", "e"], ["", "", "", "x", ""]],
)
def test_fragments_come_back_as_one_message(client, opcode, parts):
    frames = [frame(opcode, parts[0], fin=False)]
    frames += [frame(CONTINUATION, part, fin=False) for part in parts[1:-1]]
    frames.append(frame(CONTINUATION, parts[-1]))
    client.send(b"".join(frames))
    client.expect(opcode, "".join(parts))
    client.send_in_pieces(b"".join(frames))
    client.expect(opcode, "".join(parts))


def test_many_fragments_come_back_as_one_message(client):
    client.send(frame(TEXT, "<", fin=False) + frame(CONTINUATION, "x", fin=False) * 5000 + frame(CONTINUATION, ">"))
    client.expect(TEXT, "<" + "x" * 5000 + ">")


def test_many_empty_fragments_are_harmless(client):
    client.send(frame(TEXT, fin=False) + frame(CONTINUATION, fin=False) * 5000 + frame(CONTINUATION, "end"))
    client.expect(TEXT, "end")


def test_a_ping_between_fragments_is_answered_at_once(client):
    client.send(frame(TEXT, "a", fin=False) + frame(PING, b"1"))
    client.expect(PONG, b"1")
    client.send(frame(CONTINUATION, "b", fin=False) + frame(PING, b"2") + frame(PONG, b"unasked"))
    client.expect(PONG, b"2")
    client.send(frame(CONTINUATION, "c"))
    client.expect(TEXT, "abc")


def test_a_close_between_fragments_is_answered(client):
    client.send(frame(TEXT, "a", fin=False) + frame(CLOSE, close_body(1000)))
    client.expect_close(1000)


@pytest.mark.parametrize("fin", [True, False])
def test_a_continuation_of_nothing_is_refused(client, fin):
    refused(client, frame(CONTINUATION, "x", fin=fin))


def test_a_continuation_after_the_last_fragment_is_refused(client):
    client.send(frame(TEXT, "a", fin=False) + frame(CONTINUATION, "b") + frame(CONTINUATION, "c"))
    client.expect(TEXT, "ab")
    client.expect_close(1002)


@pytest.mark.parametrize("fin", [True, False])
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_message_inside_another_is_refused(client, opcode, fin):
    refused(client, frame(TEXT, "a", fin=False) + frame(opcode, "b", fin=fin))


# Control frames.


@pytest.mark.parametrize("size", [0, 1, 7, 8, 124, 125])
def test_a_ping_is_answered_with_its_payload(client, size):
    client.send(frame(PING, sample(BINARY, size)))
    client.expect(PONG, sample(BINARY, size))
    client.send_in_pieces(frame(PING, sample(BINARY, size)))
    client.expect(PONG, sample(BINARY, size))


def test_every_ping_is_answered_in_order(client):
    client.send(b"".join(frame(PING, str(n)) for n in range(100)))
    for n in range(100):
        client.expect(PONG, str(n))


@pytest.mark.parametrize("payload", [b"", b"unasked", bytes(125)])
def test_pongs_nobody_asked_for_are_ignored(client, payload):
    client.send(frame(PONG, payload) + frame(TEXT, "x"))
    client.expect(TEXT, "x")


@pytest.mark.parametrize("size", [126, 127, 65536])
@pytest.mark.parametrize("opcode", [PING, PONG, CLOSE])
def test_control_frames_over_125_bytes_are_refused(client, opcode, size):
    refused(client, frame(opcode, close_body(1000) + bytes(size - 2)))


@pytest.mark.parametrize("opcode", [PING, PONG, CLOSE])
def test_fragmented_control_frames_are_refused(client, opcode):
    refused(client, frame(opcode, fin=False))
