// UsherSocket: the browser's interface in front, one client that comes back behind it.

import { afterEach, expect, test, vi } from 'vitest';
import { UsherSocket } from '../src/socket';
import { settled, until } from './fakes';
import { SocketWorld } from './socket_fakes';

afterEach(() => void vi.unstubAllGlobals());

function fire(target: EventTarget, name: string, properties: object = {}): void {
  target.dispatchEvent(Object.assign(new Event(name), properties));
}

const kSuccess = [
  '[WS] Ensuring JWT token exists...',
  '[WS] JWT ready',
  '[WS] Requesting WebSocket ticket...',
  '[WS] Ticket obtained, connecting to WebSocket...',
  '[WS] Connected',
];

test('FromTokenToTicketToAnOpenSocket', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket({ prefix: '/rt' }, 'https://gw.example/rt/board?room=7#top', ['chat.v1', 'chat.v2']);
  expect([socket.readyState, socket.url, socket.protocol]).toEqual([0, 'wss://gw.example/rt/board?room=7', '']);
  const call = await world.answerTicket();
  expect([call.url, call.bearer]).toEqual(['https://gw.example/rt/auth/ticket', 'jwt']);
  expect(world.socket.url).toBe(`wss://gw.example/rt/board?room=7&ticket=${'1'.padStart(32, '0')}`);
  expect(world.socket.protocols).toEqual(['chat.v1', 'chat.v2', 'usher.accepted', 'usher.refused']);
  expect(socket.readyState).toBe(0);
  world.socket.extensions = 'permessage-deflate';
  world.socket.open('chat.v2');
  expect([socket.readyState, socket.url, socket.protocol, socket.extensions]).toEqual([1, 'wss://gw.example/rt/board?room=7', 'chat.v2', 'permessage-deflate']);
  expect(world.seen).toEqual(['open']);
  expect(world.lines).toEqual(kSuccess);
});

test('AGuestGetsItsTokenFromTheSameGateway', async () => {
  const world = new SocketWorld();
  world.usherSocket({ token: undefined }, 'ws://gw.example:8080/board');
  expect((await world.answerToken('guest-1')).url).toBe('http://gw.example:8080/auth/token');
  expect((await world.answerTicket()).bearer).toBe('guest-1');
});

test('TheGatewayMayHaveAnotherOrigin', async () => {
  const world = new SocketWorld();
  world.usherSocket({ gateway: 'https://gw.example/rt/', tunnel: false }, 'wss://app.example/socket');
  expect((await world.answerTicket()).url).toBe('https://gw.example/rt/auth/ticket');
  expect(world.socket.url).toBe(`wss://app.example/socket?ticket=${'1'.padStart(32, '0')}`);
  expect(() => world.usherSocket({ gateway: 'gw.example' })).toThrowError(expect.objectContaining({ name: 'SyntaxError' }));
});

test('TheNamesThatTellOfAdmissionStayHidden', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket();
  await world.letIn('usher.accepted');
  expect([socket.readyState, socket.protocol]).toEqual([1, '']);
});

test('WithoutUshersTunnelOnlyTheCallersOwnSubprotocolsAreOffered', async () => {
  const world = new SocketWorld();
  world.usherSocket({ tunnel: false });
  await world.letIn('');
  expect([world.socket.protocols, world.seen]).toEqual([[], ['open']]);
  new (world.ticketClass({ tunnel: false }))('wss://gw.example/', 'mqtt');
  await world.letIn('mqtt');
  expect(world.socket.protocols).toEqual(['mqtt']);
  world.socket.end(1008, 'NOT_AUTHORIZED');
  expect(world.lines.at(-1)).toContain('[WS] Hard failure');
});

