"""GET /api/sessions: the live connections of a user or session, for a page of his devices."""

import time
from urllib.parse import quote

import pytest

from gateway import API_KEY, ORIGIN
from websocket import connect


@pytest.fixture
def gateway(channel_gateway):
    return channel_gateway


def ask(gateway, query, **headers):
    return gateway.request("GET", f"/api/sessions{query}", {"X-API-Key": API_KEY, **headers})


def sessions(gateway, query):
    answer = ask(gateway, query)
    assert answer.status == 200, answer
    return answer.json()["result"]


def test_a_users_live_connections_are_listed_with_what_a_page_of_devices_needs(gateway, client):
    before = int(time.time())
    first = client(sessionId="phone ä", sub="dora")
    second = client("/connection/websocket", sessionId="laptop", sub="dora")
    client(sessionId="other", sub="somebody")
    listed = sessions(gateway, "?user=dora")
    assert listed["truncated"] is False and listed["partial"] is False
    by_client = {each["client"]: each for each in listed["sessions"]}
    assert set(by_client) == {first.connected["client"], second.connected["client"]}
    phone = by_client[first.connected["client"]]
    assert before <= phone.pop("since") <= time.time()
    assert phone == {"client": first.connected["client"], "session": "phone ä", "user": "dora", "transport": "websocket",
                     "address": {"class": "loopback", "prefix": "127.0.0.0/24"}, "node": first.connected["node"]}
    assert [each["session"] for each in sessions(gateway, "?session=" + quote("phone ä"))["sessions"]] == ["phone ä"]
    assert gateway.api("sessions", {"client": second.connected["client"]})["result"]["sessions"][0]["session"] == "laptop"


def test_who_has_left_or_was_sent_out_is_not_listed(gateway, client):
    stays = client(sessionId="e1", sub="eve")
    client(sessionId="e2", sub="eve").close()
    out = client(sessionId="e3", sub="eve")
    assert gateway.api("revoke", {"session": "e3"}) == {"result": {}}
    assert out.read_close() == (3520, "SESSION_REVOKED")
    out.close()
    deadline = time.monotonic() + 10
    while (left := sessions(gateway, "?user=eve")["sessions"]) and len(left) > 1 and time.monotonic() < deadline:
        pass
    assert [each["client"] for each in left] == [stays.connected["client"]]


def test_the_limit_cuts_the_list_and_says_so(gateway, client):
    for _ in range(3):
        client(sessionId="many", sub="mia")
    assert sessions(gateway, "?user=mia&limit=3")["truncated"] is False
    cut = sessions(gateway, "?user=mia&limit=2")
    assert cut["truncated"] is True and len(cut["sessions"]) == 2


@pytest.mark.parametrize("query", ["", "?", "?user=", "?user=a&limit=0", "?user=a&limit=1001", "?user=%zz", "?user=a&user=b",
                                   "?user=a&colour=red", "?user=a&limit=many", "?" + "a=b&" * 9])
def test_a_query_that_asks_for_nothing_or_too_much_is_an_error(gateway, query):
    answer = ask(gateway, query)
    assert answer.status == 200 and answer.json()["error"]["code"] == 107, answer


def test_it_needs_a_key_and_is_not_for_pages(gateway):
    assert gateway.request("GET", "/api/sessions?user=a").status == 401
    assert ask(gateway, "?user=a", Origin=ORIGIN).status == 403
    assert gateway.request("PUT", "/api/sessions?user=a", {"X-API-Key": API_KEY}).headers["Allow"] == "GET, POST"


def test_without_an_api_key_file_it_does_not_exist(start_gateway):
    gateway = start_gateway({"api": {"key_file": ""}})
    assert ask(gateway, "?user=a").status == 404
