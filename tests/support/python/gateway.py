"""A real `usher serve` process on ports that the kernel chose, in a temporary folder, and small ways to talk to it."""

import base64
import hashlib
import hmac
import http.client
import json
import pathlib
import re
import signal
import subprocess
import threading
import time

import secrets_seen
from program import BIN_DIR, environment, write_file

ORIGIN = "https://app.example"
SECRET = "an integration test's secret of 32 bytes or more"
API_KEY = "an integration test's API key, long enough"
WORD_KEY = "an-API-key-of-one-word-as-Authorization-takes-it"  # where a test adds it to the file

# Of a process that has ended in one of these ways; 66 is the thread sanitizer's.
CRASHES = [66, *(-number for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE))]

DEFAULTS = {
    "server": {"listen": "127.0.0.1:0", "threads": 2},
    "admin": {"listen": "127.0.0.1:0"},
    "client": {"allowed_origins": [ORIGIN, "https://*.wild.example"]},
    "guest": {"enabled": True},
    "limits": {"upgrades_per_address": "0", "tokens_per_address": "100000/1s", "tickets_per_session": "0"},
    "shutdown": {"timeout": "1s"},
}


def wait_until(condition, what, timeout=10.0):
    """Waits for a condition, never for a time: fails after `timeout` seconds, which is no part of what is tested."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout} s for {what}")
        time.sleep(0.01)


def toml_value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    return json.dumps(str(value))


def to_toml(config):
    lines = []
    for section, keys in config.items():
        if isinstance(keys, list):  # [[upstreams]]
            for row in keys:
                lines += [f"[[{section}]]", *(f"{name} = {toml_value(value)}" for name, value in row.items())]
            continue
        tables = {k: v for k, v in keys.items() if isinstance(v, list) and v and isinstance(v[0], dict)}
        plain = {k: v for k, v in keys.items() if k not in tables}
        if plain:
            lines.append(f"[{section}]")
            lines += [f"{key} = {toml_value(value)}" for key, value in plain.items()]
        for key, rows in tables.items():
            for row in rows:
                lines.append(f"[[{section}.{key}]]")
                lines += [f"{name} = {toml_value(value)}" for name, value in row.items()]
    return "\n".join(lines) + "\n"


def merged(base, over):
    """Keys of `over` replace those of `base`, a list of tables as a whole; None removes one."""
    result = {section: dict(keys) if isinstance(keys, dict) else keys for section, keys in base.items()}
    for section, keys in over.items():
        if isinstance(keys, list):
            result[section] = keys
        else:
            result.setdefault(section, {}).update(keys)
    return {section: {k: v for k, v in keys.items() if v is not None} if isinstance(keys, dict) else keys
            for section, keys in result.items()}


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def make_jwt(claims, secret=SECRET, header=None):
    head = b64url(json.dumps(header or {"alg": "HS256", "typ": "JWT"}).encode())
    body = b64url(json.dumps(claims).encode())
    signature = hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{b64url(signature)}"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {dict(self.headers)} {self.body!r}>"


class Gateway:
    """Configuration is merged over DEFAULTS; a value of None removes a key. `under`: a command that runs the gateway's."""

    def __init__(self, folder, config, args=(), env=None, binary="usher", under=()):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.binary = str(BIN_DIR / binary)
        self.args, self.env, self.under = list(args), dict(env or {}), list(under)
        self.write_file("jwt.secret", SECRET)
        self.write_file("api.key", API_KEY)
        keys = {"jwt": {"secret_file": str(self.folder / "jwt.secret")},
                "api": {"key_file": str(self.folder / "api.key")}}
        self.config = merged(merged(DEFAULTS, keys), config)
        self.process = None
        self.tls = None  # how a test trusts a gateway that serves TLS: an ssl.SSLContext
        self.lines = []
        self.addresses, self.admin_address, self.api_address, self.verify_address = [], None, None, None

    def write_file(self, name, text, mode=0o600):
        return write_file(self.folder / name, text, mode)

    def start(self, timeout=20.0):
        self.write_file("usher.toml", to_toml(self.config))
        command = [*self.under, self.binary, "serve", "--config", str(self.folder / "usher.toml"), *self.args]
        self.look_for_secrets()
        self.lines = []
        self.addresses, self.admin_address, self.api_address, self.verify_address = [], None, None, None
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                        errors="replace", env=environment(self.env))
        self.reader = threading.Thread(target=self._read_log, daemon=True)
        self.reader.start()
        wait_until(lambda: self.has_line("file limit") or self.process.poll() is not None, "the gateway to start",
                   timeout)
        if self.process.poll() is not None:
            self.reader.join(5)
            raise AssertionError("the gateway did not start:\n" + self.log)
        return self

    def _read_log(self):
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))
            match = re.search(r"listening \{ address: '([^']*)'(?:, for: '(\w+)')? \}", line)
            if match and match.group(2) == "admin":
                self.admin_address = match.group(1)
            elif match and match.group(2) == "api":
                self.api_address = match.group(1)
            elif match and match.group(2) == "verify":
                self.verify_address = match.group(1)
            elif match:
                self.addresses.append(match.group(1))

    def stop(self, timeout=20.0):
        """Lets it drain for a moment; then a second SIGINT means at once."""
        if not self.process:
            return None
        deadline = time.monotonic() + timeout
        patience = 0.3
        while self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                if time.monotonic() > deadline:
                    self.process.kill()
                    self.process.wait()
                    raise AssertionError("the gateway did not stop:\n" + self.log) from None
        self.reader.join(5)
        self.look_for_secrets()
        assert self.process.returncode not in CRASHES, f"the gateway crashed ({self.process.returncode}):\n{self.log[-10_000:]}"
        return self.process.returncode

    def look_for_secrets(self):
        leaks = secrets_seen.leaks(self.log)
        assert not leaks, f"secrets in the log: {leaks}"

    def kill(self):
        self.process.kill()
        self.process.wait()

    def signal(self, number):
        self.process.send_signal(number)

    def suspend(self):
        """Stops all its threads: SIGSTOP reaches them one after the other. SIGCONT lets them go on."""
        self.signal(signal.SIGSTOP)
        stats = pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/stat")
        tasks = [stat.parent for stat in stats]
        wait_until(lambda: all((task / "stat").read_text().rpartition(")")[2].split()[0] == "T" for task in tasks),
                   "all threads to stop")

    @property
    def log(self):
        return "\n".join(self.lines)

    def has_line(self, part):
        return any(part in line for line in list(self.lines))

    def count_lines(self, part):
        return sum(part in line for line in list(self.lines))

    def wait_for_line(self, part, timeout=10.0):
        return wait_until(lambda: next((line for line in list(self.lines) if part in line), None),
                          f"the log line {part!r}; the log:\n{self.log[-3000:]}", timeout)

    @property
    def address(self):
        return self.addresses[0]

    @property
    def host(self):
        return self.address.rsplit(":", 1)[0]

    @property
    def port(self):
        return int(self.address.rsplit(":", 1)[1])

    def request(self, method, path, headers=None, body=None, address=None, timeout=10.0):
        host, port = (address or self.address).rsplit(":", 1)
        kind, more = http.client.HTTPConnection, {}
        if self.tls and address != self.admin_address:
            kind, more = http.client.HTTPSConnection, {"context": self.tls}
        connection = kind(host.strip("[]"), int(port), timeout=timeout, **more)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def serves(self):
        """Whether a client's call is answered now; a connection that is closed unheard is a no."""
        try:
            return self.request("POST", "/auth/token").status == 200
        except (ConnectionError, http.client.HTTPException):
            return False

    def post(self, path, headers=None, body=None):
        return self.request("POST", path, headers, body)

    def admin(self, path):
        return self.request("GET", path, address=self.admin_address)

    def is_ready(self):
        """What /readyz says; one that does not run is not ready."""
        try:
            return self.admin("/readyz").status == 200
        except OSError:
            return False

    def not_ready_reasons(self):
        return self.admin("/readyz").json().get("reasons", [])

    def wait_until_ready(self, timeout=10.0):
        wait_until(self.is_ready, "the gateway to be ready", timeout)
        return self

    def wait_until_not_ready(self, timeout=10.0):
        wait_until(lambda: not self.is_ready(), "the gateway not to be ready", timeout)

    def metric(self, name, **labels):
        """The value of one series, 0 if there is none."""
        total = 0.0
        for line in self.admin("/metrics").body.decode().split("\n"):
            match = re.match(rf"{name}(?:\{{(.*)\}})? (\S+)$", line)
            if match and all(f'{k}="{v}"' in (match.group(1) or "") for k, v in labels.items()):
                total += float(match.group(2))
        return total

    def claims(self, **over):
        now = int(time.time())
        claims = {"sessionId": "s1", "iat": now, "exp": now + 3600}
        claims.update(over)
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, **claims):
        return make_jwt(self.claims(**claims))

    def guest(self):
        answer = self.request("POST", "/auth/token")
        assert answer.status == 200, answer
        return answer.json()

    def ask_ticket(self, token=None, body=None, headers=None, **claims):
        all_headers = {**bearer(token or self.token(**claims)), **(headers or {})}
        return self.request("POST", "/auth/ticket", all_headers, body)

    def ticket(self, token=None, **claims):
        answer = self.ask_ticket(token, **claims)
        assert answer.status == 200, answer
        return answer.json()["ticket"]

    def api_raw(self, method, body, key=API_KEY, **headers):
        """The whole answer to a body as it stands."""
        return self.request("POST", f"/api/{method}", {"X-API-Key": key, **headers}, body, address=self.api_address)

    def api(self, method, params, key=API_KEY, **headers):
        return self.api_raw(method, json.dumps(params), key, **headers).json()

    def publish(self, channel, data):
        return self.api("publish", {"channel": channel, "data": data})
