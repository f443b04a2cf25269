// Rules of the core that no scenario file reaches, as the C++ client's unit tests have them.

import { expect, test } from 'vitest';
import { Channel, ChannelTable } from '../src/channel_table';
import { Deadline } from '../src/deadline';
import { classifyClose } from '../src/failure';
import { stoppingText } from '../src/log_line';
import { Progress } from '../src/progress';
import { Output } from '../src/protocol';
import { Secrets } from '../src/secrets';
import { SubscribeQueue } from '../src/subscribe_queue';
import { Subscriptions } from '../src/subscriptions';
import { TicketSubs } from '../src/ticket_subs';

test('TheServersOwnChannelsAreBoundedAndTheUsersAreNot', () => {
  const subscriptions = new Subscriptions(Math.random);
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
  const subscriptions = new Subscriptions(Math.random);
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

test('ADeadlineIsMovedOnceWhenItIsNoticedMoreThanASecondLate', () => {
  const deadline = new Deadline();
  expect(deadline.isOver(5_000)).toBe(false);
  deadline.set(5_000);
  expect([deadline.isOver(4_999), deadline.isOver(5_000)]).toEqual([false, true]);
  expect(deadline.moveIfLate(6_000)).toBe(false);
  expect(deadline.moveIfLate(6_001)).toBe(true);
  expect(deadline.due).toBe(7_001);
  expect(deadline.moveIfLate(90_000)).toBe(false);
  deadline.clear();
  expect(deadline.isOver(90_000)).toBe(false);
});

test('ARestIsAnnouncedAgainOnlyWhenItsEndChanges', () => {
  const progress = new Progress();
  const announced = (due: number | null) => {
    const out = new Output();
    progress.announceRest(2, due, 1_000, out);
    return out.stage;
  };
  expect(announced(null)).toEqual([]);
  progress.stage = 'waiting';
  progress.fail({ reason: 'timeout' });
  expect(announced(4_000)).toEqual([{ stage: 'waiting', attempt: 2, delay: 3_000, failure: { reason: 'timeout' } }]);
  expect(announced(4_000)).toEqual([]);
  expect(announced(null)).toEqual([{ stage: 'waiting', attempt: 2 }]);
  progress.stage = 'token';
  expect(announced(null)).toEqual([]);
});

test('OnlyTheTicketWasAtFaultWhileConnectingWithAnOldOne', () => {
  expect(classifyClose(3100, 'TICKET_EXPIRED', false, false)).toBe('new_ticket');
  expect(classifyClose(1008, 'NOT_AUTHORIZED', false, true)).toBe('new_ticket');
  expect(classifyClose(1008, 'NOT_AUTHORIZED', false, false)).toBe('hard');
  expect(classifyClose(1008, 'NOT_AUTHORIZED', true, true)).toBe('hard');
  expect(classifyClose(3100, '', true, true)).toBe('soft');
});

test('AnotherEpochOrALossMakesTheOffsetVoid', () => {
  const channel = new Channel('a');
  channel.begin({ epoch: 'e' });
  expect([channel.advance(5), channel.advance(5), channel.advance(undefined)]).toEqual([true, false, true]);
  channel.begin({ epoch: 'e', recovered: false });
  expect(channel.since()).toEqual({ recover: true, epoch: 'e', offset: 5 });
  channel.begin({ epoch: 'f' });
  expect(channel.since()).toEqual({ recover: true, epoch: 'f', offset: 0 });
  channel.begin({ recovered: false });
  expect(channel.since()).toEqual({});
});

test('AfterARefusalHalfAsManyChannelsTravel', () => {
  const channels = new ChannelTable();
  const subs = new TicketSubs();
  for (let i = 0; i < 100; i++) channels.know(`live:${i}`, true);
  expect(Object.keys(subs.fill(channels)).length).toBe(100);
  expect([subs.withhold(false), subs.holds('live:0'), subs.withhold(false)]).toEqual([true, false, false]);
  expect(Object.keys(subs.fill(channels)).length).toBe(50);
});

test('AForgottenChannelIsNowhereInTheQueue', () => {
  const queue = new SubscribeQueue();
  const out = new Output();
  const [asked, queued, late] = ['asked', 'queued', 'late'].map((name) => new Channel(name)) as [Channel, Channel, Channel];
  queue.add(asked);
  queue.askOn(out);
  expect(queue.askedWith(1)).toBe(asked);
  queue.add(queued);
  queue.putOff(late, {});
  for (const channel of [asked, queued, late]) queue.forget(channel);
  expect(queue.askedWith(1)).toBe(undefined);
  queue.setNow(queue.due!);
  expect(queue.tick()).toBe(true);
  queue.askOn(out);
  expect(out.do.length).toBe(1);
});
