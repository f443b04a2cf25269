// One attempt to connect, step by step, as the client's `stage` events tell it.
//
// Pure: an event and the time go in, the attempt as it stands comes out.

import type { StageChange } from 'usher-client';
import { reasonText } from './elements.js';

export type StepName = 'token' | 'ticket' | 'socket';

export interface Step {
  state: 'idle' | 'running' | 'done' | 'failed';
  /** Milliseconds since the attempt began. */
  from: number;
  to: number;
  /** Why it failed, or what was special about it. */
  note: string;
}

export interface Attempt {
  began: number;
  steps: Record<StepName, Step>;
}

export const kSteps: readonly StepName[] = ['token', 'ticket', 'socket'];

const kIdle: Step = { state: 'idle', from: 0, to: 0, note: '' };

export function newAttempt(now: number): Attempt {
  return { began: now, steps: { token: kIdle, ticket: kIdle, socket: kIdle } };
}

/** The attempt after `change`, which came at `now`. */
export function advance(attempt: Attempt, { stage, failure }: StageChange, now: number): Attempt {
  const at = now - attempt.began;
  const begin = (to: Attempt, name: StepName, note = ''): Attempt => withStep(to, name, { state: 'running', from: at, to: at, note });

  switch (stage) {
    case 'token':
      // A refused token is replaced within the same attempt.
      if (failure?.status === 401) return begin(withStep(attempt, 'ticket', kIdle), 'token', 'refused, fetched anew');
      return withStep(newAttempt(now), 'token', { ...kIdle, state: 'running' });
    case 'ticket':
    case 'socket':
      return begin(ended(attempt, 'done', at), stage);
    case 'connected':
      return ended(attempt, 'done', at);
    default:
      return failure ? ended(attempt, 'failed', at, reasonText(failure)) : givenUp(attempt);
  }
}

/** The step that is under way, if any. */
export function runningStep(attempt: Attempt): StepName | undefined {
  return kSteps.find((name) => attempt.steps[name].state === 'running');
}

/** How long the steps have taken together, up to `now` where one is under way. */
export function elapsed(attempt: Attempt, now: number): number {
  if (runningStep(attempt)) return now - attempt.began;
  return Math.max(...kSteps.map((name) => attempt.steps[name].to));
}

/** The step that is under way, if any, has ended. */
function ended(attempt: Attempt, state: 'done' | 'failed', at: number, note?: string): Attempt {
  const name = runningStep(attempt);
  if (!name) return attempt;
  const step = attempt.steps[name];
  return withStep(attempt, name, { ...step, state, to: at, note: note ?? step.note });
}

/** By the user, or because the platform is offline: nothing has failed. */
function givenUp(attempt: Attempt): Attempt {
  const name = runningStep(attempt);
  return name ? withStep(attempt, name, kIdle) : attempt;
}

function withStep(attempt: Attempt, name: StepName, step: Step): Attempt {
  return { ...attempt, steps: { ...attempt.steps, [name]: step } };
}