test('ARefusedSocketNeverOpensAndClosesWithTheReason', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket();
  await world.answerTicket();
  world.socket.open('usher.refused');
  world.socket.message('not for you');
  expect([socket.readyState, world.seen]).toEqual([0, []]);
  world.socket.end(1008, 'NOT_AUTHORIZED');
  expect(world.seen).toEqual(['error', ['close', 1008, 'NOT_AUTHORIZED', true]]);
  expect([socket.readyState, socket.failure]).toEqual([3, { code: 1008, reason: 'NOT_AUTHORIZED' }]);
  expect(world.lines.slice(4)).toEqual([
    "[WS] Disconnected { code: 1008, reason: 'NOT_AUTHORIZED', wasClean: true }",
    "[WS] Hard failure - stopping reconnect { code: 1008, reason: 'NOT_AUTHORIZED', wasClean: true }",
  ]);
  fire(world.window, 'online');
  world.scheduler.advance(600_000);
  await settled();
  expect([world.calls.length, world.scheduler.pending]).toEqual([1, 0]);
});

test('ARefusedTokenClosesTheSocketAndSaysSoOnce', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket();
  (await world.nextCall()).answer(401, { code: 'MISSING_SESSION' });
  await until(() => socket.readyState === 3);
  expect(world.seen).toEqual(['error', ['close', 1008, 'MISSING_SESSION', false]]);
  expect(world.lines.slice(3)).toEqual([
    "[WS] Failed to connect HttpErrorResponse { status: 401, error: { code: 'MISSING_SESSION' } }",
    "[WS] Hard failure - auth error { status: 401, code: 'MISSING_SESSION' }",
    '[WS] Ticket request failed: 401 UNAUTHORIZED - stopping reconnect',
  ]);
});

test('ASoftFailureIsNoEventAndIsRetriedWithANewTicket', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket();
  (await world.nextCall()).answer(503, { code: 'STORE_UNAVAILABLE' });
  await until(() => world.lines.includes('[WS] Reconnecting in 250ms (attempt 1)'));
  world.scheduler.advance(250);
  await world.answerTicket();
  world.socket.open('usher.refused');
  world.socket.end(1013, 'UPSTREAM_UNAVAILABLE');
  expect([socket.readyState, world.seen]).toEqual([0, []]);
  world.scheduler.advance(500);
  await world.letIn();
  expect(world.seen).toEqual(['open']);
  expect(new Set(world.sockets.map(({ url }) => url)).size).toBe(2);
});

test('ALossIsTold_ThenOpenAndReopen', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket();
  const first = await world.letIn();
  world.scheduler.advance(5_000);
  first.end(1001, 'SERVER_SHUTDOWN');
  expect([socket.readyState, world.seen]).toEqual([0, ['open', ['lost', 1001, 'SERVER_SHUTDOWN', true]]]);
  first.message('late');
  world.scheduler.advance(250);
  (await world.nextCall()).fail();
  await until(() => world.lines.includes('[WS] Reconnecting in 500ms (attempt 2)'));
  world.scheduler.advance(500);
  await world.letIn();
  expect(socket.readyState).toBe(1);
  world.socket.message('again');
  expect(world.seen.slice(2)).toEqual(['open', 'reopen', ['message', 'again']]);
});

test('AHardCloseOfALiveSocketIsItsEnd', async () => {
  const world = new SocketWorld();
  world.usherSocket();
  (await world.letIn()).end(3520, 'SESSION_REVOKED');
  expect(world.seen).toEqual(['open', ['close', 3520, 'SESSION_REVOKED', true]]);
});

test('SendingBeforeOpenThrowsAndAfterTheEndIsCounted', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket();
  expect(() => socket.send('early')).toThrowError(expect.objectContaining({ name: 'InvalidStateError' }));
  const raw = await world.letIn();
  socket.send('a');
  expect([raw.sent, socket.bufferedAmount]).toEqual([['a'], 0]);
  raw.bufferedAmount = 7;
  expect(socket.bufferedAmount).toBe(7);
  raw.bufferedAmount = 0;
  raw.end(1006, '', false);
  expect(() => socket.send('lost')).toThrowError(expect.objectContaining({ name: 'InvalidStateError' }));
  socket.close();
  socket.send('é€𝄞\ud800');
  await until(() => socket.readyState === 3);
  socket.send(new Uint8Array(5));
  socket.send(new Blob(['1234']));
  expect([socket.bufferedAmount, raw.sent]).toEqual([12 + 5 + 4, ['a']]);
});

