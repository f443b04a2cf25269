"""scripts/setup on machines that it can't install on: it says what is missing and what to do, and waits for nobody.

Each machine is a folder of programs, the only one in PATH: those that the script needs, and stand-ins.
"""

import pathlib
import shutil
import subprocess

import pytest

SETUP = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "setup"
NEEDED = ["bash", "grep", "mktemp", "rm", "tail"]


class Machine:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        for program in NEEDED:
            (folder / program).symlink_to(shutil.which(program))
        self.program("dpkg-query", "exit 1")
        self.program("id", "echo 1000")

    def program(self, name, text):
        (self.folder / name).write_text(f"#!{shutil.which('bash')}\n{text}\n")
        (self.folder / name).chmod(0o755)

    def setup(self, *arguments):
        return subprocess.run([SETUP, *arguments], env={"PATH": str(self.folder)}, stdin=subprocess.DEVNULL, timeout=20,
                              start_new_session=True, capture_output=True, text=True, cwd=self.folder)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path / "bin")


def test_nothing_is_done_when_everything_is_there(machine):
    machine.program("dpkg-query", "echo installed")
    for program in ("esbuild", "node", "npm"):
        machine.program(program, "exit 1")
    result = machine.setup("test")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_without_root_and_sudo_it_gives_the_line_to_run(machine):
    machine.program("apt-get", "exit 1")
    result = machine.setup("run")
    assert result.returncode == 1
    assert "you are not root, and there is no sudo" in result.stderr
    assert "\n  apt-get install -y --no-install-recommends build-essential cmake " in result.stderr


def test_a_sudo_that_refuses_ends_it_with_the_same_line(machine):
    machine.program("apt-get", "exit 1")
    machine.program("sudo", 'printf "%s\n" "$*" >>"${0%/*}/asked"; exit 1')
    result = machine.setup("run")
    assert result.returncode == 1
    assert "sudo doesn't let you install them" in result.stderr and "\n  apt-get install -y " in result.stderr
    assert (machine.folder / "asked").read_text() == "-n true\n"  # no terminal: it must not ask for a password


def test_elsewhere_than_on_debian_it_says_so(machine):
    result = machine.setup("run")
    assert result.returncode == 1
    assert "there is no apt-get" in result.stderr and "libboost1.81-dev" in result.stderr


def test_packages_that_apt_does_not_know_are_said_with_the_system(machine):
    machine.program("apt-get", 'case "$*" in *update*) exit 100;; esac; echo "E: Unable to locate package libboost1.81-dev" >&2; exit 100')
    machine.program("sudo", 'case "$1" in -n) exit 0;; tee) exec cat >/dev/null;; chmod|rm) exit 0;; esac; exec "$@"')
    (machine.folder / "env").symlink_to(shutil.which("env"))
    (machine.folder / "cat").symlink_to(shutil.which("cat"))
    result = machine.setup("run")
    assert result.returncode == 1
    assert "apt-get update failed" in result.stderr and "Unable to locate package libboost1.81-dev" in result.stderr
    assert "built on Debian 12 (bookworm); this is " in result.stderr


def test_an_unknown_profile_is_named_with_those_there_are(machine):
    result = machine.setup("live")
    assert (result.returncode, result.stderr) == (2, "scripts/setup: 'live' is not a profile; use 'run', 'test', 'nightly' or 'bench'\n")
