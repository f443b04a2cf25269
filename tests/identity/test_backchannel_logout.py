"""oidc-provider, unchanged, logs a user out: the sockets of that session close, and no other one."""

import time

from gateway import wait_until
from openid_browser import Browser
from protocol import assert_alive
from websocket import WebSocket, connect


def open_socket(gateway, tokens):
    return connect(gateway, gateway.ticket(tokens["access_token"]))


def is_refused(gateway, tokens):
    answer = gateway.ask_ticket(tokens["access_token"])
    assert answer.status == 401 and answer.json()["code"] == "SESSION_REVOKED", answer


def test_a_logout_closes_the_sockets_of_that_session_on_both_gateways_within_a_second(provider, pair):
    phone, laptop = Browser(provider), Browser(provider)
    gone, stays = phone.log_in("ada"), laptop.log_in("ada")
    mine = [open_socket(gateway, gone) for gateway in pair]
    others = [open_socket(gateway, stays) for gateway in pair]
    outstanding = pair[1].ticket(gone["access_token"])
    began = time.monotonic()
    phone.log_out()
    for ws in mine:
        assert ws.read_close() == (3520, "SESSION_REVOKED")
    assert time.monotonic() - began < 1
    for gateway in pair:
        is_refused(gateway, gone)
        assert gateway.ask_ticket(stays["access_token"]).status == 200
    late = WebSocket(pair[0].address, f"/ws?ticket={outstanding}")
    assert late.read_close() == (3520, "SESSION_REVOKED")
    for ws in others:
        assert_alive(ws)
    assert pair[0].metric("usher_logouts_total", outcome="session") == 1
    again = phone.log_in("ada")
    mine += [open_socket(gateway, again) for gateway in pair]
    for ws in mine + others + [late]:
        ws.close()


def test_a_logout_reaches_the_memory_engine_too(provider, single):
    browser = Browser(provider)
    tokens = browser.log_in("bob")
    ws = open_socket(single, tokens)
    browser.log_out()
    assert ws.read_close() == (3520, "SESSION_REVOKED")
    is_refused(single, tokens)
    ws.close()


def test_after_a_rotation_tokens_and_logouts_of_the_new_key_are_accepted(provider, single):
    old = Browser(provider).log_in("cleo")
    provider.tell(rotate=True)
    browser = Browser(provider)
    new = browser.log_in("cleo")
    first = single.ask_ticket(new["access_token"])
    assert first.status == 503, "the key may be a new one, and was asked for less than 30 s ago"
    wait_until(lambda: single.ask_ticket(new["access_token"]).status == 200, "the new key set", timeout=40)
    sockets = [open_socket(single, tokens) for tokens in (old, new)]
    browser.log_out()
    assert sockets[1].read_close() == (3520, "SESSION_REVOKED")
    assert_alive(sockets[0])
    for ws in sockets:
        ws.close()
