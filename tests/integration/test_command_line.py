"""The `usher` program from outside: what it refuses and how it says so, tokens, help, exit codes, settings."""

import json
import os
import re
import signal
import socket
import subprocess
import time

import pytest

from gateway import BIN_DIR, ORIGIN, SECRET, b64url, make_jwt, to_toml, wait_until
from websocket import WebSocket, connect

DONE, FAILED, BAD_USAGE = 0, 1, 2
USHER = str(BIN_DIR / "usher")


def usher(*args, env=None, stdin=None):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("USHER_")}
    return subprocess.run([USHER, *map(str, args)], capture_output=True, text=True, timeout=20, input=stdin,
                          env={**environment, **(env or {})})


def write(path, text, mode=0o600):
    path.write_text(text)
    path.chmod(mode)
    return str(path)


@pytest.fixture
def secret(tmp_path):
    return write(tmp_path / "jwt.secret", SECRET)


@pytest.fixture
def config_file(tmp_path, secret):
    """config_file(**sections): a good configuration, with these sections' keys over it (None removes one)."""

    def make(text="", **sections):
        config = {"server": {"listen": "127.0.0.1:0"}, "admin": {"listen": "127.0.0.1:0"},
                  "client": {"allowed_origins": [ORIGIN]}, "jwt": {"secret_file": secret}}
        for section, keys in sections.items():
            config[section] = {k: v for k, v in {**config.get(section, {}), **keys}.items() if v is not None}
        return write(tmp_path / "usher.toml", to_toml(config) + text, 0o644)

    return make


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


# ---- what serve and checkconfig refuse ----

NAMESPACE = '[[channel.namespaces]]\nname = "%s"\n'

# What is wrong -> the configuration, and what the sentence must say.
REFUSED = {
    "no allowed_origins": (dict(client={"allowed_origins": None}), "", ["client.allowed_origins is not set", "[]"]),
    "a star": (dict(client={"allowed_origins": ["*"]}), "", ["client.allowed_origins: '*'", "every web page"]),
    "an origin with a path": (
        dict(client={"allowed_origins": ["https://app.example/x"]}), "", ["https://app.example/x"]),
    "an origin without a scheme": (dict(client={"allowed_origins": ["app.example"]}), "", ["scheme"]),
    "a star over a whole top-level domain": (dict(client={"allowed_origins": ["https://*.com"]}), "", ["two labels"]),
    "a star in the middle": (dict(client={"allowed_origins": ["https://a.*.example"]}), "", ["first label"]),
    "guests without a rate limit": (
        dict(guest={"enabled": True}, limits={"tokens_per_address": "0"}), "", ["limits.tokens_per_address"]),
    "no key at all": (dict(jwt={"secret_file": None}), "", ["jwt.secret_file", "openssl rand"]),
    "a secret file that is not there": (dict(jwt={"secret_file": "/nowhere/secret"}), "", ["/nowhere/secret"]),
    "an algorithm that is none": (dict(jwt={"algorithms": ["none"]}), "", ["jwt.algorithms", "'none'"]),
    "an API listener without keys": (dict(api={"listen": "127.0.0.1:0"}), "", ["api.key_file"]),
    "half of TLS": (dict(tls={"certificate_file": "/nowhere/cert.pem"}), "", ["tls.key_file"]),
    "an address that is none": (dict(server={"listen": "localhost:nowhere"}), "", ["server.listen"]),
    "a prefix with a slash at its end": (dict(http={"prefix": "/realtime/"}), "", ["http.prefix"]),
    "a duration without a unit": (dict(client={"ping_interval": "25"}), "", ["client.ping_interval", "'25'"]),
    "a number as text": (dict(server={"threads": "two"}), "", ["server.threads"]),
    "a rate that is none": (dict(limits={"commands": "100 per second"}), "", ["limits.commands"]),
    "a value out of range": (dict(ticket={"ttl": "1h"}), "", ["ticket.ttl"]),
    "a log level that is none": (dict(log={"level": "loud"}), "", ["log.level", "'loud'"]),
    "Redis without a place": (dict(engine={"type": "redis"}), "", ["engine.type", "needs redis.url"]),
    "a Redis URL that is none": (dict(engine={"type": "redis"}, redis={"url": "redis://h:x"}), "", ["redis.url: its port"]),
    "a hook that is no URL": (dict(hooks={"rpc_url": "backend:80/hook"}), "", ["hooks.rpc_url must be a URL like"]),
    "a key set that others could forge": (dict(jwt={"jwks_url": "http://id.example/jwks", "issuer": "i",
                                                    "audience": "a"}), "", ["jwt.jwks_url must be https"]),
    "a namespace twice": (dict(), NAMESPACE % "a" + NAMESPACE % "a", ["'a' is there twice"]),
    "a namespace without a name": (dict(), "[[channel.namespaces]]\npresence = true\n", ["must have a name"]),
    "recovery without a history": (dict(), NAMESPACE % "a" + "recovery = true\n", ["history_size"]),
    "no TOML": (dict(), "[client\n", ["usher.toml:", "no TOML"]),
    "the same key twice": (dict(), '[log]\nlevel = "info"\nlevel = "warn"\n', ["usher.toml:"]),
}


