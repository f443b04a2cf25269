import { expect, test, vi } from 'vitest';
import { MemoryStorage, settled, until, World } from './fakes';

const kKey = 'usher.token https://gw.example';
const kDay = 86_400_000;

function storedToken(world: World): string | null {
  const text = world.storage.getItem(kKey);
  return text === null ? null : (JSON.parse(text) as { token: string }).token;
}

/** Connected once as `guest-1`, then away for so many milliseconds, and connecting again. */
async function aGuestWhoComesBackAfter(ms: number) {
  const world = new World();
  const client = world.client();
  client.connect();
  await world.answerToken('guest-1');
  await world.connected();
  client.disconnect();
  world.scheduler.sleep(ms);
  client.connect();
  return { world, client };
}

test('AGuestsTokenIsKeptAndUsedByTheNextPage', async () => {
  const world = new World();
  world.client().connect();
  await world.answerToken('guest-1');
  await world.answerTicket();
  expect(storedToken(world)).toBe('guest-1');
  world.client().connect();
  expect((await world.answerTicket()).bearer).toBe('guest-1');
});

test('AfterHalfOfItsLifeAGuestsTokenIsRenewedWithItsBearer', async () => {
  const { world } = await aGuestWhoComesBackAfter(kDay / 2);
  expect((await world.answerToken('guest-1b')).bearer).toBe('guest-1');
  expect((await world.answerTicket()).bearer).toBe('guest-1b');
});

test('AnExpiredGuestsTokenIsRenewedTheSameWay', async () => {
  const { world } = await aGuestWhoComesBackAfter(3 * kDay);
  expect((await world.answerToken('guest-1b')).bearer).toBe('guest-1');
});

test('ARenewalThatFailsSoftlyLeavesTheTokenThatStillWorks', async () => {
  const { world } = await aGuestWhoComesBackAfter(kDay / 2);
  (await world.nextCall()).answer(503);
  expect((await world.answerTicket()).bearer).toBe('guest-1');
});

test('AnExpiredTokenRefusedByTheGatewayIsRenewedAndStaysTheSameGuest', async () => {
  const world = new World();
  world.client().connect();
  await world.answerToken('guest-1');
  await world.connected();
  world.client().connect();
  (await world.nextCall()).answer(401, { code: 'TOKEN_EXPIRED' });
  expect((await world.answerToken('guest-1b')).bearer).toBe('guest-1');
  expect((await world.answerTicket()).bearer).toBe('guest-1b');
  expect(world.lines).toContain('[Auth] Received 401 TOKEN_EXPIRED, refreshing token...');
});

test('AnInvalidTokenIsThrownAwayForANewGuest', async () => {
  const world = new World();
  world.client().connect();
  await world.answerToken('guest-1');
  await world.connected();
  world.client().connect();
  (await world.nextCall()).answer(401, { code: 'INVALID_TOKEN' });
  expect((await world.answerToken('guest-2')).bearer).toBeNull();
  expect((await world.answerTicket()).bearer).toBe('guest-2');
});

test('AGuestThatCanNoLongerBeRenewedBecomesANewOne', async () => {
  const { world, client } = await aGuestWhoComesBackAfter(60 * kDay);
  (await world.nextCall()).answer(401, { code: 'TOKEN_EXPIRED' });
  expect((await world.answerToken('guest-2')).bearer).toBeNull();
  await world.connected();
  expect(client.status).toBe('connected');
});

test('AHard401LeavesNothingInStorage', async () => {
  const world = new World();
  const client = world.client();
  client.connect();
  await world.answerToken('guest-1');
  (await world.nextCall()).answer(401, { code: 'SESSION_REVOKED' });
  await until(() => client.failure !== null);
  expect(storedToken(world)).toBeNull();
});

test('TheRefusalOfAnOldTokenAdoptsAnotherTabsNewOne', async () => {
  const world = new World();
  world.client().connect();
  await world.answerToken('guest-1');
  await world.connected();
  world.client().connect();
  const refused = await world.nextCall();
  world.storage.setItem(kKey, JSON.stringify({ token: 'other-tab', renewAt: 9e15, expiresAt: 9e15 }));
  refused.answer(401, { code: 'INVALID_TOKEN' });
  expect((await world.answerTicket()).bearer).toBe('other-tab');
  expect(storedToken(world)).toBe('other-tab');
});

test('AnotherTabsTokenThatCameMeanwhileIsAdopted', async () => {
  const world = new World();
  world.client().connect();
  const call = await world.nextCall();
  world.storage.setItem(kKey, JSON.stringify({ token: 'other-tab', renewAt: 9e15, expiresAt: 9e15 }));
  call.answer(200, { token: 'mine', session_id: 's', expires_in: 86400 });
  expect((await world.answerTicket()).bearer).toBe('other-tab');
  expect(storedToken(world)).toBe('other-tab');
});

