"""The backends of docs/cookies.md as they stand there, each behind the ticket hook: real sessions, real logins."""

import http.client
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.parse

import pytest

from gateway import API_KEY, ORIGIN, wait_until
from hook_server import CHANNELS, SECRETS
from program import write_file
from websocket import connect

ROOT = os.path.normpath(os.path.join(os.path.dirname(__file__), "..", ".."))


def block(page, heading, language):
    """The code of that language below a heading of a page of docs/."""
    with open(os.path.join(ROOT, "docs", page), encoding="utf-8") as file:
        text = file.read()
    part = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.search(rf"```{language}\n(.*?)```", part, re.S).group(1)


def verifying(language):
    return block("hooks.md", "Verifying that a request comes from usher", language)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


class Browser:
    """A client that keeps cookies by host, and sends the Origin of its page."""

    def __init__(self, origin=ORIGIN):
        self.cookies, self.origin = {}, origin

    def request(self, address, method, path, form=None, **headers):
        host, port = address.rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=20)
        fields = {"Origin": self.origin, **headers}
        if self.cookies:
            fields["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is not None:
            fields["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, urllib.parse.urlencode(form) if form is not None else None, fields)
            answer = connection.getresponse()
            body = answer.read().decode()
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            if value in ("", '""'):
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer.status, body


class Backend:
    """A server of a framework, as a process; its log in a file."""

    def __init__(self, folder, command, port, env):
        self.address, self.log = f"127.0.0.1:{port}", folder / "backend.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env={**os.environ, **env})
        wait_until(self.answers, f"the backend; its log:\n{self.log.read_text()}", 30)

    def answers(self):
        assert self.process.poll() is None, self.log.read_text()
        try:
            socket.create_connection(("127.0.0.1", int(self.address.rsplit(":", 1)[1])), timeout=1).close()
            return True
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


DJANGO_APP = '''
import sys
from django.conf import settings
settings.configure(
    DEBUG=False, SECRET_KEY="x" * 50, ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, USE_TZ=True,
    USHER_SECRET=sys.argv[2].encode(), CSRF_TRUSTED_ORIGINS=sys.argv[3:], DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {"loaders": [
        ("django.template.loaders.locmem.Loader", {"registration/login.html":
            "<form method=post>{% csrf_token %}{{ form }}<button>in</button></form>"})]}}],
    LOGIN_REDIRECT_URL="/", LOGIN_URL="/login/")
import django
django.setup()
from django.contrib.auth import views
from django.core.management import call_command
from django.http import HttpResponse
from django.urls import path
'''
DJANGO_END = '''
urlpatterns = [path("login/", views.LoginView.as_view()), path("logout/", views.LogoutView.as_view(next_page="/")),
               path("usher/ticket", usher_ticket), path("", lambda request: HttpResponse("hello"))]
if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    from django.contrib.auth.models import User
    User.objects.create_user("ada", password="a login of the test")
    from django.core.wsgi import get_wsgi_application
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIServer, make_server
    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True
    make_server("127.0.0.1", int(sys.argv[1]), get_wsgi_application(), server_class=Server).serve_forever()
'''


@pytest.fixture
def run(tmp_path, start_gateway):
    """run(command, env): a backend, and a gateway whose ticket hook is at it."""
    started = []

    def start(command, path="/usher/ticket", env=None):
        port = free_port()
        started.append(Backend(tmp_path, [str(part) for part in command(port)], port, env or {}))
        hooks = {"ticket_url": f"http://{started[0].address}{path}",
                 "secret_file": [write_file(tmp_path / "hook.secret", SECRETS[0])]}
        return start_gateway({"hooks": hooks, "jwt": {"secret_file": None}, "guest": {"enabled": False},
                              "channel": {"namespaces": CHANNELS}}), started[0]

    yield start
    for one in started:
        one.stop()


def ticket_of(browser, gateway, **headers):
    return browser.request(gateway.address, "POST", "/auth/ticket", **headers)


def opens(gateway, body):
    ticket = re.search(r'"ticket":"([0-9a-f]{32})"', body).group(1)
    return connect(gateway, ticket, origin=ORIGIN)


def assert_logged_in(browser, gateway, user):
    """Opens a socket, and sees that usher has the backend's answer."""
    status, body = ticket_of(browser, gateway)
    assert status == 200, (status, body)
    ws = opens(gateway, body)
    assert f"user:{user}" in ws.connected["subs"]
    return ws


def the_next_second():
    """The answer to a question is the same for a second."""
    began = time.monotonic()
    wait_until(lambda: time.monotonic() - began > 1.05, "the next question")


def test_django_logs_in_with_its_form_and_its_cookie_opens_a_socket(run, tmp_path):
    code = DJANGO_APP + verifying("python") + block("cookies.md", "Django", "python") + DJANGO_END
    app = write_file(tmp_path / "app.py", code)
    gateway, django = run(lambda port: ["/usr/bin/python3", app, port, SECRETS[0], ORIGIN])
    ada = Browser()
    assert_problem_body(ticket_of(ada, gateway), 401, "MISSING_AUTH")  # no cookie at all
    status, form = ada.request(django.address, "GET", "/login/")
    assert status == 200 and "csrftoken" in ada.cookies
    assert_problem_body(ticket_of(ada, gateway), 401, "LOGIN_REQUIRED")  # a cookie, and no login
    fields = {"username": "ada", "password": "a login of the test",
              "csrfmiddlewaretoken": re.search(r'csrfmiddlewaretoken" value="(\w+)"', form).group(1)}
    assert ada.request(django.address, "POST", "/login/", {**fields, "csrfmiddlewaretoken": "x"})[0] == 403  # CSRF is on
    assert ada.request(django.address, "POST", "/login/", fields)[0] == 302
    ws = assert_logged_in(ada, gateway, "1")

    # Others with the same cookie: a foreign page, an unlisted page of the same site, a browser without an Origin.
    for origin, site in [("https://evil.example", "cross-site"), ("https://other.app.example", "same-site")]:
        page = Browser(origin)
        page.cookies = dict(ada.cookies)
        assert_problem_body(ticket_of(page, gateway, **{"Sec-Fetch-Site": site}), 403, "ORIGIN_BLOCKED")
    # Who is not usher learns nothing of Django.
    assert ada.request(django.address, "POST", "/usher/ticket")[0] == 400

    session = next(name for name in ws.connected["subs"] if name.startswith("session:")).split(":", 1)[1]
    assert re.fullmatch(r"[0-9a-f]{32}", session)
    assert ada.request(django.address, "GET", "/logout/")[0] == 302
    answer = gateway.request("POST", "/api/revoke", {"X-API-Key": API_KEY}, f'{{"session":"{session}"}}')
    assert answer.status == 200 and ws.read_close() == (3520, "SESSION_REVOKED")
    the_next_second()
    assert ticket_of(ada, gateway)[0] == 401


def assert_problem_body(answer, status, code):
    assert answer[0] == status and f'"code":"{code}"' in answer[1], answer


EXPRESS = '''
import express from "express";
import session from "express-session";
import { createHash } from "node:crypto";
const [port, secret] = process.argv.slice(2);
const app = express();
app.use(session({ secret: "s", resave: false, saveUninitialized: true, cookie: { sameSite: "lax" } }));
app.post("/login", (request, response) => request.session.regenerate(() => {
  request.session.user = { id: "7", name: "Ada" };
  response.sendStatus(204);
}));
app.get("/", (request, response) => response.send("hello"));
'''


def test_express_sessions_open_a_socket(run, tmp_path):
    modules = os.path.join(ROOT, "tests", "integration", "node_modules")
    os.symlink(modules, tmp_path / "node_modules")
    signature = verifying("js").replace("export function", "function")
    code = EXPRESS + signature + block("cookies.md", "Express", "js") + 'app.listen(Number(port), "127.0.0.1");\n'
    # Imports stand at the top of a module.
    imports = re.findall(r"^import .*;$", code, re.M)
    code = "\n".join(imports) + "\n" + re.sub(r"^import .*;$", "", code, flags=re.M)
    code = code.replace('import { createHash } from "node:crypto";\n', "").replace(
        "import { createHmac,", "import { createHash, createHmac,")
    app = write_file(tmp_path / "app.mjs", code)
    gateway, express = run(lambda port: ["node", app, port, SECRETS[0]])
    ada = Browser()
    assert ada.request(express.address, "GET", "/")[0] == 200 and "connect.sid" in ada.cookies
    assert_problem_body(ticket_of(ada, gateway), 401, "LOGIN_REQUIRED")
    assert ada.request(express.address, "POST", "/login")[0] == 204
    assert_logged_in(ada, gateway, "7").close()
    assert ada.request(express.address, "POST", "/usher/ticket")[0] == 400


def test_php_sessions_open_a_socket(run, tmp_path):
    assert shutil.which("php"), "scripts/setup test installs php-cli"
    root = tmp_path / "www"
    root.mkdir()
    write_file(root / "usher.php", block("cookies.md", "PHP", "php"))
    write_file(root / "login.php", "<?php session_start(); if ($_SERVER['REQUEST_METHOD'] === 'POST') "
                                   "{ session_regenerate_id(true); $_SESSION['user'] = 7; } echo 'hello';")
    sessions = tmp_path / "sessions"
    sessions.mkdir()
    gateway, php = run(lambda port: ["php", "-d", f"session.save_path={sessions}", "-S", f"127.0.0.1:{port}", "-t", root],
                       path="/usher.php", env={"USHER_SECRET": SECRETS[0]})
    ada = Browser()
    assert ada.request(php.address, "GET", "/login.php")[0] == 200 and "PHPSESSID" in ada.cookies
    assert_problem_body(ticket_of(ada, gateway), 401, "LOGIN_REQUIRED")
    assert ada.request(php.address, "POST", "/login.php", {})[0] == 200
    assert_logged_in(ada, gateway, "7").close()
    assert ada.request(php.address, "POST", "/usher.php")[0] == 400
