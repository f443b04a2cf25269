// Whatever the application throws in leaves the client as it was, and is seen where it can be mended.

import { expect, test, vi } from 'vitest';
import { settled, until, World } from './fakes';

async function connected(options = {}) {
  const world = new World();
  const client = world.client({ token: 'jwt', ...options });
  const errors: { message: string; error: unknown }[] = [];
  client.on('error', (error) => errors.push(error));
  client.connect();
  const socket = await world.connected();
  return { world, client, socket, errors };
}

const cycle: Record<string, unknown> = {};
cycle.itself = cycle;
const deep = (): unknown => {
  let value: unknown = 1;
  for (let n = 0; n < 100_000; n++) value = [value];
  return value;
};

test.each([
  ['a BigInt', 10n],
  ['a cycle', cycle],
  ['a toJSON that throws', { toJSON: () => { throw new Error('no'); } }],
  ['a getter that throws', { get x() { throw new Error('no'); } }],
  ['a proxy that throws', new Proxy({}, { ownKeys: () => { throw new Error('no'); } })],
  ['a BigInt inside', { a: [1, { b: 1n }] }],
  ['undefined', undefined],
  ['a function', () => 1],
  ['a symbol', Symbol('x')],
  ['a toJSON that gives nothing', { toJSON: () => undefined }],
  ['what is nested too deeply', deep()],
])('Publishing_%s_ThrowsAtTheCallerAndTheClientLivesOn', async (_, data) => {
  const { client, socket } = await connected();
  expect(() => client.publish('a:1', data as never)).toThrow();
  expect(client.publish('a:1', 1)).toBe(true);
  socket.receive({});
  expect(socket.sent).toEqual([{ id: 1, publish: { channel: 'a:1', data: 1 } }, {}]);
  client.disconnect();
  expect(() => client.publish('a:1', data as never)).toThrow();
  expect(client.status).toBe('disconnected');
});

test('WhatIsPublishedIsWhatJsonMakesOfIt', async () => {
  const { client, socket } = await connected();
  for (const data of [NaN, -Infinity, { a: undefined, b: NaN }, [undefined], new Date(0), null, '', -0]) client.publish('a:1', data as never);
  expect(socket.sent.map(({ publish }) => publish.data)).toEqual([null, null, { b: null }, [null], '1970-01-01T00:00:00.000Z', null, '', 0]);
});

test('DataIsTakenAsItIsAtTheCallWhateverItsToJsonDoes', async () => {
  const { client, socket } = await connected();
  const data = { n: 1, toJSON() { client.publish('b:1', 2); return { n: this.n++ }; } };
  expect(client.publish('a:1', data as never)).toBe(true);
  expect(socket.sent.map(({ publish }) => [publish.channel, publish.data])).toEqual([['b:1', 2], ['a:1', { n: 1 }]]);
  client.publish('a:1', { toJSON: () => { client.disconnect(); return 1; } } as never);
  expect(client.status).toBe('disconnected');
});

test('LoneSurrogatesAreReplacedForTheWireKnowsNone', async () => {
  const { client, socket } = await connected();
  const texts: string[] = [];
  const send = vi.spyOn(socket, 'send').mockImplementation((text) => void texts.push(text));
  client.publish('a:\ud800', { '\udfff': 'x\ud83d', both: '\ud83d\ude00', escaped: '\\ud800 \\\\udc00' });
  client.subscribe('b:\udc00', () => {});
  expect(texts).toEqual([
    '{"id":1,"publish":{"channel":"a:\ufffd","data":{"\ufffd":"x\ufffd","both":"\ud83d\ude00","escaped":"\\\\ud800 \\\\\\\\udc00"}}}',
    '{"id":2,"subscribe":{"channel":"b:\ufffd"}}',
  ]);
  send.mockRestore();
});

test('AChannelThatIsNoTextAndAHandlerThatIsNoneAreRefusedAtTheCall', async () => {
  const { client, socket } = await connected();
  for (const channel of [undefined, null, 7, 10n, Symbol('x'), {}, ['a']]) {
    expect(() => client.subscribe(channel as never, () => {})).toThrow(/channel must be a string/);
    expect(() => client.publish(channel as never, 1)).toThrow(/channel must be a string/);
  }
  expect(() => client.subscribe('a', {} as never)).toThrow(/handler must be a function/);
  expect(() => client.on('status', null as never)).toThrow('usher-client: on: listener must be a function, not null');
  socket.receive({});
  expect(socket.sent).toEqual([{}]);
});

test('WithoutAHandlerTheMessageEventsAreAllThereIs', async () => {
  const { client, socket, errors } = await connected();
  const heard = vi.fn();
  client.on('message', heard);
  client.subscribe('a:1');
  socket.receive({ id: 1, subscribe: {} }, { push: { channel: 'a:1', pub: { data: 1 } } });
  expect(heard).toHaveBeenCalledTimes(1);
  expect(errors).toEqual([]);
});

