import { expect, test, vi } from 'vitest';
import type { StageChange } from '../src';
import { settled, until, World } from './fakes';

test('AGuestGetsATokenATicketAndASocket', async () => {
  const world = new World();
  const client = world.client();
  const statuses: string[] = [];
  client.on('status', (status) => statuses.push(status));
  client.connect();
  const tokenCall = await world.answerToken('guest-1');
  const ticketCall = await world.answerTicket();
  world.socket.connect();

  expect(tokenCall.url).toBe('https://gw.example/auth/token');
  expect(tokenCall.bearer).toBeNull();
  expect(ticketCall.bearer).toBe('guest-1');
  expect(ticketCall.body).toBeNull();
  expect(ticketCall.init).toMatchObject({ method: 'POST', redirect: 'manual', credentials: 'omit' });
  expect(world.socket.url).toBe(`wss://gw.example/ws?ticket=${'2'.padStart(32, '0')}`);
  expect(world.socket.protocols).toEqual(['usher.v1.json']);
  expect(statuses).toEqual(['connecting', 'connected']);
  expect(world.lines).toEqual([
    '[WS] Ensuring JWT token exists...',
    '[WS] JWT ready',
    '[WS] Requesting WebSocket ticket...',
    '[WS] Ticket obtained, connecting to WebSocket...',
    '[WS] Connected',
  ]);
});

test('EveryStageIsAnEvent', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  const stages: StageChange[] = [];
  client.on('stage', (change) => stages.push(change));
  client.connect();
  await world.connected();
  world.socket.end(1001, 'SERVER_SHUTDOWN');
  world.scheduler.advance(250);
  (await world.nextCall()).answer(403, { code: 'ORIGIN_BLOCKED' });
  await until(() => client.status === 'disconnected');
  expect(stages).toEqual([
    { stage: 'token', attempt: 0 },
    { stage: 'ticket', attempt: 0 },
    { stage: 'socket', attempt: 0 },
    { stage: 'connected', attempt: 0 },
    { stage: 'waiting', attempt: 1, delay: 250, failure: { code: 1001, reason: 'SERVER_SHUTDOWN' } },
    { stage: 'token', attempt: 1 },
    { stage: 'ticket', attempt: 1 },
    { stage: 'idle', attempt: 1, failure: { status: 403, reason: 'ORIGIN_BLOCKED' } },
  ]);
});

test('AStageIsSaidAfterItsLogLinesAndBeforeItsStatus', () => {
  const world = new World();
  const client = world.client({ logger: null });
  const said: string[] = [];
  client.on('log', ({ text }) => said.push(text));
  client.on('stage', ({ stage }) => said.push(stage));
  client.on('status', (status) => said.push(status));
  client.connect();
  expect(said).toEqual(['[WS] Ensuring JWT token exists...', 'token', 'connecting']);
});

test('AWaitIsInWholeMillisecondsWhateverTheClock', async () => {
  const world = new World();
  world.scheduler.advance(0.3);
  const client = world.client({ token: 'jwt' });
  const delays: unknown[] = [];
  client.on('stage', ({ delay }) => delay !== undefined && delays.push(delay));
  client.connect();
  (await world.nextCall()).fail();
  await until(() => delays.length > 0);
  expect(delays).toEqual([250]);
});

test('AHardFailureIsSaidOnceAndSetsNoTimer', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  const failed = vi.fn();
  client.on('failed', failed);
  client.connect();
  (await world.nextCall()).answer(403, { code: 'ORIGIN_BLOCKED' });
  await until(() => client.status === 'disconnected');
  expect(failed.mock.calls).toEqual([[{ status: 403, reason: 'ORIGIN_BLOCKED' }]]);
  expect(client.failure).toEqual({ status: 403, reason: 'ORIGIN_BLOCKED' });
  expect(world.scheduler.pending).toBe(0);
  world.scheduler.advance(600_000);
  expect(world.calls.length).toBe(1);
});

