// The bundle as applications get it: its size, what it exports, and that the private names in it are short.

import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
// @ts-expect-error: a build script, without types
import { bundle, kInternalNames } from '../scripts/bundle.mjs';

/** Gzipped. A change that needs more raises it here and in README.md: every page that uses the client pays for it. */
const kBytesMax = 9_700;
/** A limit far above the size would let the size grow unseen. */
const kMarginBytesMax = 250;

const code: string = await bundle();
const bytes = gzipSync(code, { level: 9 }).length;

test(`the bundle has at most ${kBytesMax} bytes gzipped`, () => {
  console.log(`usher-client.js: ${code.length} bytes, ${bytes} gzipped (limit ${kBytesMax})`);
  expect(bytes).toBeLessThanOrEqual(kBytesMax);
});

test('the limit follows the size', () => {
  expect(kBytesMax - bytes).toBeLessThanOrEqual(kMarginBytesMax);
});

test('README.md states the limit', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme.includes(`${kBytesMax.toLocaleString('en')} bytes gzipped`)).toBe(true);
});

test('the bundle exports the client and nothing else, and imports nothing', async () => {
  const module: object = await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
  expect(Object.keys(module).sort()).toEqual(['UsherClient', 'createClient']);
  expect(code).not.toMatch(/\bimport\b/);
});

test('a name that is shortened stands in no message, option or method that others use', () => {
  const folder = new URL('../../../tests/scenarios/', import.meta.url);
  const scenarios = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  const said = scenarios.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('');
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(kInternalNames.length).toBeGreaterThan(20);
  for (const name of kInternalNames) {
    expect(said).not.toContain(`"${name}"`);
    expect(readme).not.toMatch(new RegExp(`\\b${name}\\b`));
    expect(code).not.toMatch(new RegExp(`\\.${name}\\b`));
  }
});

test('private names are short', () => {
  const names = code.match(/(?<=[.;{}\s])#\w+/g) ?? [];
  expect(names.length).toBeGreaterThan(100);
  expect(names.filter((name) => name.length > 3)).toEqual([]);
});
