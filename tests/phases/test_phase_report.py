"""scripts/phase_report.py: the numbers and the names that it takes from each dialect of JUnit XML."""

import pathlib
import subprocess
import sys

import pytest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "phase_report.py"
sys.path.insert(0, str(SCRIPT.parent))

from phase_report import SHOWN_LINES_MAX, Failure, judge, shown  # noqa: E402


@pytest.fixture
def judged(tmp_path):
    """Judges a phase "p" that ended with `status`, printed `log` and left `reports`."""
    def run(*reports, status=0, log=""):
        (tmp_path / "log").write_text(log)
        for number, text in enumerate(reports):
            (tmp_path / f"{number}.xml").write_bytes(text if isinstance(text, bytes) else text.encode())
        counts = judge("p", status, tmp_path / "log", tmp_path)
        return counts.passed, counts.skipped, [(failure.test, failure.message) for failure in counts.failures]
    return run


def test_without_a_report_the_command_is_one_test(judged):
    assert judged() == (1, 0, [])
    assert judged(status=3, log="one\n\ntwo\n") == (0, 0, [("the command failed (exit code 3)", ["one", "two"])])


def test_a_command_that_fails_though_all_its_tests_passed_is_one_failure_more(judged):
    report = '<testsuite><testcase classname="a" name="b"/></testsuite>'
    assert judged(report, status=1, log="1\n2\n3\n4\n5") == (1, 0, [("the command failed (exit code 1)", ["2", "3", "4", "5"])])


def test_a_command_that_fails_with_its_tests_adds_nothing_to_them(judged):
    report = '<testsuite><testcase classname="a" name="b"><failure message="no"/></testcase></testsuite>'
    assert judged(report, status=1) == (0, 0, [("a.b", ["no"])])


def test_a_failure_in_a_report_counts_even_if_the_command_hides_it(judged):
    report = '<testsuite><testcase classname="a" name="b"><failure message="no"/></testcase></testsuite>'
    assert judged(report, status=0) == (0, 0, [("a.b", ["no"])])


def test_several_reports_add_up(judged):
    report = '<testsuite><testcase name="x"/><testcase name="y"/></testsuite>'
    assert judged(report, report, report) == (6, 0, [])


@pytest.mark.parametrize("text", ["", "<testsuite><testcase", "no XML"])
def test_a_report_that_cannot_be_read_is_a_failure(judged, text):
    passed, skipped, [(name, [message])] = judged(text)
    assert (passed, skipped, name) == (0, 0, "the report 0.xml")
    assert message.startswith("it cannot be read: ")


@pytest.mark.parametrize("text", ["<testsuites/>", '<testsuite tests="0"/>', '<testsuites><testsuite name="pytest" tests="0"/></testsuites>'])
def test_a_report_without_a_test_is_a_failure(judged, text):
    assert judged(text) == (0, 0, [("the report 0.xml", ["it names no test"])])


def test_ctest(judged):
    assert judged("""<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="(empty)" tests="9" failures="3" disabled="1" skipped="3">
  <testcase name="A.Good" classname="A.Good" status="run"><system-out>[  PASSED  ] 1 test.</system-out></testcase>
  <testcase name="A.Bad" classname="A.Bad" status="fail"><failure message=""/><system-out>Running main() from gtest_main.cc
[ RUN      ] A.Bad
/src/a_test.cc:7: Failure
Expected equality of these values:
  1
  2
[  FAILED  ] A.Bad</system-out></testcase>
  <testcase name="A.Torn" classname="A.Torn" status="fail"><failure message=""/><system-out>1
2
3
4
[NON-XML-CHAR-0x1B][31m5[NON-XML-CHAR-0x1B][0m</system-out></testcase>
  <testcase name="A.Silent" classname="A.Silent" status="fail"><failure message=""/><system-out></system-out></testcase>
  <testcase name="A.Lost" classname="A.Lost" status="notrun"><skipped message="Unable to find executable"/></testcase>
  <testcase name="A.Skipped" classname="A.Skipped" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/></testcase>
  <testcase name="A.Code" classname="A.Code" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>
  <testcase name="A.Off" classname="A.Off" status="disabled"><system-out>Disabled</system-out></testcase>
</testsuite>""", status=8) == (1, 3, [
        ("A.Bad", ["/src/a_test.cc:7: Failure", "Expected equality of these values:", "  1", "  2"]),
        ("A.Torn", ["2", "3", "4", "5"]),
        ("A.Silent", []),
        ("A.Lost", ["Unable to find executable"]),
    ])


def test_googletest(judged):
    assert judged("""<testsuites tests="3" name="AllTests"><testsuite name="Hub" tests="3">
  <testcase name="Good" status="run" result="completed" classname="Hub"/>
  <testcase name="Skipped" status="run" result="skipped" classname="Hub"><skipped message="no redis"/></testcase>
  <testcase name="Bad" status="run" result="completed" classname="Hub"><failure message="a.cc:7&#x0A;no"><![CDATA[a.cc:7
no]]></failure></testcase>
</testsuite></testsuites>""", status=1) == (1, 1, [("Hub.Bad", ["a.cc:7", "no"])])


