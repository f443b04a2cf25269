"""The backends of examples/, as somebody would copy them."""

import subprocess

import pytest
from gateway import API_KEY
from program import ROOT
from websocket import connect

EXAMPLES = {"publish.py": ["/usr/bin/python3"], "publish.mjs": ["node"]}


def run(gateway, name, *arguments, key=API_KEY):
    return subprocess.run([*EXAMPLES[name], ROOT / "examples" / name, *arguments], capture_output=True, text=True,
                          timeout=30, env={"PATH": "/usr/local/bin:/usr/bin:/bin", "USHER_API_KEY": key,
                                           "USHER_URL": f"http://{gateway.address}"})


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_examples_publication_arrives(gateway, name):
    ws = connect(gateway, gateway.ticket(sessionId=f"example-{name}"))
    done = run(gateway, name, f"session:example-{name}", '{"status":"cooking"}')
    assert done.returncode == 0, done.stderr
    assert ws.read_publication() == (f"session:example-{name}", {"data": {"status": "cooking"}})
    ws.close()


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_says_what_went_wrong(gateway, name):
    refused = run(gateway, name, "no channel", "1")
    assert refused.returncode == 1 and "bad request" in refused.stderr
    assert run(gateway, name, "session:x", "1", key="wrong").returncode == 1


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_has_20_lines_at_most(name):
    assert len((ROOT / "examples" / name).read_text().splitlines()) <= 20


def test_every_example_is_run_here():
    elsewhere = {"ticket_source.cc"}  # test_ticket_source.py
    assert {path.name for path in (ROOT / "examples").iterdir()} == set(EXAMPLES) | elsewhere
