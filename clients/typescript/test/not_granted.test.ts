// Platforms that lack what a browser has, have it only in name, or are wrong.

import { afterEach, expect, test, vi } from 'vitest';
import { UsherClient } from '../src';
import type { Platform } from '../src/platform';
import { MemoryStorage, settled, until, World } from './fakes';

afterEach(() => vi.unstubAllGlobals());

function fire(target: EventTarget, name: string): void {
  target.dispatchEvent(new Event(name));
}

test('WithoutAbortSignalTimeoutATokenIsFetchedAllTheSame', async () => {
  vi.stubGlobal('AbortSignal', class {});
  const world = new World();
  const client = world.client();
  client.connect();
  await world.answerToken('guest-1');
  await world.connected();
  expect(client.status).toBe('connected');
});

test('ATokenCallThatHangsIsAbortedAfterTenSecondsAndWhenNobodyWaits', async () => {
  const world = new World();
  const client = world.client();
  client.connect();
  const first = await world.nextCall();
  world.scheduler.advance(10_000);
  expect(first.init.signal?.aborted).toBe(true);
  await settled();
  world.scheduler.advance(250);
  const second = await world.nextCall();
  client.disconnect();
  await settled();
  expect(second.init.signal?.aborted).toBe(true);
  expect(world.scheduler.pending).toBe(0);
  client.connect();
  await world.answerToken('guest-1');
  await world.connected();
});

test.each([
  ['an empty object', {}],
  ['one that does not listen', { addEventListener: undefined, visibilityState: 'hidden' }],
  ['one that listens and never forgets', { addEventListener: () => {} }],
])('ADocumentThatIs_%s_IsNoBrowser', async (_, document) => {
  vi.stubGlobal('document', document);
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('navigator', { product: 'ReactNative' });
  const world = new World();
  const client = world.client({ token: 'jwt', platform: undefined });
  client.connect();
  await world.connected();
  expect(client.status).toBe('connected');
  client.disconnect();
  client.connect();
  await world.connected();
});

test('APlatformWithoutNavigatorIsOnline', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt', platform: { document: {} } as Platform });
  client.connect();
  await world.connected();
  expect(client.status).toBe('connected');
});

test('APlatformThatIsWronglyOfflineIsTriedNowAndThen', async () => {
  const world = new World();
  world.navigator.onLine = false;
  const client = world.client({ token: 'jwt' });
  client.connect();
  world.scheduler.advance(2_999);
  await settled();
  expect(world.calls.length).toBe(0);
  // After 3 s, 6 s, 12 s, 24 s, 48 s, and every minute: 3, 9, 21, 45, 93, 153, 213…
  for (const at of [3, 9, 21, 45, 93, 153, 213]) {
    world.scheduler.advance(at * 1_000 + 1_000_000 - world.scheduler.now() - 1);
    await settled();
    const before = world.calls.length;
    world.scheduler.advance(1);
    await settled();
    expect(world.calls.length).toBe(before + 1);
    (await world.nextCall()).fail();
    await settled();
    world.scheduler.advance(500);
    await settled();
    expect(world.calls.length).toBe(before + 1);
  }
  world.scheduler.advance(60_000);
  await world.connected();
  expect(client.status).toBe('connected');
  // It was wrong: what is lost now comes back as ever.
  world.scheduler.advance(5_000);
  world.socket.end(1006);
  world.scheduler.advance(250);
  await world.connected();
});

test('APlatformThatWasOnlineIsBelievedForLongerAndNotForEver', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  client.connect();
  await world.connected();
  fire(world.window, 'offline');
  world.socket.end(1006);
  world.scheduler.advance(29_999);
  await settled();
  expect(world.calls.length).toBe(1);
  world.scheduler.advance(1);
  (await world.nextCall()).fail();
  await settled();
  world.scheduler.advance(59_999);
  await settled();
  expect(world.calls.length).toBe(2);
  world.scheduler.advance(1);
  await world.connected();
  expect(client.status).toBe('connected');
});

test('WhenThePlatformIsOnlineOrLeftAloneNothingIsProbed', async () => {
  const world = new World();
  world.navigator.onLine = false;
  const client = world.client({ token: 'jwt' });
  client.connect();
  fire(world.window, 'online');
  await world.connected();
  fire(world.window, 'offline');
  fire(world.window, 'online');
  fire(world.window, 'offline');
  expect(world.scheduler.pending).toBe(2);
  client.disconnect();
  expect(world.scheduler.pending).toBe(0);
});

test('WithoutAWebSocketOrAFetchItIsSaidAtOnceWithWhatToDo', () => {
  vi.stubGlobal('WebSocket', undefined);
  const world = new World();
  expect(() => world.client({ WebSocket: undefined }).connect()).toThrow(/no WebSocket here: pass one as the option WebSocket, for example that of npm.s "ws"/);
  expect(() => world.client({ WebSocket: {} as never }).connect()).toThrow(/no WebSocket here/);
  vi.stubGlobal('fetch', undefined);
  expect(() => world.client({ fetch: undefined }).connect()).toThrow(/no fetch here: pass one/);
});

test.each(['', 'gw.example', '/rt', 'ftp://gw.example', 'https://', undefined, null, 7])('TheUrl_%s_IsRefusedAtOnce', (url) => {
  expect(() => new UsherClient({ url: url as never })).toThrow("url must be the gateway's, http(s)://host");
});

test('AnUnusableClockOfThePlatformIsReplacedByTheCivilOne', async () => {
  vi.stubGlobal('performance', undefined);
  const world = new World();
  const client = world.client({ token: 'jwt', scheduler: undefined });
  client.connect();
  await world.connected();
  client.disconnect();
});

