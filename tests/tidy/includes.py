"""Who includes whom: rooms by CMake's table, own headers by their whole name, units without a circle."""

import posixpath
import re

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.M)
# Ours, and in no room: above all of them. A room's tests may include from the others.
ABOVE = ("apps/", "bench/", "tests/", "fuzz/")
# How many units may stand in circles: none.
UNITS_IN_CIRCLES_MAX = 0


def includes(source):
    """(line, "<" or '"', name) of each include that is no comment."""
    for match in INCLUDE.finditer(source.text):
        if source.code[match.start(1)] == match[1]:  # blank in a comment
            yield source.text.count("\n", 0, match.start(2)) + 1, match[1], match[2]


def unit_of(path):
    return re.sub(r"\.(h|cc)$", "", path)


class Named:
    """What an include names, by its path from the root, or from src/."""

    def __init__(self, tree, source, bracket, name):
        self.is_relative = name.startswith(".")
        if self.is_relative:
            name = posixpath.normpath(posixpath.join(posixpath.dirname(source.path), name)).removeprefix("src/")
        self.name = name
        self.room = tree.rooms.room_of_include(name)
        self.in_angles = bracket == "<"
        self.is_ours = self.room is not None or name.startswith(ABOVE) or not self.in_angles


def forbidden(tree, source, room, named):
    """The folder that a file of a room must not include from, if what it names is there."""
    rooms, top = tree.rooms, named.name.split("/")[0] + "/"
    if named.room is not None:
        return None if named.room in rooms.allowed(room, source.is_test) else rooms.folder_of(named.room)
    if top == "usher/":
        return None if rooms.public & rooms.reached([room]) else top
    if "/" not in named.name or not named.is_ours:
        return None
    return None if source.is_test and top not in ABOVE else top


def room_breaches(tree):
    for source in tree.cpp():
        path, room = source.path, tree.rooms.room_of(source.path)
        if path.startswith("src/") and room is None:
            yield f"{path}: the folder '{posixpath.dirname(path)}' is no room: it has no usher_layer(…) in src/CMakeLists.txt"
            continue
        for line, bracket, name in includes(source):
            named = Named(tree, source, bracket, name)
            if room and (folder := forbidden(tree, source, room, named)):
                yield f"{path}:{line}: {tree.rooms.folder_of(room)} must not include {folder}"
            elif named.is_relative:
                yield f"{path}:{line}: {name}: our headers are named from their root, as \"{named.name}\""
            elif named.in_angles and named.is_ours:
                yield f"{path}:{line}: <{name}>: our headers stand in quotes"


def circles(graph):
    """The strongly connected parts of a graph {node: nodes} that have more than one node (Tarjan), each sorted."""
    index, low, stack, on_stack, found = {}, {}, [], set(), []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        on_stack.add(node)
        for target in graph[node]:
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in on_stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            part = []
            while not part or part[-1] != node:
                part.append(stack.pop())
                on_stack.discard(part[-1])
            if len(part) > 1:
                found.append(sorted(part))

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return sorted(found)


def units(tree):
    """{unit: the units whose header it includes}; a unit is x.h with x.cc. Tests are in none."""
    graph = {unit_of(source.path): set() for source in tree.cpp() if not source.is_test}
    for source in tree.cpp():
        if source.is_test:
            continue
        unit = unit_of(source.path)
        for _, bracket, name in includes(source):
            named = Named(tree, source, bracket, name).name
            targets = {unit_of("src/" + named), unit_of(named), unit_of("include/" + named)} & set(graph)
            graph[unit] |= targets - {unit}
    return graph


def circle_breaches(tree):
    """One line for each circle; breaches if there are more units in them than today, otherwise for circle_notes."""
    parts = circles(units(tree))
    return circle_lines(parts) if too_many(parts) else []


def circle_notes(tree):
    parts = circles(units(tree))
    return [] if too_many(parts) else circle_lines(parts)


def too_many(parts):
    return sum(len(part) for part in parts) > UNITS_IN_CIRCLES_MAX


def circle_lines(parts):
    return [f"{part[0]}: these units include each other in a circle: {', '.join(part)}" for part in parts]
