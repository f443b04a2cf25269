// The refresh in band, as the shell carries it out. What is decided is in tests/scenarios/refresh-*.json.

import { expect, test } from 'vitest';
import { settled, until, World } from './fakes';

const kLife = { expires: true, ttl: 3600, ping: 0 };
const kRefreshAfter = 3_600_000 - 225_000; // random is 0.5

async function connected(world: World, options: object = {}, life: object = kLife) {
  const client = world.client(options);
  client.connect();
  return { client, socket: await world.connected(life) };
}

test('TheTokenFunctionIsAskedForAFreshTokenAndTheSocketStays', async () => {
  const world = new World();
  const asked: boolean[] = [];
  const { socket } = await connected(world, { token: ({ fresh }: { fresh: boolean }) => `jwt-${asked.push(fresh)}` });
  world.scheduler.advance(kRefreshAfter - 1);
  await settled();
  expect(asked).toEqual([false]);
  world.scheduler.advance(1);
  const call = await world.nextCall();
  expect([call.bearer, call.body]).toEqual(['jwt-2', null]);
  call.answer(200, { ticket: 'ab'.repeat(16), expires_in: 30 });
  await until(() => socket.sent.length === 1);
  expect(socket.sent[0]).toEqual({ id: 1, refresh: { token: 'ab'.repeat(16) } });
  socket.receive({ id: 1, refresh: { client: 'c1', version: 'usher', ...kLife } });
  expect(world.lines.slice(-2)).toEqual(['[Auth] Refreshing the token of the connection...', '[Auth] Token refreshed']);
  expect([asked, socket.closedWith, world.sockets.length]).toEqual([[false, true], null, 1]);
});

test('AGuestIsRenewedWithItsBearerAndNeverBecomesAnother', async () => {
  const world = new World();
  const client = world.client();
  client.connect();
  await world.answerToken('guest-1', 3600);
  const socket = await world.connected({ expires: true, ttl: 60, ping: 0 });
  world.scheduler.advance(60_000 - 11_250);
  expect((await world.answerToken('guest-1b', 3600)).bearer).toBe('guest-1');
  const ticket = await world.nextCall();
  expect(ticket.bearer).toBe('guest-1b');
  ticket.answer(200, { ticket: 'cd'.repeat(16), expires_in: 30 });
  await until(() => socket.sent.length === 1);
  socket.receive({ id: 1, refresh: { expires: true, ttl: 60 } });
  world.scheduler.advance(60_000 - 11_250);
  const renewal = await world.nextCall();
  expect(renewal.bearer).toBe('guest-1b');
  renewal.answer(401, { code: 'INVALID_TOKEN' });
  await until(() => world.lines.at(-1) === '[Auth] Refresh failed: 401 INVALID_TOKEN, connected until the token ends');
  expect(client.status).toBe('connected');
  socket.end(3005, 'TOKEN_EXPIRED');
  world.scheduler.advance(250);
  expect((await world.nextCall()).bearer).toBe(null); // now there is nothing to lose
});

test('ARenewalUnderWayEndsWithItsConnectionAndTheNextMayBeANewGuest', async () => {
  const world = new World();
  world.client().connect();
  await world.answerToken('guest-1', 3600);
  const socket = await world.connected({ expires: true, ttl: 60, ping: 0 });
  world.scheduler.advance(60_000 - 11_250);
  const renewal = await world.nextCall();
  socket.end(3005, 'TOKEN_EXPIRED');
  await until(() => renewal.init.signal!.aborted);
  world.scheduler.advance(250);
  const next = await world.nextCall();
  next.answer(401, { code: 'INVALID_TOKEN' });
  expect((await world.answerToken('guest-2')).bearer).toBe(null);
  expect((await world.answerTicket()).bearer).toBe('guest-2');
});

test('ATicketCallThatHangsIsGivenUpAndTheSocketStays', async () => {
  const world = new World();
  const { client, socket } = await connected(world, { token: () => 'jwt' });
  client.refresh();
  const call = await world.nextCall();
  world.scheduler.advance(10_000);
  expect(call.init.signal!.aborted).toBe(true);
  await settled();
  expect([client.status, socket.closedWith, world.lines.at(-1)]).toEqual(['connected', null, '[Auth] Refresh failed: timeout, again in 250ms']);
});

test('ALifeBeyondThePlatformsLongestTimerIsNotRefreshedAtOnce', async () => {
  const world = new World();
  const delays: number[] = [];
  const { setTimeout } = world.scheduler;
  world.scheduler.setTimeout = (callback, ms) => setTimeout(callback, (delays.push(ms), ms));
  const { socket } = await connected(world, { token: () => 'jwt' }, { expires: true, ttl: 30 * 86_400, ping: 0 });
  expect(Math.max(...delays)).toBe(2 ** 31 - 1);
  world.scheduler.advance(30 * 86_400_000 - 225_001);
  expect(world.calls.length).toBe(1);
  world.scheduler.advance(1);
  await until(() => world.calls.length === 2);
  expect(socket.closedWith).toBe(null);
});

test('RefreshWithoutAConnectionDoesNothing', async () => {
  const world = new World();
  const client = world.client({ token: () => 'jwt' });
  client.refresh();
  await settled();
  expect([world.calls, world.lines]).toEqual([[], []]);
});
