"""A browser that logs in and out at the OpenID provider, by its forms and cookies; and the provider's process."""

import base64
import hashlib
import http.client
import json
import pathlib
import re
import secrets
import subprocess
import threading
import urllib.parse

HERE = pathlib.Path(__file__).parent
CLIENT, CLIENT_SECRET, REDIRECT = "app", "secret-of-the-app", "http://127.0.0.1/callback"


class Provider:
    def __init__(self):
        self.process = subprocess.Popen(["node", "provider.js"], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.complaints = []
        self._reader = threading.Thread(target=lambda: self.complaints.extend(self.process.stderr), daemon=True)
        self._reader.start()
        self.issuer = self._answer()["issuer"]

    def _answer(self):
        """The next line that is for us: the package writes notices between them."""
        while not (line := self.process.stdout.readline()).startswith("{"):
            assert line, "the provider ended:\n" + "".join(self.complaints)
        return json.loads(line)

    def tell(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        assert self._answer() == {"done": True}

    def stop(self):
        self.process.stdin.close()
        self.process.wait(20)


class Browser:
    """One browser: its cookies are its session at the provider."""

    def __init__(self, provider):
        self.issuer = provider.issuer
        self.cookies = {}

    def request(self, method, url, form=None, headers=None):
        parts = urllib.parse.urlsplit(urllib.parse.urljoin(self.issuer, url))
        connection = http.client.HTTPConnection(parts.netloc, timeout=20)
        fields = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **(headers or {})}
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            fields["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, parts.path + ("?" + parts.query if parts.query else ""), body, fields)
        answer = connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
            if not value:
                del self.cookies[name]
        connection.close()
        return answer.status, answer.headers.get("Location"), text

    def log_in(self, user):
        """The authorization code flow, as a person goes through it. Returns the tokens."""
        verifier = secrets.token_urlsafe(32)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = urllib.parse.urlencode({"client_id": CLIENT, "redirect_uri": REDIRECT, "response_type": "code", "scope": "openid",
                                        "code_challenge": challenge, "code_challenge_method": "S256"})
        status, location, text = self.request("GET", f"/auth?{query}")
        for _ in range(12):
            if location and location.startswith(REDIRECT):
                break
            if location:
                status, location, text = self.request("GET", location)
                continue
            form = re.search(r'action="([^"]+)"', text)
            assert form, (status, text)
            prompt = re.search(r'name="prompt" value="(\w+)"', text).group(1)
            status, location, text = self.request("POST", form.group(1), {"prompt": prompt, "login": user, "password": "x"})
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query)["code"][0]
        basic = base64.b64encode(f"{CLIENT}:{CLIENT_SECRET}".encode()).decode()
        status, _, text = self.request("POST", "/token", {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT,
                                                          "code_verifier": verifier}, {"Authorization": f"Basic {basic}"})
        assert status == 200, text
        return json.loads(text)

    def log_out(self):
        """Ends the session at the provider, which tells its clients."""
        status, _, text = self.request("GET", "/session/end")
        xsrf = re.search(r'name="xsrf" value="(\w+)"', text)
        assert xsrf, (status, text)
        status, location, text = self.request("POST", "/session/end/confirm", {"xsrf": xsrf.group(1), "logout": "yes"})
        assert status in (302, 303), (status, text)
