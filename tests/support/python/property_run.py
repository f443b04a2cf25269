"""Random clients against real gateways, held to stream_model.py: connects, subscribes, publishes, leaves, is cut off and
recovers, while the backend publishes and binds, and gateways are killed and come back.

    PropertyRun(gateways, seed, clients=100).run(seconds)   raises stream_model.Violation
"""

import asyncio
import json
import random

import websockets

from gateway import API_KEY
from stream_model import ChannelView, Truth, Violation

NAMESPACES = [
    {"name": "open", "subscribe": "anyone", "publish": "anyone", "history_size": 200, "history_ttl": "10m",
     "recovery": True},
    {"name": "short", "subscribe": "anyone", "history_size": 3, "history_ttl": "10m", "recovery": True},
    {"name": "live", "subscribe": "anyone"},
    {"name": "job", "subscribe": "owner", "history_size": 50, "history_ttl": "10m", "recovery": True},
]
CHANNELS = ([f"open:{n}" for n in range(7)] + [f"short:{n}" for n in range(3)] + [f"live:{n}" for n in range(2)] +
            [f"job:{n}" for n in range(8)])
NEVER_BOUND = "job:7"


async def post(address, path, body, **fields):
    """(status, parsed body). OSError where the gateway is not there."""
    host, port = address.rsplit(":", 1)
    reader, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), 10)
    try:
        text = json.dumps(body).encode()
        head = [f"POST {path} HTTP/1.1", "Host: gateway", "Connection: close", f"Content-Length: {len(text)}",
                *(f"{name}: {value}" for name, value in fields.items())]
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + text)
        answer = await asyncio.wait_for(reader.read(), 10)
        if not answer:
            raise ConnectionResetError("no answer")
        head, _, content = answer.partition(b"\r\n\r\n")
        return int(head.split(b" ")[1]), json.loads(content)
    finally:
        writer.close()


