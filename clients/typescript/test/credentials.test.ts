// Cookies in place of a token, and beside one.

import { expect, test } from 'vitest';
import { settled, until, World } from './fakes';
import { SocketWorld } from './socket_fakes';

test('WithCookiesAloneOneCallLeadsToTheSocket', async () => {
  const world = new World();
  const client = world.client({ credentials: true });
  client.subscribe('news:1');
  client.connect();
  const call = await world.answerTicket();
  expect([call.url, call.bearer, call.init.credentials, call.body]).toEqual([
    'https://gw.example/auth/ticket', null, 'include', { subs: { 'news:1': {} } },
  ]);
  world.socket.connect();
  expect(client.status).toBe('connected');
  expect([world.calls.length, world.storage.items.size]).toEqual([1, 0]);
  expect(world.lines[0]).toBe('[WS] Requesting WebSocket ticket...');
});

test('WithoutTheOptionNoCookieLeaves', async () => {
  const world = new World();
  world.client().connect();
  expect((await world.answerToken('guest')).init.credentials).toBe('omit');
  expect((await world.answerTicket()).init.credentials).toBe('omit');
});

test('BesideATokenTheTicketCallHasBoth', async () => {
  const world = new World();
  world.client({ credentials: true, token: () => 'jwt' }).connect();
  const call = await world.answerTicket();
  expect([call.bearer, call.init.credentials]).toEqual(['jwt', 'include']);
});

test('TheBackendsRefusalIsHardWithItsOwnWord', async () => {
  const world = new World();
  const client = world.client({ credentials: true });
  client.connect();
  (await world.nextCall()).answer(403, { code: 'ACCOUNT_LOCKED' });
  await until(() => client.failure !== null);
  expect([client.status, client.failure]).toEqual(['disconnected', { status: 403, reason: 'ACCOUNT_LOCKED' }]);
});

test('ABackendThatIsAwayIsSoft', async () => {
  const world = new World();
  const client = world.client({ credentials: true });
  client.connect();
  (await world.nextCall()).answer(503, { code: 'BACKEND_UNAVAILABLE' });
  await until(() => client.status === 'reconnecting');
  world.scheduler.advance(250);
  await world.connected();
  expect(client.status).toBe('connected');
});

test('ACookieSessionIsRefreshedWithoutAToken', async () => {
  const world = new World();
  const client = world.client({ credentials: true });
  client.connect();
  const socket = await world.connected({ expires: true, ttl: 60, ping: 0 });
  world.scheduler.advance(60_000 - 11_250);
  const call = await world.nextCall();
  expect([call.url, call.bearer, call.init.credentials]).toEqual(['https://gw.example/auth/ticket', null, 'include']);
  call.answer(200, { ticket: 'ab'.repeat(16), expires_in: 30 });
  await until(() => socket.sent.length === 1);
  expect(client.status).toBe('connected');
});

test('UsherSocketAndTicketWebSocketHaveTheOption', async () => {
  const world = new SocketWorld();
  world.usherSocket({ credentials: true, token: undefined });
  const first = await world.answerTicket();
  const Socket = world.ticketClass({ credentials: true, token: undefined });
  new Socket('https://gw.example/board');
  const second = await world.answerTicket();
  for (const call of [first, second]) expect([call.bearer, call.init.credentials]).toEqual([null, 'include']);
  await settled();
  expect(world.calls.length).toBe(2);
});

test('AfterALoginTheClassOfTicketsGoesOnWithTheToken', async () => {
  const world = new SocketWorld();
  const Socket = world.ticketClass({ credentials: true, token: undefined });
  new Socket('https://gw.example/board');
  (await world.nextCall()).answer(401, { code: 'NOT_LOGGED_IN' });
  await until(() => Socket.failure !== null);
  Socket.reset();
  world.scheduler.advance(1000);
  new Socket('https://gw.example/board');
  const again = await world.nextCall();
  expect([again.bearer, again.init.credentials]).toEqual([null, 'include']);
  again.answer(401, { code: 'NOT_LOGGED_IN' });
  await until(() => Socket.failure !== null);
  Socket.reset('jwt');
  world.scheduler.advance(1000);
  new Socket('https://gw.example/board');
  expect((await world.answerTicket()).bearer).toBe('jwt');
});
