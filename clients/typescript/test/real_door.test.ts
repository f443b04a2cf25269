// UsherSocket and ticketWebSocket over real sockets on 127.0.0.1, with the libraries that are to use the class. The door in front of
// the application's server is one of ours that selects subprotocols as usher does; tests/doors has usher itself.

import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import ReconnectingWebSocket from 'reconnecting-websocket';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { ticketWebSocket, UsherSocket } from '../src/socket';
import { until } from './fakes';

// graphql must be loaded once; graphql-ws gets the one that Node finds, not the one that Vite would.
const { GraphQLObjectType, GraphQLSchema, GraphQLString } = createRequire(import.meta.url)('graphql') as typeof import('graphql');

class Door {
  readonly http: Server;
  readonly live: WebSocket[] = [];
  readonly urls: string[] = [];
  tickets = 0;
  upgrades = 0;
  /** What the next sockets are refused with. */
  refusal: [number, string] | null = null;
  ticketStatus = 200;
  onSocket = (socket: WebSocket): void => void socket.on('message', (data, binary) => socket.send(data, { binary }));
  readonly #known = new Set<string>();
  readonly server: WebSocketServer;

  constructor() {
    // As usher does: a refusal selects its own name, success the application's choice or `usher.accepted`.
    const select = (offered: Set<string>): string | false =>
      this.refusal ? 'usher.refused' : ([...offered].find((name) => !name.startsWith('usher.')) ?? 'usher.accepted');
    this.server = new WebSocketServer({ noServer: true, handleProtocols: select });
    this.http = createServer((request, response) => {
      if (request.url !== '/auth/ticket' || request.headers.authorization !== 'Bearer jwt') return response.writeHead(404).end('{}');
      const ticket = `${++this.tickets}`.padStart(32, '0');
      this.#known.add(ticket);
      const body = this.ticketStatus === 200 ? { ticket, expires_in: 30 } : { code: 'STORE_UNAVAILABLE', retry_after_ms: 0 };
      response.writeHead(this.ticketStatus, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    });
    this.http.on('upgrade', (request, socket, head) => {
      this.upgrades += 1;
      const url = new URL(request.url ?? '', 'http://door');
      const ticket = url.searchParams.get('ticket') ?? '';
      if (!this.#known.delete(ticket)) return socket.destroy();
      url.searchParams.delete('ticket');
      this.urls.push(url.pathname + url.search);
      this.server.handleUpgrade(request, socket, head, (accepted) => {
        this.live.push(accepted);
        if (this.refusal) accepted.close(...this.refusal);
        else this.onSocket(accepted);
      });
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.http.address() as AddressInfo).port}/board?room=7`;
  }

  get last(): WebSocket {
    return this.live.at(-1) as WebSocket;
  }
}

let door: Door;
let lines: string[];
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  door = new Door();
  lines = [];
  await new Promise<void>((resolve) => door.http.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  for (const close of closers.splice(0)) close();
  for (const socket of door.live) socket.terminate();
  door.http.closeAllConnections();
  await new Promise((resolve) => door.http.close(resolve));
});

function options() {
  const log = (text: string): void => void lines.push(text);
  return { token: 'jwt', WebSocket: WebSocket as never, logger: { log, warn: log, error: log }, random: () => 0 };
}

function usherSocket(more: object = {}, protocols?: string[]): UsherSocket {
  const socket = new UsherSocket(door.url, protocols, { ...options(), ...more });
  closers.push(() => socket.close());
  return socket;
}

function heard(target: EventTarget, type: string): Promise<any> {
  return new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
}

test('TextAndBytesGoBothWays', async () => {
  const socket = usherSocket();
  await heard(socket, 'open');
  expect([socket.readyState, socket.protocol, door.urls]).toEqual([1, '', ['/board?room=7']]);
  const large = new Uint8Array(1 << 20).map((_, index) => index * 7);
  for (const data of ['größer 𝄞', new Uint8Array([1, 2, 3]).buffer, large, new Blob(['blob'])]) {
    const answer = heard(socket, 'message');
    socket.send(data as never);
    const { data: echo } = await answer;
    if (typeof data === 'string') expect(echo).toBe(data);
    else {
      const sent = await new Response(data as never).arrayBuffer();
      expect(Buffer.from(await (echo as Blob).arrayBuffer()).equals(Buffer.from(sent))).toBe(true);
    }
  }
  socket.binaryType = 'arraybuffer';
  const answer = heard(socket, 'message');
  socket.send(new Uint8Array([9]));
  expect(new Uint8Array((await answer).data)).toEqual(new Uint8Array([9]));
});

test('TheApplicationsOwnSubprotocolIsSeen', async () => {
  const socket = usherSocket({}, ['chat.v1']);
  await heard(socket, 'open');
  expect(socket.protocol).toBe('chat.v1');
});

test('ARefusalIsReadAndNothingOpens', async () => {
  door.refusal = [1008, 'NOT_AUTHORIZED'];
  const socket = usherSocket();
  let opened = false;
  socket.onopen = () => (opened = true);
  const { code, reason, wasClean } = await heard(socket, 'close');
  expect([code, reason, wasClean, opened]).toEqual([1008, 'NOT_AUTHORIZED', true, false]);
  expect(lines.at(-1)).toBe("[WS] Hard failure - stopping reconnect { code: 1008, reason: 'NOT_AUTHORIZED', wasClean: true }");
  expect(door.tickets).toBe(1);
});

test('ALossReopensWithANewTicketAndSendsTheQueue', async () => {
  const socket = usherSocket({ queue: 2 });
  socket.send('first');
  expect((await heard(socket, 'message')).data).toBe('first');
  const lost = heard(socket, 'lost');
  door.last.terminate();
  expect((await lost).code).toBe(1006);
  socket.send('second');
  await heard(socket, 'reopen');
  expect((await heard(socket, 'message')).data).toBe('second');
  expect([door.tickets, door.upgrades]).toEqual([2, 2]);
  expect(lines).toContain('[WS] Reconnecting in 187ms (attempt 1)');
});

test('CloseIsAnsweredByTheServer', async () => {
  const socket = usherSocket();
  await heard(socket, 'open');
  const [ended] = [new Promise((resolve) => door.last.once('close', (code, reason) => resolve([code, `${reason}`])))];
  socket.close(4000, 'bye');
  expect(await ended).toEqual([4000, 'bye']);
  const { code, reason, wasClean } = await heard(socket, 'close');
  expect([code, reason, wasClean]).toEqual([4000, 'bye', true]);
});

test('CloseDuringTheHandshakeLeavesNothingBehind', async () => {
  const socket = usherSocket();
  await new Promise<void>((resolve) => door.http.once('upgrade', () => resolve()));
  socket.close();
  expect((await heard(socket, 'close')).code).toBe(1006);
  await until(() => door.live.every(({ readyState }) => readyState === WebSocket.CLOSED));
});

test('ReconnectingWebSocketTakesTheClass', async () => {
  const Impl = ticketWebSocket(options());
  const socket = new ReconnectingWebSocket(door.url, ['chat.v1'], { WebSocket: Impl, minReconnectionDelay: 1, maxReconnectionDelay: 1, connectionTimeout: 20_000 });
  closers.push(() => socket.close());
  const opened = (): Promise<void> => new Promise((resolve) => socket.addEventListener('open', () => resolve()));
  await opened();
  const echo = new Promise<any>((resolve) => socket.addEventListener('message', ({ data }) => resolve(data)));
  socket.send('hello');
  expect([await echo, socket.protocol]).toEqual(['hello', 'chat.v1']);
  door.last.terminate();
  await opened();
  expect(door.tickets).toBe(2);

  // A hard failure: the library goes on, but nothing leaves the machine.
  door.refusal = [3520, 'SESSION_REVOKED'];
  door.last.close(3520, 'SESSION_REVOKED');
  const codes: number[] = [];
  await new Promise<void>((resolve) => socket.addEventListener('close', ({ code }) => void (codes.push(code) === 10 && resolve())));
  expect(codes[0]).toBe(3520);
  expect([door.tickets, door.upgrades, Impl.failure]).toEqual([2, 2, { code: 3520, reason: 'SESSION_REVOKED' }]);
  door.refusal = null;
  Impl.reset();
  await opened();
  expect(door.tickets).toBe(3);
});

test('GraphqlWsTakesTheClass', async () => {
  let ticks: (() => void) | undefined;
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { hello: { type: GraphQLString, resolve: () => 'world' } } }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        tick: {
          type: GraphQLString,
          async *subscribe() {
            yield { tick: 'one' };
            await new Promise<void>((resolve) => (ticks = resolve));
            yield { tick: 'two' };
          },
        },
      },
    }),
  });
  const upstream = new WebSocketServer({ noServer: true });
  useServer({ schema }, upstream);
  door.onSocket = (socket) => void upstream.emit('connection', socket, { headers: {}, socket: {} });

  const Impl = ticketWebSocket(options());
  const client = createClient({ url: door.url, webSocketImpl: Impl, retryAttempts: 5, retryWait: async () => {}, shouldRetry: () => true });
  closers.push(() => client.dispose());
  const answers = client.iterate({ query: '{ hello }' });
  expect((await answers.next()).value).toEqual({ data: { hello: 'world' } });
  const stream = client.iterate({ query: 'subscription { tick }' });
  expect((await stream.next()).value).toEqual({ data: { tick: 'one' } });
  ticks?.();
  expect((await stream.next()).value).toEqual({ data: { tick: 'two' } });

  // Soft: the library comes back by itself, through the desk's backoff.
  const again = client.iterate({ query: 'subscription { tick }' });
  await again.next();
  const before = door.tickets;
  door.last.close(1013, 'UPSTREAM_UNAVAILABLE');
  await again.next();
  expect(door.tickets).toBe(before + 1);
  expect(lines).toContain('[WS] Reconnecting in 187ms (attempt 1)');

  // Hard: its subscription ends with the code.
  door.last.close(1008, 'NOT_AUTHORIZED');
  await expect(again.next()).rejects.toMatchObject({ code: 1008, reason: 'NOT_AUTHORIZED' });
  expect(door.tickets).toBe(before + 1);
});
