"""Configuration from outside: what `serve` and `checkconfig` refuse and how they say so; which source wins."""

import socket

import pytest

from gateway import ORIGIN, SECRET
from program import DONE, FAILED, usher, write_file
from redis_server import on_redis
from websocket import connect

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
    "a Redis URL that is none": (on_redis(url="redis://h:x"), "", ["redis.url: its port"]),
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
    path = write_file(tmp_path / "wrong.toml", line)
    answer = usher("checkconfig", path)
    assert answer.returncode == FAILED
    assert f"{path}:{column}: unknown key '{wrong}'; did you mean '{meant}'?" in answer.stderr


@pytest.mark.parametrize("text, place, words", [
    ('[client]\nallowed_origins = ["https://a.example",\n  "b.example"]\n', "3:3", ["client.allowed_origins", "'b.example'"]),
    ('[client]\nallowed_origins = []\n\n[[channel.namespaces]]\nname = "a b"\n', "5:1", ["channel.namespaces 'a b'"]),
    ('[client]\nallowed_origins = []\n[[channel.namespaces]]\nname = "a"\n  recovery = true\n', "5:3", ["'a'", "recovery"]),
    ('[client]\nallowed_origins = []\n[hooks]\nrpc_url = "backend:80/hook"\n', "4:1", ["hooks.rpc_url", "'backend:80"]),
    ('[client]\nallowed_origins = []\n[jwt]\njwks_url = "http://id.example/k"\n', "4:1", ["jwt.jwks_url", "http://id.example"]),
    ('[client]\nallowed_origins = []\n[server]\nlisten = ["127.0.0.1:0", "nowhere"]\n', "4:26", ["server.listen", "nowhere"]),
    ('[http]\nprefix = "/a/"\n', "2:1", ["http.prefix", "'/a/'"]),
    ('[log]\n', None, ["client.allowed_origins is not set"]),
])
def test_a_fault_that_only_the_whole_shows_has_its_place_too(tmp_path, text, place, words):
    path = write_file(tmp_path / "wrong.toml", text)
    answer = usher("checkconfig", path)
    assert answer.returncode == FAILED
    start = f"usher checkconfig: error: {path}:{place}: " if place else f"usher checkconfig: error: {path}: "
    assert any(line.startswith(start) and all(word in line for word in words) for line in answer.stderr.split("\n")), answer


def test_a_file_that_holds_no_key_is_told_with_the_place_that_names_it(tmp_path):
    pem = write_file(tmp_path / "public.pem", "this is no key")
    path = write_file(tmp_path / "wrong.toml", f"""client.allowed_origins = []
[jwt]
issuer = "i"
audience = "a"
public_key_file = "{pem}"
""")
    answer = usher("checkconfig", path)
    assert answer.returncode == FAILED
    assert f"{path}:5:1: jwt.public_key_file '{pem}'" in answer.stderr


def test_the_key_that_dev_makes_up_is_for_this_machine_alone():
    answer = usher("serve", "--dev", "--listen", "127.0.0.1:0", "--set", "admin.listen=127.0.0.1:0",
                   "--set", "api.listen=0.0.0.0:0")
    assert answer.returncode == FAILED
    assert "--set api.listen: api.listen: 0.0.0.0:0" in answer.stderr and "api.key_file" in answer.stderr


def test_all_faults_of_a_file_are_told_at_once(config_file):
    answer = usher("checkconfig", config_file(client={"ping_interval": "x", "nonsense": 1}, log={"level": "loud"}))
    assert answer.stderr.count("error: ") == 3


@pytest.mark.parametrize("size, fits", [(31, False), (32, True)])
def test_a_secret_has_at_least_32_bytes(tmp_path, config_file, size, fits):
    path = config_file(jwt={"secret_file": write_file(tmp_path / "short", "x" * size + "\n")})
    answer = usher("checkconfig", path)
    assert answer.returncode == (DONE if fits else FAILED)
    assert fits or "holds a secret of 31 bytes" in answer.stderr


# RFC 7518 section 3.2: as long as the hash.
@pytest.mark.parametrize("algorithm, size, fits", [
    ("HS384", 47, False), ("HS384", 48, True), ("HS512", 63, False), ("HS512", 64, True)])
def test_a_secret_is_as_long_as_its_hash(tmp_path, config_file, algorithm, size, fits):
    secret = write_file(tmp_path / "short", "x" * size + "\n")
    path = config_file(jwt={"secret_file": secret, "algorithms": [algorithm]})
    for command in (["checkconfig", path],) if fits else (["checkconfig", path], ["serve", "--config", path]):
        answer = usher(*command)
        assert answer.returncode == (DONE if fits else FAILED), command
        assert fits or f"'{secret}': the secret has {size} bytes; {algorithm} needs at least {size + 1}" in answer.stderr


@pytest.mark.parametrize("mode, code, words", [
    (0o600, DONE, []), (0o640, DONE, []),
    (0o644, DONE, ["warning: ", "can be read by every user", "chmod 600"]),
    (0o622, FAILED, ["error: ", "can be changed by every user", "chmod 600"]),
    (0o666, FAILED, ["error: ", "can be changed by every user"]),
], ids=lambda value: oct(value) if isinstance(value, int) and value > 9 else None)
def test_a_secret_file_that_others_can_write_is_refused_and_one_that_they_can_read_is_warned_of(
        tmp_path, config_file, mode, code, words):
    answer = usher("checkconfig", config_file(jwt={"secret_file": write_file(tmp_path / "other.secret", SECRET, mode)}))
    assert answer.returncode == code
    assert all(word in answer.stderr for word in words) and bool(answer.stderr) == bool(words)


@pytest.mark.parametrize("command", ["serve", "checkconfig"])
def test_an_authority_for_redis_that_is_none_is_named(tmp_path, config_file, command):
    path = config_file(**on_redis(url="rediss://:hunter2@127.0.0.1"),
                       tls={"ca_file": write_file(tmp_path / "ca.pem", "garbage")})
    answer = usher(command, "--config", path) if command == "serve" else usher(command, path)
    assert answer.returncode == FAILED and "hunter2" not in answer.stderr
    assert f"tls.ca_file: can't use {tmp_path / 'ca.pem'}" in answer.stderr


def test_no_secret_is_in_any_sentence(tmp_path, config_file):
    answer = usher("checkconfig", config_file(jwt={"secret_file": write_file(tmp_path / "s", "hunter2-hunter2")}))
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
