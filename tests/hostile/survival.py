"""How a gateway must be after whatever was done to it."""

import contextlib
import os
import re
import subprocess

# What sanitizers print; a build without them prints none of it.
SANITIZER = re.compile(r"(ERROR|WARNING): (Address|Thread|Leak|UndefinedBehavior)Sanitizer|runtime error: ")
ABORTED = "internal error at "


def sanitizer_of(binary):
    """"asan", "tsan" or "none": what the program was built with."""
    with open(binary, "rb") as program:
        code = program.read()
    return "asan" if b"__asan_init" in code else "tsan" if b"__tsan_init" in code else "none"


def sanitizer_options():
    """The environment in which the first finding ends the process."""
    options = {"ASAN_OPTIONS": "detect_stack_use_after_return=1:abort_on_error=0",
               "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1", "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1"}
    return {name: os.environ.get(name, value) for name, value in options.items()}


def findings(log):
    """The lines of a log that no gateway may write."""
    return [line for line in log.split("\n") if SANITIZER.search(line) or ABORTED in line]


def resident_mib(gateway):
    with open(f"/proc/{gateway.process.pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


def assert_survived(gateway):
    """It runs and answers, has found no invariant broken, and ends with 0 when it is asked to. It is stopped then."""
    if not gateway.serves():
        with contextlib.suppress(subprocess.TimeoutExpired):
            gateway.process.wait(5)  # it is ending
    status = gateway.process.poll()
    assert status is None, f"the gateway ended with {status}:\n{gateway.log[-3000:]}"
    assert gateway.serves()
    assert gateway.metric("usher_internal_errors_total") == 0, gateway.log[-3000:]
    status = gateway.stop()
    assert not findings(gateway.log), findings(gateway.log)
    assert status == 0, f"ended with {status}:\n{gateway.log[-3000:]}"
