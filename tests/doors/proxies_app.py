"""The WebSocket server behind a proxy or a tunnel: keeps the head of each upgrade, answers 101 and says back what it is told."""

import base64
import hashlib
import socket
import struct
import threading

from websocket import CLOSE, GUID, TEXT


class App:
    """`upgrades`: for each WebSocket (request line, [(name in lower case, value)…])."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.upgrades = []
        self.open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def headers(self):
        """Those of the last upgrade, each as it was named."""
        return dict(self.upgrades[-1][1])

    def _accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            self.open.append(peer)
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        stream = peer.makefile("rb")
        try:
            first = stream.readline().decode("latin-1").strip()
            fields = []
            while line := stream.readline().decode("latin-1").strip():
                name, value = line.split(":", 1)
                fields.append((name.lower(), value.strip()))
            key = dict(fields).get("sec-websocket-key")
            if not key:
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\npage")
                return
            self.upgrades.append((first, fields))
            accept = base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()
            peer.sendall(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode())
            self._echo(peer, stream)
        except (OSError, ValueError):
            pass
        finally:
            stream.close()
            peer.close()

    @staticmethod
    def _echo(peer, stream):
        while len(head := stream.read(2)) == 2:
            length = head[1] & 0x7F
            if length == 126:
                length = struct.unpack("!H", stream.read(2))[0]
            mask = stream.read(4)
            payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(stream.read(length)))
            opcode = head[0] & 0x0F
            if opcode in (TEXT, CLOSE):
                assert len(payload) < 126
                peer.sendall(bytes([0x80 | opcode, len(payload)]) + payload)
            if opcode == CLOSE:
                return

    def close(self):
        if self.listener.fileno() >= 0:
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            self.listener.close()
        for peer in self.open:
            try:
                peer.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