class Client:
    def __init__(self, run, number):
        self.run, self.session = run, f"s{number // 2}"
        self.random = random.Random(run.random.random())
        self.views = {}
        self.wanted = set()
        self.socket, self.ready = None, False
        self.next_id, self.asked = 1, {}

    def view(self, channel):
        return self.views.setdefault(channel, ChannelView(self.run.truth, self.session, channel))

    async def live(self):
        """Connections, one after the other, each ended by somebody."""
        while True:
            try:
                await self.connect()
                acting = asyncio.ensure_future(self.act())
                try:
                    await self.read()
                finally:
                    acting.cancel()
            except (OSError, asyncio.TimeoutError, websockets.WebSocketException, EOFError):
                await asyncio.sleep(self.random.random() * 0.2)
            finally:
                self.ready = False
                await self.leave(abort=True)

    async def connect(self):
        address = self.random.choice(self.run.addresses)
        wished = {channel: self.view(channel).wish for channel in self.wanted}
        status, answer = await post(address, "/auth/ticket", {"subs": wished},
                                    Authorization=f"Bearer {self.run.gateways[0].token(sessionId=self.session)}")
        if status != 200:
            raise OSError(f"{status}")
        self.socket = await websockets.connect(f"ws://{address}/ws?ticket={answer['ticket']}",
                                               subprotocols=["usher.v1.json"], ping_interval=None, max_queue=None,
                                               close_timeout=2, open_timeout=10, compression=None)
        lines = (await asyncio.wait_for(self.socket.recv(), 10)).split("\n")
        subs = json.loads(lines[0])["push"]["connect"]["subs"]
        self.asked = {}
        for channel, wish in wished.items():
            if channel not in subs:
                raise Violation(f"{channel} was wished for and not answered")
            self.take_outcome(channel, subs[channel], wish)
        for line in lines[1:]:
            self.take(json.loads(line))
        self.ready = True

    def take_outcome(self, channel, result, wish):
        if "error" not in result:
            return self.view(channel).take_result(result, wish)
        may_fail = {103, 100} if channel.startswith("job:") else {100}  # somebody else's; the engine was away
        self.run.refused += 1
        if result["error"]["code"] not in may_fail:
            raise Violation(f"{self.session} {channel}: {result}")
        self.wanted.discard(channel)

    async def read(self):
        try:
            async for message in self.socket:
                for line in message.split("\n"):
                    self.take(json.loads(line))
        finally:
            self.ready = False
            for view in self.views.values():
                view.lost()

    def take(self, message):
        if "push" in message:
            return self.take_push(message["push"])
        if message == {}:
            return asyncio.ensure_future(self.send({}))
        what, channel, wish = self.asked.pop(message["id"])
        if what == "subscribe":
            self.take_outcome(channel, message.get("subscribe", message), wish)
        elif what == "unsubscribe":
            self.view(channel).lost()
        elif "error" in message and message["error"]["code"] != 100:
            raise Violation(f"{what} {channel}: {message}")

    def take_push(self, push):
        channel = push.get("channel")
        view = self.view(channel) if channel else None
        if "pub" in push and channel in CHANNELS:
            if not view.subscribed or view.pending:
                raise Violation(f"{self.session} got {push}, which it is not subscribed to")
            view.take(push["pub"])
        elif "subscribe" in push:
            view.take_result(push["subscribe"], view.wish, by_push=True)
        elif "unsubscribe" in push:
            view.lost()
            if push["unsubscribe"]["code"] < 2500:
                self.wanted.discard(channel)
            else:
                asyncio.ensure_future(self.ask("subscribe", channel, view.wish))

    async def send(self, command):
        if self.socket and self.ready:
            await self.socket.send(json.dumps(command))

    async def ask(self, what, channel, wish=None, **params):
        number, self.next_id = self.next_id, self.next_id + 1
        self.asked[number] = (what, channel, wish or {})
        await self.send({"id": number, what: {"channel": channel, **(wish or {}), **params}})

    async def act(self):
        try:
            await self.act_at_random()
        except (OSError, websockets.WebSocketException):
            pass  # read() sees it too

    async def act_at_random(self):
        while self.ready and not self.run.quiet:
            await asyncio.sleep(self.random.expovariate(1.5))
            dice = self.random.random()
            busy = {channel for what, channel, _ in self.asked.values() if what != "publish"}
            channel = self.random.choice([c for c in CHANNELS if c not in busy])
            if dice < 0.4 and channel not in self.wanted:
                self.wanted.add(channel)
                await self.ask("subscribe", channel, self.view(channel).wish)
            elif dice < 0.5 and channel in self.wanted:
                self.wanted.discard(channel)
                await self.ask("unsubscribe", channel)
            elif dice < 0.75:
                await self.ask("publish", f"open:{self.random.randrange(7)}", data=self.run.data(self.session))
            elif dice < 0.8:
                return await self.leave(abort=False)
            elif dice < 0.85:
                return await self.leave(abort=True)

    async def leave(self, abort):
        socket, self.socket = self.socket, None
        if socket is None:
            return
        if abort:
            socket.transport.abort()
        else:
            await socket.close()


class Over(Exception):
    """The run has ended well."""