test('ALogoutIsNotUndoneByALateAnswer', async () => {
  const world = new World();
  const client = world.client();
  client.connect();
  const call = await world.nextCall();
  client.logout();
  call.answer(200, { token: 'late', session_id: 's', expires_in: 86400 });
  await settled();
  expect(storedToken(world)).toBeNull();
  expect(world.calls.length).toBe(1);
  expect(client.status).toBe('disconnected');
});

test('ALogoutInAnotherTabIsNotUndoneByALateRenewal', async () => {
  const { world } = await aGuestWhoComesBackAfter(kDay);
  const renewal = await world.nextCall();
  world.storage.removeItem(kKey);
  renewal.answer(200, { token: 'guest-1b', session_id: 's', expires_in: 86400 });
  expect((await world.answerToken('guest-2')).bearer).toBeNull();
  expect((await world.answerTicket()).bearer).toBe('guest-2');
});

test('OneTokenFetchAtATimeHoweverManyAttemptsAsk', async () => {
  const world = new World();
  const client = world.client();
  client.connect();
  client.disconnect();
  client.connect();
  client.disconnect();
  client.connect();
  await world.answerToken('guest-1');
  await world.connected();
  expect(world.calls.map(({ url }) => url.split('/').at(-1))).toEqual(['token', 'ticket']);
});

test.each([
  ['no storage at all', null],
  ['storage that throws', { getItem: fails, setItem: fails, removeItem: fails }],
  ['storage that is full', Object.assign(new MemoryStorage(), { setItem: fails })],
])('With_%s_TheTokenIsKeptInMemory', async (_, storage) => {
  const world = new World();
  const client = world.client({ storage });
  client.connect();
  await world.answerToken('guest-1');
  await world.connected();
  client.disconnect();
  client.connect();
  expect((await world.answerTicket()).bearer).toBe('guest-1');
});

function fails(): never {
  throw new DOMException('no', 'QuotaExceededError');
}

test.each(['rubbish', '{}', 'null', '[]', '{"token":7}'])('Storage that holds %s counts as empty', async (text) => {
  const world = new World();
  world.storage.setItem(kKey, text);
  world.client().connect();
  expect((await world.answerToken('guest-1')).bearer).toBeNull();
});

test('ATokenFunctionIsAskedAgainFreshAfterA401', async () => {
  const world = new World();
  const token = vi.fn(({ fresh }: { fresh: boolean }) => (fresh ? 'new' : 'old'));
  world.client({ token }).connect();
  (await world.nextCall()).answer(401, { code: 'TOKEN_EXPIRED' });
  expect((await world.answerTicket()).bearer).toBe('new');
  expect(token.mock.calls).toEqual([[{ fresh: false }], [{ fresh: true }]]);
});

test('ATokenFunctionWithoutATokenIsA401', async () => {
  const world = new World();
  const client = world.client({ token: async () => null });
  client.connect();
  await until(() => client.failure !== null);
  expect(client.failure).toEqual({ status: 401, reason: '' });
  expect(world.lines.at(-1)).toBe('[WS] Token request failed: 401 UNAUTHORIZED - stopping reconnect');
});

test.each([
  ['an Angular HttpErrorResponse', { status: 503, error: { code: 'OVERLOADED' } }, "[WS] Failed to connect HttpErrorResponse { status: 503, error: { code: 'OVERLOADED' } }"],
  ['a status', Object.assign(new Error('x'), { status: 500 }), '[WS] Failed to connect HttpErrorResponse { status: 500 }'],
  ['a network error', new TypeError('Failed to fetch'), '[WS] Failed to connect NetworkError'],
  ['status 0', { status: 0 }, '[WS] Failed to connect NetworkError'],
  ['nothing', undefined, '[WS] Failed to connect NetworkError'],
])('ATokenFunctionMayThrow_%s', async (_, thrown, line) => {
  const world = new World();
  world.client({ token: async () => Promise.reject(thrown) }).connect();
  await until(() => world.lines.includes(line));
});

test('ATokenFunctionThatHangsIsNotWaitedForAgain', async () => {
  const world = new World();
  const token = vi.fn<() => Promise<string>>().mockReturnValueOnce(new Promise(() => {})).mockResolvedValue('jwt');
  world.client({ token }).connect();
  world.scheduler.advance(10_000);
  world.scheduler.advance(250);
  expect((await world.answerTicket()).bearer).toBe('jwt');
});

test('AFixedTokenThatIsRefusedIsHard', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  client.connect();
  (await world.nextCall()).answer(401, { code: 'INVALID_TOKEN' });
  await until(() => client.failure !== null);
  expect(client.failure?.status).toBe(401);
});
