"""Calls that belong to few places: time, randomness, waiting, threads, sockets. Each place that has them has a reason."""

import re

# The kernel's functions for sockets. Words that name members of ours, too, are meant only with "::" before them.
SOCKET_WORDS = ("socket|socketpair|accept4|epoll_\\w+|eventfd|[gs]etsockopt|getsockname|getpeername|sendmm?sg|recv|recvfrom|recvmm?sg|"
                "getaddrinfo|io_uring_\\w+")
PLAIN_WORDS = "bind|listen|accept|connect|send|sendto|shutdown|poll|select"


class Rule:
    """`pattern` may stand only in `homes`: files, or folders with a "/" at their end, each with its reason."""

    def __init__(self, pattern, says, homes, in_tests=False):
        self.pattern = re.compile(pattern)
        self.says = says
        self.homes = homes
        self.in_tests = in_tests  # whether it holds for tests, too

    def is_home(self, path):
        return any(stands_in(path, home) for home in self.homes)


def stands_in(path, home):
    return path == home or home.endswith("/") and path.startswith(home)


RULES = [
    Rule(r"\bsleep(_for|_until)?\s*\(|\bu?sleep\s*\(|\bnanosleep\s*\(", "nothing sleeps: wait for what you wait for", {}, in_tests=True),
    Rule(r"_clock::now\s*\(|\bclock_gettime\s*\(|\bgettimeofday\s*\(|\bstd::(time|clock)\s*\(|\btime\s*\(\s*(nullptr|NULL|0|&)",
         "time and randomness are passed in", {
             "src/base/system.cc": "the one place where the kernel's clocks are read",
             "src/base/certificate_test.cc": "OpenSSL counts a new certificate's days from the kernel's time",
         }, in_tests=True),
    Rule(r"\brandom_device\b|\bgetrandom\s*\(|\bRAND_bytes\s*\(|\bs?rand\s*\(|\bd?rand48\s*\(", "time and randomness are passed in", {
        "src/base/system.cc": "the one place where the kernel's randomness is read",
    }, in_tests=True),
    Rule(r"\bstd::j?thread\b(?!::)|\bstd::async\b|\bpthread_create\s*\(", "threads begin in few places", {
        "src/http_client/outbound.cc": "the thread of all outgoing calls",
        "src/http_client/outbound.h": "the thread of all outgoing calls",
        "src/node/node.cc": "a thread for each shard",
        "src/node/shard_parts.h": "a thread for each shard",
        "src/node/log_writer.cc": "writes the log, so that a slow disk holds up no shard",
        "src/node/reloader.cc": "reads SIGHUP's files, so that a slow disk holds up no signal",
        "src/node/signal_watch.cc": "hears signals even when the main thread hangs",
        "src/client_net/own_thread.cc": "the client's own loop, for an application that has none",
        "bench/load/load_threads.cc": "the load generator's threads",
    }),
    Rule(rf"(?<![\w:.>])(?:::)?(?:{SOCKET_WORDS})\s*\((?!\s*\))|(?<![\w>])::(?:{PLAIN_WORDS})\s*\(",
         "sockets live in few places", {
             "src/net/": "accepted sockets, and the shard's epoll set",
             "src/http_client/": "our own calls out",
             "src/node/supervisor.cc": "one datagram to systemd's socket",
             "apps/bench/bench.cc": "finds the addresses of the gateway under load",
             "apps/raw/readiness.cc": "waits for stdin and stdout, whose flags must not be changed",
             "bench/load/": "the load generator has its own loop: it must cost less than what it measures",
         }),
    Rule(r"\basio::|<boost/(asio|beast/(core|ssl|websocket))\b", "loops and their timers live in few places", {
        "src/wire/http_answer.cc": "a buffer for Beast's parser, no loop",
        "src/net/": "the shard's loop",
        "src/http_client/": "our own calls out",
        "src/client_net/": "the client's loop",
        "src/redis/link/": "the connections to Redis",
        "src/asio/": "the bodies of Asio",
        "src/hooks/hook_sender.h": "its timer is of the loop of outgoing calls",
        "src/issuer/": "keys are fetched on the loop of outgoing calls",
        "src/node/": "the loops of shards, signals and reloading",
        "apps/": "each subcommand has a loop",
        "include/usher/": "a client runs on the application's loop, if it is given one",
    }),
]


def unused_homes(tree):
    """Homes that have no such call any more."""
    for rule in RULES:
        for home in rule.homes:
            if not any(stands_in(source.path, home) and rule.pattern.search(source.code) for source in tree.cpp()):
                yield f"tests/tidy/calls.py: {home} has no such call any more ({rule.says})"


def breaches(tree):
    for source in tree.cpp():
        lines, texts = source.code.split("\n"), source.text.split("\n")
        for rule in RULES:
            if rule.is_home(source.path) or source.is_test and not rule.in_tests:
                continue
            found = [number for number, line in enumerate(lines, 1) if rule.pattern.search(line)]
            if found:
                more = f" (and {len(found) - 1} more lines of this file)" if len(found) > 1 else ""
                yield f"{source.path}:{found[0]}: {texts[found[0] - 1].strip()[:60]}: {rule.says}{more}"
