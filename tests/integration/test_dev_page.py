"""The page of --dev and its switches, from outside: what they do, and whom they obey."""

import http.client
import json
import re

import pytest

from gateway import Gateway, wait_until

PAGE = ["/", "/page.css", "/page.js", "/icon.svg"]
SWITCHES = ["/dev/faults", "/dev/token", "/dev/publish", "/dev/restart"]


@pytest.fixture(scope="module")
def dev(tmp_path_factory):
    """A gateway with --dev: its secrets are its own, so nothing of the configuration's is given."""
    shared = Gateway(tmp_path_factory.mktemp("dev"), {"jwt": {"secret_file": None}, "client": {"allowed_origins": []}},
                     args=["--dev"]).start()
    yield shared
    shared.stop()


def ask(gateway, method, path, body=None, **headers):
    connection = http.client.HTTPConnection(gateway.address, timeout=10)
    connection.request(method, path, body=None if body is None else json.dumps(body), headers=headers)
    response = connection.getresponse()
    answer = response.status, response.headers, response.read().decode()
    connection.close()
    return answer


def own(gateway):
    return {"Origin": f"http://{gateway.address}"}


def throw(gateway, **faults):
    status, _, text = ask(gateway, "POST", "/dev/faults", faults, **own(gateway))
    assert status == 200, text
    return json.loads(text)


def guest_call(gateway, **headers):
    status, _, text = ask(gateway, "POST", "/auth/token", **headers)
    return status, json.loads(text)


def test_without_dev_nothing_of_it_is_there(gateway):
    for path in PAGE + SWITCHES:
        for method in ["GET", "POST"]:
            assert ask(gateway, method, path, {}, **own(gateway))[0] == 404, (method, path)


def test_the_page_names_only_files_that_the_gateway_has(dev):
    status, headers, html = ask(dev, "GET", "/")
    assert status == 200
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    names = re.findall(r'(?:src|href)="([^"#]+)"', html)
    assert {"page.js", "page.css", "icon.svg"} == set(names)
    for name in names:
        status, headers, text = ask(dev, "GET", f"/{name}")
        assert status == 200 and text
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)[a-z]", text), name
    assert "style=" not in html and "<style" not in html and "<script>" not in html


def test_a_name_that_was_made_to_lead_here_is_refused(dev):
    port = dev.address.split(":")[1]
    for host in [f"evil.example:{port}", "127.0.0.1.nip.io", f"0.0.0.0:{port}"]:
        foreign = {"Host": host, "Origin": f"http://{host}"}
        for path in PAGE:
            assert ask(dev, "GET", path, Host=host)[0] == 403, host
        for path in SWITCHES:
            assert ask(dev, "POST", path, {"store_down": True}, **foreign)[0] == 403, host
    assert throw(dev) == {"store_down": False, "origin_blocked": False}


def test_another_page_in_the_same_browser_is_refused(dev):
    for headers in [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"}, {}]:
        for path in SWITCHES:
            status, answer, _ = ask(dev, "POST", path, {"store_down": True}, **headers)
            assert status == 403, (headers, path)
            assert "Access-Control-Allow-Origin" not in answer
    assert throw(dev) == {"store_down": False, "origin_blocked": False}


def test_the_store_really_fails_and_comes_back(dev):
    _, guest = guest_call(dev)
    bearer = {"Authorization": f"Bearer {guest['token']}"}
    throw(dev, store_down=True)
    status, _, text = ask(dev, "POST", "/auth/ticket", **bearer)
    assert (status, json.loads(text)["code"]) == (503, "STORE_UNAVAILABLE")
    throw(dev, store_down=False)
    assert ask(dev, "POST", "/auth/ticket", **bearer)[0] == 200


def test_the_origin_is_really_foreign_for_a_while(dev):
    throw(dev, origin_blocked=True)
    status, answer = guest_call(dev, **own(dev))
    assert (status, answer["code"]) == (403, "ORIGIN_BLOCKED")
    throw(dev, origin_blocked=False)
    assert guest_call(dev, **own(dev))[0] == 200


def test_the_token_without_a_session_is_good_in_every_other_way(dev):
    status, _, text = ask(dev, "POST", "/dev/token", **own(dev))
    assert status == 200
    bearer = {"Authorization": f"Bearer {json.loads(text)['token']}"}
    status, _, text = ask(dev, "POST", "/auth/ticket", **bearer)
    assert (status, json.loads(text)["code"]) == (401, "MISSING_SESSION")


def test_a_restart_forgets_tickets_and_keeps_ports_and_secrets(dev):
    _, guest = guest_call(dev)
    before = dev.address
    assert ask(dev, "POST", "/dev/restart", **own(dev))[0] == 200
    wait_until(lambda: dev.has_line("restarted"), "the gateway to be back")
    assert dev.has_line("restarting { downMs: 2000 }")
    assert dev.address == before
    status, _, _ = ask(dev, "POST", "/auth/ticket", Authorization=f"Bearer {guest['token']}")
    assert status == 200


def test_it_can_be_stopped_in_the_middle_of_a_restart(tmp_path):
    gateway = Gateway(tmp_path / "gateway", {"jwt": {"secret_file": None}}, args=["--dev"]).start()
    assert ask(gateway, "POST", "/dev/restart", **own(gateway))[0] == 200
    wait_until(lambda: gateway.has_line("restarting"), "the gateway to go")
    assert gateway.stop() == 0
