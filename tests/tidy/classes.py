"""How long each class is: its declaration and the bodies of its functions, over all files."""

import collections

import cpp

CLASS_LINES_MAX = 350
CLASS_LINES_MAX_ENFORCED = True


class Class:
    def __init__(self, name, path, lines):
        self.name = name
        self.declared_in = path
        self.lines = lines
        self.files = {path}


def key(room, path, name, unnamed):
    """A class is known in its room; in a namespace without a name, in its file alone."""
    return (path if unnamed else room, name)


def classes(tree):
    """All classes, the longest first. The lines of a class inside another's declaration count for both."""
    found, functions = {}, []
    for source in tree.cpp():
        if source.is_test:
            continue
        room = tree.rooms.room_of(source.path) or source.path.split("/")[0]
        try:
            for body in source.bodies:
                if body.kind == "function":
                    functions.append((room, source.path, body))
                elif body.name:
                    name = "::".join(filter(None, [body.scope, body.name]))
                    found[key(room, source.path, name, body.unnamed)] = Class(name, source.path, body.last - body.first + 1)
        except cpp.CannotRead:
            continue  # lengths.py says so
    for room, path, body in functions:
        owner = body.name.rpartition("::")[0]
        if body.scope or not owner:
            continue
        known = found.get((room, owner)) or found.get((path, owner))
        if known:
            known.lines += body.last - body.first + 1
            known.files.add(path)
    return sorted(found.values(), key=lambda each: (-each.lines, each.name))


def report(tree, most=20):
    for each in classes(tree)[:most]:
        yield f"{each.lines:5} {each.name}  {' '.join(sorted(each.files))}"


def breaches(tree):
    for each in classes(tree):
        if each.lines > CLASS_LINES_MAX:
            yield (f"{each.declared_in}: {each.name} has {each.lines} lines in {len(each.files)} files (at most {CLASS_LINES_MAX}): "
                   "a part of it is a class of its own")


def rooms_report(tree):
    """How many files each room has, without tests, the fullest first."""
    counts = collections.Counter(tree.rooms.room_of(source.path) or source.path.rpartition("/")[0]
                                 for source in tree.cpp() if not source.is_test)
    for room, count in counts.most_common():
        yield f"{count:5} {room}"
