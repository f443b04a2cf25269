// Rules of the core that no scenario file reaches, as the C++ client's unit tests have them.

import { expect, test } from 'vitest';
import { stoppingText } from '../src/log_line';
import { Output } from '../src/protocol';
import { Secrets } from '../src/secrets';
import { Subscriptions } from '../src/subscriptions';

test('TheServersOwnChannelsAreBoundedAndTheUsersAreNot', () => {
  const subscriptions = new Subscriptions();
  const out = new Output();
  subscriptions.connected({}, out);
  for (let i = 0; i <= 1024; i++) subscriptions.received({ push: { channel: `s${i}`, subscribe: {} } }, out);
  expect(out.event.length).toBe(1024);
  subscriptions.subscribe('mine', false, out);
  expect(subscriptions.restore()).toEqual({ mine: {} });
  const after = new Output();
  subscriptions.connected({ mine: {} }, after);
  expect(after.event).toEqual([{ subscribed: { channel: 'mine', recovered: false } }]);
});

test('AChannelThatIsForgottenMakesRoomForAnother', () => {
  const subscriptions = new Subscriptions();
  const out = new Output();
  subscriptions.connected({}, out);
  for (let i = 0; i < 1024; i++) subscriptions.received({ push: { channel: `s${i}`, subscribe: {} } }, out);
  subscriptions.received({ push: { channel: 's0', unsubscribe: { code: 2000 } } }, out);
  const after = new Output();
  subscriptions.received({ push: { channel: 'another', subscribe: {} } }, after);
  expect(after.event).toEqual([{ subscribed: { channel: 'another', recovered: false } }]);
});

test('TheOldestSecretIsForgottenAtTheBoundAndUseKeepsOneYoung', () => {
  const secrets = new Secrets();
  secrets.add('<first>');
  secrets.add('<second>');
  for (let i = 2; i < 256; i++) secrets.add(`<${i}>`);
  expect(secrets.mask('<first>')).toBe('***');
  secrets.add('<first>');
  secrets.add('<one more>');
  expect(secrets.mask('<first>')).toBe('***');
  expect(secrets.mask('<second>')).toBe('<second>');
});

test.each([
  [404, 'NOT FOUND'], [305, 'USE PROXY'], [417, 'EXPECTATION FAILED'], [428, 'PRECONDITION REQUIRED'],
])('TheLineOfAStatusNamesItsPhrase_%i', (status, phrase) => {
  expect(stoppingText('ticket', status)).toBe(`[WS] Ticket request failed: ${status} ${phrase} - stopping reconnect`);
});

test('AStatusWithoutAPhraseStandsAlone', () => {
  expect(stoppingText('token', 499)).toBe('[WS] Token request failed: 499 - stopping reconnect');
});