test('AQueueIsSentInOrderAfterWhatTheOpenListenerSays', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket({ queue: 3 });
  socket.onopen = () => socket.send('hello');
  const bytes = new Uint8Array([1, 2, 3, 4]);
  socket.send('one');
  socket.send(bytes.subarray(1, 3));
  bytes.fill(9);
  socket.send('three');
  expect(socket.bufferedAmount).toBe(3 + 2 + 5);
  expect(() => socket.send('four')).toThrowError(expect.objectContaining({ name: 'QuotaExceededError', message: expect.stringContaining('3 messages wait already') }));
  const raw = await world.letIn();
  expect(raw.sent).toEqual(['hello', 'one', new Uint8Array([2, 3]), 'three']);
  expect(socket.bufferedAmount).toBe(0);

  // What was sent is not sent again; what waits during a loss is.
  raw.end(1006, '', false);
  socket.send('later');
  world.scheduler.advance(250);
  expect((await world.letIn()).sent).toEqual(['hello', 'later']);
});

test('AQueueIsDroppedAtTheEnd', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket({ queue: 1 });
  socket.send('never');
  (await world.nextCall()).answer(403, { code: 'ORIGIN_BLOCKED' });
  await until(() => socket.readyState === 3);
  expect(socket.bufferedAmount).toBe(5);
});

test('AListenerThatClosesLeavesTheQueueUnsent', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket({ queue: 1 });
  socket.send('never');
  socket.onopen = () => socket.close();
  expect((await world.letIn()).sent).toEqual([]);
});

test('BytesGoAsTheyAreAndOtherValuesAsTheirText', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket();
  const raw = await world.letIn();
  const all = [new ArrayBuffer(2), new Uint16Array(3), new DataView(new ArrayBuffer(1)), new Blob(['b'])];
  for (const data of all) socket.send(data);
  socket.send({ toString: () => 'text' } as never);
  socket.send(42 as never);
  expect(raw.sent).toEqual([...all, 'text', '42']);
  expect(raw.sent[1]).toBe(all[1]);
});

test('MessagesComeInTheTypeThatWasAskedFor', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket();
  const raw = await world.letIn();
  expect([socket.binaryType, raw.binaryType]).toEqual(['blob', '']);
  const seen: MessageEvent[] = [];
  socket.onmessage = (event) => seen.push(event);
  const buffer = Buffer.from('xabc').subarray(1);
  raw.message(buffer);
  socket.binaryType = 'arraybuffer';
  expect(raw.binaryType).toBe('arraybuffer');
  raw.message(buffer);
  raw.message(new ArrayBuffer(3));
  socket.binaryType = 'nodebuffer' as never;
  expect(socket.binaryType).toBe('arraybuffer');
  const [blob, fromBuffer, whole] = seen.map(({ data }) => data);
  expect(blob).toBeInstanceOf(Blob);
  expect(await (blob as Blob).text()).toBe('abc');
  expect(Buffer.from(fromBuffer).toString()).toBe('abc');
  expect([fromBuffer instanceof ArrayBuffer, fromBuffer.byteLength, whole.byteLength]).toEqual([true, 3, 3]);
  expect(seen[0]).toBeInstanceOf(MessageEvent);
  expect(seen[0]?.origin).toBe('wss://gw.example');
});

test('ThePresentTypeHoldsForTheNextSocketToo', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket();
  socket.binaryType = 'arraybuffer';
  expect((await world.letIn()).binaryType).toBe('arraybuffer');
});

test('CloseInTheTickOfTheConstructionAsksForNothing', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket();
  socket.close();
  expect(socket.readyState).toBe(2);
  await until(() => socket.readyState === 3);
  await settled();
  expect(world.seen).toEqual(['error', ['close', 1006, '', false]]);
  expect([world.calls.length, world.lines, world.scheduler.pending]).toEqual([0, [], 0]);
});

