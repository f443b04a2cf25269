"""`usher publish` against a running gateway: what arrives, what it prints, and how it exits."""

import pytest

from cpp_client import CppClient
from gateway import wait_until
from program import BAD_USAGE, DONE, FAILED, usher


def test_what_it_publishes_reaches_a_client_byte_for_byte(gateway):
    client = CppClient(f"http://{gateway.address}", "--token", gateway.token(sessionId="cli"))
    client.wait_for_line("[WS] Connected")
    done = usher("publish", "--url", f"http://{gateway.address}", "--api-key-file", gateway.folder / "api.key",
                 "session:cli", '{"n":12345678901234567890123,"x":1.0}')
    assert (done.returncode, done.stdout) == (DONE, '{"result":{}}\n')
    wait_until(lambda: client.messages, "the message")
    assert client.stop() == DONE
    assert client.messages == ['{"channel":"session:cli","data":{"n":12345678901234567890123,"x":1.0}}']


def test_publish_reads_its_message_from_standard_input(gateway):
    done = usher("publish", "--url", f"http://{gateway.address}", "--api-key-file",
                 gateway.folder / "api.key", "session:nobody", "-", stdin='[1,2]')
    assert done.returncode == DONE, done


@pytest.mark.parametrize("arguments, exit_code, word", [
    (["session:x", "{broken"], BAD_USAGE, "not JSON"),
    (["session:x"], BAD_USAGE, "data is required"),
    (["session:x", "1", "--api-key", "wrong"], FAILED, "INVALID_API_KEY"),
    (["session:x", "1", "--url", "ftp://x"], BAD_USAGE, "no http"),
])
def test_publish_says_what_is_wrong(gateway, arguments, exit_code, word):
    key = [] if "--api-key" in arguments else ["--api-key-file", gateway.folder / "api.key"]
    url = [] if "--url" in arguments else ["--url", f"http://{gateway.address}"]
    done = usher("publish", *url, *key, *arguments)
    assert done.returncode == exit_code and word in done.stdout + done.stderr, done
