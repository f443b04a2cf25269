"""RFC 6455 section 4.2: the opening handshake."""
import pytest

from raw_client import PING, PONG, TEXT, RawClient, frame


@pytest.fixture
def raw(server):
    with RawClient(server) as client:
        yield client


def test_the_101_says_what_it_must_and_negotiates_nothing(raw):
    response = raw.upgrade(
        Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits", Sec_WebSocket_Protocol="mqtt, soap"
    )
    assert response.status == 101
    assert [value.lower() for value in response.values("upgrade")] == ["websocket"]
    assert [value.lower() for value in response.values("connection")] == ["upgrade"]
    assert response.values("sec-websocket-extensions") == []
    assert response.values("sec-websocket-protocol") == []
    assert response.values("content-length") == []
    raw.close_properly()


@pytest.mark.parametrize(
    "changes",
    [
        {"Upgrade": "WebSocket"},
        {"Upgrade": "h2c, websocket"},
        {"Connection": "keep-alive, Upgrade"},
        {"Connection": "UPGRADE,close"},
        {"Origin": "https://app.example"},
        {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="},
    ],
    ids=repr,
)
def test_well_formed_upgrades_are_taken(raw, changes):
    assert raw.upgrade(**changes).status == 101
    raw.close_properly()


@pytest.mark.parametrize(
    "changes",
    [
        {"Host": None},
        {"Connection": None},
        {"Connection": "keep-alive"},
        {"Sec_WebSocket_Key": None},
        {"Sec_WebSocket_Key": ""},
        {"Sec_WebSocket_Key": "c2hvcnQ="},
        {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="[:-1]},
        {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25j*Q=="},
        {"Sec_WebSocket_Version": None},
    ],
    ids=repr,
)
def test_malformed_upgrades_are_400(raw, changes):
    assert raw.upgrade(**changes).status == 400


@pytest.mark.parametrize("method, version", [("GET", "HTTP/1.0"), ("POST", "HTTP/1.1"), ("HEAD", "HTTP/1.1"), ("OPTIONS", "HTTP/1.1")])
def test_only_a_get_of_http_1_1_upgrades(raw, method, version):
    assert raw.upgrade(method=method, version=version).status == 400


def test_a_request_that_wants_no_websocket_gets_none(raw):
    assert raw.upgrade(Upgrade=None).status != 101


@pytest.mark.parametrize("version", ["0", "7", "8", "12", "14", "130"])
def test_other_versions_are_told_the_right_one(raw, version):
    response = raw.upgrade(Sec_WebSocket_Version=version)
    assert response.status == 426
    assert response.values("sec-websocket-version") == ["13"]


def test_an_upgrade_may_trickle(raw):
    send = raw.send
    raw.send = raw.send_in_pieces
    raw.open()
    raw.send = send
    raw.send(frame(TEXT, "x"))
    raw.expect(TEXT, "x")


def test_frames_may_follow_the_request_without_waiting(raw):
    assert raw.upgrade(pipelined=frame(TEXT, "early") + frame(PING, b"p") + frame(TEXT, "late")[:7]).status == 101
    raw.expect(TEXT, "early")
    raw.expect(PONG, b"p")
    raw.send(frame(TEXT, "late")[7:])
    raw.expect(TEXT, "late")
