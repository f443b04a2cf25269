"""The `usher` program from outside: help, exit codes, and what `usher serve` does as a process."""

import contextlib
import json
import re
import signal
import subprocess

import pytest

from gateway import make_jwt, wait_until
from program import BAD_USAGE, DONE, USHER, environment, usher, write_file
from protocol import assert_alive
from websocket import WebSocket, connect

# ---- help, bad usage ----


def commands():
    listed = re.findall(r"^  (\w+)  +\S", usher("--help").stdout, re.MULTILINE)
    assert {"serve", "checkconfig", "token", "checktoken"} <= set(listed)
    return listed


def test_help_lists_the_commands_and_each_has_help_with_an_example():
    for command in commands():
        answer = usher(command, "--help")
        assert answer.returncode == DONE, command
        assert f"usher {command}" in answer.stdout and "Example: usher " + command in answer.stdout
        assert answer.stderr == ""


def test_the_version_is_told():
    answer = usher("--version")
    assert answer.returncode == DONE and re.fullmatch(r"usher \d+\.\d+\.\d+\n", answer.stdout)


BAD = {
    "no command": (),
    "an unknown command": ("teleport",),
    "serve without a configuration": ("serve",),
    "serve with an unknown option": ("serve", "--nope"),
    "serve with a word too many": ("serve", "--dev", "more"),
    "checkconfig without a file": ("checkconfig",),
    "token without a secret": ("token", "--session", "s"),
    "token with a life that is none": ("token", "--secret-file", "x", "--ttl", "1y"),
    "token with an option without its value": ("token", "--secret-file"),
    "checktoken without a token": ("checktoken", "--secret-file", "x"),
    "checktoken without a key": ("checktoken", "a.b.c"),
}


@pytest.mark.parametrize("args", BAD.values(), ids=BAD)
def test_bad_usage_is_exit_code_2_with_a_word_on_stderr(args):
    answer = usher(*args)
    assert (answer.returncode, answer.stdout) == (BAD_USAGE, "")
    assert answer.stderr.strip()


# ---- serve ----


@contextlib.contextmanager
def development_gateway():
    """What it told, as soon as it listens."""
    ports = ["--listen", "127.0.0.1:0", "--set", "admin.listen=127.0.0.1:0"]
    process = subprocess.Popen([USHER, "serve", "--dev", *ports],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env=environment())
    try:
        told = ""
        while "Stop with Ctrl-C" not in told:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            told += line
        yield told
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == DONE


def test_dev_needs_no_file_and_lets_localhost_in():
    with development_gateway() as told:
        address = re.search(r"http://(127\.0\.0\.1:\d+)/auth/token", told).group(1)
        ws = WebSocket(address, "/ws", origin="http://localhost:5173")
        assert ws.read_close() == (1008, "NOT_AUTHORIZED"), "its Origin is fine, its ticket missing"
        ws.close()
        ws = WebSocket(address, "/ws", origin="https://evil.example")
        assert ws.read_close() == (1008, "ORIGIN_BLOCKED")
        ws.close()


def test_each_line_that_dev_prints_to_try_works_as_it_stands(tmp_path):
    with development_gateway() as told:
        lines = told.replace("/tmp/guest.json", str(tmp_path / "guest.json"))
        connect, publish = re.search(r"  Connect +(.*?)\n  Publish +(.*?)\n  Health", lines, re.DOTALL).groups()
        token, client = connect.split("\n")
        subprocess.run(["bash", "-ec", token], check=True, env=environment())
        listener = subprocess.Popen(["bash", "-ec", f"exec {client.strip()}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                    env=environment())
        try:
            while "[WS] Connected" not in listener.stderr.readline():
                assert listener.poll() is None
            published = subprocess.run(["bash", "-ec", publish], check=True, capture_output=True, text=True, env=environment())
            assert published.stdout == '{"result":{}}\n'
            assert json.loads(listener.stdout.readline())["data"] == {"hello": "world"}
        finally:
            listener.kill()
            listener.communicate()
        ready = re.search(r"http://\S+/readyz", told).group()
        assert subprocess.run(["curl", "-sf", ready], check=True, capture_output=True, text=True).stdout == '{"ready":true}'


def test_the_file_limit_is_raised_and_told(start_gateway):
    line = start_gateway().wait_for_line("file limit")
    descriptors, connections = map(int, re.search(r"descriptors: (\d+), connections: (\d+)", line).groups())
    assert connections < descriptors


def test_in_json_every_line_is_one_object(start_gateway):
    gateway = start_gateway({"log": {"format": "json"}})
    lines = [json.loads(line) for line in gateway.lines]
    listening = [line for line in lines if line["message"] == "listening"]
    assert re.fullmatch(r"127\.0\.0\.1:\d+", listening[0]["address"])
    gateway.process.send_signal(signal.SIGTERM)
    assert gateway.process.wait(10) == DONE
    gateway.reader.join(5)
    assert all({"time", "level", "message"} <= set(json.loads(line)) for line in gateway.lines)


def test_sighup_reads_the_keys_again_and_drops_no_connection(start_gateway, tmp_path):
    old = write_file(tmp_path / "rotated.secret", "the first secret of 32 bytes or more")
    gateway = start_gateway({"jwt": {"secret_file": old}})
    claims = gateway.claims()
    before, after = make_jwt(claims, "the first secret of 32 bytes or more"), make_jwt(claims, "the second" * 4)
    assert [gateway.ask_ticket(t).status for t in (before, after)] == [200, 401]
    ws = connect(gateway, gateway.ticket(before))
    write_file(tmp_path / "rotated.secret", "the second" * 4)
    gateway.signal(signal.SIGHUP)
    gateway.wait_for_line("keys and certificate reloaded")
    assert [gateway.ask_ticket(t).status for t in (before, after)] == [401, 200]
    write_file(tmp_path / "rotated.secret", "short")
    gateway.signal(signal.SIGHUP)
    gateway.wait_for_line("reload failed, nothing was changed")
    assert [gateway.ask_ticket(t).status for t in (before, after)] == [401, 200]
    assert_alive(ws)
    ws.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_exits_with_0(start_gateway, number):
    gateway = start_gateway()
    gateway.signal(number)
    assert gateway.process.wait(10) == DONE
    gateway.reader.join(5)
    assert gateway.lines[-1].endswith(" info stopped")


def test_the_log_of_a_killed_gateway_is_whole_up_to_its_end(start_gateway):
    gateway = start_gateway()
    connect(gateway).close()
    gateway.wait_for_line("websocket_disconnected { code: 1000")
    gateway.kill()
    wait_until(lambda: not gateway.reader.is_alive(), "the end of the log")
    assert gateway.process.returncode == -signal.SIGKILL
