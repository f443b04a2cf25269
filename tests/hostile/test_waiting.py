"""A good client beside a crowd from another address: it is answered while the crowd is at it.

The bound is wide, for a busy machine with two cores and a debug build; fairness.py measures."""

import os

import pytest
from crowds import CROWDS, in_crowd
from survival import assert_survived

SECONDS = float(os.environ.get("USHER_HOSTILE_SECONDS", "2.5"))
WORST_MS = float(os.environ.get("USHER_HOSTILE_WORST_MS", "2000"))


@pytest.mark.parametrize("kind", CROWDS)
def test_a_good_client_is_answered_beside(start_gateway, tmp_path, kind):
    seen = in_crowd(start_gateway, kind, tmp_path, SECONDS, quiet_seconds=0.5)
    print({name: seen[name] for name in ("quiet", "attacked", "flood", "complaints")})
    assert not seen["complaints"]
    assert seen["flood"].get("sent_mb", 0) > 0, "no attack"
    for what, waited in seen["attacked"].items():
        assert waited["n"] > 0 and waited["worst"] <= WORST_MS, f"{what}: {waited}"
    assert_survived(seen["gateway"])
