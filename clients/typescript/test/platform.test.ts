import { expect, test } from 'vitest';
import { settled, World } from './fakes';

function fire(target: EventTarget, name: string, properties: object = {}): void {
  target.dispatchEvent(Object.assign(new Event(name), properties));
}

test('OfflineAbortsAndOnlineBeginsAtOnce', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  client.connect();
  const call = await world.nextCall();
  fire(world.window, 'offline');
  expect(call.init.signal?.aborted).toBe(true);
  expect(client.status).toBe('reconnecting');
  // Then an attempt now and then: see not_granted.test.ts.
  world.scheduler.advance(29_999);
  await settled();
  expect(world.calls.length).toBe(1);
  fire(world.window, 'online');
  await world.connected();
  expect(client.status).toBe('connected');
});

test('APageThatStartsOfflineWaitsForOnline', async () => {
  const world = new World();
  world.navigator.onLine = false;
  const client = world.client({ token: 'jwt' });
  client.connect();
  await settled();
  expect(client.status).toBe('connecting');
  expect(world.calls.length).toBe(0);
  fire(world.window, 'online');
  await world.connected();
});

test('BecomingVisibleRetriesAtOnceAndBringsOnlineWithIt', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  client.connect();
  (await world.nextCall()).answer(503);
  await settled();
  world.document.visibilityState = 'hidden';
  fire(world.document, 'visibilitychange');
  fire(world.window, 'offline');
  // The browser never said `online`: its event was lost while the page slept.
  world.document.visibilityState = 'visible';
  fire(world.document, 'visibilitychange');
  await world.connected();
  expect(client.status).toBe('connected');
});

test('ThePageCacheTakesTheSocketAndComingBackConnectsAtOnce', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  client.connect();
  const socket = await world.connected();
  fire(world.window, 'pagehide', { persisted: false });
  expect(socket.closedWith).toBeNull();
  fire(world.window, 'pagehide', { persisted: true });
  expect(socket.closedWith).toBe(1000);
  expect(client.status).toBe('reconnecting');
  world.scheduler.sleep(3_600_000);
  fire(world.window, 'pageshow', { persisted: true });
  await world.connected();
  expect(client.status).toBe('connected');
});

test('AFrozenPageThatResumesKeepsASocketWhosePingIsQueued', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  client.connect();
  const socket = await world.connected();
  fire(world.document, 'freeze');
  world.scheduler.sleep(600_000);
  fire(world.document, 'resume');
  world.scheduler.advance(0);
  socket.receive({});
  world.scheduler.advance(34_999);
  expect(client.status).toBe('connected');
  expect(socket.closedWith).toBeNull();
});

test('AfterDisconnectThePlatformIsNotListenedTo', async () => {
  const world = new World();
  const client = world.client({ token: 'jwt' });
  client.connect();
  client.disconnect();
  fire(world.window, 'offline');
  fire(world.window, 'online');
  fire(world.document, 'visibilitychange');
  await settled();
  expect(client.status).toBe('disconnected');
  client.connect();
  await world.connected();
});
