"""Clients that others wrote: Debian's python3-websockets, and npm's ws as the TypeScript client's tests have it."""
import asyncio
import subprocess
from pathlib import Path

import websockets

NODE_FOLDER = Path(__file__).resolve().parents[2] / "clients/typescript"
MESSAGES = ["", "hello", "κόσμε 😀", "x" * 126, "x" * 65536, b"", bytes(range(256)), bytes(1 << 20)]


def test_python_websockets_gets_its_echoes(server):
    async def run():
        async with websockets.connect(f"ws://127.0.0.1:{server.port}{server.target()}", max_size=None) as socket:
            for message in MESSAGES:
                await socket.send(message)
                assert await socket.recv() == message
            await socket.send(["frag", "men", "ted"])
            assert await socket.recv() == "fragmented"
            await asyncio.wait_for(await socket.ping(b"payload"), 10)
            await socket.close(4000, "done")
        assert socket.close_code == 4000

    asyncio.run(run())


WS_SCRIPT = """
import { createRequire } from 'node:module';
import assert from 'node:assert';
const WebSocket = createRequire(process.argv[1] + '/')('ws');
const socket = new WebSocket(process.argv[2]);
const messages = ['', 'hello', 'κόσμε 😀', 'x'.repeat(65536), Buffer.alloc(0), Buffer.alloc(1 << 20, 7)];
const answers = [];
socket.on('open', () => {
  for (const message of messages) socket.send(message);
  socket.send('frag', { fin: false });
  socket.send('mented', { fin: true });
  socket.ping('payload');
});
socket.on('message', (data, binary) => {
  answers.push(binary ? data : data.toString());
});
socket.on('pong', (data) => {
  assert.equal(data.toString(), 'payload');
  assert.deepEqual(answers, [...messages, 'fragmented']);
  socket.close(4000, 'done');
});
socket.on('close', (code) => process.exit(code === 4000 ? 0 : 1));
"""


def test_npm_ws_gets_its_echoes(server):
    assert (NODE_FOLDER / "node_modules/ws").is_dir(), f"npm's ws is missing: run `npm ci` in {NODE_FOLDER}"
    done = subprocess.run(
        ["node", "--input-type=module", "-e", WS_SCRIPT, str(NODE_FOLDER), f"ws://127.0.0.1:{server.port}{server.target()}"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
