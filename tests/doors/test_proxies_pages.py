"""Every piece of usher's configuration in docs/doors.md and docs/doors/ is one that `usher checkconfig` takes."""

import re
import tomllib

import pytest
from gateway import SECRET, merged, to_toml
from program import DONE, ROOT, usher, write_file

PAGES = [ROOT / "docs" / "doors.md", *sorted((ROOT / "docs" / "doors").glob("*.md"))]
BLOCKS = [(page.name, number, block) for page in PAGES
          for number, block in enumerate(re.findall(r"^```toml\n(.*?)^```$", page.read_text(), re.S | re.M))]


def with_what_is_missing(block, folder):
    """The block, with files that exist, and what every configuration needs."""
    def own_secret(found):
        return f'"{write_file(folder / found[1], SECRET + found[1])}"'

    block = re.sub(r'"(?:/etc/usher/)?(\w+\.secret)"', own_secret, block)
    given = tomllib.loads(block)
    upstreams = given.pop("upstreams", [])
    base = {"server": {"listen": "127.0.0.1:8080"}, "client": {"allowed_origins": ["https://app.example.com"]},
            "jwt": {"secret_file": str(write_file(folder / "tokens.secret", SECRET))}}
    text = to_toml(merged(base, given))
    for upstream in upstreams:
        text += "[[upstreams]]\n" + to_toml({"x": upstream}).split("\n", 1)[1]
    return text


@pytest.mark.parametrize("page, number, block", BLOCKS, ids=[f"{page}-{number}" for page, number, _ in BLOCKS])
def test_a_piece_of_configuration_of_a_page_is_one(tmp_path, page, number, block):
    answer = usher("checkconfig", write_file(tmp_path / "usher.toml", with_what_is_missing(block, tmp_path), 0o644))
    assert answer.returncode == DONE, answer.stderr


def test_a_mistake_in_a_page_would_be_seen(tmp_path):
    assert len(BLOCKS) >= 15
    wrong = BLOCKS[0][2].replace("[[upstreams]]\n", "[[upstreams]]\nno_such_key = 1\n")
    assert wrong != BLOCKS[0][2]
    answer = usher("checkconfig", write_file(tmp_path / "usher.toml", with_what_is_missing(wrong, tmp_path), 0o644))
    assert answer.returncode != DONE and "no_such_key" in answer.stderr
