"""`usher bench storm`: a gateway of its own is killed and started again, and watched meanwhile, as Redis is."""

import json

import pytest

from gateway import Gateway, to_toml
from program import DONE, FAILED, USHER, usher
from redis_server import RedisClient, RedisServer, free_port, on_redis

RECOVERABLE = {"history_size": 1000, "history_ttl": "1m", "recovery": True}


@pytest.fixture
def storm(tmp_path):
    """storm(*options, **sections): the answer of a storm of 50 on a gateway on ports that are free now: it must come
    back on the same ones. `storm.admin` is the address of its metrics."""

    def run(*options, namespace=RECOVERABLE, **sections):
        config = {"server": {"listen": f"127.0.0.1:{free_port()}", "threads": 1}, "admin": {"listen": run.admin},
                  "limits": {"half_open_per_address": 20000}, "channel": {"namespaces": [{"name": "bench", **namespace}]}}
        for section, keys in sections.items():
            config[section] = {**config.get(section, {}), **keys}
        gateway = Gateway(tmp_path / "storm", config)
        gateway.write_file("usher.toml", to_toml(gateway.config))
        return usher("bench", "storm", "--url", f"http://{config['server']['listen']}", "--clients", 50,
                     "--down-for", "200ms", "--json", "--secret-file", gateway.folder / "jwt.secret",
                     "--api-key-file", gateway.folder / "api.key", *options,
                     "--command", f"{USHER} serve --config {gateway.folder}/usher.toml 2>/dev/null")

    run.admin = f"127.0.0.1:{free_port()}"
    return run


@pytest.fixture
def redis(tmp_path):
    server = RedisServer(tmp_path / "redis", "requirepass s3cret-of-redis").start()
    yield server
    server.kill()


def with_password(server):
    return f"redis://:s3cret-of-redis@127.0.0.1:{server.port}"


def test_storm_brings_all_back_and_a_forgotten_history_is_told(storm):
    answer = storm("--admin", f"http://{storm.admin}", limits={"tickets_per_second": 1000})
    assert (answer.returncode, answer.stderr) == (DONE, ""), answer
    report = json.loads(answer.stdout)
    assert (report["clients"], report["back"], report["lost"]) == (50, 50, 0)
    assert report["clients_told_of_a_gap"] == 50  # the memory engine's history died with it
    assert report["ticket_requests"] >= 50 and report["messages"] > 20
    assert 0.2 < report["back_50_percent_s"] <= report["back_99_percent_s"] <= report["back_all_s"]
    assert report["gateway_memory_peak_bytes"] > 100_000 and report["gateway_cpu_peak_percent"] > 0
    assert report["gateway_connections_peak"] == 50 <= report["gateway_connections_limit"]
    assert 1 <= report["gateway_tickets_in_worst_second"] <= report["gateway_tickets_per_second_limit"] == 1000


def test_storm_finds_what_is_lost_without_history(storm):
    answer = storm("--rate", 200, namespace={})
    report = json.loads(answer.stdout)
    assert report["back"] == 50 and report["clients_told_of_a_gap"] == 0
    assert (answer.returncode == FAILED) == (report["lost"] > 0)
    assert report["gateway_memory_peak_bytes"] > 100_000 and "gateway_connections_peak" not in report


def test_storm_watches_redis(storm, redis):
    answer = storm("--admin", f"http://{storm.admin}", "--redis", with_password(redis), **on_redis(url=with_password(redis)))
    assert (answer.returncode, answer.stderr) == (DONE, ""), answer
    report = json.loads(answer.stdout)
    assert (report["back"], report["lost"], report["clients_told_of_a_gap"]) == (50, 0, 0)
    assert report["redis_memory_peak_bytes"] > 500_000 and report["redis_memory_limit_bytes"] == 0
    assert 3 <= report["redis_clients_peak"] < report["redis_clients_limit"]  # ours, and the gateway's two
    assert report["redis_operations_per_second_peak"] > 0
    assert (report["redis_connections_rejected"], report["redis_keys_evicted"]) == (0, 0)


def test_a_redis_that_is_short_of_memory_fails_the_storm(storm, redis):
    client = RedisClient(redis.port)
    client.call("AUTH", "s3cret-of-redis")
    for number in range(2000):
        client.call("SET", f"filler:{number}", "x" * 500, "EX", 3600)
    used = next(line for line in client.call("INFO", "memory").split("\r\n") if line.startswith("used_memory:"))
    client.call("CONFIG", "SET", "maxmemory-policy", "volatile-lru")  # the fillers go first
    client.call("CONFIG", "SET", "maxmemory", used.split(":")[1])
    client.close()
    answer = storm("--redis", with_password(redis), **on_redis(url=with_password(redis)))
    assert answer.returncode == FAILED and "maxmemory" in answer.stderr, answer
    assert json.loads(answer.stdout)["redis_keys_evicted"] > 0


UNSEEN = {
    "no metrics there": (["--admin", "http://127.0.0.1:9"], "--admin: GET /metrics at 127.0.0.1:9: Connection refused"),
    "no Redis there": (["--redis", "127.0.0.1:9"], "Redis at 127.0.0.1:9: Connection refused"),
}


@pytest.mark.parametrize("options, sentence", UNSEEN.values(), ids=UNSEEN)
def test_whoever_can_not_be_watched_is_told_before_the_storm(storm, options, sentence):
    answer = storm("--timeout", "500ms", *options)
    assert answer.returncode == FAILED and sentence in answer.stderr, answer
    assert "back" not in json.loads(answer.stdout)


def test_a_redis_that_refuses_the_password_is_told_without_it(storm, redis):
    answer = storm("--timeout", "500ms", "--redis", f"redis://:wr0ng-s3cret@127.0.0.1:{redis.port}")
    assert answer.returncode == FAILED and "it refused AUTH or SELECT: WRONGPASS" in answer.stderr, answer
    assert "wr0ng-s3cret" not in answer.stdout + answer.stderr
