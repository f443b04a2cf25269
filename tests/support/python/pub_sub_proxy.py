"""The way between a gateway and Redis, which can be cut: all of it, or the connections that have subscribed."""

import socket
import threading


class PubSubProxy:
    """`refuse`: nothing comes through; `no_pub_sub`: no SUBSCRIBE does. cut() ends what is there."""

    def __init__(self, target_port):
        self.target_port = target_port
        self.refuse = self.no_pub_sub = False
        self.pairs = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
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
                if self.refuse:
                    raise OSError("refused")
                far = socket.create_connection(("127.0.0.1", self.target_port))
            except OSError:
                near.close()
                continue
            pair = {"near": near, "far": far, "pub_sub": False}
            self.pairs.append(pair)
            for source, sink in ("near", "far"), ("far", "near"):
                threading.Thread(target=self._pump, args=(pair, source, sink), daemon=True).start()

    def _pump(self, pair, source, sink):
        try:
            while data := pair[source].recv(65536):
                if source == "near" and b"SUBSCRIBE" in data:
                    pair["pub_sub"] = True
                if pair["pub_sub"] and self.no_pub_sub:
                    break
                pair[sink].sendall(data)
        except OSError:
            pass
        self._end(pair)

    def _end(self, pair):
        for end in pair["near"], pair["far"]:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()
        if pair in self.pairs:
            self.pairs.remove(pair)

    def cut(self, pub_sub_only=False):
        for pair in list(self.pairs):
            if pair["pub_sub"] or not pub_sub_only:
                self._end(pair)

    def close(self):
        self.listener.close()
        self.cut()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
