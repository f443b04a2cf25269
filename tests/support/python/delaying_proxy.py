"""The way between a gateway and Redis, which can be slow or cut in one direction."""

import socket
import threading
import time


class DelayingProxy:
    """`delay` holds back what Redis answers, in seconds; `cut_to_redis` and `cut_from_redis` stop a direction."""

    def __init__(self, target_port):
        self.target_port = target_port
        self.delay = 0.0
        self.cut_to_redis = False
        self.cut_from_redis = False
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.sockets = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target_port))
            except OSError:
                near.close()
                continue
            self.sockets += [near, far]
            threading.Thread(target=self._pump, args=(near, far, "to"), daemon=True).start()
            threading.Thread(target=self._pump, args=(far, near, "from"), daemon=True).start()

    def _pump(self, source, sink, direction):
        try:
            while data := source.recv(65536):
                came = time.monotonic()
                while (getattr(self, f"cut_{direction}_redis")
                       or direction == "from" and time.monotonic() < came + self.delay):
                    time.sleep(0.005)
                if not self._lets_through(data, source, sink, direction):
                    break
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _lets_through(self, data, source, sink, direction):
        """False: the connection ends here instead."""
        return True

    def close(self):
        self.listener.close()
        for end in self.sockets:
            end.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