@pytest.mark.parametrize("command", ["serve", "checkconfig"])
@pytest.mark.parametrize("sections, text, words", REFUSED.values(), ids=REFUSED)
def test_refused_by_name_with_a_sentence_that_says_what_to_do(config_file, command, sections, text, words):
    path = config_file(text, **sections)
    answer = usher(command, "--config", path) if command == "serve" else usher(command, path)
    assert (answer.returncode, answer.stdout) == (FAILED, "")
    assert f"usher {command}: error: " in answer.stderr
    for word in words:
        assert word in answer.stderr


@pytest.mark.parametrize("line, column, wrong, meant", [
    ("[client]\nallowed_orgins = []\n", "2:1", "client.allowed_orgins", "client.allowed_origins"),
    ("[limits]\n\n  conections = 5\n", "3:3", "limits.conections", "limits.connections"),
    ("[[channel.namespaces]]\nname = 'a'\nhistory_siz = 1\n", "3:1", "history_siz", "history_size"),
    ("servr.listen = '127.0.0.1:0'\n", "1:7", "servr.listen", "server.listen"),
])
def test_an_unknown_key_is_an_error_with_its_place_and_the_nearest_key(tmp_path, line, column, wrong, meant):
    path = write(tmp_path / "wrong.toml", line)
    answer = usher("checkconfig", path)
    assert answer.returncode == FAILED
    assert f"{path}:{column}: unknown key '{wrong}'; did you mean '{meant}'?" in answer.stderr


def test_all_faults_of_a_file_are_told_at_once(config_file):
    answer = usher("checkconfig", config_file(client={"ping_interval": "x", "nonsense": 1}, log={"level": "loud"}))
    assert answer.stderr.count("error: ") == 3


@pytest.mark.parametrize("size, fits", [(31, False), (32, True)])
def test_a_secret_has_at_least_32_bytes(tmp_path, config_file, size, fits):
    path = config_file(jwt={"secret_file": write(tmp_path / "short", "x" * size + "\n")})
    answer = usher("checkconfig", path)
    assert answer.returncode == (DONE if fits else FAILED)
    assert fits or "holds a secret of 31 bytes" in answer.stderr


@pytest.mark.parametrize("mode, code, words", [
    (0o600, DONE, []), (0o640, DONE, []),
    (0o644, DONE, ["warning: ", "can be read by every user", "chmod 600"]),
    (0o622, FAILED, ["error: ", "can be changed by every user", "chmod 600"]),
    (0o666, FAILED, ["error: ", "can be changed by every user"]),
], ids=lambda value: oct(value) if isinstance(value, int) and value > 9 else None)
def test_a_secret_file_that_others_can_write_is_refused_and_one_that_they_can_read_is_warned_of(
        tmp_path, config_file, mode, code, words):
    answer = usher("checkconfig", config_file(jwt={"secret_file": write(tmp_path / "other.secret", SECRET, mode)}))
    assert answer.returncode == code
    assert all(word in answer.stderr for word in words) and bool(answer.stderr) == bool(words)


