"""HTTP requests as bytes, for what no client library would send."""

import socket

UPGRADE = {"Host": "gateway", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}


def exchange(gateway, first_line, fields, extra=b""):
    """Sends a request, returns all that comes until the server closes."""
    pairs = fields.items() if isinstance(fields, dict) else fields
    lines = [first_line, *(f"{name}: {value}" for name, value in pairs if value is not None)]
    host, port = gateway.address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=10) as s:
        s.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + extra)
        answer = b""
        while data := s.recv(65536):
            answer += data
    head, body = answer.split(b"\r\n\r\n", 1)
    return int(head.split(b" ")[1]), head.decode().lower(), body
