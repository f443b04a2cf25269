"""How a connection ends on the wire: close frame, FIN, patience with what still comes: no reset eats a reason."""

import struct
import time

import pytest

from gateway import wait_until
from websocket import CLOSE, TEXT, connect, frame

# ---- the close handshake ----


def read_raw_close(ws):
    while True:
        opcode, payload = ws.read_frame()
        if opcode == CLOSE:
            return payload


def assert_eof(ws):
    assert ws.buffer == b"" and ws.socket.recv(1) == b"", "FIN comes right behind the close frame"


@pytest.mark.parametrize("body", [b"", b"\x03\xe8", b"\x0f\xa1bye", b"\x0b\xb8" + "ä".encode() * 61])
def test_the_clients_close_is_answered_with_its_own_code_and_then_fin(start_gateway, body):
    gateway = start_gateway()
    ws = connect(gateway)
    ws.send_frame(CLOSE, body)
    assert read_raw_close(ws) == body[:2]
    assert_eof(ws)
    code = struct.unpack("!H", body[:2])[0] if body else 1005
    gateway.wait_for_line(f"websocket_disconnected {{ code: {code}, reason: '")
    ws.close()


def test_after_its_close_frame_the_server_half_closes_and_bears_what_still_comes(gateway):
    ws = connect(gateway)
    ws.send("nonsense")
    assert read_raw_close(ws) == struct.pack("!H", 3501) + b"BAD_REQUEST"
    assert_eof(ws)
    for _ in range(20):
        ws.send_frame(TEXT, "x" * 10_000)  # a reset would make this fail, or have swallowed the reason
    ws.send_frame(CLOSE, struct.pack("!H", 3501))
    assert ws.socket.recv(1) == b""
    ws.socket.close()


def test_a_flood_that_was_on_its_way_does_not_swallow_the_reason(gateway):
    ws = connect(gateway)
    ws.send_raw(frame(TEXT, "nonsense") + b"".join(frame(TEXT, "x" * 60_000) for _ in range(30)))
    assert ws.read_close() == (3501, "BAD_REQUEST")
    ws.close()


def test_the_server_waits_2_seconds_for_the_clients_fin_and_no_longer(gateway):
    ws = connect(gateway)
    ws.send("nonsense")
    read_raw_close(ws)
    assert_eof(ws)
    began = time.monotonic()

    def reset():
        try:
            ws.send_raw(b"x")
            return False
        except OSError:
            return True

    wait_until(reset, "the server to give up")
    assert 1.5 < time.monotonic() - began < 8
    ws.socket.close()
