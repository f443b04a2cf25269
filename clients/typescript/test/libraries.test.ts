// The libraries that take the class of ticketWebSocket, each over real sockets with a server that speaks as much of its protocol as the
// test needs: it connects, exchanges something, comes back after a loss with a new ticket, and asks for nothing after a hard failure.

import { createRequire } from 'node:module';
import { HttpTransportType, HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { Client as StompClient } from '@stomp/stompjs';
import { Centrifuge } from 'centrifuge';
import { createClient as createGraphql } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import ReconnectingWebSocket from 'reconnecting-websocket';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type WebSocket, WebSocket as NodeWebSocket, WebSocketServer } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import { Doc } from 'yjs';
import { type TicketWebSocket, ticketWebSocket } from '../src/socket';
import { Door } from './door';
import { until } from './fakes';

// graphql must be loaded once; graphql-ws gets the one that Node finds, not the one that Vite would.
const require = createRequire(import.meta.url);
const { GraphQLObjectType, GraphQLSchema, GraphQLString } = require('graphql') as typeof import('graphql');

let door: Door;
let lines: string[];
let Impl: TicketWebSocket;
let constructions: number;
const stops: (() => unknown)[] = [];

beforeEach(async () => {
  door = new Door();
  lines = [];
  constructions = 0;
  const log = (text: string): void => void lines.push(text);
  const Plain = ticketWebSocket({ token: 'jwt', WebSocket: NodeWebSocket as never, logger: { log, warn: log, error: log }, random: () => 0 });
  Impl = class extends Plain {
    constructor(...given: ConstructorParameters<TicketWebSocket>) {
      super(...given);
      constructions += 1;
    }
  };
  await door.listen();
});

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await door.stop();
  vi.unstubAllGlobals();
});

function url(path: string, scheme = 'ws'): string {
  return new URL(path, door.url.replace('ws', scheme)).href;
}

/** Ends the connection, and waits for the next one, which has a new ticket. */
async function losesAndReturns(connected: Promise<unknown>): Promise<void> {
  const { tickets } = door;
  door.last.terminate();
  await connected;
  expect(door.tickets).toBe(tickets + 1);
}

/** However often the library still tries. */
async function asksForNothingAfterAHardFailure(): Promise<void> {
  const { tickets, upgrades } = door;
  const before = constructions;
  door.last.close(3520, 'SESSION_REVOKED');
  await until(() => Impl.failure !== null);
  await vi.waitFor(() => expect(constructions).toBeGreaterThanOrEqual(before + 3), 15_000);
  expect([Impl.failure, door.tickets, door.upgrades]).toEqual([{ code: 3520, reason: 'SESSION_REVOKED' }, tickets, upgrades]);
  expect(lines.filter((line) => line.startsWith('[WS] Hard failure')).length).toBe(1);
}

function onMessage(answer: (text: string, socket: WebSocket) => void): void {
  door.onSocket = (socket) => void socket.on('message', (data) => answer(`${data as Buffer}`, socket));
}

test('GraphqlWs', async () => {
  let tick: (() => void) | undefined;
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { hello: { type: GraphQLString, resolve: () => 'world' } } }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        tick: {
          type: GraphQLString,
          async *subscribe() {
            yield { tick: 'one' };
            await new Promise<void>((resolve) => (tick = resolve));
            yield { tick: 'two' };
          },
        },
      },
    }),
  });
  const upstream = new WebSocketServer({ noServer: true });
  useServer({ schema }, upstream);
  door.onSocket = (socket) => void upstream.emit('connection', socket, { headers: {}, socket: {} });
  const client = createGraphql({
    url: url('/graphql'),
    webSocketImpl: Impl,
    retryAttempts: Infinity,
    retryWait: async () => {},
    shouldRetry: () => Impl.failure === null,
  });
  stops.push(() => client.dispose());
  expect((await client.iterate({ query: '{ hello }' }).next()).value).toEqual({ data: { hello: 'world' } });
  const stream = client.iterate({ query: 'subscription { tick }' });
  expect((await stream.next()).value).toEqual({ data: { tick: 'one' } });
  tick?.();
  expect((await stream.next()).value).toEqual({ data: { tick: 'two' } });

  const again = client.iterate({ query: 'subscription { tick }' });
  await again.next();
  await losesAndReturns(again.next());
  const { tickets } = door;
  door.last.close(3520, 'SESSION_REVOKED');
  await expect(again.next()).rejects.toMatchObject({ code: 3520, reason: 'SESSION_REVOKED' });
  expect(door.tickets).toBe(tickets);
});

test('ReconnectingWebSocket', async () => {
  const socket = new ReconnectingWebSocket(url('/board'), ['chat.v1'], { WebSocket: Impl, minReconnectionDelay: 1, maxReconnectionDelay: 1, connectionTimeout: 20_000 });
  stops.push(() => socket.close());
  const opened = (): Promise<void> => new Promise((resolve) => socket.addEventListener('open', () => resolve()));
  await opened();
  const echo = new Promise<any>((resolve) => socket.addEventListener('message', ({ data }) => resolve(data)));
  socket.send('hello');
  expect([await echo, socket.protocol]).toEqual(['hello', 'chat.v1']);
  await losesAndReturns(opened());
  await asksForNothingAfterAHardFailure();
  Impl.reset();
  await opened();
});

