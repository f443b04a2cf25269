"""The configurations of docs/doors/, and a proxy process that runs one of them.

A page marks each block that is run here: `<!-- run: PROXY USE FILE -->`. The page has the paths, ports and names of production; what
is exchanged for the test is listed here and nowhere else, and each exchange must find what it replaces."""

import http.client
import pathlib
import re
import socket
import ssl
import subprocess
import tomllib

from gateway import Gateway, to_toml, wait_until
from program import ROOT, environment
from websocket import WebSocket

HOST = "app.example.com"
ORIGIN = f"https://{HOST}"
PUBLIC, USHER, VERIFY, APP = "443", "127.0.0.1:8080", "127.0.0.1:8082", "127.0.0.1:3000"


def block(proxy, use, file):
    """The block of code that follows the mark on the proxy's page."""
    page = (ROOT / "docs" / "doors" / f"{proxy}.md").read_text()
    found = re.findall(rf"<!-- run: {proxy} {use} {re.escape(file)} -->\n```\w+\n(.*?)\n```\n", page, re.S)
    assert len(found) == 1, f"{proxy}.md has {len(found)} blocks `{use} {file}`"
    return found[0] + "\n"


def exchanged(text, exchanges):
    """Each exchange must find something: a page whose port is another one is not tested by this. All at once: a free port that
    begins like another port of the page is not exchanged again."""
    for old in exchanges:
        assert old in text, f"the page has no {old!r}:\n{text}"
    return re.sub("|".join(map(re.escape, sorted(exchanges, key=len, reverse=True))), lambda found: exchanges[found[0]], text)


class DoorsGateway(Gateway):
    """A gateway with the `usher.toml` of a page. `upstream`: where the page's 127.0.0.1:3000 is."""

    def __init__(self, folder, page, upstream, config):
        self.page = tomllib.loads(page)
        self.tables = [{**each, "url": exchanged(each["url"], {APP: upstream})} for each in self.page.pop("upstreams", [])]
        assert self.page["server"].pop("listen") == USHER
        if "verify" in self.page:
            assert self.page["verify"]["listen"] == VERIFY
            self.page["verify"]["listen"] = "127.0.0.1:0"
        self.verify_address = None
        merged = {section: {**self.page.get(section, {}), **config.get(section, {})} for section in {**self.page, **config}}
        super().__init__(folder, merged)

    def write_file(self, name, text, mode=0o600):
        if name == "usher.toml":
            for table in self.tables:
                text += "[[upstreams]]\n" + to_toml({"x": table}).split("\n", 1)[1]
        return super().write_file(name, text, mode)

    def start(self, timeout=20.0):
        super().start(timeout)
        found = [re.search(r"listening \{ address: '([^']*)', for: 'verify' \}", line) for line in self.lines]
        self.verify_address = next((match[1] for match in found if match), None)
        self.addresses = [address for address in self.addresses if address != self.verify_address]
        return self


def make_certificate(folder):
    """A self-signed one for HOST, so that no proxy asks an authority for one."""
    certificate, key = folder / "app.crt", folder / "app.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                    "-out", certificate, "-days", "2", "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"],
                   check=True, capture_output=True)
    return certificate, key


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class LogSocket:
    """What HAProxy's /dev/log is."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.setblocking(False)
        self.text = ""

    def read(self):
        """All that came; after close() too."""
        try:
            while self.socket.fileno() >= 0:
                self.text += self.socket.recv(65536).decode(errors="replace") + "\n"
        except BlockingIOError:
            pass
        return self.text

    def close(self):
        self.socket.close()


class Proxy:
    """A proxy with a page's configuration, in front of a gateway and an app: `address`, and `logs()`, all that it has written."""

    def __init__(self, kind, use, folder, gateway, app):
        self.kind, self.use = kind, use
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        certificate, key = make_certificate(self.folder)
        self.files = {f"/etc/ssl/{HOST}.crt": str(certificate), f"/etc/ssl/{HOST}.key": str(key)}
        self.addresses = {USHER: gateway.address, APP: app.address}
        self.verify = {VERIFY: gateway.verify_address} if use == "verify" else {}
        self.log_socket = None
        self.command = getattr(self, f"_{kind}")()
        self.output = open(self.folder / "output", "wb")
        self.process = None

    def _write(self, name, text):
        (self.folder / name).write_text(text)
        return str(self.folder / name)

    def _folder(self, name):
        (self.folder / name).mkdir()
        return str(self.folder / name)

    def _nginx(self):
        page = block("nginx", self.use, "nginx.conf")
        site = exchanged(page, {**self.files, **self.addresses, **self.verify, "listen 443 ssl": f"listen {self.address} ssl",
                                "/var/log/nginx": self._folder("log")})
        paths = "".join(f"{name}_temp_path {self._folder(name)};\n" for name in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = self._write("nginx.conf", f"daemon off;\npid {self.folder}/pid;\nerror_log {self.folder}/log/error.log;\n"
                             f"events {{}}\nhttp {{\n{paths}{site}}}\n")
        return ["nginx", "-p", str(self.folder), "-e", f"{self.folder}/log/error.log", "-c", config]

    def _caddy(self):
        page = block("caddy", self.use, "Caddyfile")
        assert page.startswith("{\n"), "the page's global options come first"
        page = "{\n\tadmin off\n\tauto_https disable_redirects\n" + page[2:]  # no listeners but the one
        site = exchanged(page, {**self.files, **self.addresses, **self.verify, f"\n{HOST} {{": f"\nhttps://{HOST}:{self.port} {{",
                                "/var/log/caddy": self._folder("log")})
        return ["caddy", "run", "--adapter", "caddyfile", "--config", self._write("Caddyfile", site)]

    def _haproxy(self):
        page = block("haproxy", self.use, "haproxy.cfg")
        pem = self._write("app.pem", "".join(pathlib.Path(file).read_text() for file in self.files.values()))
        self.log_socket = LogSocket(self.folder / "log.socket")
        exchanges = {**self.addresses, ":443": self.address, "/dev/log": str(self.folder / "log.socket"),
                     f"/etc/haproxy/{HOST}.pem": pem}
        if self.use == "verify":
            lua = self._write("usher.lua", exchanged(block("haproxy", "verify", "usher.lua"), self.verify))
            exchanges["/etc/haproxy/usher.lua"] = lua
        return ["haproxy", "-db", "-f", self._write("haproxy.cfg", exchanged(page, exchanges))]

    def start(self):
        home = {"HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.output,
                                        env=environment(home))
        wait_until(lambda: self.process.poll() is not None or self.listens(), f"{self.kind} to listen")
        assert self.process.poll() is None, f"{self.kind} did not start:\n{self.logs()}"
        return self

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.output.close()
        if self.log_socket:
            self.log_socket.read()
            self.log_socket.close()

    def logs(self):
        files = [self.folder / "output", *(self.folder / "log").glob("*")]
        text = "\n".join(file.read_text(errors="replace") for file in files if file.exists())
        return text + (self.log_socket.read() if self.log_socket else "")

    def tls(self, raw):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context.wrap_socket(raw, server_hostname=HOST)

    def post(self, path, headers):
        """(status, body) of a call of a page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.connect()
        connection.sock = self.tls(connection.sock)
        try:
            connection.request("POST", path, headers={"Host": HOST, **headers})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def open(self, path, origin=ORIGIN, protocols=(), headers=None):
        """A WebSocket of a page at https://app.example.com, through the proxy."""
        return WebSocket(self.address, path, origin=origin, protocols=protocols, wrap=self.tls,
                         headers={"Host": HOST, **(headers or {})})
