"""The tidy test itself: each file of must_fail/ breaks one rule, as its comment says, and those of must_pass/ break none.

Such a file stands for one or more files of the tree: "path:" begins each. Lengths are judged by small limits here.
"""

import pathlib
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))

import calls  # noqa: E402
import classes  # noqa: E402
import cpp  # noqa: E402
import includes  # noqa: E402
import lengths  # noqa: E402
import tidy  # noqa: E402
from rooms import Rooms  # noqa: E402
from tree import Source, Tree, checkout  # noqa: E402

PATH = re.compile(r"^(?://|#) path: (\S+)$", re.M)
BREACH = re.compile(r"^(?://|#) breach: (.+)$", re.M)


def examples(folder):
    return sorted(path for path in (FOLDER / folder).iterdir() if path.name != ".clang-format")


def sources(text):
    """The files that an example stands for. The first has all from the example's first line."""
    begins = list(PATH.finditer(text))
    ends = [*(match.start() for match in begins[1:]), len(text)]
    return [Source(match[1], text[0 if match is begins[0] else match.start():end]) for match, end in zip(begins, ends)]


@pytest.fixture(autouse=True)
def small_limits(monkeypatch):
    monkeypatch.setattr(lengths, "FILE_LINES_MAX", 20)
    monkeypatch.setattr(lengths, "SHELL_LINES_MAX", 10)
    monkeypatch.setattr(lengths, "FUNCTION_LINES_MAX", 7)
    monkeypatch.setattr(classes, "CLASS_LINES_MAX", 12)
    monkeypatch.setattr(classes, "CLASS_LINES_MAX_ENFORCED", True)
    monkeypatch.setattr(includes, "UNITS_IN_CIRCLES_MAX", 0)


def tree_of(text):
    return Tree(sources(text), Rooms((FOLDER / "rooms.cmake").read_text()))


def breaches_of(text):
    tree = tree_of(text)
    return tidy.breaches_of(tree, list(tree.sources))


@pytest.mark.parametrize("path", examples("must_fail"), ids=lambda path: path.name)
def test_must_fail(path):
    text = path.read_text()
    [expected] = BREACH.findall(text)
    assert breaches_of(text) == [expected]


@pytest.mark.parametrize("path", examples("must_pass"), ids=lambda path: path.name)
def test_must_pass(path):
    text = path.read_text()
    assert PATH.search(text) and not BREACH.search(text)
    assert breaches_of(text) == []


def test_every_rule_on_calls_has_an_example():
    said = "".join(path.read_text() for path in examples("must_fail"))
    assert [rule.says for rule in calls.RULES if rule.says not in said] == []


def test_a_long_class_is_a_note_until_the_rule_is_turned_on(monkeypatch):
    monkeypatch.setattr(classes, "CLASS_LINES_MAX_ENFORCED", False)
    text = (FOLDER / "must_fail/long_class.cc").read_text()
    assert breaches_of(text) == []
    assert BREACH.findall(text) == [note for note in tidy.notes_of(tree_of(text), []) if "has 13 lines" in note]


def test_a_home_without_its_call_is_a_note():
    used = "// path: src/base/system.cc\ngetrandom(bytes, size, 0);\n"
    unused = "tests/tidy/calls.py: src/base/system.cc has no such call any more (time and randomness are passed in)"
    assert list(calls.unused_homes(tree_of(used))).count(unused) == 1  # of its two rules
    assert list(calls.unused_homes(tree_of("// path: src/base/clock.cc\n"))).count(unused) == 2


def test_circles_are_notes_up_to_their_number(monkeypatch):
    text = (FOLDER / "must_fail/circle_of_three.cc").read_text()
    monkeypatch.setattr(includes, "UNITS_IN_CIRCLES_MAX", 3)
    assert breaches_of(text) == []
    assert BREACH.findall(text) == list(includes.circle_notes(tree_of(text)))
    monkeypatch.setattr(includes, "UNITS_IN_CIRCLES_MAX", 2)
    assert breaches_of(text) == BREACH.findall(text)


def test_rooms_are_read_from_cmake():
    rooms = Rooms((FOLDER / "rooms.cmake").read_text())
    assert rooms.allowed("hub", False) == {"hub", "wire", "base"}
    assert rooms.allowed("net", False) == {"net", "hub", "wire", "base"}
    assert rooms.allowed("net", True) == {"net", "hub", "wire", "base", "gateway"}
    assert rooms.room_of("src/redis/link/dialer.cc") == "redis_link"
    assert rooms.room_of("bench/load/loop.cc") == "bench_load"
    assert rooms.room_of("src/redis/other.cc") is None
    assert "comment" not in rooms.folders


def test_the_checkout_has_its_rooms_and_can_be_read():
    tree, _ = checkout(tidy.ROOT)
    assert {"base", "wire", "hub", "net", "client_net"} <= set(tree.rooms.folders)
    folders = {tree.rooms.room_of(path) for path in tree.sources if path.startswith("src/")}
    assert None not in folders and len(folders) > 10
    for source in tree.cpp():
        assert source.bodies is not None, source.path


def test_classes_of_the_checkout_have_their_bodies_from_all_files():
    found = {each.name: each for each in classes.classes(checkout(tidy.ROOT)[0])}
    session = found["ServerSession"]
    assert "src/session/server_session.h" in session.files and "src/session/server_session.cc" in session.files
    assert session.lines > 100


@pytest.mark.parametrize("head,name", [
    ("int f()", "f"),
    ("Hub::~Hub() noexcept", "Hub::~Hub"),
    ("bool operator<(const A& a, const A& b)", "operator<"),
    ("A& A::operator=(A&& a) noexcept(noexcept(a.b()))", "A::operator="),
    ("A::operator bool() const", "A::operatorbool"),
    ("template <typename T> void Box<T>::put(T a) &&", "Box::put"),
    ("auto f(int a) -> std::function<void()>", "f"),
    ("void f(int a) const noexcept(g(1)) requires (A<int>)", "f"),
    ("TEST(Hub, Joins)", "TEST"),
    ("std::function<void(int)> f", None),
    ("const auto f = [](int a)", None),
    ("enum class A : int", None),
    ("struct alignas(64) A", None),
    ("int a", None),
])
def test_functions_are_known_by_what_stands_before_their_brace(head, name):
    assert cpp.function_name(head) == name


def test_each_file_is_a_test_in_the_report(tmp_path):
    tree = tree_of((FOLDER / "must_fail/circle_of_units.cc").read_text())
    tidy.write_report(tmp_path / "tidy.xml", tree, ["src/hub/hub.cc:1: first", "src/hub/hub.cc: second", "other: third"])
    cases = {case.get("name"): [failure.get("message") for failure in case]
             for case in ElementTree.parse(tmp_path / "tidy.xml").getroot()}
    assert cases == {"src/hub/hub.h": [], "src/hub/hub.cc": ["src/hub/hub.cc:1: first\nsrc/hub/hub.cc: second"], "src/hub/outbox.h": [],
                     "src/hub/outbox.cc": [], "other": ["other: third"]}


@pytest.mark.parametrize("option,line", [("--classes", r" *\d+ ServerSession  src/session/.*"), ("--rooms", r" *\d+ hub")])
def test_reports(option, line):
    result = subprocess.run([sys.executable, FOLDER / "tidy.py", option], capture_output=True, text=True, check=True)
    assert any(re.fullmatch(line, printed) for printed in result.stdout.splitlines())
    if option == "--classes":
        assert len(result.stdout.splitlines()) == 20
