"""RFC 6455 sections 5.5.1 and 7: the closing handshake, and how a server ends its half of the stream."""
import socket

import pytest

from raw_client import BINARY, CLOSE, PING, TEXT, RawClient, close_body, frame

GOOD_CODES = [*range(1000, 1004), *range(1007, 1015), 3000, 3999, 4000, 4999]
BAD_CODES = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]


@pytest.mark.parametrize("code", GOOD_CODES)
def test_a_close_is_answered_with_its_code(client, code):
    client.send(frame(CLOSE, close_body(code, "bye")))
    client.expect_close(code)


@pytest.mark.parametrize("code", BAD_CODES)
def test_codes_that_may_not_be_sent_are_refused(client, code):
    client.send(frame(CLOSE, close_body(code)))
    client.expect_close(1002)


def test_a_close_without_a_code_is_answered_without_one(client):
    client.send(frame(CLOSE))
    client.expect_close(None)


def test_half_a_code_is_refused(client):
    client.send(frame(CLOSE, b"\x03"))
    client.expect_close(1002)


@pytest.mark.parametrize("reason", ["", "x", "r" * 123, "é" * 61])
def test_reasons_up_to_123_bytes_are_taken(client, reason):
    client.send(frame(CLOSE, close_body(1000, reason)))
    client.expect_close(1000)


def test_a_close_in_pieces_is_answered(client):
    client.send_in_pieces(frame(CLOSE, close_body(4321, "in pieces")))
    client.expect_close(4321)


def test_messages_before_a_close_are_answered_and_none_after_it(client):
    client.send(frame(TEXT, "before") + frame(CLOSE, close_body(1000)) + frame(TEXT, "after") + frame(PING, b"after"))
    client.expect(TEXT, "before")
    client.expect_close(1000)


@pytest.mark.parametrize("last", [frame(CLOSE, close_body(1000)), frame(3), frame(TEXT, b"\xff")])
def test_what_still_arrives_does_not_swallow_the_close_frame(server, last):
    """A server that closes with unread input resets the connection, and the peer may lose what it was sent."""
    with RawClient(server) as client:
        client.open().send(last + frame(BINARY, bytes(100_000)) * 4)
        assert client.read_frame().opcode == CLOSE
        client.expect_end()
        client.send(b"more" * 1000)
        client.socket.shutdown(socket.SHUT_WR)
        client.expect_end()


def test_a_client_that_closes_only_after_reading_is_served_to_the_end(client):
    client.send(frame(BINARY, bytes(1 << 20)) * 3 + frame(CLOSE, close_body(1000)))
    for _ in range(3):
        client.expect(BINARY, bytes(1 << 20))
    client.expect_close(1000)


@pytest.mark.parametrize("unfinished", [b"", b"\x81", frame(TEXT, announce=5), frame(TEXT, "a", fin=False)])
def test_an_end_without_a_close_frame_is_an_end(server, unfinished):
    with RawClient(server) as client:
        client.open().send(frame(TEXT, "x") + unfinished)
        client.expect(TEXT, "x")
        client.socket.shutdown(socket.SHUT_WR)
        while True:  # a close frame may come first; the end must
            try:
                assert client.read_frame().opcode == CLOSE
            except EOFError:
                break


def test_other_connections_go_on(server):
    with RawClient(server) as good, RawClient(server) as bad, RawClient(server) as gone:
        good.open(), bad.open(), gone.open()
        bad.send(b"\xff\xff\xff\xff")
        gone.socket.close()
        good.send(frame(TEXT, "still here"))
        good.expect(TEXT, "still here")
        bad.expect_close(1002)
        good.close_properly()