test('ASoftFailureIsRetriedWithANewTicketNotBeforeRetryAfter', async () => {
  const world = new World();
  world.client({ token: 'jwt' }).connect();
  (await world.nextCall()).answer(503, { code: 'DRAINING', retry_after_ms: 2000 }, { 'Retry-After': '9' });
  await until(() => world.lines.includes('[WS] Reconnecting in 2250ms (attempt 1)'));
  world.scheduler.advance(2249);
  await settled();
  expect(world.calls.length).toBe(1);
  world.scheduler.advance(1);
  await world.connected();
});

test('AHiddenRedirectIs302AndItsBearerGoesNowhere', async () => {
  const world = new World();
  const client = world.client({
    token: 'jwt',
    fetch: async () => Object.defineProperties(new Response(), { type: { value: 'opaqueredirect' }, status: { value: 0 }, ok: { value: false } }),
  });
  client.connect();
  await until(() => client.status === 'reconnecting');
  expect(world.lines).toContain('[WS] Soft failure - HTTP error (302), will retry');
});

test.each([['not JSON', '<html>'], ['no ticket', {}], ['an empty ticket', { ticket: '', expires_in: 30 }], ['no expires_in', { ticket: 'x' }], ['an array', []]])(
  'A200With_%s_IsSoft',
  async (_, body) => {
    const world = new World();
    world.client({ token: 'jwt' }).connect();
    (await world.nextCall()).answer(200, body);
    await until(() => world.lines.includes('[WS] Soft failure - HTTP error (200), will retry'));
  },
);

test('AFailedFetchIsANetworkError', async () => {
  const world = new World();
  world.client({ token: 'jwt' }).connect();
  (await world.nextCall()).fail();
  await until(() => world.lines.includes('[WS] Failed to connect NetworkError'));
});

test('DisconnectAbortsTheCallAndNothingComesBack', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  client.connect();
  const call = await world.nextCall();
  client.disconnect();
  expect(call.init.signal?.aborted).toBe(true);
  await settled();
  expect(client.status).toBe('disconnected');
  expect(world.scheduler.pending).toBe(0);
  expect(world.lines).not.toContain('[WS] Failed to connect NetworkError');
});

test('AStageThatHangsIsAbortedAfterTenSeconds', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  client.connect();
  const call = await world.nextCall();
  world.scheduler.advance(10_000);
  expect(call.init.signal?.aborted).toBe(true);
  expect(client.status).toBe('reconnecting');
  expect(world.lines).toContain('[WS] Soft failure - timeout, will retry');
});

test('ASocketThatCannotEvenBeMadeIsSoft', async () => {
  const world = new World();
  const client = world.client({
    token: 'jwt',
    WebSocket: class {
      constructor() {
        throw new Error('SecurityError');
      }
    } as any,
  });
  client.connect();
  (await world.nextCall()).answer(200, { ticket: 'a', expires_in: 30 });
  await until(() => client.status === 'reconnecting');
});

test('PingsAreAnsweredAndAHalfOpenSocketIsFound', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  client.connect();
  const socket = await world.connected();
  socket.receive({});
  expect(socket.sent).toEqual([{}]);
  world.scheduler.advance(35_000);
  expect(socket.closedWith).toBe(3012);
  expect(client.status).toBe('reconnecting');
});

test('FramesAreNewlineSeparatedAndRubbishIsIgnored', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  const seen: unknown[] = [];
  client.subscribe('a:1', (data, { offset }) => seen.push([data, offset]));
  client.connect();
  const socket = await world.connected({ subs: { 'a:1': {} } });
  socket.onmessage?.({ data: '{"push":{"channel":"a:1","pub":{"data":1,"offset":1}}}\nnot json\n\n7\n{"push":{"channel":"a:1","pub":{"data":2,"offset":2}}}' });
  socket.onmessage?.({ data: new ArrayBuffer(3) });
  expect(seen).toEqual([[1, 1], [2, 2]]);
});

