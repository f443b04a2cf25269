// The client against a real HTTP server and real sockets on 127.0.0.1: what
// fakes can't show (subprotocol, redirects, aborted calls, close codes).

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createClient, type UsherClient } from '../src';
import { until } from './fakes';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

class Gateway {
  readonly http: Server;
  readonly sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => (offered.has('usher.v1.json') ? 'usher.v1.json' : false) });
  readonly requests: { url: string; authorization: string | undefined }[] = [];
  readonly live: WebSocket[] = [];
  tickets = 0;
  onTicket: Handler = (_, response) => reply(response, 200, { ticket: `${++this.tickets}`.padStart(32, '0'), expires_in: 30 });
  onSocket = (socket: WebSocket): void => socket.send(JSON.stringify({ push: { connect: { client: 'c', session: 's', ping: 25, pong: true } } }));

  constructor() {
    this.http = createServer((request, response) => {
      this.requests.push({ url: request.url ?? '', authorization: request.headers.authorization });
      if (request.url === '/rt/auth/token') return reply(response, 200, { token: 'guest', session_id: 's', expires_in: 60 });
      if (request.url === '/rt/auth/ticket') return this.onTicket(request, response);
      reply(response, 404, {});
    });
    this.http.on('upgrade', (request, socket, head) => {
      this.requests.push({ url: request.url ?? '', authorization: request.headers.authorization });
      this.sockets.handleUpgrade(request, socket, head, (accepted) => {
        this.live.push(accepted);
        this.onSocket(accepted);
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}/rt/`;
  }
}

function reply(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
}

let gateway: Gateway;
let client: UsherClient;
let lines: string[];

beforeEach(async () => {
  gateway = new Gateway();
  await new Promise<void>((resolve) => gateway.http.listen(0, '127.0.0.1', resolve));
  lines = [];
  const log = (text: string): void => void lines.push(text);
  client = createClient({ url: gateway.url, WebSocket: WebSocket as never, logger: { log, warn: log, error: log }, random: () => 0 });
});

afterEach(async () => {
  client.disconnect();
  for (const socket of gateway.live) socket.terminate();
  gateway.http.closeAllConnections();
  await new Promise((resolve) => gateway.http.close(resolve));
});

async function become(status: string): Promise<void> {
  if (client.status === status) return;
  await new Promise<void>((resolve) => client.on('status', (now) => now === status && resolve()));
}

test('FromTokenToMessages', async () => {
  const seen: unknown[] = [];
  client.subscribe('news:1', (data) => seen.push(data));
  client.connect();
  await become('connected');
  const [socket] = gateway.live as [WebSocket];
  expect(socket.protocol).toBe('usher.v1.json');
  expect(gateway.requests.map(({ url, authorization }) => [url.replace(/\d{32}/, 'T'), authorization])).toEqual([
    ['/rt/auth/token', undefined],
    ['/rt/auth/ticket', 'Bearer guest'],
    ['/rt/ws?ticket=T', undefined],
  ]);
  const sent: unknown[] = [];
  socket.on('message', (data) => sent.push(JSON.parse(String(data))));
  socket.send('{}');
  socket.send('{"push":{"channel":"news:1","pub":{"data":"hello","offset":1}}}\n{"push":{"channel":"news:1","pub":{"data":"again","offset":2}}}');
  expect(client.publish('news:1', 'mine')).toBe(true);
  await new Promise<void>((resolve) => client.on('message', ({ data }) => data === 'again' && resolve()));
  expect(seen).toEqual(['hello', 'again']);
  await new Promise<void>((resolve) => {
    if (sent.length === 2) resolve();
    socket.on('message', () => sent.length === 2 && resolve());
  });
  expect(sent).toContainEqual({ id: 1, publish: { channel: 'news:1', data: 'mine' } });
  expect(sent).toContainEqual({});
});

test('ALostConnectionComesBackWithANewTicket', async () => {
  client.connect();
  await become('connected');
  gateway.live[0]?.terminate();
  await become('reconnecting');
  await become('connected');
  expect(gateway.tickets).toBe(2);
  expect(lines).toContain("[WS] Disconnected { code: 1006, reason: '', wasClean: false }");
  expect(lines).toContain('[WS] Reconnecting in 187ms (attempt 1)');
});

test('AnAcceptedAndRefusedSocketTellsItsReason', async () => {
  gateway.onSocket = (socket) => socket.close(1008, 'ORIGIN_BLOCKED');
  client.connect();
  await become('disconnected').then(() => until(() => client.failure !== null));
  expect(client.failure).toEqual({ code: 1008, reason: 'ORIGIN_BLOCKED' });
  expect(lines.at(-1)).toBe("[WS] Hard failure - stopping reconnect { code: 1008, reason: 'ORIGIN_BLOCKED', wasClean: true }");
});

test('ARedirectIsNotFollowedWithTheBearer', async () => {
  gateway.onTicket = (_, response) => reply(response, 307, {}, { Location: '/rt/elsewhere' });
  client.connect();
  await become('reconnecting');
  expect(lines).toContain('[WS] Soft failure - HTTP error (307), will retry');
  expect(gateway.requests.some(({ url }) => url === '/rt/elsewhere')).toBe(false);
});

test('DisconnectDuringTheHandshakeLeavesNothingBehind', async () => {
  gateway.onSocket = () => {};
  client.connect();
  await new Promise<void>((resolve) => gateway.http.once('upgrade', () => resolve()));
  client.disconnect();
  const [socket] = gateway.live as [WebSocket];
  if (socket && socket.readyState !== WebSocket.CLOSED) await new Promise((resolve) => socket.once('close', resolve));
  expect(client.status).toBe('disconnected');
});
