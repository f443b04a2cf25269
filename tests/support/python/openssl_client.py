"""`openssl s_client` against a gateway: what is negotiated, and whether a session resumes."""

import re
import subprocess


class Handshake:
    def __init__(self, process):
        self.output = process.stdout.decode(errors="replace") + process.stderr.decode(errors="replace")
        match = re.search(r"^(New|Reused), (\S+), Cipher is (\S+)", self.output, re.M)
        self.done = process.returncode == 0 and match is not None and match.group(3) != "(NONE)"
        self.resumed = self.done and match.group(1) == "Reused"
        self.cipher = match.group(3) if self.done else None

    def __repr__(self):
        return f"{self.cipher}, resumed: {self.resumed}\n{self.output[-1500:]}"


def s_client(address, *args, ask=b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"):
    """One handshake and one request: TLS 1.3 tickets come behind the handshake."""
    command = ["openssl", "s_client", "-connect", address, "-servername", "localhost", "-ign_eof", *map(str, args)]
    return Handshake(subprocess.run(command, input=ask, capture_output=True, timeout=20))


def resumes(first, second, folder, version):
    """Whether a session begun at `first` is resumed at `second`."""
    saved = folder / f"session{version}.pem"
    saved.unlink(missing_ok=True)
    assert s_client(first, version, "-sess_out", saved).done
    assert saved.exists(), "no session ticket came"
    again = s_client(second, version, "-sess_in", saved)
    assert again.done, again
    return again.resumed
