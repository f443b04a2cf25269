"""storm.py for a while: USHER_STORM_SECONDS (20 in all), USHER_STORM_SEED, USHER_STORM_KINDS ("memory,redis,tls,redis+tls")."""

import os

import pytest
from storm import Storm, summary
from survival import sanitizer_of

KINDS = os.environ.get("USHER_STORM_KINDS", "memory,redis+tls").split(",")
SECONDS = float(os.environ.get("USHER_STORM_SECONDS", "20")) / len(KINDS)
SEED = int(os.environ["USHER_STORM_SEED"]) if os.environ.get("USHER_STORM_SEED") else None
# Far more than fairness.py allows: the machine may be busy, the build a debug build, and the storm holds nothing back.
WORST_MS = float(os.environ.get("USHER_STORM_WORST_MS", "10000"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_storm_harms_no_good_client(tmp_path, kind):
    storm = Storm(tmp_path, "redis" if "redis" in kind else "memory", "tls" in kind, SECONDS, SEED)
    print(f"USHER_STORM_SEED={storm.seed}", flush=True)
    seen = storm.run()
    print(summary(storm, seen))
    assert not seen["problems"], "\n".join([*seen["problems"][:40], storm.gateway.log[-4000:]])
    assert seen["connections"] > 3 * SECONDS, "no storm"
    if sanitizer_of(storm.gateway.binary) == "none":
        worst = max(waited["worst"] for waited in seen["attacked"].values())
        assert worst <= WORST_MS, summary(storm, seen)
