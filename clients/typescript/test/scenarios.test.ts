// Every scenario of the project, and the runner held to its own files: one for
// each way to differ, which must not pass.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runScenario } from '../runner/run_scenario';
import { readScenario } from '../runner/scenario';

const kFolder = fileURLToPath(new URL('../../../tests/scenarios/', import.meta.url));

function files(folder: string): [string, any][] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.map((name) => [name, JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))]);
}

function run(file: unknown): string | null {
  try {
    return runScenario(readScenario(file));
  } catch (error) {
    return String(error);
  }
}

/** The client; a socket in raw mode; the desk. */
const kFolders = ['', 'socket/', 'desk/'];
const kPassing = kFolders.flatMap((folder) => files(`${kFolder}${folder}`).map(([name, file]) => [folder + name, file] as [string, any]));
const kFailing = kFolders.flatMap((folder) => files(`${kFolder}${folder}must_fail`));

test('there are scenarios to run', () => {
  expect(kPassing.length).toBeGreaterThan(180);
  expect(kFailing.length).toBeGreaterThan(30);
});

test.each(kPassing)('%s passes', (_, file) => expect(run(file)).toBeNull());
test.each(kFailing)('must_fail/%s does not pass', (_, file) => expect(run(file)).not.toBeNull());

test.each([...kPassing, ...kFailing])('%s has no misspelt key', (_, file) => {
  const keys = file.steps.flatMap((step: object) => Object.keys(step));
  const known = ['at', 'in', 'late', 'on_event', 'status', 'log', 'stage', 'do', 'event'];
  expect(keys.filter((key: string) => !known.includes(key))).toEqual([]);
});

describe('each failing file fails for the reason in its name', () => {
  const reasons: Record<string, RegExp> = {
    'wrong-delay': /log\[2\]/,
    'timer-not-taken': /timer was due at 260/,
    'missing-do': /do\[0\]: expected nothing/,
    'extra-status': /status\[0\]/,
    'random-too-short': /random: draw 2 of 1/,
    'random-left-over': /random: 1 of 2 left over/,
    'secret-in-publication': /holds the secret/,
    'clock-goes-back': /clock goes back/,
    'on-event-forgotten': /do\[0\]/,
    'unknown-input': /unknown input "conect"/,
    'refused-is-no-success': /log\[0\]: expected "\[WS\] Connected", got nothing/,
    'path-is-kept': /do\[0\]/,
    'no-ping': /do\[0\]: .*close_socket.*got nothing/,
    'not-raw': /log\[0\]: expected "\[WS\] Connected", got nothing/,
    'asks-during-the-gate': /log\[0\]: .*got nothing/,
    'asks-after-hard': /log\[0\]: .*got nothing/,
    'counted-twice': /log\[2\]: .*\(attempt 2\).*got .*\(attempt 1\)/,
    'all-at-once': /do\[1\]: .*got nothing/,
    'end-is-told': /event\[0\]: expected nothing/,
    'gate-timer': /timer was due at 250/,
    'refresh-too-early': /do\[0\]: expected .*"renew":true.*got nothing/,
    'refresh-not-taken': /timer was due at 45000/,
    'refresh-without-renew': /do\[0\]: .*got .*"renew":true/,
    'refresh-abort': /do\[0\]: expected .*"abort".*got .*"abort_refresh"/,
    'refresh-draws-once': /random: draw 1 of 0/,
    'credentials-with-a-token': /do\[0\]: expected .*fetch_token.*got .*fetch_ticket/,
    'credentials-not-read': /do\[0\]: expected .*fetch_ticket.*got .*fetch_token/,
    'secret-in-event': /event\[0\]: .*"T1".*"\*\*\*"/,
  };
  test.each(Object.entries(reasons))('%s', (name, reason) => {
    const [, file] = kFailing.find(([found]) => found === `${name}.json`) as [string, any];
    expect(run(file)).toMatch(reason);
  });
});

// A scenario that still passes after its expectations were emptied compares nothing.
test.each(kPassing)('%s fails when one of its expectations is taken away', (_, file) => {
  for (const [index, step] of file.steps.entries()) {
    for (const kind of ['stage', 'do', 'status', 'event']) {
      if (!step[kind]?.length) continue;
      const steps = file.steps.map((other: object, i: number) => (i === index ? { ...other, [kind]: step[kind].slice(1) } : other));
      expect(run({ ...file, steps }), `step ${index + 1}, ${kind}`).not.toBeNull();
    }
  }
});