test.each([
  ['an error', new ReferenceError('auth is not defined'), true],
  ['a text', 'no way', true],
  ['nothing', undefined, true],
  ['null', null, true],
  ['a status that is none', { status: 'down' }, true],
  ['an HTTP answer', { status: 503 }, false],
  ['a hidden one', { status: 0 }, false],
])('ATokenFunctionThatThrows_%s_IsSaidOnceAndTriedAgain', async (_, thrown, said) => {
  const world = new World();
  let broken = true;
  const client = world.client({ token: () => { if (broken) throw thrown; return 'jwt'; } });
  const errors: { message: string; error: unknown }[] = [];
  client.on('error', (error) => errors.push(error));
  client.connect();
  for (let n = 1; n <= 3; n++) {
    await until(() => world.lines.filter((line) => line.startsWith('[WS] Reconnecting')).length === n);
    world.scheduler.advance(5_000);
  }
  expect(errors.map(({ error }) => error)).toEqual(said ? [thrown] : []);
  if (said) expect(errors[0]?.message).toMatch(/the token function threw; it should return a JWT, or null/);
  broken = false;
  await until(() => world.lines.filter((line) => line.startsWith('[WS] Reconnecting')).length === 4);
  world.scheduler.advance(5_000);
  await world.connected();
});

test.each([['a number', 7], ['an object', {}], ['a line break', 'jwt\n'], ['a blank', 'Bearer jwt'], ['no ASCII', 'jwt-ü'], ['too long', 'x'.repeat(16_385)]])(
  'ATokenThatIsOrHas_%s_IsRefusedAsTheGatewayWould',
  async (_, token) => {
    const world = new World();
    const client = world.client({ token: (() => token) as never });
    client.connect();
    await until(() => client.failure !== null);
    expect(client.failure).toEqual({ status: 401, reason: 'INVALID_TOKEN' });
    expect(world.calls).toEqual([]);
  },
);

test('AWebSocketThatCannotBeMadeIsSaidOnceAndTriedAgain', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt', WebSocket: class { constructor() { throw new DOMException('mixed content', 'SecurityError'); } } as never });
  const errors: unknown[] = [];
  client.on('error', ({ error }) => errors.push((error as Error).message));
  client.connect();
  for (let n = 1; n <= 3; n++) {
    (await world.nextCall()).answer(200, { ticket: 'a', expires_in: 30 });
    await until(() => world.lines.filter((line) => line.startsWith('[WS] Reconnecting')).length === n);
    world.scheduler.advance(5_000);
  }
  expect(errors).toEqual(['mixed content']);
});

test.each([
  ['answers with promises', { getItem: async () => null, setItem: async () => {}, removeItem: async () => {} }],
  ['answers with something else each time', { getItem: () => `${Math.random()}`, setItem: () => {}, removeItem: () => {} }],
  ['has no methods', {}],
  ['knows no null', { getItem: () => undefined, setItem: () => {}, removeItem: () => {} }],
  ['refuses to be read', new Proxy({}, { get: () => { throw new DOMException('denied', 'SecurityError'); } })],
])('AStorageThat_%s_NeitherStopsNorSpins', async (_, storage) => {
  const world = new World();
  const client = world.client({ storage: storage as never });
  client.connect();
  await world.answerToken('guest-1');
  await settled();
  const next = await world.nextCall();
  if (next.url.endsWith('/auth/token')) {
    next.answer(200, { token: 'guest-2', expires_in: 60 });
    (await world.nextCall()).answer(200, { ticket: 'a', expires_in: 30 });
  } else next.answer(200, { ticket: 'a', expires_in: 30 });
  await until(() => world.sockets.length === 1);
  world.socket.connect();
  expect(client.status).toBe('connected');
});

test('ALocalStorageThatThrowsWhenItIsLookedAtIsNone', async () => {
  vi.stubGlobal('localStorage', undefined);
  Object.defineProperty(globalThis, 'localStorage', { configurable: true, get: () => { throw new DOMException('denied', 'SecurityError'); } });
  const world = new World();
  const client = world.client({ storage: undefined });
  client.connect();
  await world.answerToken('guest-1');
  await world.connected();
  expect(client.status).toBe('connected');
});

test.each([2 ** 31, 1e300, 1e9])('APingOf_%s_SecondsDoesNotOverflowATimer', async (ping) => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  const asked: number[] = [];
  const { setTimeout } = world.scheduler;
  world.scheduler.setTimeout = (callback, ms) => (asked.push(ms), setTimeout(callback, ms));
  client.connect();
  await world.connected({ ping });
  world.scheduler.advance(3_600_000);
  expect(client.status).toBe('connected');
  expect(Math.max(...asked)).toBeLessThan(2 ** 31);
});

test.each([['negative', -1], ['zero', 0], ['a text', '30'], ['nothing', null]])('AnswersWhoseLifeIs_%s_AreNoAnswers', async (_, expires_in) => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  client.connect();
  (await world.nextCall()).answer(200, { ticket: 'a', expires_in });
  await until(() => world.lines.includes('[WS] Soft failure - HTTP error (200), will retry'));
  expect(client.status).toBe('reconnecting');
});

test('ATokenThatLivesForEverIsKept', async () => {
  const storage = new MemoryStorage();
  const world = new World();
  world.client({ storage }).connect();
  (await world.nextCall()).answer(200, '{"token":"guest-1","expires_in":1e999}');
  await world.answerTicket();
  world.client({ storage }).connect();
  expect((await world.answerTicket()).bearer).toBe('guest-1');
});
