// Holds a ClientSession to one scenario, and says where it first differs.

import { ClientSession } from '../src/client_session';
import type { Input, Json, Output } from '../src/protocol';
import { rawMessages } from '../src/raw_messages';
import { rawSocketUrl } from '../src/raw_url';
import { ReconnectPolicy } from '../src/reconnect_policy';
import { Secrets } from '../src/secrets';
import { socketUrl } from '../src/socket_url';
import type { Core } from '../src/shell';
import { Subscriptions } from '../src/subscriptions';
import { TicketDesk } from '../src/ticket_desk';
import type { Scenario, Step } from './scenario';

class Difference extends Error {}

/** Null if the session did exactly what the scenario says, otherwise the first difference. */
export function runScenario(scenario: Scenario): string | null {
  try {
    play(scenario);
    return null;
  } catch (error) {
    if (error instanceof Difference) return error.message;
    return `the client threw: ${error instanceof Error ? error.stack : String(error)}`;
  }
}

function play(scenario: Scenario): void {
  let drawn = 0;
  const draw = (): number => {
    const r = scenario.random[drawn++];
    if (r === undefined) throw new Difference(`random: draw ${drawn} of ${scenario.random.length}`);
    return r;
  };
  const session = coreOf(scenario, draw);

  let now = -Infinity;
  scenario.steps.forEach((step, index) => {
    const where = `step ${index + 1} at ${step.at} (${step.name})`;
    try {
      if (step.at < now) throw new Difference(`the clock goes back from ${now}`);
      now = step.at;
      playStep(session, step, scenario.secrets);
    } catch (error) {
      throw error instanceof Difference ? new Difference(`${where}: ${error.message}`) : error;
    }
  });
  const left = scenario.random.length - drawn;
  if (left > 0) throw new Difference(`random: ${left} of ${scenario.random.length} left over`);
}

function coreOf({ url, raw, credentials, desk }: Scenario, draw: () => number): Core {
  const secrets = new Secrets(!credentials);
  if (desk) return new TicketDesk(draw, secrets);
  const policy = new ReconnectPolicy(draw);
  if (raw) return new ClientSession(url, rawSocketUrl, rawMessages, policy, secrets);
  return new ClientSession(url, socketUrl, new Subscriptions(draw), policy, secrets);
}

function playStep(session: Core, step: Step, secrets: string[]): void {
  const due = session.timer;
  if (due !== null && due < step.at && !step.late) throw new Difference(`a timer was due at ${due} and no tick took it`);

  const outputs = [session.handle(step.in, step.at)];
  if (step.onEvent) outputs.push(callFromListener(session, step.onEvent, step.at, outputs[0] as Output));

  const actual = {
    stage: outputs.flatMap((output) => output.stage),
    log: outputs.flatMap((output) => output.log.map((line) => line.text)),
    do: outputs.flatMap((output) => output.do),
    status: outputs.flatMap((output) => output.status),
    event: outputs.flatMap((output) => output.event),
  };
  if (step.log) compare('log', step.log, actual.log);
  if (step.stage) compare('stage', step.stage, actual.stage);
  compare('do', step.do, actual.do);
  compare('status', step.status, actual.status);
  compare('event', step.event, actual.event);
  for (const kind of ['log', 'stage', 'status', 'event'] as const) {
    for (const item of actual[kind]) checkSecrets(kind, item, secrets);
  }
}

/** The listener is called in the step's first event (or, where there is none, status). */
function callFromListener(session: Core, input: Input, at: number, before: Output): Output {
  if (before.event.length === 0 && before.status.length === 0) throw new Difference('on_event, but there was no event to call it');
  return session.handle(input, at);
}

function compare(kind: string, expected: Json[], actual: unknown[]): void {
  const length = Math.max(expected.length, actual.length);
  for (let i = 0; i < length; i++) {
    const wanted = i < expected.length ? canonical(expected[i]) : 'nothing';
    const got = i < actual.length ? canonical(actual[i]) : 'nothing';
    if (wanted !== got) throw new Difference(`${kind}[${i}]: expected ${wanted}, got ${got}`);
  }
}

function checkSecrets(kind: string, item: unknown, secrets: string[]): void {
  const texts: string[] = [];
  collectStrings(item, texts);
  for (const secret of secrets) {
    if (texts.some((text) => text.includes(secret))) throw new Difference(`${kind}: holds the secret ${canonical(secret)}`);
  }
}

function collectStrings(value: unknown, into: string[]): void {
  if (typeof value === 'string') into.push(value);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      into.push(key);
      collectStrings(inner, into);
    }
  }
}

/** JSON with sorted keys, so that equal values have equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
