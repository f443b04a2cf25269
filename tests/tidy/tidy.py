"""The style rules that a machine can hold: who includes whom, lengths, names, calls.

Run: python3 tests/tidy/tidy.py [REPORT]   (prints one line for each breach, and a count; exits 1 if there is any; leaves a
report in JUnit XML, one test a file)
"""

import pathlib
import re
import subprocess
import sys
from xml.etree import ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Each folder may include from itself and from these (docs/architecture.md).
LAYERS = {
    "base": set(),
    "asio": set(),
    "http_client": {"base"},
    "wire": {"base"},
    "hub": {"wire", "base"},
    "auth": {"wire", "base"},
    "ticket": {"wire", "base"},
    "client": {"wire", "base"},
    "session": {"hub", "auth", "ticket", "wire", "base"},
    "redis": {"hub", "ticket", "wire", "base"},
    "gateway": {"session", "hub", "auth", "ticket", "wire", "base"},
    "net": {"http_client", "gateway", "session", "hub", "auth", "ticket", "wire", "base"},
    "client_net": {"http_client", "client", "wire", "base", "usher"},
    "bench": {"client", "redis", "wire", "base"},
}

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
BANNED_NAMES = re.compile(r"(^|_)(util|utils|common|misc|helper|helpers|manager|impl)(_|\.|$)")
NAME_EXCEPTIONS = {"src/asio/asio_impl.cc"}  # Asio's own word for the bodies of its functions

# Calls that belong to one file alone, where time and randomness come in.
BANNED_CALLS = {
    r"\bsleep(_for|_until)?\s*\(|\busleep\s*\(": set(),
    r"_clock::now\s*\(|\bclock_gettime\s*\(|\bgettimeofday\s*\(": {"src/base/system.cc"},
    r"\brandom_device\b|\bgetrandom\s*\(|\bRAND_bytes\s*\(": {"src/base/system.cc"},
}


def tracked(*patterns):
    out = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
                         cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for path in out.split("\n") if path and (ROOT / path).is_file()]


def include_breaches(path, text):
    layer = path.split("/")[1] if path.startswith("src/") else None
    if layer is None:
        return
    if layer not in LAYERS:
        yield f"{path}: the folder '{layer}' is not in the table of layers"
        return
    allowed = LAYERS[layer] | {layer}
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r'#include "([a-z_]+)/', line)
        if not match:
            continue
        target = match.group(1)
        if target == "support" and path.endswith(("_test.cc", "_fixture.h")):
            continue
        if target not in allowed:
            yield f"{path}:{number}: {layer}/ must not include {target}/"


def file_length_breaches(path, text):
    count = len(text.rstrip("\n").split("\n"))
    if count > FILE_LINES_MAX:
        yield f"{path}: {count} lines; split it by noun (at most {FILE_LINES_MAX})"


def function_length_breaches(path, text):
    lines = text.rstrip("\n").split("\n")
    if path.endswith(".cc") and not path.endswith("_test.cc"):
        begin = None
        for number, line in enumerate(lines, 1):
            # A body begins on an unindented line that ends in '{', and ends at an unindented '}'.
            if begin is None and re.match(r"^[A-Za-z].*\)( const| noexcept| override)*( ->.*)? \{$", line):
                begin = number
            elif begin is not None and line.startswith("}"):
                if number - begin > FUNCTION_LINES_MAX:
                    yield f"{path}:{begin}: a function of {number - begin} lines (at most {FUNCTION_LINES_MAX})"
                begin = None


def call_breaches(path, text):
    for pattern, homes in BANNED_CALLS.items():
        if path in homes:
            continue
        for number, line in enumerate(text.split("\n"), 1):
            code = line.split("//")[0]
            if re.search(pattern, code):
                yield f"{path}:{number}: {code.strip()[:60]}: time and randomness are passed in"


def name_breaches(path):
    if path in NAME_EXCEPTIONS:
        return
    for part in pathlib.PurePath(path).parts:
        if BANNED_NAMES.search(part):
            yield f"{path}: '{part}' says nothing; name what it holds"


def missing_tests(paths):
    """Sources of the pure layers that no test stands beside, by file or by the stem they share."""
    pure = ("base", "wire", "hub", "auth", "ticket", "client", "session", "gateway")
    have = set(paths)
    stems = {p.rsplit("/", 1)[1][:-len("_test.cc")] for p in paths if p.endswith("_test.cc")}
    for path in paths:
        folder = path.split("/")[1] if path.startswith("src/") else ""
        if folder not in pure or not path.endswith(".cc") or path.endswith("_test.cc"):
            continue
        name = path.rsplit("/", 1)[1][:-3]
        if path[:-3] + "_test.cc" in have:
            continue
        if any(name.startswith(stem) or stem.startswith(name) for stem in stems):
            continue
        yield f"note: {path} has no test beside it"


def write_report(path, looked_at, breaches):
    suite = ElementTree.Element("testsuite", name="tidy")
    for name in looked_at:
        case = ElementTree.SubElement(suite, "testcase", classname="tidy", name=name)
        said = [breach for breach in breaches if breach.startswith(f"{name}:")]
        if said:
            ElementTree.SubElement(case, "failure", message="\n".join(said))
    ElementTree.ElementTree(suite).write(path, encoding="unicode")


def main():
    paths = tracked("src/**", "apps/**", "include/**", "tests/**", "fuzz/*.cc", "bench/**")
    breaches, looked_at = [], []
    for path in tracked("*"):
        if path.startswith(("src/", "apps/", "tests/", "include/", "fuzz/", "bench/", "clients/")):
            breaches += name_breaches(path)
    for path in tracked("*.h", "*.cc", "*.py", "*.ts", "*.js", "*.mjs"):
        looked_at.append(path)
        text = (ROOT / path).read_text(errors="replace")
        breaches += file_length_breaches(path, text)
        if path not in paths or not path.endswith((".h", ".cc")):
            continue
        breaches += include_breaches(path, text)
        breaches += function_length_breaches(path, text)
        breaches += call_breaches(path, text)
    for breach in breaches:
        print(breach)
    for note in missing_tests(paths):
        print(note)
    print(f"{len(looked_at)} files, {len(breaches)} breaches")
    if len(sys.argv) > 1:
        write_report(sys.argv[1], looked_at, breaches)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
