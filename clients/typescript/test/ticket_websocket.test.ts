// The class of ticketWebSocket, as the libraries use it that reconnect by themselves.

import { afterEach, expect, test, vi } from 'vitest';
import { ticketWebSocket } from '../src/socket';
import { settled, until } from './fakes';
import { SocketWorld } from './socket_fakes';

afterEach(() => void vi.unstubAllGlobals());

const kUrl = 'wss://gw.example/board';
const kHard401 = ['close', 1008, 'MISSING_SESSION', false];

test('OneConstructionIsOneTokenOneTicketOneSocket', async () => {
  const world = new SocketWorld();
  const token = vi.fn(() => 'jwt');
  const Impl = world.ticketClass({ token, prefix: 'rt/' });
  const socket = world.watch(new Impl('ws://gw.example/rt/board', 'mqtt', { perMessageDeflate: false }));
  expect([socket.readyState, socket.url]).toEqual([0, 'ws://gw.example/rt/board']);
  const raw = await world.letIn('mqtt');
  expect(world.calls.map(({ url, bearer }) => [url, bearer])).toEqual([['http://gw.example/rt/auth/ticket', 'jwt']]);
  expect([raw.protocols, raw.more]).toEqual([['mqtt', 'usher.accepted', 'usher.refused'], [{ perMessageDeflate: false }]]);
  raw.message('hello');
  socket.send('yes');
  expect([socket.protocol, raw.sent, world.seen]).toEqual(['mqtt', ['yes'], ['open', ['message', 'hello']]]);
  raw.end(1001, 'SERVER_SHUTDOWN');
  expect(world.seen.slice(2)).toEqual([['close', 1001, 'SERVER_SHUTDOWN', true]]);
  world.scheduler.advance(600_000);
  await settled();
  expect([world.calls.length, token.mock.calls.length, world.scheduler.pending]).toEqual([1, 1, 0]);
});

