// A Node process with a client in it: what keeps it alive, and what does not.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';

let folder: string;
const root = new URL('..', import.meta.url).pathname;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'usher-client-'));
  await build({ absWorkingDir: root, entryPoints: ['src/index.ts'], bundle: true, format: 'esm', platform: 'neutral', outfile: join(folder, 'client.mjs') });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `script` with `client` and `url` in it; resolves with the milliseconds from its `done()` to its end. */
function endsAfter(url: string, script: string): Promise<number> {
  const code = `
    import { createRequire } from 'node:module';
    const { createClient } = await import('${join(folder, 'client.mjs')}');
    const { WebSocket } = createRequire('${root}')('ws');
    const client = createClient({ url: '${url}', WebSocket, logger: null, storage: null });
    const done = () => process.stdout.write('done');
    ${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  let at = 0;
  child.stdout.on('data', () => (at = Date.now()));
  return new Promise((resolve, reject) => {
    child.on('exit', (status) => (status === 0 && at ? resolve(Date.now() - at) : reject(new Error(`it ended with ${status}`))));
  });
}

test('ATokenCallThatHangsDoesNotKeepItAliveAfterDisconnect', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const asked = new Promise((resolve) => server.once('request', resolve));
  const ended = endsAfter(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, `
    client.connect();
    setTimeout(() => { client.disconnect(); done(); }, 300);`);
  await asked;
  expect(await ended).toBeLessThan(3_000);
  server.close();
});

test('ASocketWhoseOtherSideNeverSaysGoodbyeDoesNotEither', async () => {
  const server = createServer((request, response) => {
    const body = request.url === '/auth/token' ? { token: 'guest', expires_in: 60 } : { ticket: 'a', expires_in: 30 };
    response.end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => sockets.handleUpgrade(request, socket, head, (accepted) => {
    accepted.send('{"push":{"connect":{"ping":25,"pong":true}}}');
    socket.pause();
  }));
  await new Promise((resolve) => server.once('listening', resolve));
  const ms = await endsAfter(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, `
    client.on('status', (status) => { if (status === 'connected') { client.disconnect(); done(); } });
    client.connect();`);
  expect(ms).toBeLessThan(5_000);
  server.closeAllConnections();
  server.close();
});