def test_pytest(judged):
    assert judged("""<testsuites><testsuite name="pytest" errors="2" failures="1" skipped="2" tests="6">
  <testcase classname="tests.a.test_b" name="test_good" />
  <testcase classname="tests.a.test_b" name="test_bad[1-2]"><failure message="AssertionError: #x1B[31mwhy#x1B[0m &amp; &lt;x&gt;&#10;assert 1 == 2">def test_bad():
&gt;   assert 1 == 2</failure></testcase>
  <testcase classname="" name="tests.a.test_c"><error message="collection failure">import nope</error></testcase>
  <testcase classname="tests.a.test_b" name="test_torn"><error message="failed on teardown with &quot;RuntimeError: no&quot;">…</error></testcase>
  <testcase classname="tests.a.test_b" name="test_skip"><skipped type="pytest.skip" message="why">…</skipped></testcase>
  <testcase classname="tests.a.test_b" name="test_xfail"><skipped type="pytest.xfail" message="" /></testcase>
</testsuite></testsuites>""", status=1) == (1, 2, [
        ("tests.a.test_b.test_bad[1-2]", ["AssertionError: why & <x>", "assert 1 == 2"]),
        ("tests.a.test_c", ["collection failure"]),
        ("tests.a.test_b.test_torn", ['failed on teardown with "RuntimeError: no"']),
    ])


def test_vitest(judged):
    assert judged("""<testsuites name="vitest tests" tests="3" failures="1" errors="0"><testsuite name="test/a.test.ts" tests="3">
  <testcase classname="test/a.test.ts" name="client &gt; good"></testcase>
  <testcase classname="test/a.test.ts" name="client &gt; bad"><failure message="expected 1 to be 2 // Object.is equality" type="AssertionError">
AssertionError: expected 1 to be 2</failure></testcase>
  <testcase classname="test/a.test.ts" name="later"><skipped/></testcase>
</testsuite></testsuites>""", status=1) == (1, 1, [("test/a.test.ts client > bad", ["expected 1 to be 2 // Object.is equality"])])


def test_node(judged):
    assert judged(b"""<?xml version="1.0" encoding="utf-8"?><testsuites>
  <testcase name="good" classname="test"/>
  <testsuite name="pages" tests="2" failures="1"><testsuite name="deeper"><testcase name="bad" classname="test" failure="a1b">
    <failure type="testCodeFailure" message="a1b">
Error [ERR_TEST_FAILURE]: \x1b[31mthe\x1b[0m values \x00 differ:

+ 1
- 2
    at TestContext.&lt;anonymous> (/a.test.js:2:53) {
  code: 'ERR_TEST_FAILURE',
}
    </failure></testcase></testsuite><testcase name="short" classname="test" failure="1 == 2"><failure type="testCodeFailure" message="1 == 2">
[Error [ERR_TEST_FAILURE]: 1 == 2] {
  code: 'ERR_TEST_FAILURE'
}</failure></testcase></testsuite>
  <testcase name="/t/b.test.js" classname="test" failure="test failed"><failure type="testCodeFailure" message="test failed">
[Error: test failed] { code: 'ERR_TEST_FAILURE', exitCode: 1 }</failure></testcase>
  <testcase name="later" classname="test" failure="t"><skipped type="todo" message="true"/><failure message="t">t</failure></testcase>
  <!-- tests 5 -->
</testsuites>""", status=1) == (1, 1, [
        ("pages > deeper > bad", ["the values  differ:", "+ 1", "- 2"]),
        ("pages > short", ["1 == 2"]),
        ("/t/b.test.js", ["test failed"]),
    ])


def test_control_characters_that_xml_forbids_are_taken_out(judged):
    assert judged(b'<testsuite><testcase name="a&#27;&#x1B;&#0;\x07\xff"><failure message="&#x1b;[1mno"/></testcase></testsuite>') == (
        0, 0, [("a\ufffd", ["no"])])


def test_line_breaks_and_tabs_that_xml_allows_stay(judged):
    assert judged('<testsuite><testcase name="a"><failure message="1&#10;2&#x9;3&#128;"/></testcase></testsuite>') == (
        0, 0, [("a", ["1", "2\t3\x80"])])


def test_few_failures_are_shown_with_their_messages_and_many_by_name():
    failures = [Failure("p", f"t{number}", ["1", "2", "3", "4"]) for number in range(1000)]
    assert shown([]) == []
    assert shown(failures[:2]) == ["Failed:", "  [p] t0", "      1", "      2", "      3", "      4", "  [p] t1", *(f"      {n}" for n in (1, 2, 3, 4))]
    for count in range(1, 200):
        lines = shown(failures[:count])
        assert len(lines) <= SHOWN_LINES_MAX + 2
        names = [line for line in lines if line.startswith("  [p] t")]
        assert len(names) == min(count, SHOWN_LINES_MAX)
        assert (lines[-1] == f"  and {count - SHOWN_LINES_MAX} more") == (count > SHOWN_LINES_MAX)


def test_lines_are_cut_at_their_length():
    assert all(len(line) <= 170 for line in shown([Failure("p", "n" * 1000, ["m" * 160])]))


def test_called_wrongly_it_says_how():
    result = subprocess.run([sys.executable, SCRIPT, "judge", "p"], capture_output=True, text=True, check=False)
    assert result.returncode == 2 and "phase_report.py judge NAME" in result.stderr
