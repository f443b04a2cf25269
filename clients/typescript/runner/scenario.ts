// The language-neutral scenario file, read and checked: a malformed file is a
// failure of its own, never a scenario that passes because nothing was compared.

import type { Input, Json, JsonObject } from '../src/protocol';
import { isObject } from '../src/json_fields';

export interface Step {
  at: number;
  in: Input;
  /** The name of the input, for messages. */
  name: string;
  late: boolean;
  status: Json[];
  do: Json[];
  event: Json[];
  /** Compared only where present. */
  log: Json[] | undefined;
  stage: Json[] | undefined;
  onEvent: Input | undefined;
}

export interface Scenario {
  url: string;
  /** A session in raw mode. */
  raw: boolean;
  /** Cookies alone: there is no token. */
  credentials: boolean;
  /** Played by a TicketDesk. */
  desk: boolean;
  random: number[];
  steps: Step[];
  /** Every token and ticket that occurs in it. */
  secrets: string[];
}

const kInputs = new Set([
  'connect', 'disconnect', 'token', 'token_failed', 'ticket', 'ticket_failed', 'socket_open', 'frame', 'socket_closed',
  'subscribe', 'unsubscribe', 'publish', 'refresh', 'online', 'offline', 'hidden', 'visible', 'probe', 'tick', 'ask', 'leave', 'reset',
]);

export function scenarioName(file: unknown): string | null {
  return isObject(file) && typeof file.name === 'string' ? file.name : null;
}

/** Throws an Error that says what is wrong with the file. */
export function readScenario(file: unknown): Scenario {
  if (!isObject(file)) throw new Error('a scenario is a JSON object');
  if (!Array.isArray(file.steps)) throw new Error('"steps" is missing');
  const options = isObject(file.options) ? file.options : {};
  const random = file.random ?? [];
  if (!Array.isArray(random) || random.some((r) => typeof r !== 'number')) throw new Error('"random" is not a list of numbers');
  const steps = file.steps.map(readStep);
  return {
    url: typeof options.url === 'string' ? options.url : 'https://gw.example',
    raw: options.raw === true,
    credentials: options.credentials === true,
    desk: options.desk === true,
    random: random as number[],
    steps,
    secrets: secretsOf(steps),
  };
}

function readStep(step: Json, index: number): Step {
  const where = `step ${index + 1}`;
  if (!isObject(step)) throw new Error(`${where} is not an object`);
  if (typeof step.at !== 'number') throw new Error(`${where}: "at" is missing`);
  const input = readInput(step.in, `${where}: "in"`);
  const tick = isObject(step.in) ? step.in.tick : undefined;
  return {
    at: step.at,
    in: input,
    name: Object.keys(input)[0] as string,
    late: tick !== undefined && (step.late === true || (isObject(tick) && tick.late === true)),
    status: list(step, 'status', where) ?? [],
    do: list(step, 'do', where) ?? [],
    event: list(step, 'event', where) ?? [],
    log: list(step, 'log', where),
    stage: list(step, 'stage', where),
    onEvent: step.on_event === undefined ? undefined : readInput(step.on_event, `${where}: "on_event"`),
  };
}

function readInput(input: Json | undefined, where: string): Input {
  const names = isObject(input) ? Object.keys(input) : [];
  const [name] = names;
  if (name === undefined || names.length !== 1) throw new Error(`${where} must have exactly one key`);
  if (!kInputs.has(name)) throw new Error(`${where}: unknown input "${name}"`);
  if (!isObject((input as JsonObject)[name])) throw new Error(`${where}: "${name}" is not an object`);
  return input as unknown as Input;
}

function list(step: JsonObject, key: string, where: string): Json[] | undefined {
  const value = step[key];
  if (value !== undefined && !Array.isArray(value)) throw new Error(`${where}: "${key}" is not a list`);
  return value;
}

function secretsOf(steps: Step[]): string[] {
  const found = steps.flatMap((step) =>
    [step.in, step.onEvent].map((input) => {
      if (input && 'token' in input) return input.token.token;
      if (input && 'ticket' in input) return input.ticket.ticket;
      return '';
    }),
  );
  return [...new Set(found.filter((secret) => typeof secret === 'string' && secret !== ''))];
}
