"""The C++ and the TypeScript client do the same: random scenarios, as the one played them, are played by the other."""

import os
import subprocess
import time

from program import BIN_DIR, ROOT

COUNT = int(os.environ.get("USHER_RANDOM_SCENARIOS", "200"))


def test_what_one_client_did_the_other_does(tmp_path):
    seed = int(os.environ.get("USHER_SEED", time.time_ns() % 2**31))
    print(f"USHER_SEED={seed}")
    subprocess.run([str(BIN_DIR / "scenario_recorder"), str(tmp_path), str(seed), str(COUNT)], check=True, timeout=60)
    files = sorted(str(path) for path in tmp_path.glob("*.json"))
    assert len(files) == COUNT
    for command in ([str(BIN_DIR / "scenario_runner")],
                    ["npm", "--silent", "--prefix", str(ROOT / "clients/typescript"), "run", "scenarios", "--"]):
        played = subprocess.run(command + files, capture_output=True, text=True, timeout=120)
        refused = [line for line in played.stdout.split("\n") if line and not line.startswith("ok ")]
        assert played.returncode == 0 and not refused, (command[0], refused[:4], played.stderr[-2000:])
        assert played.stdout.count("\n") == COUNT