test('CloseDuringTheTicketCallAbortsIt', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket();
  const call = await world.nextCall();
  socket.close(1000, 'bye');
  expect(call.init.signal?.aborted).toBe(true);
  await settled();
  expect(world.seen).toEqual(['error', ['close', 1006, '', false]]);
});

test('CloseDuringTheHandshakeClosesThePlatformsSocket', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket();
  await world.answerTicket();
  socket.close();
  expect(world.socket.closedWith).toBe(1000);
  world.socket.open();
  await settled();
  expect(world.seen).toEqual(['error', ['close', 1006, '', false]]);
});

test('CloseOfALiveSocketWaitsForThePeersAnswer', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket();
  const raw = await world.letIn();
  socket.close(4001, 'done');
  socket.close(4002);
  expect([socket.readyState, raw.farewell]).toEqual([2, [4001, 'done']]);
  raw.message('on its way');
  raw.end(4001, 'done');
  expect(world.seen).toEqual(['open', ['close', 4001, 'done', true]]);
  world.scheduler.advance(600_000);
  await settled();
  expect([world.calls.length, world.scheduler.pending, socket.failure]).toEqual([1, 0, null]);
});

test('CloseWhileLostComesBackNoMore', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket();
  (await world.letIn()).end(1006, '', false);
  socket.close();
  await settled();
  world.scheduler.advance(600_000);
  await settled();
  expect(world.seen).toEqual(['open', ['lost', 1006, '', false], 'error', ['close', 1006, '', false]]);
  expect([world.calls.length, world.scheduler.pending]).toEqual([1, 0]);
});

test('CloseInALostListenerIsTheEnd', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket();
  socket.onlost = () => socket.close();
  (await world.letIn()).end(1006, '', false);
  await settled();
  world.scheduler.advance(600_000);
  await settled();
  expect([socket.readyState, world.calls.length]).toEqual([3, 1]);
});

test.each([[999, ''], [1001, ''], [2999, ''], [5000, ''], [NaN, '']])('CloseRefusesTheCode_%s', async (code) => {
  const socket = new SocketWorld().usherSocket();
  expect(() => socket.close(code)).toThrowError(expect.objectContaining({ name: 'InvalidAccessError' }));
  expect(socket.readyState).toBe(0);
});

test('CloseRefusesAReasonOfMoreThan123Bytes', () => {
  const socket = new SocketWorld().usherSocket();
  expect(() => socket.close(1000, 'é'.repeat(62))).toThrowError(expect.objectContaining({ name: 'SyntaxError' }));
  socket.close(1000, 'é'.repeat(61));
});

test.each([
  ['no URL', 'gw.example/board'], ['another scheme', 'ftp://gw.example/'], ['no host', 'https:///board'],
  ['a ticket', 'https://gw.example/board?room=7&ticket=x'],
])('TheConstructorRefuses_%s', (_, url) => {
  expect(() => new SocketWorld().usherSocket({}, url)).toThrowError(expect.objectContaining({ name: 'SyntaxError' }));
});

test.each([[['a', 'a']], [['a b']], [''], [['usher.accepted']], [['usher.refused']], [['usher.ticket.x']]])('TheConstructorRefusesTheSubprotocols_%j', (protocols) => {
  expect(() => new SocketWorld().usherSocket({}, 'https://gw.example/', protocols)).toThrowError(expect.objectContaining({ name: 'SyntaxError' }));
});

test('AUrlMayBeRelativeToThePage', () => {
  vi.stubGlobal('location', { href: 'https://app.example/page?x' });
  expect(new SocketWorld().usherSocket({}, '/board').url).toBe('wss://app.example/board');
  expect(new SocketWorld().usherSocket({}, new URL('ws://gw.example/a') as never).url).toBe('ws://gw.example/a');
});

test('WithoutAWebSocketTheConstructorSaysSo', () => {
  vi.stubGlobal('WebSocket', undefined);
  const world = new SocketWorld();
  expect(() => new UsherSocket('https://gw.example/', [], { ...world.options(), WebSocket: undefined, token: 'jwt' })).toThrow('there is no WebSocket here');
});

