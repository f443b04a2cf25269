"""`usher connect --raw`: stdin and stdout over a tunnel of the real gateway to an application's own server."""

import os
import re
import signal
import socket
import subprocess
import time

import pytest
from cpp_client import SECRETS
from gateway import Gateway, wait_until
from program import USHER
from upstream import Upstream

SUCCESS = ["[WS] Ensuring JWT token exists...", "[WS] JWT ready", "[WS] Requesting WebSocket ticket...",
           "[WS] Ticket obtained, connecting to WebSocket...", "[WS] Connected"]
MIB = 1 << 20
QUIET = 1.0  # seconds without progress that count as standing still


@pytest.fixture
def upstream():
    server = Upstream().start()
    yield server
    server.stop()


@pytest.fixture
def door(tmp_path, upstream):
    """A gateway with one tunnel for anyone, one for users, and one that leads nowhere."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        nowhere = free.getsockname()[1]
    gateway = Gateway(tmp_path / "gateway", {"upstreams": [
        {"name": "board", "path": "/board", "url": upstream.url},
        {"name": "members", "path": "/members", "url": upstream.url, "who": "users"},
        {"name": "down", "path": "/down", "url": f"http://127.0.0.1:{nowhere}/"}]}).start()
    yield gateway
    gateway.stop()


class Raw:
    """The process, whose stdin a test writes, and whose stdout and stderr go to files."""

    def __init__(self, folder, url, *args, stdin=subprocess.PIPE, stdout=None):
        folder.mkdir()
        self.out, self.err = folder / "out", folder / "err"
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen([USHER, "connect", "--raw", url, *args], stdin=stdin, stdout=stdout or out,
                                            stderr=err)

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def end_input(self):
        self.process.stdin.close()

    @property
    def printed(self):
        return self.out.read_bytes()

    @property
    def lines(self):
        return self.err.read_text().splitlines()

    def wait_for_line(self, part, timeout=20.0):
        wait_until(lambda: any(part in line for line in self.lines), f"{part!r} in {self.lines}", timeout)

    def wait_for_print(self, data, timeout=20.0):
        wait_until(lambda: self.printed == data, f"{data[:100]!r}, not {self.printed[:100]!r}", timeout)

    def wait_for_exit(self, timeout=20.0):
        return self.process.wait(timeout)

    def memory_peak(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024


@pytest.fixture
def raw(tmp_path, door):
    running = []

    def run(*args, path="/board", url=None, **options):
        running.append(Raw(tmp_path / f"raw-{len(running)}", url or f"http://{door.address}{path}", *args, **options))
        return running[-1]

    yield run
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait()
        if one.process.stdin:
            try:
                one.process.stdin.close()
            except BrokenPipeError:
                pass
        assert not [line for line in one.lines if SECRETS.search(line)]


def test_lines_are_messages_and_messages_lines(door, raw, upstream):
    client = raw(path="/board?room=7")
    client.write(b"one\n\n{ \"n\": 1.0 }\n")
    client.wait_for_print(b"one\n\n{ \"n\": 1.0 }\n")
    assert upstream.received == ["one", "", '{ "n": 1.0 }']
    assert client.lines == SUCCESS
    path, headers = upstream.requests[0]
    assert path == "/socket?room=7" and "X-Usher-Session" in headers and "X-Usher-User" not in headers
    assert "Sec-WebSocket-Protocol" not in headers
    client.process.send_signal(signal.SIGINT)
    assert client.wait_for_exit() == 0
    wait_until(lambda: upstream.closes == [1000], "the close frame")


def test_at_the_end_of_stdin_it_waits_for_answers_then_closes(raw, upstream):
    client = raw("--wait", "2")
    client.write(b"one\nno line end")
    client.end_input()
    assert client.wait_for_exit() == 0
    assert client.printed == b"one\nno line end\n"
    assert client.lines == SUCCESS
    wait_until(lambda: upstream.closes == [1000], "the close frame")


def test_without_a_wait_all_of_stdin_still_arrives(raw, upstream):
    async def only_receive(ws, message):
        pass  # an answer would fail once the close frame is there, and end the application's loop

    upstream.on_message = only_receive
    client = raw("--wait", "0")
    client.write(b"".join(b"%d\n" % n for n in range(20000)))
    client.end_input()
    assert client.wait_for_exit() == 0
    wait_until(lambda: upstream.closes, "the end")
    assert upstream.received == [str(n) for n in range(20000)]
    assert upstream.closes == [1000]


def test_a_file_as_stdin_and_stdout(door, raw, tmp_path, upstream):
    (tmp_path / "in").write_bytes(b"from a file\n")
    with open(tmp_path / "in", "rb") as file:
        client = raw("--wait", "2", stdin=file)
    assert client.wait_for_exit() == 0
    assert client.printed == b"from a file\n"


def test_no_close_goes_on_receiving(raw, upstream):
    client = raw("--no-close", stdin=subprocess.DEVNULL)
    client.wait_for_line("[WS] Connected")
    wait_until(lambda: upstream.requests, "the socket")
    upstream.send("later")
    client.wait_for_print(b"later\n")
    upstream.close_all(1001, "restart")
    wait_until(lambda: len(upstream.requests) == 2, "the next socket")
    upstream.send("after the loss")
    client.wait_for_print(b"later\nafter the loss\n")
    client.process.send_signal(signal.SIGTERM)
    assert client.wait_for_exit() == 0


def test_a_loss_after_the_end_of_stdin_ends_it(raw, upstream):
    async def close(ws, _):
        await ws.send("last")
        await ws.close(1000, "done")

    upstream.on_message = close
    client = raw("--wait", "60")
    client.write(b"once\n")
    client.end_input()
    assert client.wait_for_exit() == 0
    assert client.printed == b"last\n"
    assert len(upstream.requests) == 1


def test_a_line_typed_while_the_connection_is_lost_is_sent_when_it_is_back(raw, upstream):
    client = raw()
    client.write(b"first\n")
    client.wait_for_print(b"first\n")
    upstream.close_all(1012, "restart")
    client.wait_for_line("[WS] Reconnecting in ")
    client.write(b"second\n")
    client.wait_for_print(b"first\nsecond\n")
    assert [line for line in client.lines if line.startswith("[WS] Reconnecting")][0].endswith("(attempt 1)")
    assert len(upstream.requests) == 2


def test_line_ends_inside_a_message_are_spaces_and_stay_with_null(raw, upstream):
    client = raw()
    wait_until(lambda: upstream.requests, "the socket")
    client.wait_for_line("[WS] Connected")
    upstream.send("{\n}")
    client.wait_for_print(b"{ }\n")
    null = raw("--null")
    null.write(b"a\nb\0c\0")
    null.wait_for_print(b"a\nb\0c\0")
    assert upstream.received == ["a\nb", "c"]


def test_binary_sends_and_prints_bytes_as_they_are(raw, upstream):
    client = raw("--binary", "--wait", "0.5")
    data = bytes(range(256)) * 1000
    client.write(data)
    client.wait_for_print(data)
    client.end_input()
    assert client.wait_for_exit() == 0
    assert client.printed == data
    assert all(isinstance(message, bytes) for message in upstream.received)
    assert b"".join(upstream.received) == data


def test_a_binary_message_is_left_out_of_text_and_said_once(raw, upstream):
    client = raw()
    client.wait_for_line("[WS] Connected")
    wait_until(lambda: upstream.requests, "the socket")
    for message in (b"\0", b"\1", "text"):
        upstream.send(message)
    client.wait_for_print(b"text\n")
    assert client.lines[5:] == ["usher connect: binary messages are left out; --binary prints them"]


def test_subprotocols_are_offered_in_order_and_the_applications_is_selected(tmp_path, raw):
    server = Upstream(subprotocols=["chat.v2"]).start()
    gateway = Gateway(tmp_path / "chat", {"upstreams": [{"name": "chat", "path": "/chat", "url": server.url}]}).start()
    try:
        client = raw("--subprotocol", "chat.v1", "--subprotocol", "chat.v2", "--wait", "0", url=f"http://{gateway.address}/chat")
        client.write(b"x\n")
        client.wait_for_print(b"x\n")
        client.end_input()
        assert client.wait_for_exit() == 0
        assert server.requests[0][1]["Sec-WebSocket-Protocol"].replace(" ", "") == "chat.v1,chat.v2"
    finally:
        gateway.stop()
        server.stop()


def test_behind_a_prefix_the_ticket_comes_from_there(tmp_path, raw, upstream):
    gateway = Gateway(tmp_path / "prefix", {"http": {"prefix": "/rt"}, "upstreams": [
        {"name": "board", "path": "/board", "url": upstream.url}]}).start()
    try:
        client = raw("--prefix", "/rt", "--wait", "0", url=f"http://{gateway.address}/rt/board")
        client.write(b"x\n")
        client.wait_for_print(b"x\n")
        client.end_input()
        assert client.wait_for_exit() == 0
    finally:
        gateway.stop()


def test_a_server_that_redeems_tickets_itself_is_elsewhere(door, raw, upstream):
    client = raw("--gateway", f"http://{door.address}", "--wait", "0", url=f"http://127.0.0.1:{upstream.port}/own?room=7")
    client.write(b"x\n")
    client.wait_for_print(b"x\n")
    client.end_input()
    assert client.wait_for_exit() == 0
    assert re.fullmatch("/own\\?room=7&ticket=[0-9a-f]{32}", upstream.requests[0][0])


# ---- refusals


def assert_stopped(client, lines):
    assert client.wait_for_exit() == 3
    assert client.lines == lines
    assert client.printed == b""


def closed(code, reason):
    end = f"{{ code: {code}, reason: '{reason}', wasClean: true }}"
    return [f"[WS] Disconnected {end}", f"[WS] Hard failure - stopping reconnect {end}"]


def test_a_guest_at_a_door_for_users_is_told_why(raw, upstream):
    assert_stopped(raw(path="/members"), SUCCESS[:4] + closed(1008, "NOT_AUTHORIZED"))
    assert upstream.requests == []


def test_a_user_passes_it(door, raw, upstream):
    client = raw("--token", door.token(sub="ada"), path="/members")
    client.wait_for_line("[WS] Connected")
    wait_until(lambda: upstream.requests, "the socket")
    assert upstream.requests[0][1]["X-Usher-User"] == "ada"


def test_a_token_that_is_refused_stops_it_before_any_socket(door, raw, upstream):
    assert_stopped(raw("--token", door.token(sessionId=None)), SUCCESS[:3] + [
        "[WS] Failed to connect HttpErrorResponse { status: 401, error: { code: 'MISSING_SESSION' } }",
        "[WS] Hard failure - auth error { status: 401, code: 'MISSING_SESSION' }",
        "[WS] Ticket request failed: 401 UNAUTHORIZED - stopping reconnect"])
    assert upstream.requests == []


def test_a_revoked_session_stops_it(door, raw, upstream):
    client = raw("--token", door.token(sessionId="gone"))
    client.write(b"x\n")
    client.wait_for_print(b"x\n")
    door.api("revoke", {"session": "gone"})
    assert client.wait_for_exit() == 3
    assert client.lines == SUCCESS + closed(3520, "SESSION_REVOKED")
    assert client.printed == b"x\n"


def test_an_application_that_closes_with_a_hard_code_stops_it(raw, upstream):
    client = raw()
    client.write(b"x\n")
    client.wait_for_print(b"x\n")
    upstream.close_all(4500, "banned")
    assert client.wait_for_exit() == 3
    assert client.lines == SUCCESS + closed(4500, "banned")


def test_an_upstream_that_is_down_is_tried_again_and_says_so(raw):
    client = raw(path="/down")
    client.wait_for_line("(attempt 2)")
    assert client.lines[4] == "[WS] Disconnected { code: 1013, reason: 'UPSTREAM_UNAVAILABLE', wasClean: true }"
    assert "[WS] Connected" not in client.lines
    client.process.send_signal(signal.SIGINT)
    assert client.wait_for_exit() == 0


# ---- limits


def test_a_line_over_the_bound_is_refused_with_a_sentence(raw, upstream):
    client = raw()
    try:
        client.write(b"x" * (16 * MIB + 1))
    except BrokenPipeError:
        pass
    assert client.wait_for_exit() == 1
    assert client.lines[-1] == "usher connect: a line of stdin has more than 16777216 bytes"


def test_a_line_at_the_bound_passes_both_ways(raw, upstream):
    client = raw("--wait", "60")
    line = b"y" * (16 * MIB)
    client.write(line + b"\n")
    wait_until(lambda: client.out.stat().st_size == len(line) + 1, "the echo", 60)
    assert client.printed == line + b"\n"


def test_a_line_that_is_not_utf8_is_refused_with_a_sentence(raw, upstream):
    client = raw()
    client.write(b"good\n\xff\n")
    assert client.wait_for_exit() == 1
    assert client.lines[-1] == "usher connect: a line of stdin is not UTF-8; --binary sends bytes as they are"


def test_when_nobody_reads_stdout_any_more_it_ends(raw, upstream):
    reader, writer = os.pipe()
    client = raw(stdout=writer)
    os.close(writer)
    client.write(b"one\n")
    assert os.read(reader, 100) == b"one\n"
    os.close(reader)
    client.write(b"two\n")
    assert client.wait_for_exit() == 1


def test_a_slow_stdout_holds_the_connection_and_not_the_memory(raw, upstream):
    count, size = 512, 256 << 10
    sent = []

    async def flood(ws, _):
        for n in range(count):
            await ws.send(f"{n:07}" + "z" * (size - 8))
            sent.append(time.monotonic())

    upstream.on_message = flood
    reader, writer = os.pipe()
    client = raw(stdout=writer)
    os.close(writer)
    client.write(b"go\n")
    whole = bytearray(os.read(reader, 1))
    wait_until(lambda: sent and time.monotonic() - sent[-1] > QUIET, "the application to be held, or to have sent all", 60)
    assert len(sent) < count
    while len(whole) < count * size:
        whole += os.read(reader, 1 << 16)
    os.close(reader)
    assert [line[:7] for line in bytes(whole).decode().splitlines()] == [f"{n:07}" for n in range(count)]
    assert client.memory_peak() < 64 * MIB
    assert client.process.poll() is None


def test_an_interrupt_ends_it_though_nobody_reads_stdout(raw, upstream):
    async def flood(ws, _):
        while True:
            await ws.send("z" * MIB)

    upstream.on_message = flood
    reader, writer = os.pipe()
    client = raw(stdout=writer)
    os.close(writer)
    client.write(b"go\n")
    os.read(reader, 1)
    client.process.send_signal(signal.SIGINT)
    assert client.wait_for_exit() == 0
    os.close(reader)


def test_it_leaves_the_flags_of_its_descriptors_alone(raw, upstream):
    import fcntl
    reader, writer = os.pipe()
    client = raw(stdin=reader)
    client.wait_for_line("[WS] Connected")
    os.write(writer, b"x\n")
    client.wait_for_print(b"x\n")
    assert not fcntl.fcntl(reader, fcntl.F_GETFL) & os.O_NONBLOCK
    os.close(reader)
    os.close(writer)


@pytest.mark.parametrize("args, sentence", [
    (["--subprotocol", "a b"], "--subprotocol must be a word"),
    (["--subprotocol", "usher.refused"], "--subprotocol must not begin with"),
    (["--subprotocol", "a", "--subprotocol", "a"], "--subprotocol a stands there twice"),
    (["--prefix", "rt"], "--prefix must begin with /"),
    (["--subscribe", "news:1"], "excludes"),
    (["--gateway", "ftp://gw"], "the URL must begin with http"),
    (["--gateway", "http://gw", "--prefix", "/rt"], "excludes"),
    (["--binary", "--null"], "excludes"),
    (["--no-close", "--wait", "1"], "excludes"),
    (["--wait", "-1"], "not in range"),
])
def test_bad_usage_exits_with_2(args, sentence):
    done = subprocess.run([USHER, "connect", "--raw", "http://127.0.0.1:1/board", *args], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=20)
    assert done.returncode == 2
    assert sentence in done.stdout + done.stderr


def test_a_url_with_a_ticket_of_its_own_is_refused():
    done = subprocess.run([USHER, "connect", "--raw", "http://127.0.0.1:1/board?ticket=abc"], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=20)
    assert done.returncode == 2
    assert done.stderr == "usher connect: the URL must have no parameter \"ticket\": usher adds its own\n"


@pytest.mark.parametrize("option", ["--binary", "--null", "--no-close", "--prefix=/x", "--gateway=http://x", "--subprotocol=x", "--wait=1"])
def test_what_belongs_to_raw_is_refused_without_it(option):
    done = subprocess.run([USHER, "connect", "http://127.0.0.1:1", option], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and "requires --raw" in done.stdout + done.stderr
