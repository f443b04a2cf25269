// scenarios FILE...: prints `ok NAME` or `not ok NAME` with the first
// difference for each file; exits 1 if any failed, 2 when called wrongly.

import { existsSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { runScenario } from './run_scenario';
import { readScenario, scenarioName } from './scenario';

// npm changes into the package's folder; names on the command line are relative to where it was called.
function locate(name: string): string {
  const fromCaller = resolve(process.env.INIT_CWD ?? '.', name);
  return existsSync(fromCaller) ? fromCaller : resolve(name);
}

export function main(names: string[]): number {
  if (names.length === 0) {
    process.stderr.write('usage: npm --prefix clients/typescript run scenarios -- FILE...\n');
    return 2;
  }
  let failed = false;
  for (const name of names) {
    let title = basename(name, '.json');
    let difference: string | null;
    try {
      const file: unknown = JSON.parse(readFileSync(locate(name), 'utf8'));
      title = scenarioName(file) ?? title;
      const scenario = readScenario(file);
      difference = runScenario(scenario);
    } catch (error) {
      difference = error instanceof Error ? error.message : String(error);
    }
    failed ||= difference !== null;
    process.stdout.write(difference === null ? `ok ${title}\n` : `not ok ${title}\n    ${name}: ${difference}\n`);
  }
  return failed ? 1 : 0;
}
