// One attempt to connect, step by step, as the client's log lines tell it.
//
// Pure: a line and the time go in, the attempt as it stands comes out. The lines
// are the client's promise (word for word), so nothing else needs to be asked.

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

/** The attempt after `line`, which was said at `now`. Lines that tell nothing of the steps change nothing. */
export function advance(attempt: Attempt, line: string, now: number): Attempt {
  const at = now - attempt.began;
  const begin = (name: StepName, note = ''): Attempt => withStep(attempt, name, { state: 'running', from: at, to: at, note });
  const end = (name: StepName): Attempt => withStep(attempt, name, { ...attempt.steps[name], state: 'done', to: at });

  if (line.startsWith('[WS] Ensuring')) return withStep(newAttempt(now), 'token', { ...kIdle, state: 'running' });
  if (line.startsWith('[Auth] Received 401')) return withStep(begin('token', 'refused, fetched anew'), 'ticket', kIdle);
  if (line === '[WS] JWT ready') return end('token');
  if (line.startsWith('[WS] Requesting')) return begin('ticket');
  if (line.startsWith('[WS] Ticket obtained')) return withStep(end('ticket'), 'socket', begin('socket').steps.socket);
  if (line === '[WS] Connected') return end('socket');
  if (line.startsWith('[WS] Failed to connect') || line.startsWith('[WS] Disconnected')) return failed(attempt, reasonIn(line), at);
  return attempt;
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

/** After how many milliseconds the client comes back; nothing where the line does not say. */
export function delayIn(line: string): { ms: number; attempt: number } | undefined {
  const found = line.match(/^\[WS\] Reconnecting in (\d+)ms \(attempt (\d+)\)$/);
  return found ? { ms: Number(found[1]), attempt: Number(found[2]) } : undefined;
}

function failed(attempt: Attempt, note: string, at: number): Attempt {
  const name = runningStep(attempt);
  return name ? withStep(attempt, name, { ...attempt.steps[name], state: 'failed', to: at, note }) : attempt;
}

function withStep(attempt: Attempt, name: StepName, step: Step): Attempt {
  return { ...attempt, steps: { ...attempt.steps, [name]: step } };
}

/** `503 STORE_UNAVAILABLE`, `1008 NOT_AUTHORIZED`, `network error`. */
function reasonIn(line: string): string {
  const number = line.match(/(?:status|code): (\d+)/)?.[1];
  const word = line.match(/(?:code|reason): '([^']*)'/)?.[1];
  if (number) return [number, word].filter(Boolean).join(' ');
  return line.includes('TimeoutError') ? 'timeout' : 'network error';
}
