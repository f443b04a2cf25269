"""hostile_tunnels.py for a while: USHER_TUNNEL_SECONDS (4), USHER_TUNNEL_CLIENTS (60), USHER_TUNNEL_SEED."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "hostile"))

from hostile_tunnels import Attack  # noqa: E402

SECONDS = float(os.environ.get("USHER_TUNNEL_SECONDS", "4"))
CLIENTS = int(os.environ.get("USHER_TUNNEL_CLIENTS", "60"))
SEED = int(os.environ["USHER_TUNNEL_SEED"]) if os.environ.get("USHER_TUNNEL_SEED") else None


def test_nothing_is_left_of_hostile_tunnels(tmp_path):
    attack = Attack(tmp_path, SECONDS, CLIENTS, SEED)
    print(f"USHER_TUNNEL_SEED={attack.seed}", flush=True)
    problems = attack.run()
    print(attack.seen)
    assert not problems, "\n".join([*problems, attack.gateway.log[-4000:]])
    assert attack.seen["switched"] > 5 * SECONDS, f"no attack: {attack.seen}"
