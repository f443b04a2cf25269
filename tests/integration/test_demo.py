"""`usher demo`: every row of the failure table holds, and it says so."""

import subprocess

from cpp_client import SECRETS
from gateway import BIN_DIR


def test_every_row_holds_and_no_secret_is_printed():
    done = subprocess.run([str(BIN_DIR / "usher"), "demo"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    assert "7 of 7 rows hold." in done.stdout
    assert done.stdout.count("\n    held\n") == 7
    assert not SECRETS.search(done.stdout + done.stderr)
