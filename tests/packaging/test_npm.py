"""What npm installs for the tests can be installed by Debian 12's own npm."""

import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_no_package_overrides_one_by_another_name():
    """npm 9.2 can't read a lock file of such a package (`Invalid comparator: npm:…`). A dependency by another name does the same."""
    listed = subprocess.run(["git", "ls-files", "*package.json"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    packages = {name: json.loads((ROOT / name).read_text()) for name in listed}
    assert "clients/typescript/package.json" in packages
    assert {name: p["overrides"] for name, p in packages.items() if "npm:" in json.dumps(p.get("overrides", {}))} == {}


def test_the_client_package_brings_its_licence():
    """npm packs a LICENSE beside package.json, and no other."""
    package = ROOT / "clients" / "typescript"
    assert json.loads((package / "package.json").read_text())["license"] == "Apache-2.0"
    assert (package / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
