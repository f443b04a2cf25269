"""`usher demo`: every row of the failure table holds, and it says so."""

from cpp_client import SECRETS
from program import DONE, usher


def test_every_row_holds_and_no_secret_is_printed():
    done = usher("demo", timeout=120)
    assert done.returncode == DONE, done.stdout
    assert "7 of 7 rows hold." in done.stdout
    assert done.stdout.count("\n    held\n") == 7
    assert not SECRETS.search(done.stdout + done.stderr)
