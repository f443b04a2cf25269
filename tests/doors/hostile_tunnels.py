"""Hostile clients and hostile upstreams at once, with a proxy door between them, while the backend ends sessions and revokes users.

Nothing here expects an answer: the gateway must live, break no invariant, and hold nothing when both sides have left.
Each choice comes from one seed. To run it longer: USHER_TUNNEL_SECONDS, USHER_TUNNEL_SEED (test_hostile_tunnels.py).
"""

import asyncio
import base64
import contextlib
import hashlib
import logging
import os
import random
import signal
import socket
import struct
from concurrent.futures import ThreadPoolExecutor

from gateway import Gateway, wait_until
from raw_http import UPGRADE, request_bytes
from survival import findings, resident_mib, sanitizer_options
from websocket import BINARY, CLOSE, GUID, PING, TEXT, frame

PATHS = ["/tcp", "/unix", "/impatient", "/nobody"]
USERS = 60
SPARE_DESCRIPTORS = 6  # what a gateway opens once: a resolver, connections that are kept
# What a peer's end looks like, whoever ends first; RuntimeError: a part that writes behind the end of sending.
QUIET = (OSError, EOFError, asyncio.TimeoutError, RuntimeError)
logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # "socket.send() raised exception", thousands of times


def reset(writer):
    """Ends the connection with a reset."""
    with contextlib.suppress(OSError, ValueError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Mischief:
    """What both sides do with a stream of frames. `mask`: the client's side has one."""

    def __init__(self, rng, mask):
        self.rng, self.mask = rng, mask

    def some_frame(self):
        size = self.rng.choice([0, 1, 125, 126, 5000, 65536, 200_000])
        return frame(self.rng.choice([TEXT, BINARY, PING, 3, 0]), bytes(min(size, 125) if self.rng.random() < 0.5 else size),
                     fin=self.rng.random() < 0.8, rsv=self.rng.choice([0, 0, 4, 7]), mask=self.mask)

    def close_frame(self):
        code = self.rng.choice([1000, 1001, 1011, 3000, 4999, 0, 65535])
        return frame(CLOSE, struct.pack("!H", code) + b"x" * self.rng.choice([0, 3, 123]), mask=self.mask)

    async def pause(self, most=0.3):
        await asyncio.sleep(self.rng.random() * most)

    async def read_some(self, reader, most=1 << 20):
        with contextlib.suppress(*QUIET):
            async with asyncio.timeout(self.rng.random()):
                while most > 0 and (data := await reader.read(65536)):
                    most -= len(data)

    # Each of these plays one part of an open tunnel.

    async def talk(self, reader, writer):
        for _ in range(self.rng.randrange(6)):
            writer.write(self.some_frame())
            await writer.drain()
            await self.read_some(reader)

    async def flood(self, reader, writer):
        async with asyncio.timeout(1.5):
            while True:
                writer.write(self.some_frame() * 20)
                await writer.drain()

    async def flood_and_read(self, reader, writer):
        await asyncio.gather(self.flood(reader, writer), self.read_some(reader, 1 << 24), return_exceptions=True)

    async def dribble(self, reader, writer):
        for byte in self.some_frame()[:40]:
            writer.write(bytes([byte]))
            await writer.drain()
            await self.pause(0.02)

    async def read_slowly(self, reader, writer):
        for _ in range(30):
            await reader.read(self.rng.choice([1, 100, 4000]))
            await self.pause(0.05)

    async def never_read(self, reader, writer):
        await self.pause(2)

    async def half_a_frame(self, reader, writer):
        whole = self.some_frame()
        writer.write(whole[:self.rng.randrange(len(whole))])
        await writer.drain()
        await self.pause(1.5)

    async def a_frame_without_end(self, reader, writer):
        writer.write(struct.pack("!BBQ", 0x82, (0x80 if self.mask else 0) | 127, self.rng.choice([1 << 62, (1 << 64) - 1])))
        await self.flood(reader, writer)

    async def garbage(self, reader, writer):
        writer.write(self.rng.randbytes(self.rng.choice([1, 10, 3000, 100_000])))
        await writer.drain()

    async def finish_sending(self, reader, writer):
        writer.write(self.some_frame())
        if writer.can_write_eof():
            writer.write_eof()
        await self.read_some(reader)

    async def say_goodbye(self, reader, writer):
        writer.write(self.close_frame())
        await writer.drain()
        await self.read_some(reader)

    async def say_goodbye_and_talk_on(self, reader, writer):
        writer.write(self.close_frame() + self.some_frame() * 3)
        await self.talk(reader, writer)

    PARTS = [talk, talk, flood, flood_and_read, dribble, read_slowly, never_read, half_a_frame, a_frame_without_end, garbage,
             finish_sending, say_goodbye, say_goodbye_and_talk_on]

    async def play(self, reader, writer):
        for _ in range(self.rng.choice([1, 1, 2])):
            with contextlib.suppress(*QUIET):
                await self.rng.choice(self.PARTS)(self, reader, writer)

    def leave(self, writer):
        if self.rng.random() < 0.4:
            return reset(writer)
        writer.close()
        # Two ends that both wait to send, and do not read any more, would keep the tunnel for ever.
        asyncio.get_running_loop().call_later(1, writer.transport.abort)


class Upstreams:
    """One listener on TCP and one on a unix socket; each connection is met by another kind of upstream."""

    def __init__(self, folder, rng):
        self.folder, self.rng = folder, rng
        self.mischief = Mischief(rng, None)
        self.servers, self.open = [], set()

    async def start(self):
        self.servers = [await asyncio.start_server(self.meet, "127.0.0.1", 0),
                        await asyncio.start_unix_server(self.meet, str(self.folder / "up"))]
        return self.servers[0].sockets[0].getsockname()[1]

    async def meet(self, reader, writer):
        self.open.add(writer)
        try:
            async with asyncio.timeout(10):
                await self.rng.choice(self.KINDS)(self, reader, writer)
        except QUIET:
            pass
        finally:
            self.open.discard(writer)
            self.mischief.leave(writer)

    async def switching(self, reader, **fields):
        head = await reader.readuntil(b"\r\n\r\n")
        key = next(line.split(b": ")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
        return request_bytes("HTTP/1.1 101 Switching Protocols",
                             {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept, **fields})

    async def accept(self, reader, writer):
        writer.write(await self.switching(reader))
        await self.mischief.play(reader, writer)

    async def accept_and_greet(self, reader, writer):
        writer.write(await self.switching(reader) + self.mischief.some_frame())
        await self.mischief.play(reader, writer)

    async def answer_byte_by_byte(self, reader, writer):
        for byte in await self.switching(reader):
            writer.write(bytes([byte]))
            await asyncio.sleep(0)
        await self.mischief.play(reader, writer)

    async def accept_and_leave(self, reader, writer):
        writer.write(await self.switching(reader))

    async def accept_with_a_giant_head(self, reader, writer):
        writer.write(await self.switching(reader, **{f"X-{i}": "x" * 200 for i in range(self.rng.choice([10, 60, 75, 400]))}))
        await self.mischief.play(reader, writer)

    async def accept_wrongly(self, reader, writer):
        wrong = self.rng.choice([{"Sec-WebSocket-Accept": "x"}, {"Sec-WebSocket-Protocol": "other"}, {"Upgrade": "h2c"}])
        writer.write(await self.switching(reader, **wrong))
        await self.mischief.play(reader, writer)

    async def never_answer(self, reader, writer):
        await self.mischief.read_some(reader)
        await self.mischief.pause(3)

    async def leave_at_once(self, reader, writer):
        await asyncio.sleep(0)

    async def leave_within_the_answer(self, reader, writer):
        answer = await self.switching(reader)
        writer.write(answer[:self.rng.randrange(len(answer))])
        await writer.drain()

    async def refuse(self, reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        status = self.rng.choice(["503 Away", "404 No", "200 OK", "302 There", "429 Slow", "101 Yes", "100 Go on", "999 What"])
        writer.write(request_bytes(f"HTTP/1.1 {status}", {"Retry-After": self.rng.choice(["1", "x", "99999999999"]),
                                                          "Content-Length": "5"}) + b"hello")
        await writer.drain()

    async def talk_something_else(self, reader, writer):
        writer.write(self.rng.choice([b"SSH-2.0-x\r\n\r\n", b"\0" * 50_000, b"HTTP/1.1 101\r\n" * 3000, b"\r\n" * 9000]))
        await writer.drain()

    KINDS = [*[accept] * 8, *[accept_and_greet] * 4, answer_byte_by_byte, accept_and_leave, accept_with_a_giant_head, accept_wrongly,
             never_answer, leave_at_once, leave_within_the_answer, refuse, talk_something_else]

    async def stop(self):
        for server in self.servers:
            server.close()
        for writer in list(self.open):
            writer.transport.abort()


class Clients:
    def __init__(self, gateway, rng, tickets):
        self.gateway, self.rng, self.tickets = gateway, rng, tickets
        self.mischief = Mischief(rng, b"\x01\x02\x03\x04")
        self.connections = self.switched = 0

    async def connect(self):
        """One connection, from its first byte to its end."""
        ticket = await self.tickets(f"u{self.rng.randrange(USERS)}")
        path = self.rng.choice([PATHS[0]] * 5 + [PATHS[1]] * 4 + PATHS[2:])
        request = request_bytes(f"GET {path}?ticket={ticket}&room=7 HTTP/1.1", UPGRADE)
        before = b"".join(self.rng.choice([[], [], [], [request_bytes("GET /healthz HTTP/1.1", {"Host": "x"})] * 3]))
        early = self.rng.choice([b"", b"", b"", self.mischief.some_frame(), self.mischief.some_frame()[:3], self.mischief.close_frame()])
        reader, writer = await asyncio.open_connection(self.gateway.host, self.gateway.port)
        self.connections += 1
        try:
            async with asyncio.timeout(15):
                if self.rng.random() < 0.05:
                    writer.write(request[:self.rng.randrange(len(request))])
                    return
                writer.write(before + request + early)
                if self.rng.random() < 0.15:
                    await self.mischief.pause()
                    return
                while b" 101 " not in await reader.readuntil(b"\r\n\r\n"):
                    pass
                self.switched += 1
                await self.mischief.play(reader, writer)
        except (*QUIET, asyncio.LimitOverrunError):
            pass
        finally:
            self.mischief.leave(writer)

    async def run(self, until):
        loop = asyncio.get_running_loop()
        while loop.time() < until:
            try:
                await self.connect()
            except (*QUIET, AssertionError):  # a token of the second in which its user was revoked; the gateway has ended
                await asyncio.sleep(0.01)


class Attack:
    def __init__(self, folder, seconds, clients=100, seed=None):
        self.seed = random.SystemRandom().randrange(1 << 32) if seed is None else seed
        self.folder, self.seconds, self.count = folder, seconds, clients
        self.rng = random.Random(self.seed)
        self.gateway = None
        self.seen = {}

    def config(self, port):
        def upstream(name, url, **keys):
            return {"name": name, "path": f"/{name}", "url": url, "connect_timeout": "2s", **keys}

        return {"upstreams": [upstream("tcp", f"http://127.0.0.1:{port}/"),
                              upstream("unix", f"unix:{self.folder / 'up'}:/", buffer_bytes=32768),
                              upstream("impatient", f"http://localhost:{port}/", connect_timeout="100ms", idle_timeout="1s"),
                              upstream("nobody", "http://127.0.0.1:1/")],
                "shutdown": {"timeout": "2s"}}

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.gateway.process.pid}/fd"))

    def gauges(self):
        metric = self.gateway.metric
        return {"tunnels": metric("usher_upstream_connections"), "connections": metric("usher_connections")}

    async def end_sessions(self, until, pool):
        """The backend's part: ends a user's connections, or revokes the tokens so far."""
        loop = asyncio.get_running_loop()
        while loop.time() < until:
            call = self.rng.choice(["disconnect", "disconnect", "revoke"]), {"user": f"u{self.rng.randrange(USERS)}"}
            with contextlib.suppress(OSError):
                await loop.run_in_executor(pool, self.gateway.api, *call)
            await asyncio.sleep(self.rng.random() * 0.1)

    async def attack(self, seconds):
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        with ThreadPoolExecutor(4) as pool:
            async def ticket(user):
                return await loop.run_in_executor(pool, lambda: self.gateway.ticket(sessionId=f"s-{user}", sub=user))

            clients = Clients(self.gateway, self.rng, ticket)
            works = [asyncio.create_task(work) for work in
                     [self.end_sessions(until, pool), *[clients.run(until) for _ in range(self.count)]]]
            try:
                await asyncio.wait(works, timeout=seconds)
            finally:
                for work in works:
                    work.cancel()
                await asyncio.gather(*works, return_exceptions=True)
        return clients

    async def run_all(self):
        upstreams = Upstreams(self.folder, self.rng)
        port = await upstreams.start()
        self.gateway = Gateway(self.folder / "gateway", self.config(port), env=sanitizer_options())
        await asyncio.to_thread(self.gateway.start)
        most = self.descriptors() + SPARE_DESCRIPTORS
        clients = await self.attack(self.seconds)
        self.seen = {"connections": clients.connections, "switched": clients.switched, "rss_mib": resident_mib(self.gateway)}
        await asyncio.to_thread(self.wait_until_calm)
        await asyncio.to_thread(wait_until, lambda: self.descriptors() <= most, "the descriptors to be closed", 30)
        self.seen["rss_after_mib"] = resident_mib(self.gateway)
        self.seen["internal_errors"] = self.gateway.metric("usher_internal_errors_total")
        await self.end_under_attack()
        await upstreams.stop()

    def wait_until_calm(self):
        """Longer than the goodbye, the linger and the last silence of a tunnel together."""
        wait_until(lambda: not any(self.gauges().values()), f"the gauges to be 0; they are {self.gauges()}", 60)

    async def end_under_attack(self):
        attack = asyncio.create_task(self.attack(60))
        await asyncio.sleep(1)
        self.gateway.signal(signal.SIGTERM)
        self.seen["status"] = await asyncio.to_thread(self.gateway.process.wait, 60)
        attack.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await attack
        self.gateway.reader.join(5)

    def run(self):
        """Returns what is wrong."""
        try:
            asyncio.run(self.run_all())
        finally:
            if self.gateway and self.gateway.process and self.gateway.process.poll() is None:
                self.gateway.kill()
        problems = findings(self.gateway.log)
        if self.seen.get("internal_errors"):
            problems.append(f"{self.seen['internal_errors']} internal errors")
        if self.seen.get("status") != 0:
            problems.append(f"it ended with {self.seen.get('status')}")
        return problems
