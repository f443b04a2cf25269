"""What files are called, and which have no test beside them."""

import pathlib
import re

BANNED = re.compile(r"(^|_)(util|utils|common|misc|helper|helpers|manager|impl)(_|\.|$)")
EXCEPTIONS = {"src/asio/asio_impl.cc"}  # Asio's own word for the bodies of its functions
FOLDERS = ("src/", "apps/", "tests/", "include/", "fuzz/", "bench/", "clients/")
# Shells around sockets, loops and the process: held by the tests of tests/.
SHELLS = ("src/net/", "src/http_client/", "src/client_net/", "src/redis/", "src/asio/", "src/node/", "src/engine/", "src/bench/")


def breaches(paths):
    for path in paths:
        if not path.startswith(FOLDERS) or path in EXCEPTIONS:
            continue
        for part in pathlib.PurePath(path).parts:
            if BANNED.search(part):
                yield f"{path}: '{part}' says nothing; name what it holds"


def without_test(paths):
    """Sources of the pure rooms that no test stands beside, by file or by the stem they share."""
    have = set(paths)
    stems = {path.rpartition("/")[2].removesuffix("_test.cc") for path in paths if path.endswith("_test.cc")}
    for path in paths:
        if not path.startswith("src/") or path.startswith(SHELLS) or not path.endswith(".cc") or path.endswith("_test.cc"):
            continue
        name = path.rpartition("/")[2].removesuffix(".cc")
        if path.removesuffix(".cc") + "_test.cc" not in have and not any(name.startswith(stem) or stem.startswith(name) for stem in stems):
            yield f"{path} has no test beside it"
