"""The way between a gateway and Redis that can be cut: wholly, or for pub/sub alone."""

import socket

from delaying_proxy import DelayingProxy


class CuttingProxy(DelayingProxy):
    """`refuse`: nothing comes through; `no_pub_sub`: nothing of a connection that has subscribed. cut() ends what is there, too."""

    def __init__(self, target_port):
        self.refuse = self.no_pub_sub = False
        self.subscribed = set()
        super().__init__(target_port)

    def _lets_through(self, data, source, sink, direction):
        if direction == "to" and b"SUBSCRIBE" in data:
            self.subscribed |= {source, sink}
        return not (self.refuse or self.no_pub_sub and source in self.subscribed)

    def cut(self, pub_sub_only=False):
        """Until mend()."""
        self.refuse, self.no_pub_sub = not pub_sub_only, pub_sub_only
        for end in list(self.subscribed if pub_sub_only else self.sockets):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def mend(self):
        self.refuse = self.no_pub_sub = False
