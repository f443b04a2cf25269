"""Reads C++ as far as the rules need: code without comments and strings, and where functions and classes begin and end."""

import re
from dataclasses import dataclass

LITERAL = re.compile(
    r'//(?:\\\n|[^\n])*|/\*.*?\*/'  # comments
    r'|R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",  # no digit separator
    re.S)
PREPROCESSOR = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.M)


def blank(match):
    """The same text as spaces, with its line breaks; a literal keeps its quotes."""
    text = match[0]
    spaces = re.sub(r"[^\n]", " ", text)
    return spaces if text[0] in "/#" or text.lstrip()[:1] == "#" else text[0] + spaces[1:-1] + text[-1]


def without_literals(text):
    """The text with comments, strings and characters blanked; each line stays where it is."""
    return LITERAL.sub(blank, text)


@dataclass
class Body:
    kind: str  # "function", "class"
    name: str  # as written, qualifiers included: "Hub::join"
    scope: str  # the classes around it: "Hub"
    first: int  # its first line, where its signature begins
    last: int  # the line of its closing brace
    unnamed: bool  # in a namespace without a name


class CannotRead(Exception):
    """The braces of a file do not match."""


CLASS = re.compile(r"(?:class|struct|union)\b(?:\s*\[\[.*?\]\]|\s*alignas\s*\([^)]*\))*\s*((?:\w+::)*\w+)?", re.S)
NAMESPACE = re.compile(r"(?:inline\s+)?namespace\b\s*([\w:]*)$|(extern)\s*\"\s*\"$")
# What may stand between the parameters of a function and its body.
QUALIFIERS = re.compile(r"(?:\s|\bconst\b|\bnoexcept\b|\boverride\b|\bfinal\b|\bmutable\b|\btry\b|&)*$")
NAME = re.compile(r"((?:\w+(?:<[^<>]*>)?::)*(?:operator\s*(?:\(\s*\)|\[\s*\]|\"\"\s*\w+|[^\s\w(]+|[\w:<>*& ]+)|~?\w+))\s*$")
ACCESS = re.compile(r"\s*(?:public|protected|private)\s*:(?!:)")


def closing(code, begin):
    """The position of the bracket that closes the one at `begin`."""
    pairs, depth = {"(": ")", "{": "}", "[": "]"}, 0
    start, end = code[begin], pairs[code[begin]]
    for position in range(begin, len(code)):
        if code[position] == start:
            depth += 1
        elif code[position] == end:
            depth -= 1
            if depth == 0:
                return position
    raise CannotRead


def opening(head):
    """The position of the parenthesis that the last character of `head` closes."""
    depth = 0
    for position in range(len(head) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(head[position], 0)
        if depth == 0:
            return position
    raise CannotRead


def without_template(head):
    """The head without its template<…> in front."""
    match = re.match(r"\s*template\s*<", head)
    if not match:
        return head
    depth = 1
    for position in range(match.end(), len(head)):
        depth += {"<": 1, ">": -1}.get(head[position], 0)
        if depth == 0:
            return without_template(head[position + 1:])
    return head


def outside_brackets(head, wanted):
    """The first position of the pattern `wanted` outside of ( ), { } and [ ], or None."""
    depth = 0
    for position, char in enumerate(head):
        if char in "({[":
            depth += 1
        elif char in ")}]":
            depth -= 1
        elif depth == 0 and wanted.match(head, position):
            return position
    return None


INITIALISERS = re.compile(r"(?<!:):(?!:)")
ASSIGNS = re.compile(r"(?<![=!<>+\-*/%&|^])=(?!=)")


def signature(head):
    """The head up to the list of a constructor's initialisers."""
    colon = outside_brackets(head, INITIALISERS)
    return head if colon is None or ")" not in head[:colon] else head[:colon]


def function_name(head):
    """The name of the function whose body follows `head`, or None if no function's body does."""
    head = signature(without_template(head))
    if not re.search(r"\boperator\b", head) and outside_brackets(head, ASSIGNS) is not None:
        return None
    arrow = outside_brackets(head, re.compile("->"))
    if arrow is not None and re.search(r"\)[\s\w]*$", head[:arrow]):
        head = head[:arrow]
    while (head := QUALIFIERS.sub("", head)).endswith(")"):
        head = head[:opening(head)]
        if name := NAME.search(head):
            if name[1] not in ("noexcept", "requires"):
                return re.sub(r"<[^<>]*>|\s", "", name[1])
            head = head[:name.start()]
    return None


def class_name(head):
    """The name of the class ("" if it has none) whose declaration follows `head`, or None if no class does."""
    declared = CLASS.match(without_template(head).strip())
    return declared and (declared[1] or "") if outside_brackets(head, ASSIGNS) is None or head.startswith("template") else None


def is_member_initialiser(head):
    """Whether the brace after `head` initialises a member, in a constructor's list, and is not the constructor's body."""
    return signature(head) != head and re.search(r"[\w>]\s*$", head) is not None and not re.search(r"\btry\s*$", head)


class Reader:
    """Walks through the code of a file, from brace to brace of its namespaces and classes; skips what else has braces."""

    def __init__(self, text):
        self.code = PREPROCESSOR.sub(blank, without_literals(text))
        self.scopes = []  # ("namespace", its name) or ("class", its Body)
        self.found = []
        self.begin = 0  # of what stands before the next brace

    def read(self):
        position = 0
        while position < len(self.code):
            char = self.code[position]
            if char in "([":
                position = closing(self.code, position)
            elif char == "{":
                position = self.open(position)
            elif char == "}":
                self.close(position)
            elif char == ";" or char == ":" and ACCESS.fullmatch(self.code, self.begin, position + 1):
                self.begin = position + 1
            position += 1
        if self.scopes:
            raise CannotRead
        return self.found

    def line(self, position):
        return self.code.count("\n", 0, position) + 1

    def open(self, position):
        """At a brace: enters a namespace or a class, or returns the end of a body or a value."""
        before = self.code[self.begin:position]
        first, head = self.line(position - len(before.lstrip())), before.strip()
        name = function_name(head)
        if namespace := NAMESPACE.match(head):
            self.scopes.append(("namespace", namespace[1] or namespace[2]))
        elif name is None and (declared := class_name(head)) is not None:
            self.scopes.append(("class", self.add("class", declared, first)))
        elif name is None or is_member_initialiser(head):
            return closing(self.code, position)  # a value, or an enum: the head goes on
        else:
            position = closing(self.code, position)
            self.add("function", name, first).last = self.line(position)
        self.begin = position + 1
        return position

    def close(self, position):
        if not self.scopes:
            raise CannotRead
        kind, what = self.scopes.pop()
        if kind == "class":
            what.last = self.line(position)
        self.begin = position + 1

    def add(self, kind, name, first):
        scope = "::".join(what.name for is_a, what in self.scopes if is_a == "class")
        unnamed = any(is_a == "namespace" and not what for is_a, what in self.scopes)
        self.found.append(Body(kind, name, scope, first, first, unnamed))
        return self.found[-1]


def bodies(text):
    """All functions and classes at the scope of a namespace or a class, in their order. Raises CannotRead."""
    return Reader(text).read()
