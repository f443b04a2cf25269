"""An application's own WebSocket server, by Debian's python3-websockets, in a thread: what stands behind an upstream of the gateway."""

import asyncio
import threading

import websockets


class Upstream:
    """`on_message(ws, message)` answers, by default with the same message. `received`: all messages; `requests`: path and
    headers of each socket; `closes`: the code of each end."""

    def __init__(self, subprotocols=None, port=0):
        self.received, self.requests, self.closes = [], [], []
        self.on_open = self.on_message = None
        self._subprotocols, self._port = subprotocols, port
        self._sockets = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self):
        self._thread.start()
        self._server = self._run(self._serve())
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    def stop(self):
        """Without a close frame, as a process that is killed."""
        for ws in list(self._sockets):
            self._loop.call_soon_threadsafe(ws.transport.abort)
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._port}/socket"

    @property
    def port(self):
        return self._port

    def send(self, message):
        """To every open socket."""
        for ws in list(self._sockets):
            self._run(ws.send(message))

    def close_all(self, code, reason=""):
        for ws in list(self._sockets):
            self._run(ws.close(code, reason))

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _serve(self):
        return await websockets.serve(self._handle, "127.0.0.1", self._port, subprotocols=self._subprotocols,
                                      max_size=None, max_queue=4, ping_interval=None)

    async def _close(self):
        self._server.close()
        await self._server.wait_closed()

    async def _handle(self, ws):
        self.requests.append((ws.path, ws.request_headers))
        self._sockets.add(ws)
        try:
            if self.on_open:
                await self.on_open(ws)
            async for message in ws:
                self.received.append(message)
                await (self.on_message(ws, message) if self.on_message else ws.send(message))
        except websockets.ConnectionClosed:
            pass
        finally:
            self._sockets.discard(ws)
            self.closes.append(ws.close_code)