test('TheClassLooksLikeTheBrowsers', () => {
  const world = new SocketWorld();
  const Impl = world.ticketClass();
  const socket = new Impl(kUrl);
  for (const owner of [Impl, socket]) expect([owner.CONNECTING, owner.OPEN, owner.CLOSING, owner.CLOSED]).toEqual([0, 1, 2, 3]);
  for (const name of ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED']) expect([name in Impl, name in socket]).toEqual([true, true]);
  expect([typeof Impl, 'constructor' in Impl, socket instanceof Impl, socket instanceof EventTarget]).toEqual(['function', true, true, true]);
  // What TypeScript asks for, too.
  const assigned: typeof WebSocket = Impl;
  expect(assigned).toBe(Impl);
});

test('ARefusedSocketClosesWithoutHavingBeenOpen', async () => {
  const world = new SocketWorld();
  const socket = world.watch(new (world.ticketClass())(kUrl));
  await world.answerTicket();
  world.socket.open('usher.refused');
  world.socket.end(1013, 'UPSTREAM_UNAVAILABLE');
  expect(world.seen).toEqual(['error', ['close', 1013, 'UPSTREAM_UNAVAILABLE', true]]);
  expect(socket.readyState).toBe(3);
});

test.each([
  ['503', 503, { code: 'STORE_UNAVAILABLE' }, [1013, 'STORE_UNAVAILABLE']],
  ['a proxy\'s 502', 502, '<html>', [1013, 'HTTP 502']],
  ['a hard 403', 403, { code: 'ORIGIN_BLOCKED' }, [1008, 'ORIGIN_BLOCKED']],
])('AFailedTicketCallIsAClose_%s', async (_, status, body, [code, reason]) => {
  const world = new SocketWorld();
  const socket = world.watch(new (world.ticketClass())(kUrl));
  (await world.nextCall()).answer(status, body);
  await until(() => socket.readyState === 3);
  expect(world.seen).toEqual(['error', ['close', code, reason, false]]);
});

test('NoSubprotocolsMayBeNull', async () => {
  // As some libraries hand them over.
  const world = new SocketWorld();
  new (world.ticketClass())(kUrl, null as never);
  await world.letIn();
  expect(world.socket.protocols).toEqual(['usher.accepted', 'usher.refused']);
});

test('NoNetworkIs1006', async () => {
  const world = new SocketWorld();
  const socket = world.watch(new (world.ticketClass())(kUrl));
  (await world.nextCall()).fail();
  await until(() => socket.readyState === 3);
  expect(world.seen).toEqual(['error', ['close', 1006, 'network error', false]]);
});

test('AfterAHardFailureEveryConstructionFailsAtOnceAndAsksForNothing', async () => {
  const world = new SocketWorld();
  const token = vi.fn(() => 'jwt');
  const Impl = world.ticketClass({ token });
  expect(Impl.failure).toBeNull();
  const first = world.watch(new Impl(kUrl));
  (await world.nextCall()).answer(401, { code: 'MISSING_SESSION' });
  await until(() => first.readyState === 3);
  expect(Impl.failure).toEqual({ status: 401, reason: 'MISSING_SESSION' });
  const lines = world.lines.length;
  for (let n = 0; n < 5; n++) {
    const again = world.watch(new Impl(kUrl));
    // As a browser's: not before the caller has added its listeners.
    expect(again.readyState).toBe(0);
    await until(() => again.readyState === 3);
    world.scheduler.advance(60_000);
  }
  expect(world.seen).toEqual(Array.from({ length: 6 }, () => ['error', kHard401]).flat());
  expect([world.calls.length, token.mock.calls.length, world.sockets.length, world.lines.length]).toEqual([1, 1, 0, lines]);
});

test('AHardCloseIsRememberedAndLiveSocketsStay', async () => {
  const world = new SocketWorld();
  const Impl = world.ticketClass();
  const live = world.watch(new Impl(kUrl), 'live');
  const raw = await world.letIn();
  world.watch(new Impl(kUrl), 'refused');
  await world.answerTicket();
  world.socket.open('usher.refused');
  world.socket.end(3522, 'UPSTREAM_REFUSED');
  world.watch(new Impl(kUrl), 'later');
  await settled();
  expect(world.seen.slice(1)).toEqual([
    ['refused', 'error'], ['refused', 'close', 3522, 'UPSTREAM_REFUSED', true],
    ['later', 'error'], ['later', 'close', 3522, 'UPSTREAM_REFUSED', false],
  ]);
  live.send('still');
  expect([live.readyState, raw.sent]).toEqual([1, ['still']]);
});

test('ResetAsksForAFreshToken', async () => {
  const world = new SocketWorld();
  const token = vi.fn(({ fresh }: { fresh: boolean }) => (fresh ? 'new' : 'old'));
  const Impl = world.ticketClass({ token });
  const first = world.watch(new Impl(kUrl));
  (await world.nextCall()).answer(401, { code: 'MISSING_SESSION' });
  await until(() => first.readyState === 3);
  world.scheduler.advance(1_000);
  Impl.reset();
  expect(Impl.failure).toBeNull();
  const second = world.watch(new Impl(kUrl));
  await world.letIn();
  expect([second.readyState, world.calls.map(({ bearer }) => bearer)]).toEqual([1, ['old', 'new']]);
});

test('ResetWithANewTokenUsesItAndWithTheOldOneAsksForNothing', async () => {
  const world = new SocketWorld();
  const Impl = world.ticketClass({ token: 'old' });
  const first = new Impl(kUrl);
  (await world.nextCall()).answer(401, { code: 'MISSING_SESSION' });
  await until(() => first.readyState === 3);
  world.scheduler.advance(1_000);
  // The same token, which was refused: no request.
  Impl.reset();
  const same = new Impl(kUrl);
  await until(() => same.readyState === 3);
  expect(world.calls.length).toBe(1);
  world.scheduler.advance(1_000);
  Impl.reset('new');
  const second = new Impl(kUrl);
  expect((await world.answerTicket()).bearer).toBe('new');
  world.socket.open();
  expect(second.readyState).toBe(1);
});

test('AnEagerLibraryIsSpacedByTheBackoff', async () => {
  const world = new SocketWorld();
  const Impl = world.ticketClass();
  const began: number[] = [];
  // A library without any delay of its own, three sockets at once.
  const connect = (): void => {
    new Impl(kUrl).onclose = connect;
  };
  for (let n = 0; n < 3; n++) connect();
  await world.callsBecome(3);
  for (let n = 0; n < 3; n++) (await world.nextCall()).answer(503, { code: 'STORE_UNAVAILABLE' });
  for (let n = 0; n < 8; n++) {
    await settled();
    const start = world.scheduler.now();
    const before = world.calls.length;
    while (world.calls.length === before) {
      world.scheduler.advance(1);
      await settled();
    }
    began.push(world.scheduler.now() - start);
    expect(world.calls.length).toBe(before + 1);
    (await world.nextCall()).answer(503, { code: 'STORE_UNAVAILABLE' });
  }
  expect(began).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
});

test('WhenOneIsLetInTheNextFollowsAtOnce', async () => {
  const world = new SocketWorld();
  const Impl = world.ticketClass();
  const first = new Impl(kUrl);
  (await world.nextCall()).answer(503, { code: 'STORE_UNAVAILABLE' });
  await until(() => first.readyState === 3);
  const sockets = [1, 2, 3].map(() => new Impl(kUrl));
  await settled();
  expect(world.calls.length).toBe(1);
  world.scheduler.advance(250);
  for (const socket of sockets) {
    expect(socket.readyState).toBe(0);
    await world.letIn();
    expect(socket.readyState).toBe(1);
  }
});

test('CloseAndConstructInOneTickCostNothing', async () => {
  // React's StrictMode does so.
  const world = new SocketWorld();
  const Impl = world.ticketClass();
  world.watch(new Impl(kUrl), 'first').close();
  const second = world.watch(new Impl(kUrl), 'second');
  await world.letIn();
  expect(world.seen).toEqual([['first', 'error'], ['first', 'close', 1006, '', false], ['second', 'open']]);
  expect([second.readyState, world.calls.length]).toEqual([1, 1]);
});

test('ALibraryThatGivesUpAfterASecondIsSpacedToo', async () => {
  const world = new SocketWorld();
  const Impl = world.ticketClass();
  for (let second = 0; second < 60; second++) {
    const socket = new Impl(kUrl);
    await settled();
    for (let n = 0; n < 10; n++) world.scheduler.advance(100);
    await settled();
    socket.close();
    await settled();
  }
  // 60 constructions, but after every attempt the gate is closed for longer than the library waits.
  expect(world.calls.length).toBeLessThan(20);
  expect(world.calls.every(({ init }) => init.signal?.aborted)).toBe(true);
});

test('CloseOfALiveSocketPassesItsCodeAndWaitsForThePeer', async () => {
  const world = new SocketWorld();
  const socket = world.watch(new (world.ticketClass())(kUrl));
  const raw = await world.letIn();
  socket.close(4001, 'bye');
  expect(raw.farewell).toEqual([4001, 'bye']);
  raw.end(4001, 'bye');
  expect(world.seen).toEqual(['open', ['close', 4001, 'bye', true]]);
  await settled();
  expect([world.scheduler.pending, world.lines.at(-1)]).toEqual([0, '[WS] Connected']);
});

test('SendingBeforeOpenThrowsAsInABrowser', () => {
  const socket = new (new SocketWorld().ticketClass())(kUrl);
  expect(() => socket.send('early')).toThrowError(expect.objectContaining({ name: 'InvalidStateError' }));
});

test('OneTokenFetchServesAllThatAskMeanwhile', async () => {
  const world = new SocketWorld();
  let give = (_: string): void => {};
  const token = vi.fn(() => new Promise<string>((resolve) => (give = resolve)));
  const Impl = world.ticketClass({ token });
  for (let n = 0; n < 3; n++) new Impl(kUrl);
  await settled();
  expect(token).toHaveBeenCalledTimes(1);
  give('jwt');
  await world.callsBecome(3);
});

test('ATokenGoesToOneGatewayOnly', () => {
  const Impl = new SocketWorld().ticketClass();
  new Impl(kUrl);
  new Impl('https://gw.example/other');
  expect(() => new Impl('wss://elsewhere.example/board')).toThrowError(expect.objectContaining({ name: 'SyntaxError' }));
  expect(() => new Impl('ws://gw.example/board')).toThrowError(expect.objectContaining({ name: 'SyntaxError' }));
});

test('WithANamedGatewayTheSocketsMayBeAnywhere', async () => {
  const world = new SocketWorld();
  const Impl = world.ticketClass({ gateway: 'https://gw.example' });
  new Impl('wss://one.example/');
  new Impl('wss://two.example/');
  await world.callsBecome(2);
  expect(world.calls.map(({ url }) => url)).toEqual(['https://gw.example/auth/ticket', 'https://gw.example/auth/ticket']);
});

test('ItMayStandInThePlaceOfThePlatformsOwn', async () => {
  const world = new SocketWorld();
  const { WebSocket, ...options } = world.options();
  vi.stubGlobal('WebSocket', WebSocket);
  const Impl = ticketWebSocket({ ...options, token: 'jwt' });
  vi.stubGlobal('WebSocket', Impl);
  new globalThis.WebSocket(kUrl);
  await world.answerTicket();
  expect(world.sockets.length).toBe(1);
});

test('MakingAClassNeedsNoPlatform', () => {
  for (const name of ['WebSocket', 'fetch']) vi.stubGlobal(name, undefined);
  const Impl = ticketWebSocket({ token: 'jwt' });
  expect(() => new Impl(kUrl)).toThrow('there is no WebSocket here');
});
