"""scripts/build, with a stand-in for cmake: what somebody who waits for a build is told."""

import pathlib
import shutil
import subprocess

import pytest

BUILD = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "build"
CONFIGURES = 'if [ "$1" = --preset ]; then mkdir -p "build/$2/bin"; exit; fi; touch build/dev/.ninja_log'


@pytest.fixture
def build(tmp_path):
    """A tree with nothing in it but the script; call it with what `cmake --build` does."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "bin").mkdir()
    shutil.copy(BUILD, tmp_path / "scripts")

    def run(cmake):
        program = tmp_path / "bin" / "cmake"
        program.write_text(f"#!/bin/sh\n{CONFIGURES}\n{cmake}\n")
        program.chmod(0o755)
        return subprocess.run([tmp_path / "scripts" / "build", "dev"], env={"PATH": f"{program.parent}:/usr/bin:/bin"}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=20)

    return run


def test_only_the_first_build_is_announced_and_a_good_one_says_nothing_else(build):
    first, second = build("echo '[1/1] Building x'"), build("echo '[1/1] Building x'")
    assert (first.returncode, first.stdout) == (0, "")
    assert first.stderr == "Building build/dev for the first time: that takes some minutes.\n"
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")


def test_what_failed_is_shown_without_what_went_well(build):
    failed = build("echo '[1/2] Building good.cc'; echo 'FAILED: bad.o'; echo 'bad.cc:1:2: error: no such thing'; exit 1")
    assert failed.returncode == 1
    assert failed.stderr.endswith("FAILED: bad.o\nbad.cc:1:2: error: no such thing\n") and "good.cc" not in failed.stderr


def test_a_failure_of_an_unknown_kind_shows_the_last_lines(build):
    assert "ninja: killed\n" in build("echo 'ninja: killed'; exit 1").stderr


def test_warnings_are_shown_though_the_build_is_good(build):
    warned = build("echo 'x.cc:1:2: warning: strange'")
    assert warned.returncode == 0 and "x.cc:1:2: warning: strange" in warned.stderr
