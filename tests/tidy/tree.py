"""The files that are judged."""

import functools
import pathlib
import re
import subprocess

import cpp
import rooms

CODE_FOLDERS = ("src/", "apps/", "include/", "tests/", "fuzz/", "bench/")
# Made to break the rules, or to look as if they did (test_tidy.py).
EXAMPLES = ("tests/tidy/must_fail/", "tests/tidy/must_pass/")


class Source:
    """One file: its path from the root, its text, and the same without comments and strings."""

    def __init__(self, path, text):
        self.path = path
        self.text = text

    @property
    def is_cpp(self):
        return self.path.endswith((".h", ".cc")) and self.path.startswith(CODE_FOLDERS)

    @property
    def is_shell(self):
        return self.path.endswith(".sh") or re.match(r"#!.*\b(ba|da)?sh\b", self.text) is not None

    @property
    def is_test(self):
        """A test, or what only tests use."""
        return self.path.startswith("tests/") or self.path.endswith(("_test.cc", "_fixture.h")) or "/fake_" in self.path

    @property
    def line_count(self):
        return len(self.text.rstrip("\n").split("\n"))

    @functools.cached_property
    def code(self):
        return cpp.without_literals(self.text)

    @functools.cached_property
    def bodies(self):
        return cpp.bodies(self.text)


class Tree:
    """All sources, by path, and the rooms that they live in."""

    def __init__(self, sources, room_table):
        self.sources = {source.path: source for source in sources}
        self.rooms = room_table

    def cpp(self):
        return [source for source in self.sources.values() if source.is_cpp]


def checkout(root):
    """What git knows of, or would take, in the checkout at `root`."""
    root = pathlib.Path(root)
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root, capture_output=True,
                            text=True, check=True).stdout.split("\0")
    paths = [path for path in sorted(set(listed)) if path and not path.startswith(EXAMPLES) and (root / path).is_file()]
    sources = [Source(path, (root / path).read_text(errors="replace")) for path in paths if readable(path)]
    lists = [source.text for source in sources if source.path.endswith("CMakeLists.txt")]
    return Tree([source for source in sources if source.path.endswith(JUDGED) or source.is_shell],
                rooms.Rooms("\n".join(lists))), paths


JUDGED = (".h", ".cc", ".py", ".ts", ".js", ".mjs")


def readable(path):
    """Whether a file may be a source: by its ending, or, for scripts, by having none."""
    return path.endswith((*JUDGED, ".sh", "CMakeLists.txt")) or "." not in pathlib.PurePath(path).name