@pytest.mark.parametrize("command", ["serve", "checkconfig"])
def test_an_authority_for_redis_that_is_none_is_named(tmp_path, config_file, command):
    path = config_file(engine={"type": "redis"}, redis={"url": "rediss://:hunter2@127.0.0.1"},
                       tls={"ca_file": write(tmp_path / "ca.pem", "garbage")})
    answer = usher(command, "--config", path) if command == "serve" else usher(command, path)
    assert answer.returncode == FAILED and "hunter2" not in answer.stderr
    assert f"tls.ca_file: can't use {tmp_path / 'ca.pem'}" in answer.stderr


def test_no_secret_is_in_any_sentence(tmp_path, config_file):
    answer = usher("checkconfig", config_file(jwt={"secret_file": write(tmp_path / "s", "hunter2-hunter2")}))
    assert answer.returncode == FAILED and "hunter2" not in answer.stderr + answer.stdout


def test_a_configuration_that_is_not_there_is_named(tmp_path):
    answer = usher("serve", "--config", tmp_path / "none.toml")
    assert answer.returncode == FAILED and f"'{tmp_path}/none.toml' does not exist" in answer.stderr


@pytest.mark.parametrize("key", ["server", "admin"])
def test_a_port_that_somebody_else_holds_is_refused_with_its_address(config_file, key):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        address = f"127.0.0.1:{holder.getsockname()[1]}"
        answer = usher("serve", "--config", config_file(**{key: {"listen": address}}))
    assert answer.returncode == FAILED
    assert f"cannot listen on {address}: another process already does" in answer.stderr


def test_a_second_usher_does_not_share_the_port_of_the_first(start_gateway, config_file):
    first = start_gateway()
    answer = usher("serve", "--config", config_file(server={"listen": first.address}))
    assert answer.returncode == FAILED and first.address in answer.stderr


def test_checkconfig_says_that_a_good_file_is_fine(config_file):
    path = config_file()
    answer = usher("checkconfig", path)
    assert (answer.returncode, answer.stdout, answer.stderr) == (DONE, f"{path} is fine\n", "")


# ---- file, then environment, then flags ----


def expires_in(gateway):
    return gateway.ask_ticket().json()["expires_in"]


def test_the_environment_wins_over_the_file_and_flags_win_over_both(start_gateway):
    file = {"ticket": {"ttl": "10s"}}
    env = {"USHER_TICKET_TTL": "20s"}
    args = ["--set", "ticket.ttl=25s"]
    assert expires_in(start_gateway(file)) == 10
    assert expires_in(start_gateway(file, env=env)) == 20
    assert expires_in(start_gateway(file, args=args)) == 25
    assert expires_in(start_gateway(file, env=env, args=args)) == 25


def test_lists_in_the_environment_are_separated_by_commas(start_gateway):
    gateway = start_gateway(env={"USHER_CLIENT_ALLOWED_ORIGINS": "https://a.example, https://b.example"})
    status = {origin: gateway.ask_ticket(headers={"Origin": origin}).status
              for origin in ("https://a.example", "https://b.example", ORIGIN)}
    assert status == {"https://a.example": 200, "https://b.example": 200, ORIGIN: 403}


def test_an_empty_list_in_the_environment_is_an_empty_list(start_gateway):
    gateway = start_gateway(env={"USHER_CLIENT_ALLOWED_ORIGINS": ""})
    assert gateway.ask_ticket(headers={"Origin": ORIGIN}).status == 403


def test_an_unknown_variable_is_a_warning_and_a_bad_value_an_error(config_file):
    path = config_file()
    answer = usher("checkconfig", path, env={"USHER_SERVICE_PORT": "1", "USHER_CLIENT_PING_INTERVALL": "7s"})
    assert answer.returncode == DONE
    assert "warning: the environment variable USHER_SERVICE_PORT is no key of ours" in answer.stderr
    assert "did you mean USHER_CLIENT_PING_INTERVAL?" in answer.stderr
    answer = usher("checkconfig", path, env={"USHER_CLIENT_PING_INTERVAL": "x"})
    assert answer.returncode == FAILED and "error: USHER_CLIENT_PING_INTERVAL: " in answer.stderr


@pytest.mark.parametrize("setting", ["ticket.tll=1s", "ticket.ttl=x", "ticket.ttl", "=1s"])
def test_a_bad_flag_is_an_error_that_names_it(config_file, setting):
    answer = usher("checkconfig", config_file(), "--set", setting)
    assert answer.returncode == FAILED and "error: --set " + setting.split("=")[0] in answer.stderr