class PropertyRun:
    """`shared_memory`: gateways forget nothing when they are killed (Redis)."""

    def __init__(self, gateways, seed, clients=100, shared_memory=False, kill_every=6.0):
        self.gateways, self.random, self.truth = gateways, random.Random(seed), Truth()
        self.addresses = [gateway.address for gateway in gateways]
        self.shared_memory, self.kill_every = shared_memory, kill_every
        self.quiet = False
        self.ids, self.serials, self.kills, self.refused = 0, {}, 0, 0
        self.owners = {channel: None for channel in CHANNELS if channel.startswith("job:")}
        self.jobs = asyncio.Lock()
        self.clients = [Client(self, number) for number in range(clients)]

    def data(self, by):
        self.ids += 1
        return {"id": self.ids, "by": by}

    async def api(self, method, body):
        """The result; nothing where it is not known whether it happened."""
        try:
            status, answer = await post(self.random.choice(self.addresses), f"/api/{method}", body,
                                        **{"X-API-Key": API_KEY})
        except (OSError, asyncio.TimeoutError, ValueError):
            return None
        return answer.get("result") if status == 200 else None

    async def publish(self, channel):
        data = self.data("backend")
        if channel.startswith("live:"):
            data["serial"] = self.serials[channel] = self.serials.get(channel, 0) + 1
        if channel in self.owners:
            self.truth.published_for(channel, data["id"], self.owners[channel])
        result = await self.api("publish", {"channel": channel, "data": data})
        if result is None:
            return
        if result.get("epoch"):
            self.truth.placed(channel, result["epoch"], result["offset"], data["id"])
        elif channel.startswith("live:"):
            self.truth.confirmed.setdefault(channel, set()).add(data["serial"])

    async def backend(self, channel):
        rng = random.Random(self.random.random())
        while not self.quiet:
            await asyncio.sleep(rng.expovariate(2))
            if channel not in self.owners:
                await self.publish(channel)
                continue
            async with self.jobs:
                if channel != NEVER_BOUND and rng.random() < 0.25:
                    waiting = [c.session for c in self.clients if channel in c.views and c.views[channel].pending]
                    others = [c.session for c in self.clients]
                    await self.bind(channel, rng.choice(waiting if waiting and rng.random() < 0.7 else others))
                else:
                    await self.publish(channel)

    async def bind(self, channel, session):
        self.truth.bound(channel, session)  # its owner may hear of it before we do
        while await self.api("bind", {"channel": channel, "session": session, "ttl": 3600}) is None:
            await asyncio.sleep(0.05)
        self.owners[channel] = session

    async def killer(self):
        while True:
            await asyncio.sleep(self.kill_every * (0.5 + self.random.random()))
            if self.quiet:
                return
            async with self.jobs:  # what a binding is worth must be known afterwards
                number = self.random.randrange(len(self.gateways))
                gateway = self.gateways[number]
                gateway.config["server"]["listen"] = self.addresses[number]
                gateway.kill()
                self.kills += 1
                if not self.shared_memory:
                    self.owners = {channel: None for channel in self.owners}
                    self.truth.unowned.clear()
                await asyncio.get_running_loop().run_in_executor(None, gateway.start)

    async def all_caught_up(self):
        """Everybody who is subscribed has everything."""
        for channel in CHANNELS:
            if channel.startswith("live:"):
                continue
            state = await self.api("history", {"channel": channel, "limit": 0})
            views = [client.views[channel] for client in self.clients if channel in client.views]
            for view in views:
                if not view.subscribed or view.pending or view.replay_end is not None:
                    continue
                if state is None or (view.epoch, view.offset) != (state["epoch"], state.get("offset", 0)):
                    return f"{view.session} on {channel} at {view.epoch}/{view.offset}, not {state}"
        return None

    async def main(self, seconds):
        tasks = [asyncio.ensure_future(work) for work in
                 [client.live() for client in self.clients] + [self.backend(channel) for channel in CHANNELS] +
                 [self.killer(), self.end_after(seconds)]]
        done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        for task in done:
            if not isinstance(task.exception(), Over):
                task.result()
        for client in self.clients:
            for view in client.views.values():
                view.check_runs()

    async def end_after(self, seconds):
        await asyncio.sleep(seconds)
        self.quiet = True
        behind = ""
        for _ in range(100):
            await asyncio.sleep(0.1)
            if all(client.ready for client in self.clients):
                behind = await self.all_caught_up()
                if behind is None:
                    break
        else:
            raise Violation(f"ten seconds of silence, and still: {behind or 'not all are connected'}")
        raise Over

    def run(self, seconds):
        asyncio.run(self.main(seconds))
        return self
