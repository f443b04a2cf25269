"""A TCP proxy that sees what a client asks for: each connection and each request is counted, sockets can be led
elsewhere, and all can be cut."""

import re
import socket
import threading

REQUEST = re.compile(rb"(GET|POST) (/[a-z/]*)(?:\?ticket=([0-9a-f]{32}))?[^ ]* HTTP/1\.1\r\n")


class CountingProxy:
    """`address`: where clients go. `backend`: where they are led. `socket_backend`: where upgrades are led, if elsewhere.
    `on_ticket`: called with the ticket of each upgrade before it goes on."""

    def __init__(self, backend):
        self.backend, self.socket_backend, self.on_ticket = backend, None, None
        self.requests, self.connections = [], 0
        self._open = set()
        self._noticed = threading.Event()
        self._noticed.set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def count(self, path):
        return sum(asked == path for asked in list(self.requests))

    def asked(self):
        """All that was asked for so far, connections that said nothing included."""
        return self.connections + len(self.requests)

    def hold(self):
        """Until cut(), clients do not notice that the backend is gone."""
        self._noticed.clear()

    def cut(self):
        self._noticed.set()
        with self._lock:
            gone, self._open = self._open, set()
        for each in gone:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self._listener.close()
        self.cut()

    def _accept(self):
        while True:
            try:
                front, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(front,), daemon=True).start()

    def _serve(self, front):
        """The first request decides where the connection goes: a client's HTTP calls and sockets never share one."""
        back = None
        try:
            data = b""
            while not (request := REQUEST.search(data)):
                more = front.recv(65536)
                if not more:
                    return
                data += more
            ticket = request[3]
            if ticket and self.on_ticket:
                self.on_ticket(ticket.decode())
            host, port = (self.socket_backend if ticket and self.socket_backend else self.backend).rsplit(":", 1)
            self.requests += [found[1].decode() for found in REQUEST.findall(data)]
            back = socket.create_connection((host, int(port)), timeout=5)
            back.settimeout(None)
            with self._lock:
                self._open |= {front, back}
            threading.Thread(target=self._pump, args=(back, front, False), daemon=True).start()
            back.sendall(data)
            self._pump(front, back, True)
        except OSError:
            pass
        finally:
            for each in (front, back):
                if each:
                    each.close()

    def _pump(self, source, target, count):
        try:
            while data := source.recv(65536):
                if count:
                    self.requests += [found[1].decode() for found in REQUEST.findall(data)]
                target.sendall(data)
            self._noticed.wait()
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass
