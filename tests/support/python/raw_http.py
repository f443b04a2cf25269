"""HTTP requests as bytes, for what no client library would send."""

import socket

UPGRADE = {"Host": "gateway", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}


def request_bytes(first_line, fields):
    """`fields`: a dict or pairs; a value of None leaves a field out."""
    pairs = fields.items() if isinstance(fields, dict) else fields
    lines = [first_line, *(f"{name}: {value}" for name, value in pairs if value is not None)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def exchange(gateway, first_line, fields, extra=b""):
    """Sends a request, returns all that comes until the server closes."""
    with socket.create_connection((gateway.host, gateway.port), timeout=10) as s:
        s.sendall(request_bytes(first_line, fields) + extra)
        answer = b""
        while data := s.recv(65536):
            answer += data
    head, body = answer.split(b"\r\n\r\n", 1)
    return int(head.split(b" ")[1]), head.decode().lower(), body
