"""A gateway with channels of every kind, and clients of it; a backend with hooks; files for the program to read."""

import json

import pytest

from gateway import API_KEY, ORIGIN, SECRET, WORD_KEY, Gateway, to_toml
from hook_server import HookServer
from program import DONE, usher, write_file
from protocol import NAMESPACES
from redis_server import RedisServer, on_redis
from websocket import WebSocket, connect


@pytest.fixture(scope="session", params=["memory", "redis"])
def channel_gateway(request, tmp_path_factory):
    """A gateway with NAMESPACES on each engine, shared by all tests: each uses channels and sessions of its own."""
    config = {"channel": {"namespaces": NAMESPACES}, "limits": {"connections_per_session": 0, "commands": "0"}}
    redis = None
    if request.param == "redis":
        redis = RedisServer(tmp_path_factory.mktemp("redis")).start()
        config |= on_redis(url=redis.url)
    shared = Gateway(tmp_path_factory.mktemp("messages"), config)
    shared.write_file("api.key", f"{API_KEY}\n{WORD_KEY}\n")
    shared.start().wait_until_ready()
    yield shared
    shared.stop()
    if redis:
        redis.kill()


@pytest.fixture
def client(channel_gateway):
    """client(endpoint, wishes, **claims): a connected client, closed after the test; `.connected` is the result."""
    opened = []

    def open_client(endpoint="/ws", subs=None, **claims):
        body = json.dumps({"subs": subs}) if subs and endpoint == "/ws" else None
        answer = channel_gateway.ask_ticket(body=body, **claims)
        assert answer.status == 200, answer
        ticket = answer.json()["ticket"]
        if endpoint == "/ws":
            ws = connect(channel_gateway, ticket)
        else:
            ws = WebSocket(channel_gateway.address, endpoint, protocols=())
            ws.send({"id": 1, "connect": {"token": ticket, **({"subs": subs} if subs else {})}})
            ws.connected = ws.read_reply(1)["connect"]
        opened.append(ws)
        return ws

    yield open_client
    for ws in opened:
        ws.close()


@pytest.fixture(scope="session", params=["memory", "redis"])
def door_gateway(request, tmp_path_factory):
    """A gateway with every door on each engine, shared by all tests: each uses sessions of its own. `.redis`: or None."""
    config = {"ticket": {"claims": ["org", "plan"]}, "limits": {"connections_per_session": 0},
              "verify": {"listen": "127.0.0.1:0"}, "server": {"trusted_proxies": ["127.0.0.1"]},
              "upstreams": [{"name": "away", "path": "/away", "url": "http://127.0.0.1:1/"}]}
    redis = None
    if request.param == "redis":
        redis = RedisServer(tmp_path_factory.mktemp("redis")).start()
        config |= on_redis(url=redis.url)
    shared = Gateway(tmp_path_factory.mktemp("doors"), config).start().wait_until_ready()
    shared.redis = redis
    yield shared
    shared.stop()
    if redis:
        redis.kill()


@pytest.fixture
def secret(tmp_path):
    return write_file(tmp_path / "jwt.secret", SECRET)


@pytest.fixture
def config_file(tmp_path, secret):
    """config_file(**sections): a good configuration, with these sections' keys over it (None removes one)."""

    def make(text="", **sections):
        config = {"server": {"listen": "127.0.0.1:0"}, "admin": {"listen": "127.0.0.1:0"},
                  "client": {"allowed_origins": [ORIGIN]}, "jwt": {"secret_file": secret}}
        for section, keys in sections.items():
            config[section] = {k: v for k, v in {**config.get(section, {}), **keys}.items() if v is not None}
        return write_file(tmp_path / "usher.toml", to_toml(config) + text, 0o644)

    return make


@pytest.fixture(scope="module")
def bench_gateway(tmp_path_factory):
    config = {"limits": {"commands": "0", "connections_per_session": 0},
              "channel": {"namespaces": [{"name": "bench", "subscribe": "granted", "publish": "anyone"},
                                         {"name": "open", "subscribe": "anyone"}]}}
    shared = Gateway(tmp_path_factory.mktemp("bench"), config).start()
    yield shared
    shared.stop()


@pytest.fixture
def bench(bench_gateway):
    """bench(mode, …): what a run against the gateway reports; it must succeed."""

    def run(mode, *args, guests=False):
        gateway = bench_gateway
        tokens = [] if guests else ["--secret-file", gateway.folder / "jwt.secret"]
        answer = usher("bench", mode, "--url", f"http://{gateway.address}", "--target-pid", gateway.process.pid, "--json",
                             *tokens, *args)
        assert (answer.returncode, answer.stderr) == (DONE, ""), answer
        return json.loads(answer.stdout)

    return run


@pytest.fixture
def backend():
    """backend(answer, port): where hooks lead; stopped after the test."""
    started = []

    def start(answer=lambda hit: (200, "{}"), port=0):
        started.append(HookServer(answer, port))
        return started[-1]

    yield start
    for server in started:
        server.stop()