test('YWebsocket', async () => {
  // A server that keeps nothing: an echo gives each client its own state back.
  const provider = new WebsocketProvider(url('/doc'), 'room', new Doc(), { WebSocketPolyfill: Impl, disableBc: true });
  stops.push(() => provider.destroy());
  const synced = (): Promise<void> => new Promise((resolve) => provider.on('sync', (state: boolean) => state && resolve()));
  await synced();
  await losesAndReturns(synced());
  await asksForNothingAfterAHardFailure();
});

test('Stomp', async () => {
  onMessage((text, socket) => {
    if (text.startsWith('CONNECT')) socket.send('CONNECTED\nversion:1.2\nheart-beat:0,0\n\n\0');
    if (text.startsWith('SUBSCRIBE')) socket.send('MESSAGE\nsubscription:sub-0\nmessage-id:1\ndestination:/a\n\nhello\0');
  });
  const client = new StompClient({ webSocketFactory: () => new Impl(url('/stomp'), ['v12.stomp']), reconnectDelay: 10 });
  stops.push(() => client.deactivate());
  const received = (): Promise<string> => new Promise((resolve) => (client.onConnect = () => client.subscribe('/a', ({ body }) => resolve(body))));
  const first = received();
  client.activate();
  expect(await first).toBe('hello');
  await losesAndReturns(received());
  await asksForNothingAfterAHardFailure();
});

test('Phoenix', async () => {
  onMessage((text, socket) => {
    const [joinRef, ref, topic] = JSON.parse(text) as string[];
    socket.send(JSON.stringify([joinRef, ref, topic, 'phx_reply', { status: 'ok', response: {} }]));
  });
  const { Socket } = require('phoenix') as any;
  const socket = new Socket(url('/socket'), { transport: Impl, reconnectAfterMs: () => 10 });
  stops.push(() => socket.disconnect());
  socket.connect();
  await new Promise((resolve) => socket.channel('room:1').join().receive('ok', resolve));
  await losesAndReturns(new Promise((resolve) => socket.onOpen(resolve)));
  await asksForNothingAfterAHardFailure();
});

test('Centrifuge', async () => {
  onMessage((text, socket) => {
    for (const line of text.split('\n')) {
      const { id, connect } = JSON.parse(line);
      if (connect) socket.send(JSON.stringify({ id, connect: { client: 'c', version: '1' } }));
    }
  });
  const client = new Centrifuge(url('/connection/websocket'), { websocket: Impl, minReconnectDelay: 1, maxReconnectDelay: 10 });
  stops.push(() => client.disconnect());
  client.connect();
  await client.ready();
  await losesAndReturns(new Promise((resolve) => client.once('connected', resolve)));
  // It knows hard codes itself.
  const { tickets } = door;
  const ended = new Promise((resolve) => client.once('disconnected', resolve));
  door.last.close(3520, 'SESSION_REVOKED');
  expect([await ended, door.tickets]).toEqual([{ code: 3520, reason: 'SESSION_REVOKED' }, tickets]);
});

test('SignalR', async () => {
  onMessage((text, socket) => {
    for (const record of text.split('\x1e').filter(Boolean)) {
      const { protocol, invocationId } = JSON.parse(record);
      if (protocol) socket.send('{}\x1e');
      if (invocationId) socket.send(`${JSON.stringify({ type: 3, invocationId, result: 'hello' })}\x1e`);
    }
  });
  // `WebSocket` is not in its types.
  const options = { skipNegotiation: true, transport: HttpTransportType.WebSockets, WebSocket: Impl };
  const connection = new HubConnectionBuilder()
    .withUrl(url('/hub', 'http'), options)
    .withAutomaticReconnect(Array.from({ length: 100 }, () => 10))
    .configureLogging(LogLevel.None)
    .build();
  stops.push(() => connection.stop());
  await connection.start();
  expect(await connection.invoke('hello')).toBe('hello');
  await losesAndReturns(new Promise((resolve) => connection.onreconnected(resolve)));
  await asksForNothingAfterAHardFailure();
});

test('Mqtt', async () => {
  door.onSocket = (socket) => void socket.on('message', (data: Buffer) => void (data[0]! >> 4 === 1 && socket.send(Buffer.from([0x20, 2, 0, 0]))));
  // In Node it would take the way of `ws`, with its own events; this is what browsers load.
  for (const name of ['window', 'self']) vi.stubGlobal(name, globalThis);
  vi.stubGlobal('document', {});
  vi.stubGlobal('navigator', { userAgent: 'a browser' });
  const { default: mqtt } = await import(/* @vite-ignore */ require.resolve('mqtt').replace(/\/build\/.*$/, '/dist/mqtt.esm.js'));
  const client = mqtt.connect(url('/mqtt'), {
    createWebsocket: (where: string, protocols: string[]) => new Impl(where, protocols),
    reconnectPeriod: 10,
    timerVariant: 'native',
  });
  stops.push(() => client.end(true));
  const connected = (): Promise<void> => new Promise((resolve) => client.once('connect', () => resolve()));
  await connected();
  await losesAndReturns(connected());
  await asksForNothingAfterAHardFailure();
});
