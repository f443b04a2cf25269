"""The `usher` program, run to its end, and the files that it reads."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN_DIR = pathlib.Path(os.environ.get("USHER_BIN_DIR", ROOT / "build/dev/bin"))
USHER = str(BIN_DIR / "usher")
DONE, FAILED, BAD_USAGE = 0, 1, 2


def environment(more=None):
    """Ours, without what configures a gateway."""
    return {**{k: v for k, v in os.environ.items() if not k.startswith("USHER_")}, **(more or {})}


def usher(*args, env=None, stdin=None, timeout=60):
    return subprocess.run([USHER, *map(str, args)], capture_output=True, text=True, timeout=timeout, input=stdin,
                          env=environment(env))


def write_file(path, text, mode=0o600):
    path.write_text(text)
    path.chmod(mode)
    return str(path)
