// UsherSocket over real sockets on 127.0.0.1: what fakes can't show.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { UsherSocket } from '../src/socket';
import { Door } from './door';
import { until } from './fakes';

let door: Door;
let lines: string[];
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  door = new Door();
  lines = [];
  await door.listen();
});

afterEach(async () => {
  for (const close of closers.splice(0)) close();
  await door.stop();
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
