"""The examples of docs/server-api.md, run as they stand, in their order: each answer has the members that the page shows."""

import json
import re
import subprocess

import pytest

from gateway import WORD_KEY, Gateway
from program import ROOT
from protocol import NAMESPACES

PAGE = (ROOT / "docs/server-api.md").read_text()
EXAMPLES = re.findall(r"```sh\n(.*?)```\n```json\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    one = Gateway(tmp_path_factory.mktemp("page"), {"channel": {"namespaces": NAMESPACES}})
    one.write_file("api.key", WORD_KEY)
    one.start().wait_until_ready()
    yield one
    one.stop()


def shape(value):
    """What must be the same: names, kinds, and the code of an error."""
    if isinstance(value, dict):
        return {name: value[name] if name == "code" else shape(value[name]) for name in value}
    return [shape(each) for each in value] if isinstance(value, list) else type(value)


def test_each_example_is_answered_as_the_page_shows(gateway):
    assert len(EXAMPLES) >= 11
    for commands, shown in EXAMPLES:
        done = subprocess.run(["bash", "-ec", commands.replace("\ncurl", "\necho; curl")], capture_output=True, text=True,
                              timeout=30, env={"PATH": "/usr/bin:/bin", "URL": f"http://{gateway.address}", "KEY": WORD_KEY})
        assert done.returncode == 0, (commands, done.stderr)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert [shape(answer) for answer in answers] == [shape(json.loads(line)) for line in shown.splitlines()], (
            commands, done.stdout)


def test_every_block_of_the_page_is_an_example():
    assert PAGE.count("```sh") == PAGE.count("```json") == len(EXAMPLES)


def test_every_call_is_on_the_page():
    calls = re.findall(r"^ +return \"([a-z_]+)\";", (ROOT / "src/api/api_method.cc").read_text(), re.MULTILINE)
    assert len(calls) >= 17
    # The calls of other pages.
    elsewhere = {"redeem": "doors.md", "sessions": "server-api.md"}
    assert [call for call in calls if f"$URL/api/{call} " not in PAGE and call not in elsewhere] == []