def test_listen_can_be_given_several_times(start_gateway):
    gateway = start_gateway(args=["--listen", "127.0.0.1:0", "--listen", "[::1]:0"])
    assert [a.rsplit(":", 1)[0] for a in gateway.addresses] == ["127.0.0.1", "[::1]"]
    ticket = gateway.ticket()
    connect(gateway, ticket, address=gateway.addresses[1]).close()


# ---- serve ----


def test_dev_needs_no_file_lets_localhost_in_and_says_what_to_try():
    ports = ["--listen", "127.0.0.1:0", "--set", "admin.listen=127.0.0.1:0"]
    process = subprocess.Popen([USHER, "serve", "--dev", *ports],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env={k: v for k, v in os.environ.items() if not k.startswith("USHER_")})
    try:
        told = ""
        while "Stop with Ctrl-C" not in told:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            told += line
        address = re.search(r"http://(127\.0\.0\.1:\d+)/auth/token", told).group(1)
        assert f"ws://{address}/ws?ticket=" in told and "/auth/ticket" in told and "publish" in told
        ws = WebSocket(address, "/ws", origin="http://localhost:5173")
        assert ws.read_close() == (1008, "NOT_AUTHORIZED"), "its Origin is fine, its ticket missing"
        ws.close()
        ws = WebSocket(address, "/ws", origin="https://evil.example")
        assert ws.read_close() == (1008, "ORIGIN_BLOCKED")
        ws.close()
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == DONE


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
    old = write(tmp_path / "rotated.secret", "the first secret of 32 bytes or more")
    gateway = start_gateway({"jwt": {"secret_file": old}})
    claims = gateway.claims()
    before, after = make_jwt(claims, "the first secret of 32 bytes or more"), make_jwt(claims, "the second" * 4)
    assert [gateway.ask_ticket(t).status for t in (before, after)] == [200, 401]
    ws = connect(gateway, gateway.ticket(before))
    write(tmp_path / "rotated.secret", "the second" * 4)
    gateway.signal(signal.SIGHUP)
    gateway.wait_for_line("keys and certificate reloaded")
    assert [gateway.ask_ticket(t).status for t in (before, after)] == [401, 200]
    write(tmp_path / "rotated.secret", "short")
    gateway.signal(signal.SIGHUP)
    gateway.wait_for_line("reload failed, nothing was changed")
    assert [gateway.ask_ticket(t).status for t in (before, after)] == [401, 200]
    ws.send({"id": 1, "ping": {}})
    assert ws.read_reply(1) == {"id": 1, "ping": {}}
    ws.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_exits_with_0(start_gateway, number):
    gateway = start_gateway()
    gateway.signal(number)
    assert gateway.process.wait(10) == DONE
    gateway.reader.join(5)
    assert gateway.lines[-1].endswith(" info stopped")


# ---- token, checktoken ----


def mint(secret, *args):
    answer = usher("token", "--secret-file", secret, *args)
    assert answer.returncode == DONE, answer
    return answer.stdout.strip()


def test_a_minted_token_is_checked_and_its_claims_are_printed(secret):
    token = mint(secret, "--session", "sess_1", "--user", "ada", "--channel", "orders:42", "--channel", "news:*",
                 "--iss", "https://id.example", "--aud", "app", "--ttl", "10m", "--claim", 'extra={"a":[1,"b"]}')
    answer = usher("checktoken", "--secret-file", secret, "--iss", "https://id.example", "--aud", "app", token)
    assert (answer.returncode, answer.stderr) == (DONE, "")
    claims = json.loads(answer.stdout)
    assert claims["exp"] - claims["iat"] == 600 and abs(claims["iat"] - time.time()) < 60
    del claims["exp"], claims["iat"]
    assert claims == {"sessionId": "sess_1", "sub": "ada", "channels": ["orders:42", "news:*"],
                      "iss": "https://id.example", "aud": "app", "extra": {"a": [1, "b"]}}


def test_a_token_can_be_read_from_standard_input(secret):
    answer = usher("checktoken", "--secret-file", secret, "-", stdin=mint(secret, "--session", "s") + "\n")
    assert answer.returncode == DONE and json.loads(answer.stdout)["sessionId"] == "s"


