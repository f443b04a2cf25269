"""The look for secrets in logs, which every gateway of these tests gets when it stops, can fail."""

import pytest
from websocket import connect

import secrets_seen


def test_what_was_asked_for_is_known_and_would_be_found(gateway):
    guest = gateway.guest()
    ticket = gateway.ticket(guest["token"])
    connect(gateway, ticket).close()
    for secret in [guest["token"], guest["token"].rsplit(".", 1)[0], ticket]:
        assert secrets_seen.leaks(f"info a line {{ url: '/ws?ticket={secret}' }}") == [secret]


def test_trace_ids_and_other_peoples_numbers_are_no_secrets():
    assert secrets_seen.leaks("traceId: '00000000000000000000000000abcdef'") == []


def test_a_gateway_with_a_secret_in_its_log_fails_at_its_end(start_gateway):
    leaky = start_gateway()
    leaky.lines.append(f"info a line {{ ticket: '{leaky.ticket()}' }}")
    with pytest.raises(AssertionError, match="secrets in the log"):
        leaky.stop()
    leaky.lines.clear()