test('TheConstantsStandOnTheClassAndOnItsObjects', () => {
  const socket = new SocketWorld().usherSocket();
  for (const owner of [UsherSocket, socket]) expect([owner.CONNECTING, owner.OPEN, owner.CLOSING, owner.CLOSED]).toEqual([0, 1, 2, 3]);
  expect(socket).toBeInstanceOf(EventTarget);
});

test('EventsHaveTheirTypes', () => {
  const socket = new SocketWorld().usherSocket();
  const codes: number[] = [];
  socket.addEventListener('lost', ({ code }) => codes.push(code));
  socket.addEventListener('message', function ({ data }) {
    this.send(data);
  });
  socket.onlost = ({ code }) => codes.push(code);
  // TypeScript takes it for one, too.
  const plain: WebSocket = socket;
  expect(plain).toBe(socket);
});

test('HandlersAreListenersInTheOrderInWhichTheyCame', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket();
  const order: string[] = [];
  expect(socket.onopen).toBeNull();
  socket.addEventListener('open', () => order.push('first'));
  socket.onopen = () => order.push('never');
  socket.addEventListener('open', { handleEvent: () => order.push('third') });
  const second = function (this: unknown, event: Event): void {
    order.push(this === socket && event.target === socket ? 'second' : 'stranger');
  };
  socket.onopen = second;
  socket.onclose = 'no function' as never;
  expect([socket.onopen, socket.onclose]).toEqual([second, null]);
  const raw = await world.letIn();
  expect(order).toEqual(['first', 'second', 'third']);
  socket.onopen = null;
  raw.end(1006, '', false);
  world.scheduler.advance(250);
  await world.letIn();
  expect(order.slice(3)).toEqual(['first', 'third']);
});

test('APlatformWithoutTheClassesOfEventsHasTheirMembers', async () => {
  for (const name of ['CloseEvent', 'MessageEvent', 'DOMException']) vi.stubGlobal(name, undefined);
  const world = new SocketWorld();
  const socket = world.usherSocket();
  expect(() => socket.send('early')).toThrowError(expect.objectContaining({ name: 'InvalidStateError' }));
  const raw = await world.letIn();
  raw.message('text');
  raw.end(4500, 'bye');
  expect(world.seen).toEqual(['open', ['message', 'text'], ['close', 4500, 'bye', true]]);
});

test('ThePageCacheTakesTheSocketAndComingBackReopensIt', async () => {
  const world = new SocketWorld();
  world.usherSocket();
  const raw = await world.letIn();
  fire(world.window, 'pagehide', { persisted: true });
  expect(raw.closedWith).toBe(1000);
  expect(world.seen).toEqual(['open', ['lost', 1001, '', true]]);
  world.scheduler.sleep(3_600_000);
  fire(world.window, 'pageshow', { persisted: true });
  await world.letIn();
  expect(world.seen.slice(2)).toEqual(['open', 'reopen']);
});

test('OfflineWaitsForOnline', async () => {
  const world = new SocketWorld();
  world.navigator.onLine = false;
  const socket = world.usherSocket();
  await settled();
  expect(world.calls.length).toBe(0);
  fire(world.window, 'online');
  await world.letIn();
  expect(socket.readyState).toBe(1);
});

test('AnExceptionOfTheTokenFunctionGoesToTheLogger', async () => {
  const world = new SocketWorld();
  const error = vi.fn();
  world.usherSocket({ token: () => Promise.reject(new Error('boom')), logger: { log: () => {}, warn: () => {}, error } });
  await until(() => error.mock.calls.some(([text]) => `${text}`.startsWith('usher-client: the token function threw')));
});

test('NoTokenOrTicketIsLoggedOrShown', async () => {
  const world = new SocketWorld();
  const socket = world.usherSocket();
  await world.answerTicket();
  const ticket = '1'.padStart(32, '0');
  world.socket.open('usher.refused');
  world.socket.end(4500, `ticket ${ticket}`);
  expect(world.seen).toEqual(['error', ['close', 4500, '***', true]]);
  expect(JSON.stringify([world.lines, socket.url, socket.failure])).not.toContain(ticket);
});
