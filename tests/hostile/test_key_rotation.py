"""Callers who make up key ids while the issuer rotates its keys: no good token is refused for good."""

import pytest
from key_issuer import Issuer


@pytest.fixture
def issuer(tmp_path):
    made = Issuer(tmp_path)
    made.add("old")
    yield made
    made.server.stop()


@pytest.mark.parametrize("made_up", [0, 1, 20])
def test_a_token_of_a_new_key_is_never_refused_for_good_before_the_set_was_fetched_again(start_gateway, issuer, made_up):
    gateway = start_gateway(issuer.config)
    gateway.wait_for_line("key set of jwt.jwks_url in use")
    for n in range(made_up):
        answer = gateway.ask_ticket(issuer.token(f"made-up-{n}", signer="old"))
        assert answer.status in (401, 503), answer
    issuer.add("new")
    for _ in range(5):
        answer = gateway.ask_ticket(issuer.token("new"))
        assert answer.status == 503, f"soft, since the set may know it: {answer}"
        assert 0 < int(answer.headers["Retry-After"]) <= 30
        assert gateway.ask_ticket(issuer.token("old")).status == 200
    assert issuer.fetches == 1, "made-up names fetch nothing"
