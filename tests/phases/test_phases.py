"""scripts/phases.sh: a run of a few phases, from its first line to its last."""

import os
import pathlib
import shutil
import subprocess

import pytest

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"

GOOD = """<testsuite><testcase classname="a" name="good"/><testcase classname="a" name="better"/></testsuite>"""
BAD = """<testsuite><testcase classname="a" name="good"/><testcase classname="a" name="bad"><failure message="because"/></testcase></testsuite>"""


class Tree:
    """A folder with the real phases.sh and a script of ours that sources it."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "scripts").mkdir()
        for name in ("phases.sh", "phase_report.py"):
            shutil.copy(SCRIPTS / name, folder / "scripts")
        (folder / "good.xml").write_text(GOOD)
        (folder / "bad.xml").write_text(BAD)

    def run(self, body, name="test", **environment):
        script = self.folder / "scripts" / name
        script.write_text(f'#!/usr/bin/env bash\n. "$(dirname "$0")/phases.sh"\n{body}\nfinish\n')
        script.chmod(0o755)
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("USHER_") and key != "PHASE_TAIL"}
        result = subprocess.run([script], env={**inherited, **environment}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                check=False, cwd="/")
        assert result.stderr == ""
        return result.returncode, result.stdout.splitlines()


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


def test_reports_are_counted_and_a_command_without_one_is_a_test(tree):
    status, lines = tree.run("""
two() { cp good.xml "$(report)"; cp good.xml "$(report)"; }
phase "two reports" two
phase "its own name" sh -c 'cp good.xml "$USHER_REPORTS/mine.xml"'
phase "none" true""")
    assert (status, lines[-1]) == (0, "7 passed, 0 failed")
    assert "Failed:" not in lines


def test_failed_tests_are_named_just_before_the_closing_line(tree):
    status, lines = tree.run("""
fails() { cp bad.xml "$(report)"; echo long output; return 1; }
phase "first" fails
phase "second" sh -c 'echo cause; exit 7'
phase "third" true""")
    assert status == 1
    assert lines[-6:] == ["Failed:", "  [first] a.bad", "      because", "  [second] the command failed (exit code 7)", "      cause",
                          "2 passed, 2 failed"]


def test_a_report_of_an_earlier_run_is_never_counted(tree):
    tree.run('phase "x" cp good.xml build/phases/test/x/old.xml')
    status, lines = tree.run('phase "x" false')
    assert (status, lines[-1]) == (1, "0 passed, 1 failed")


def test_a_report_of_another_phase_is_not_counted_again(tree):
    _, lines = tree.run('phase "x" cp good.xml build/phases/test/x/1.xml\nphase "y" true')
    assert lines[-1] == "3 passed, 0 failed"


def test_two_phases_of_one_name_end_the_run(tree):
    status, lines = tree.run('phase "x" true\nexec 2>&1\nphase "x" true')
    assert status == 1
    assert "File exists" in lines[-1]


def test_a_report_that_its_command_never_wrote_is_a_failure(tree):
    status, lines = tree.run('forgets() { report; }\nphase "x" forgets')
    assert (status, lines[-1]) == (1, "0 passed, 1 failed")


def test_a_command_that_fails_after_tests_that_passed_is_a_failure(tree):
    status, lines = tree.run('fails() { cp good.xml "$(report)"; return 1; }\nphase "x" fails')
    assert (status, lines[-1]) == (1, "2 passed, 1 failed")


def test_a_counter_that_cannot_count_is_a_failure(tree):
    status, lines = tree.run('echo "raise SystemExit(1)" > scripts/phase_report.py\nphase "x" true')
    assert (status, lines[-1]) == (1, "0 passed, 1 failed")


def test_a_later_run_names_the_failures_of_an_earlier_one_but_counts_its_own(tree):
    tree.run('phase "x" false')
    status, lines = tree.run('phase "y" true', name="check", USHER_SHOW_FAILURES_OF=str(tree.folder / "build/phases/test"))
    assert status == 0
    assert lines[-3:] == ["Failed:", "  [x] the command failed (exit code 1)", "1 passed, 0 failed"]


def test_a_later_run_says_nothing_of_an_earlier_one_that_left_nothing(tree):
    status, lines = tree.run('phase "y" true', name="check", USHER_SHOW_FAILURES_OF=str(tree.folder / "build/phases/test"))
    assert (status, lines[-1]) == (0, "1 passed, 0 failed")


def test_skipped_tests_are_neither_passed_nor_failed(tree):
    (tree.folder / "skipped.xml").write_text('<testsuite><testcase name="a"><skipped/></testcase><testcase name="b"/></testsuite>')
    status, lines = tree.run('phase "x" cp skipped.xml build/phases/test/x/1.xml')
    assert (status, lines[-1]) == (0, "1 passed, 0 failed")
    assert any(line.endswith("1 passed    0 failed    1 skipped") for line in lines)


@pytest.mark.skipif(not shutil.which("node"), reason="there is no Node")
def test_node_s_tests_are_counted_by_name(tree):
    (tree.folder / "a.test.cjs").write_text("""
const { test, describe } = require("node:test");
test("good", () => {});
describe("suite", () => { test("bad", () => { throw new Error("first\\nsecond"); }); });
""")
    status, lines = tree.run('phase "x" run_node_tests a.test.cjs')
    assert status == 1
    assert lines[-5:] == ["Failed:", "  [x] suite > bad", "      first", "      second", "1 passed, 1 failed"]


def test_pytest_s_tests_are_counted_by_name(tree):
    (tree.folder / "test_a.py").write_text("def test_good(): pass\ndef test_bad(): assert 1 == 2, 'why'\n")
    status, lines = tree.run('phase "x" run_pytest test_a.py')
    assert status == 1
    assert lines[-5:] == ["Failed:", "  [x] test_a.test_bad", "      AssertionError: why", "      assert 1 == 2", "1 passed, 1 failed"]


def test_ctest_s_tests_are_counted_by_name(tree):
    folder = tree.folder / "build/dev"
    folder.mkdir(parents=True)
    (folder / "CTestTestfile.cmake").write_text("add_test(good /bin/true)\nadd_test(bad /bin/sh -c \"echo why; exit 1\")\n")
    status, lines = tree.run('phase "x" run_ctest dev')
    assert status == 1
    assert lines[-4:] == ["Failed:", "  [x] bad", "      why", "1 passed, 1 failed"]