def test_the_gateway_takes_what_token_mints_with_its_configuration(start_gateway):
    gateway = start_gateway({"jwt": {"session_claim": "session"}})
    answer = usher("token", "--config", gateway.folder / "usher.toml", "--session", "cli", "--user", "ada")
    ws = connect(gateway, gateway.ticket(answer.stdout.strip()))
    assert set(ws.connected["subs"]) == {"session:cli", "user:ada"}
    ws.close()
    answer = usher("checktoken", "--config", gateway.folder / "usher.toml", gateway.guest()["token"])
    assert answer.returncode == DONE and json.loads(answer.stdout)["guest"] is True


WRONG_TOKENS = {
    "expired": (["--session", "s", "--ttl=-1h"], [], "TOKEN_EXPIRED"),
    "without a session": ([], [], "MISSING_SESSION"),
    "of another issuer": (["--session", "s", "--iss", "a"], ["--iss", "b"], "INVALID_TOKEN"),
    "for another audience": (["--session", "s", "--aud", "a"], ["--aud", "b"], "INVALID_TOKEN"),
    "not yet valid": (["--session", "s", "--claim", "nbf=99999999999"], [], "INVALID_TOKEN"),
    "with a claim of the wrong type": (["--session", "s", "--claim", 'jti=1'], [], "INVALID_TOKEN"),
}


@pytest.mark.parametrize("minting, checking, code", WRONG_TOKENS.values(), ids=WRONG_TOKENS)
def test_a_token_is_refused_as_code_and_reason_with_exit_code_1_if_it_is(secret, minting, checking, code):
    answer = usher("checktoken", "--secret-file", secret, *checking, mint(secret, *minting))
    assert answer.returncode == FAILED
    assert re.fullmatch(code + r": \S.*\n", answer.stdout)


def test_forged_tokens_are_refused_with_a_reason(tmp_path, secret):
    other = write(tmp_path / "other", "another secret of 32 bytes or more...")
    for token, reason in ((mint(other, "--session", "s"), "signature"), ("nonsense", "two dots"),
                          (make_jwt({"exp": 1}, header={"alg": "none"}), "algorithm")):
        answer = usher("checktoken", "--secret-file", secret, token)
        assert answer.returncode == FAILED
        assert answer.stdout.startswith("INVALID_TOKEN: ") and reason in answer.stdout, answer.stdout


@pytest.mark.parametrize("claim", ["x", "x={", "x=1 2", "x="])
def test_a_claim_that_is_no_json_is_refused_by_name(secret, claim):
    answer = usher("token", "--secret-file", secret, "--session", "s", "--claim", claim)
    assert answer.returncode in (FAILED, BAD_USAGE) and answer.stdout == ""
    assert "claim" in answer.stderr and "x" in answer.stderr


def test_a_key_set_needs_the_kid_of_one_of_its_keys(tmp_path, secret):
    keys = {"keys": [{"kty": "oct", "kid": "k1", "alg": "HS256", "k": b64url(SECRET.encode())}]}
    jwks = write(tmp_path / "jwks.json", json.dumps(keys))
    now = int(time.time())
    claims = {"sessionId": "s", "exp": now + 60, "iss": "i", "aud": "a"}
    for kid, code in (("k1", DONE), ("k2", FAILED)):
        token = make_jwt(claims, header={"alg": "HS256", "kid": kid})
        answer = usher("checktoken", "--jwks", jwks, "--iss", "i", "--aud", "a", token)
        assert answer.returncode == code, answer
        if code == FAILED:
            assert answer.stdout == "INVALID_TOKEN: no key has the token's kid 'k2'\n"


def test_a_secret_that_is_too_short_signs_nothing(tmp_path):
    answer = usher("token", "--secret-file", write(tmp_path / "short", "x" * 31), "--session", "s")
    assert (answer.returncode, answer.stdout) == (FAILED, "")
    assert "31 bytes" in answer.stderr and "openssl rand -hex 32" in answer.stderr


def test_the_log_of_a_killed_gateway_is_whole_up_to_its_end(start_gateway):
    gateway = start_gateway()
    connect(gateway).close()
    gateway.wait_for_line("websocket_disconnected { code: 1000")
    gateway.kill()
    wait_until(lambda: not gateway.reader.is_alive(), "the end of the log")
    assert gateway.process.returncode == -signal.SIGKILL
