"""The rooms and who may include whom, as the lines usher_layer(…) of CMake say it: there is no other table."""

import re

KEYWORDS = {"FOLDER", "DEPENDS", "LIBS", "TEST_DEPENDS", "TEST_SOURCES"}


class Rooms:
    def __init__(self, cmake):
        self.folders = {}  # room: its folder, from the root
        self.depends = {}
        self.test_depends = {}
        # Rooms whose sources see include/, too.
        self.public = set(re.findall(r"target_include_directories\(usher_(\w+) PUBLIC \$\{PROJECT_SOURCE_DIR\}/include\)", cmake))
        for call in re.findall(r"^\s*usher_layer\(([^)]*)\)", re.sub(r"#[^\n]*", "", cmake), re.M):
            self.add(call.split())

    def add(self, words):
        name, key = words[0], None
        lists = {keyword: [] for keyword in KEYWORDS}
        for word in words[1:]:
            if word in KEYWORDS:
                key = word
            elif key is not None:
                lists[key].append(word)
        folder = (lists["FOLDER"] or [name])[0]
        at_root = folder.removeprefix("${PROJECT_SOURCE_DIR}/")
        self.folders[name] = at_root if at_root != folder else f"src/{folder}"
        self.depends[name] = lists["DEPENDS"]
        self.test_depends[name] = lists["TEST_DEPENDS"]

    def room_of(self, path):
        """The room of a file, or None: tests, apps."""
        inside = [room for room, folder in self.folders.items() if path.startswith(folder + "/")]
        return max(inside, key=lambda room: len(self.folders[room]), default=None)

    def room_of_include(self, named):
        """The room whose header an include names, as "redis/link/dialer.h" does, or None."""
        return self.room_of(f"src/{named}") or self.room_of(named)

    def folder_of(self, room):
        """The room's folder, as includes name it."""
        return self.folders[room].removeprefix("src/") + "/"

    def reached(self, rooms):
        """The rooms themselves, what they depend on, and what those do."""
        seen, waiting = set(), list(rooms)
        while waiting:
            room = waiting.pop()
            if room not in seen:
                seen.add(room)
                waiting += self.depends.get(room, [])
        return seen

    def allowed(self, room, for_test):
        return self.reached([room, *(self.test_depends[room] if for_test else [])])