test('SubscriptionsShareOneChannelUntilTheLastIsGone', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  client.connect();
  const socket = await world.connected();
  const [first, second] = [vi.fn(), vi.fn()];
  const one = client.subscribe('a:1', first);
  const two = client.subscribe('a:1', second);
  socket.receive({ id: 1, subscribe: {} }, { push: { channel: 'a:1', pub: { data: 'x' } } });
  one.unsubscribe();
  one.unsubscribe();
  socket.receive({ push: { channel: 'a:1', pub: { data: 'y' } } });
  expect(first).toHaveBeenCalledTimes(1);
  expect(second).toHaveBeenCalledTimes(2);
  two.unsubscribe();
  expect(socket.sent).toEqual([{ id: 1, subscribe: { channel: 'a:1' } }, { id: 2, unsubscribe: { channel: 'a:1' } }]);
});

test('ARefusedSubscriptionCanBeAskedForAgain', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  client.connect();
  const socket = await world.connected();
  const [old, fresh] = [vi.fn(), vi.fn()];
  const stale = client.subscribe('a:1', old);
  const refused = vi.fn(() => void client.subscribe('a:1', fresh));
  client.on('subscription_failed', refused);
  socket.receive({ id: 1, error: { code: 103, message: 'permission denied' } });
  expect(refused).toHaveBeenCalledWith({ channel: 'a:1', code: 103 });
  socket.receive({ id: 2, subscribe: {} }, { push: { channel: 'a:1', pub: { data: 'x' } } });
  stale.unsubscribe();
  expect(old).not.toHaveBeenCalled();
  expect(fresh).toHaveBeenCalledTimes(1);
  expect(socket.sent.length).toBe(2);
});

test('PublishSaysWhetherItWasSent', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  expect(client.publish('a:1', 1)).toBe(false);
  client.connect();
  const socket = await world.connected();
  expect(client.publish('a:1', { x: 1 })).toBe(true);
  expect(socket.sent).toEqual([{ id: 1, publish: { channel: 'a:1', data: { x: 1 } } }]);
});

test('AListenerMayThrowOrCallAnything', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  const complaint = vi.spyOn(console, 'error').mockImplementation(() => {});
  const statuses: string[] = [];
  client.on('status', () => {
    throw new Error('the application is wrong');
  });
  client.on('status', (status) => {
    statuses.push(status);
    if (status === 'connected') client.disconnect();
  });
  client.subscribe('a:1', () => {
    throw new Error('here too');
  });
  client.connect();
  const socket = await world.connected({ subs: { 'a:1': {} } });
  expect(statuses).toEqual(['connecting', 'connected', 'disconnected']);
  expect(socket.closedWith).toBe(1000);
  expect(complaint).toHaveBeenCalledTimes(3);
  complaint.mockRestore();
});

test('AListenerThatConnectsOnEveryHardFailureGetsOneAttemptASecond', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  client.on('failed', () => client.connect());
  client.connect();
  for (let second = 1; second <= 3; second++) {
    (await world.nextCall()).answer(403, { code: 'ORIGIN_BLOCKED' });
    await until(() => world.lines.filter((line) => line.includes('stopping reconnect')).length === second);
    world.scheduler.advance(999);
    await settled();
    expect(world.calls.length).toBe(second);
    world.scheduler.advance(1);
  }
});

test('UnsubscribedListenersAreNotCalled', () => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  const listener = vi.fn();
  const stop = client.on('status', listener);
  client.on('status', listener);
  stop();
  client.connect();
  expect(listener).toHaveBeenCalledTimes(1);
});

test('LinesGoToTheLogEventWithTheirLevel', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt', logger: null });
  const levels: string[] = [];
  client.on('log', ({ level }) => levels.push(level));
  client.connect();
  (await world.nextCall()).answer(503);
  await until(() => client.status === 'reconnecting');
  expect(levels).toEqual(['info', 'info', 'info', 'error', 'warn', 'warn']);
  expect(world.lines).toEqual([]);
});

test('NoSecretInAnyLine', async () => {
  const world = new World();
  const client = world.client();
  client.connect();
  await world.answerToken('guest-secret');
  await world.answerTicket();
  const ticket = new URL(world.socket.url).searchParams.get('ticket') as string;
  world.socket.end(1011, `ticket ${ticket} of guest-secret`);
  expect(world.lines).toContain("[WS] Disconnected { code: 1011, reason: '***', wasClean: true }");
  expect(world.lines.join('\n')).not.toMatch(/guest-secret|0000000/);
});