test('NamesThatNoTicketCanCarryAreAskedForOnTheSocketAndCostThemselves', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  const failed = vi.fn();
  client.on('subscription_failed', failed);
  for (const name of ['', '\ud800', 'ok:1']) client.subscribe(name, () => {});
  client.connect();
  const call = await world.answerTicket();
  expect(call.body).toEqual({ subs: { 'ok:1': {} } });
  world.socket.connect({ subs: { 'ok:1': {} } });
  expect(world.socket.sent).toEqual([{ id: 1, subscribe: { channel: '' } }, { id: 2, subscribe: { channel: '\ufffd' } }]);
  world.socket.receive({ id: 1, error: { code: 107, message: 'bad request' } }, { id: 2, error: { code: 107, message: 'bad request' } });
  expect(failed.mock.calls).toEqual([[{ channel: '', code: 107 }], [{ channel: '\ud800', code: 107 }]]);
});

test('EveryThrowOfAListenerIsReportedOnceAndEveryOtherListenerHears', async () => {
  const { client, socket, errors } = await connected();
  const throws = () => { throw new Error('mine'); };
  const [heard, handled] = [vi.fn(), vi.fn()];
  client.subscribe('a:1', throws);
  client.subscribe('a:1', handled);
  client.on('message', throws);
  client.on('message', heard);
  client.on('message', (async () => throws()) as never);
  socket.receive({ id: 1, subscribe: {} }, { push: { channel: 'a:1', pub: { data: 1 } } });
  await settled();
  expect(errors.map(({ message, error }) => [message, (error as Error).message])).toEqual(Array(3).fill(['a listener threw', 'mine']));
  expect(heard).toHaveBeenCalledTimes(1);
  expect(handled).toHaveBeenCalledTimes(1);
  expect(client.status).toBe('connected');
});

test('AnErrorListenerOrAConsoleThatThrowsIsTheLastToBeHeard', async () => {
  const { client, socket } = await connected();
  client.on('error', () => { throw new Error('again'); });
  const complaint = vi.spyOn(console, 'error').mockImplementation(() => { throw new Error('console'); });
  client.on('message', () => { throw new Error('mine'); });
  client.subscribe('a:1', () => {});
  socket.receive({ id: 1, subscribe: {} }, { push: { channel: 'a:1', pub: { data: 1 } } }, {});
  expect(socket.sent.at(-1)).toEqual({});
  complaint.mockRestore();
});

test('ALoggerThatThrowsOrLacksALevelStopsNothing', async () => {
  const { client } = await connected({ logger: { log: () => { throw new Error('disk'); } } });
  expect(client.status).toBe('connected');
});

test('ASocketThatThrowsAtSendIsLostAndSaid', async () => {
  const { world, client, socket, errors } = await connected();
  vi.spyOn(socket, 'send').mockImplementation(() => { throw new Error('InvalidStateError'); });
  client.publish('a:1', 1);
  expect(client.status).toBe('reconnecting');
  expect(errors.map(({ error }) => (error as Error).message)).toEqual(['InvalidStateError']);
  world.scheduler.advance(250);
  await world.connected();
  expect(client.status).toBe('connected');
});

test('ASocketThatThrowsAtCloseIsLeftAlone', async () => {
  const { client, socket } = await connected();
  vi.spyOn(socket, 'close').mockImplementation(() => { throw new Error('InvalidAccessError'); });
  client.disconnect();
  expect(client.status).toBe('disconnected');
});

test('ARandomThatIsNoneIsNotUsed', async () => {
  for (const random of [() => NaN, () => 7, () => -1, () => undefined as never, () => { throw new Error('no'); }]) {
    const world = new World();
    const client = world.client({ token: 'jwt', random });
    client.on('error', () => {});
    client.connect();
    (await world.nextCall()).answer(503);
    await until(() => client.status === 'reconnecting');
    expect(world.lines.at(-1)).toMatch(/^\[WS\] Reconnecting in (1[89]\d|2\d\d|3[01]\d)ms \(attempt 1\)$/);
  }
});

test('AnErrorOfThePeerThatIsNothingWeKnowStopsNothing', async () => {
  const { client, socket } = await connected();
  const nested = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  for (const data of [nested, `{"push":${nested}}`, 'null', '7', '{"id":1,"error":null}', '{"push":{"channel":7}}', '{"push":{"connect":{}}}', undefined, new ArrayBuffer(8)]) {
    socket.onmessage?.({ data });
  }
  socket.receive({});
  expect(socket.sent).toEqual([{}]);
  expect(client.status).toBe('connected');
});

test('ACloseEventWithHalfItsMembersIsAClose', async () => {
  const { world, client, socket } = await connected();
  socket.onclose?.({});
  expect(client.status).toBe('reconnecting');
  expect(world.lines.at(-2)).toBe("[WS] Disconnected { code: 1006, reason: '', wasClean: false }");
});
