"""The way between a gateway and Redis that can be cut: wholly, or for pub/sub alone."""

import socket

from delaying_proxy import DelayingProxy


class CuttingProxy(DelayingProxy):
    """cut() ends the connections that are there, and new ones until mend(); with pubsub_only those that have subscribed."""

    def __init__(self, target_port):
        self.refuses, self.refuses_pubsub = False, False
        self.subscribed = set()
        super().__init__(target_port)

    def _lets_through(self, data, source, sink, direction):
        if direction == "to" and b"SUBSCRIBE" in data:
            self.subscribed |= {source, sink}
        return not (self.refuses or self.refuses_pubsub and source in self.subscribed)

    def cut(self, pubsub_only=False):
        self.refuses, self.refuses_pubsub = not pubsub_only, True
        for end in list(self.subscribed if pubsub_only else self.sockets):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def mend(self):
        self.refuses, self.refuses_pubsub = False, False
