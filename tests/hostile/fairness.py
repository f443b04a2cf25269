"""How long a good client waits beside each crowd of crowds.py, in milliseconds: a table, and with --assert a verdict.

    USHER_BIN_DIR=$PWD/build/release/bin python3 tests/hostile/fairness.py [--seconds 10] [--assert] [KIND…]

The targets (worst 250 ms, p99 20 ms) are for a release build on a machine that does nothing else: the crowd's process runs
on the same cores as the gateway, niced.
"""

import argparse
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support" / "python"))

from crowds import CROWDS, in_crowd  # noqa: E402
from gateway import Gateway  # noqa: E402
from good_client import KINDS  # noqa: E402

WORST_MS, P99_MS = 250.0, 20.0
MEASURED = ("pipelines", "pings", "broadcasts", "bad tokens")


def measure(kind, seconds):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        started = []

        def start(config):
            started.append(Gateway(folder / "gateway", config).start())
            return started[-1]

        try:
            return in_crowd(start, kind, folder, seconds)
        finally:
            for gateway in started:
                if gateway.process.poll() is None:
                    gateway.kill()


def over_target(figures):
    return [f"{what} {name} {figures[what][name]:.0f} ms" for what in figures
            for name, most in (("worst", WORST_MS), ("p99", P99_MS)) if figures[what][name] > most]


def row(name, figures):
    return f"{name:<28}" + "".join(f"{figures[what]['p99']:>14.1f}{figures[what]['worst']:>9.1f}" for what in KINDS)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(CROWDS)}")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--assert", dest="verdict", action="store_true", help="exit 1 over target")
    chosen = parser.parse_args()
    failed = []
    print(f"{'ms':<28}" + "".join(f"{what + ' p99':>14}{'worst':>9}" for what in KINDS))
    for kind in chosen.kinds or MEASURED:
        seen = measure(kind, chosen.seconds)
        print(row(f"{kind}, quiet", seen["quiet"]))
        print(row(f"{kind}, attacked", seen["attacked"]), seen["flood"], flush=True)
        failed += [f"{kind}: {what}" for what in over_target(seen["attacked"]) + seen["complaints"]]
    for what in failed:
        print(what)
    return 1 if chosen.verdict and failed else 0


if __name__ == "__main__":
    sys.exit(main())
