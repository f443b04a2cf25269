"""Counts what a phase's command tested, from the JUnit XML that it left, and names what failed.

  phase_report.py judge NAME STATUS LOG REPORTS FAILURES   prints "passed failed skipped"; appends to FAILURES what failed
  phase_report.py show FAILURES…                           prints the failed tests, each with the first lines of its message

STATUS is the command's exit code, LOG its output, REPORTS the folder of its reports. Without a report the command itself is
the one test. With one, a command that fails although all its tests passed is one failure more; so is a report that cannot be
read or names no test. Reads the dialects of ctest, GoogleTest, pytest, vitest, node:test and our own tests/tidy.
"""

import json
import pathlib
import re
import sys
from dataclasses import asdict, dataclass, field
from xml.etree import ElementTree

MESSAGE_LINES_MAX = 4  # kept of each failure
SHOWN_LINES_MAX = 60  # of all failures together: CI shows the last 80 lines of a run
LINE_CHARS_MAX = 160

# What XML allows neither as it is nor as a reference.
FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
REFERENCE = re.compile(r"&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));", re.I)
COLOUR = re.compile(r"(?:\x1b|\[NON-XML-CHAR-0x1B\]|#x1B|&#x1b;)\[[0-9;]*m", re.I)  # as node:test, ctest, pytest, vitest write it
# How node:test begins and goes on after what an error says.
NODE_BEGIN, NODE_END = re.compile(r"\s*\[?Error(?: \[ERR_TEST_FAILURE\])?: "), re.compile(r"\n\s+at |\] \{")
# Where the cause begins in the output of a test program that ctest ran.
CAUSE = re.compile(r": Failure$|: runtime error: |ERROR: |WARNING: ThreadSanitizer|terminate called|[Cc]heck failed|[Aa]ssertion ")


@dataclass
class Failure:
    phase: str
    test: str
    message: list = field(default_factory=list)


@dataclass
class Counts:
    passed: int = 0
    skipped: int = 0
    failures: list = field(default_factory=list)


def lines_of(text):
    return [line.rstrip()[:LINE_CHARS_MAX] for line in COLOUR.sub("", text or "").split("\n") if line.strip()]


def test_name(case, suites):
    """Where the test is and what it says: suites' names (node:test), the class or file (pytest, vitest), the name."""
    where, name = case.get("classname") or "", case.get("name") or "?"
    if where == name:  # ctest
        return name
    if where == "test":  # node:test has no other class
        return " > ".join([*suites, name])
    return f"{where}.{name}" if re.fullmatch(r"[\w.]+", where) else f"{where} {name}".strip()


def message_of(case, verdict):
    """The first lines that say why a test failed."""
    text = verdict.text or ""
    begin = NODE_BEGIN.match(text)
    if begin and case.get("classname") == "test":  # node:test: its attribute has lost the line breaks
        said = lines_of(NODE_END.split(text[begin.end():], maxsplit=1)[0])
    else:
        said = lines_of(verdict.get("message")) or lines_of(text)
    output = lines_of(case.findtext("system-out"))
    if not said and output:
        first = next((n for n, line in enumerate(output) if CAUSE.search(line)), max(0, len(output) - MESSAGE_LINES_MAX))
        said = output[first:]
    return said[:MESSAGE_LINES_MAX]


def read_case(phase, case, suites, counts):
    verdict = next((child for child in case if child.tag in ("failure", "error")), None)
    skipped = case.find("skipped")
    # ctest says "skipped" of a program that it did not find, too.
    not_run = case.get("status") == "notrun" and skipped is not None and not skipped.get("message", "").startswith("SKIP_")
    if not_run:
        counts.failures.append(Failure(phase, test_name(case, suites), lines_of(skipped.get("message"))))
    elif skipped is not None or case.get("status") in ("notrun", "disabled"):
        counts.skipped += 1
    elif verdict is not None:
        counts.failures.append(Failure(phase, test_name(case, suites), message_of(case, verdict)))
    else:
        counts.passed += 1


def read_suite(phase, suite, suites, counts):
    for child in suite:
        if child.tag == "testcase":
            read_case(phase, child, suites, counts)
        elif child.tag in ("testsuite", "testsuites"):
            read_suite(phase, child, [*suites, child.get("name") or "?"], counts)


def clean(text):
    """A report's text as XML allows it: node:test and vitest write control characters as they come."""
    def checked(match):
        code = int(match[1], 16) if match[1] else int(match[2])
        return match[0] if code < 0x110000 and not FORBIDDEN.match(chr(code)) else ""
    return REFERENCE.sub(checked, FORBIDDEN.sub("", COLOUR.sub("", text)))


def read_report(phase, path, counts):
    """Adds a report's tests to `counts`."""
    before = counts.passed + counts.skipped + len(counts.failures)
    try:
        root = ElementTree.fromstring(clean(path.read_text("utf-8", errors="replace")))
    except ElementTree.ParseError as error:
        counts.failures.append(Failure(phase, f"the report {path.name}", [f"it cannot be read: {error}"]))
        return
    read_suite(phase, root, [], counts)
    if counts.passed + counts.skipped + len(counts.failures) == before:
        counts.failures.append(Failure(phase, f"the report {path.name}", ["it names no test"]))


def judge(phase, status, log, reports):
    counts = Counts()
    paths = sorted(pathlib.Path(reports).glob("*.xml"))
    for path in paths:
        read_report(phase, path, counts)
    if status and not counts.failures:
        last = lines_of(pathlib.Path(log).read_text(errors="replace"))[-MESSAGE_LINES_MAX:]
        counts.failures.append(Failure(phase, f"the command failed (exit code {status})", last))
    elif not paths:
        counts.passed = 1
    return counts


def shown(failures):
    """What to print of the failures: each with its message, as far as the lines allow; names alone when there are many."""
    if not failures:
        return []
    each = min(MESSAGE_LINES_MAX, SHOWN_LINES_MAX // len(failures) - 1)
    out = ["Failed:"]
    for failure in failures[:SHOWN_LINES_MAX]:
        out.append(f"  [{failure.phase}] {failure.test}"[:LINE_CHARS_MAX])
        out += [f"      {line}" for line in failure.message[:max(0, each)]]
    if len(failures) > SHOWN_LINES_MAX:
        out.append(f"  and {len(failures) - SHOWN_LINES_MAX} more")
    return out


def main(arguments):
    if len(arguments) == 6 and arguments[0] == "judge":
        phase, status, log, reports, failures = arguments[1:]
        counts = judge(phase, int(status), log, reports)
        with open(failures, "a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(failure)) + "\n" for failure in counts.failures)
        print(counts.passed, len(counts.failures), counts.skipped)
        return 0
    if len(arguments) >= 2 and arguments[0] == "show":
        texts = [pathlib.Path(path).read_text("utf-8") for path in arguments[1:]]
        for line in shown([Failure(**json.loads(line)) for text in texts for line in text.splitlines()]):
            print(line)
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
