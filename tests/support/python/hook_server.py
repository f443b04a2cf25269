"""A backend with hooks, as a test wants it: records what comes, answers as it is told."""

import http.server
import json
import threading

from program import write_file

SECRETS = ["a hook test's secret of 32 bytes or more", "another hook test's secret of 32 bytes"]
CHANNELS = [{"name": "chat", "subscribe": "anyone", "publish": "anyone", "history_size": 10, "history_ttl": "1m"},
            {"name": "news", "subscribe": "anyone"},
            {"name": "jobs", "subscribe": "owner", "publish": "owner"}]


class Hit:
    def __init__(self, path, headers, body, peer):
        self.path, self.headers, self.body, self.peer = path, headers, body, peer

    @property
    def type(self):
        return self.headers.get("ce-type")

    def json(self):
        return json.loads(self.body)


class HookServer:
    """`answer(hit)` gives (status, body) or (status, body, headers); it runs on a thread of its own for each request,
    so it may wait."""

    def __init__(self, answer=lambda hit: (200, b"{}"), port=0):
        self.answer, self.hits, self.running, self.running_max = answer, [], 0, 0
        self.lock = threading.Lock()
        self.connections = 0
        self.hangs_up = False  # after each answer, without having said so
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                hit = Hit(self.path, self.headers, body, self.client_address)
                with outer.lock:
                    outer.hits.append(hit)
                    outer.running += 1
                    outer.running_max = max(outer.running, outer.running_max)
                try:
                    status, text, *more = outer.answer(hit)
                finally:
                    with outer.lock:
                        outer.running -= 1
                data = text.encode() if isinstance(text, str) else text
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(data)))
                    for name, value in (more[0] if more else {}).items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(data)
                    self.close_connection = self.close_connection or outer.hangs_up
                except OSError:
                    pass  # who asked has given up

            do_POST = do_GET = handle_any

            def handle(self):
                with outer.lock:
                    outer.connections += 1
                super().handle()

            def finish(self):
                super().finish()
                self.connection.close()
                with outer.lock:
                    outer.connections -= 1

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 512
            daemon_threads = True

        self.server = Server(("127.0.0.1", port), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    @property
    def port(self):
        return self.server.server_address[1]

    def url(self, path="/"):
        return f"http://127.0.0.1:{self.port}{path}"

    def of_type(self, kind):
        return [hit for hit in list(self.hits) if hit.type == f"usher.{kind}"]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def hooked(start_gateway, server, tmp_path, which=("rpc", "publish", "connected", "disconnected"), **hooks):
    """A gateway whose hooks are at `server`."""
    secrets = [write_file(tmp_path / f"hook{i}.secret", secret + "\n") for i, secret in enumerate(SECRETS)]
    urls = {f"{name}_url": server.url(f"/{name}") for name in which}
    return start_gateway({"hooks": {**urls, "secret_file": secrets, **hooks}, "channel": {"namespaces": CHANNELS},
                          "limits": {"commands": "0", "connections_per_session": 0}})
