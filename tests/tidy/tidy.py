"""The style rules that a machine can hold: who includes whom, lengths, names, calls.

  python3 tests/tidy/tidy.py [REPORT]     one line for each breach; exits 1 if there is any; REPORT: in JUnit XML, one test a file
  python3 tests/tidy/tidy.py --classes    the twenty longest classes, with their files
  python3 tests/tidy/tidy.py --rooms      how many files each room has
  … --root FOLDER                         of another checkout
"""

import argparse
import pathlib
import sys
from xml.etree import ElementTree

import calls
import classes
import includes
import lengths
import names
import tree as trees

ROOT = pathlib.Path(__file__).resolve().parents[2]


def breaches_of(tree, paths):
    """All breaches, each as "path: …" or "path:line: …"."""
    found = [*names.breaches(paths), *lengths.file_breaches(tree), *lengths.function_breaches(tree), *includes.room_breaches(tree),
             *includes.circle_breaches(tree), *calls.breaches(tree)]
    return found + list(classes.breaches(tree)) if classes.CLASS_LINES_MAX_ENFORCED else found


def notes_of(tree, paths):
    found = [*names.without_test(paths), *includes.circle_notes(tree), *calls.unused_homes(tree)]
    return found if classes.CLASS_LINES_MAX_ENFORCED else found + list(classes.breaches(tree))


def write_report(path, tree, breaches):
    """One test for each file. A breach of no judged file (a name, a circle) is a test of its own."""
    suite = ElementTree.Element("testsuite", name="tidy")
    by_file = {name: [] for name in tree.sources}
    for breach in breaches:
        by_file.setdefault(breach.split(":")[0], []).append(breach)
    for name, said in by_file.items():
        case = ElementTree.SubElement(suite, "testcase", classname="tidy", name=name)
        if said:
            ElementTree.SubElement(case, "failure", message="\n".join(said))
    ElementTree.ElementTree(suite).write(path, encoding="unicode")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", nargs="?")
    parser.add_argument("--classes", action="store_true")
    parser.add_argument("--rooms", action="store_true")
    parser.add_argument("--root", default=ROOT)
    arguments = parser.parse_args()
    tree, paths = trees.checkout(arguments.root)
    if arguments.classes or arguments.rooms:
        print("\n".join(classes.report(tree) if arguments.classes else classes.rooms_report(tree)))
        return 0
    breaches = breaches_of(tree, paths)
    for note in notes_of(tree, paths):
        print(f"note: {note}")
    for breach in breaches:
        print(breach)
    print(f"{len(tree.sources)} files, {len(breaches)} breaches")
    if arguments.report:
        write_report(arguments.report, tree, breaches)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
