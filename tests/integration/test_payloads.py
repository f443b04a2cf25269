"""Payloads are passed on byte for byte, on one line, and never broken ones."""

import pytest

from protocol import ask
from websocket import TEXT


@pytest.fixture
def gateway(channel_gateway):
    return channel_gateway


def publish(gateway, body):
    return gateway.api_raw("publish", body)


EXACT = [
    b'{"n":12345678901234567890123,"x":1.0}', b"1e5", b"-0", b"1E+400", b"[ 1 ,2 ]",
    b'"\\u00e4\\/\xc3\xa4\\ud83d\\ude00"', b'{"a":1,"a":2}', b"null", b"false", b'""', b"{}",
    b"[" * 64 + b"]" * 64, b'{"id":9,"push":{"x":"\\n"}}',
]


@pytest.mark.parametrize("payload", EXACT, ids=lambda p: p.decode()[:24])
def test_a_payload_arrives_byte_for_byte_from_the_api_and_from_a_client(gateway, client, payload):
    listener, speaker = client(subs={"live:bytes": {}}), client()
    answer = publish(gateway, b'{"channel":"live:bytes","data":%s}' % payload)
    assert answer.json() == {"result": {}}
    assert b'"data":' + payload + b"}" in listener.read_frame()[1]
    speaker.send_frame(TEXT, b'{"id":1,"publish":{"channel":"live:bytes","data":%s}}' % payload)
    assert speaker.read_reply(1) == {"id": 1, "publish": {}}
    assert b'"data":' + payload + b"," in listener.read_frame()[1]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
def test_pretty_printed_json_arrives_on_one_line(gateway, client, line_end):
    listener = client(subs={"live:pretty": {}})
    payload = b'{\n  "a": [\n    1,\n    "b\\nc"\n  ]\n}'.replace(b"\n", line_end)
    assert publish(gateway, b'{"channel":"live:pretty","data":%s}' % payload).json() == {"result": {}}
    frame = listener.read_frame()[1]
    assert b"\n" not in frame and b"\r" not in frame
    assert payload.replace(b"\r", b" ").replace(b"\n", b" ") in frame


MALFORMED = [
    b'{"x":tru, 1 2}', b"[1,,2]", b"01", b"[" * 65 + b"]" * 65, b"{", b"}", b'"', b'{"a"}', b'{"a":}', b'{"a":1,}',
    b"[1,]", b"'a'", b"+1", b".5", b"1.", b"1e", b"0x10", b"NaN", b"Infinity", b"nul", b"truex", b'"\\x41"', b'"\\u12"',
    b'{"a":1 "b":2}', b"1 2", b"{} {}", b"/*c*/1", b"{a:1}", b"[1}", b'"a\tb"', b"-", b"\x0b1", b"",
]


@pytest.mark.parametrize("payload", MALFORMED, ids=lambda p: p.decode()[:24])
def test_a_malformed_payload_is_refused_and_nobody_is_disconnected(gateway, client, payload):
    listener, speaker = client(subs={"live:bad": {}}), client()
    answer = publish(gateway, b'{"channel":"live:bad","data":%s}' % payload)
    assert (answer.status, answer.json()["error"]["code"]) == (200, 107)
    speaker.send_frame(TEXT, b'{"id":1,"publish":{"channel":"live:bad","data":%s}}' % payload)
    assert speaker.read_reply(1)["error"]["code"] == 107
    assert ask(speaker, "publish", channel="live:bad", data="good") == {"publish": {}}
    assert listener.read_publication()[1]["data"] == "good", "and nothing before it"


@pytest.mark.parametrize("body", [b'{"channel":"live:1","channel":"live:2","data":1}',
                                  b'{"channel":"live:1","data":1,"data":2}', b'{"channel":"live:1","data":"\xff"}'])
def test_a_duplicate_member_in_the_envelope_and_bytes_that_are_no_text_are_refused(gateway, body):
    assert publish(gateway, body).json()["error"]["code"] == 107


def test_a_duplicate_member_in_a_clients_envelope_is_refused(client):
    ws = client()
    ws.send('{"id":1,"publish":{"channel":"live:1","data":1,"data":2}}')
    assert ws.read_reply(1)["error"]["code"] == 107
    assert ask(ws, "ping") == {"ping": {}}


def test_the_largest_message_goes_through_and_one_byte_more_is_error_106(gateway, client):
    ws = client(subs={"live:big": {}})
    data = "x" * (65536 - 2)
    assert gateway.publish("live:big", data) == {"result": {}}
    assert ws.read_publication()[1]["data"] == data
    assert gateway.publish("live:big", data + "x")["error"]["code"] == 106
