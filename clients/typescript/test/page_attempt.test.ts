// The page of --dev draws an attempt from the client's stages (web/src/attempt.ts).

import { expect, test } from 'vitest';
import { advance, type Attempt, elapsed, newAttempt, runningStep } from '../../../web/src/attempt';
import type { StageChange } from '../src';

/** The attempt after these stages, ten milliseconds apart. */
function after(...changes: Omit<StageChange, 'attempt'>[]): Attempt {
  let attempt = newAttempt(0);
  changes.forEach((change, n) => (attempt = advance(attempt, { attempt: 0, ...change }, 1000 + 10 * n)));
  return attempt;
}

const states = ({ steps }: Attempt) => [steps.token.state, steps.ticket.state, steps.socket.state];
const kToConnected = (['token', 'ticket', 'socket', 'connected'] as const).map((stage) => ({ stage }));

test('EachStepBeginsWhereTheLastOneEnded', () => {
  const attempt = after(...kToConnected);
  expect(states(attempt)).toEqual(['done', 'done', 'done']);
  expect(Object.values(attempt.steps).map(({ from, to }) => [from, to])).toEqual([[0, 10], [10, 20], [20, 30]]);
  expect(elapsed(attempt, 99_999)).toBe(30);
});

test('OnlyTheStepThatIsUnderWayRuns', () => {
  const attempt = after({ stage: 'token' }, { stage: 'ticket' });
  expect(runningStep(attempt)).toBe('ticket');
  expect(elapsed(attempt, 1500)).toBe(500);
});

test.each([
  [{ status: 503, reason: 'STORE_UNAVAILABLE' }, '503 STORE_UNAVAILABLE'],
  [{ code: 1008, reason: 'NOT_AUTHORIZED' }, '1008 NOT_AUTHORIZED'],
  [{ code: 1006, reason: '' }, '1006'],
  [{ reason: 'network error' }, 'network error'],
])('AFailureIsNotedAtItsStep_%o', (failure, note) => {
  for (const stage of ['waiting', 'idle'] as const) {
    const attempt = after({ stage: 'token' }, { stage: 'ticket' }, { stage, failure });
    expect(states(attempt)).toEqual(['done', 'failed', 'idle']);
    expect(attempt.steps.ticket.note).toBe(note);
  }
});

test('ARefusedTokenIsFetchedAnewInTheSameAttempt', () => {
  const attempt = after({ stage: 'token' }, { stage: 'ticket' }, { stage: 'token', failure: { status: 401, reason: 'TOKEN_EXPIRED' } });
  expect(states(attempt)).toEqual(['running', 'idle', 'idle']);
  expect(attempt.steps.token).toMatchObject({ from: 20, note: 'refused, fetched anew' });
  expect(attempt.began).toBe(1000);
});

test('AnotherFailureBeginsAnotherAttempt', () => {
  const attempt = after({ stage: 'token' }, { stage: 'ticket' }, { stage: 'socket' }, { stage: 'token', failure: { code: 3100, reason: '' } });
  expect(states(attempt)).toEqual(['running', 'idle', 'idle']);
  expect(attempt.began).toBe(1030);
});

test('ALossAfterwardsLeavesTheStepsAsTheyWere', () => {
  const lost = after(...kToConnected, { stage: 'waiting', delay: 250, failure: { code: 1006, reason: '' } });
  expect(lost).toEqual(after(...kToConnected));
});

test('AStepThatIsGivenUpRunsNoLonger', () => {
  for (const stage of ['waiting', 'idle'] as const) {
    expect(states(after({ stage: 'token' }, { stage: 'ticket' }, { stage }))).toEqual(['done', 'idle', 'idle']);
  }
});
