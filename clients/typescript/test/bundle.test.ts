// The bundle as applications get it: its size, what it exports, and that the private names in it are short.

import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
// @ts-expect-error: a build script, without types
import { bundle, kInternalNames } from '../scripts/bundle.mjs';

/** Gzipped. A change that needs more raises it here and in README.md: every page that uses the client pays for it. */
const kBytesMax = 10_700;
/** A limit far above the size would let the size grow unseen. */
const kMarginBytesMax = 250;

/** The same for usher-client/socket. */
const kSocketBytesMax = 11_200;

const code: string = await bundle();
const bytes = gzipSync(code, { level: 9 }).length;
const socketCode: string = await bundle('usher-socket.js');
const socketBytes = gzipSync(socketCode, { level: 9 }).length;

function importText(text: string): Promise<object> {
  return import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`);
}

test(`the bundle has at most ${kBytesMax} bytes gzipped`, () => {
  console.log(`usher-client.js: ${code.length} bytes, ${bytes} gzipped (limit ${kBytesMax})`);
  expect(bytes).toBeLessThanOrEqual(kBytesMax);
});

test(`usher-client/socket has at most ${kSocketBytesMax} bytes gzipped, and the limit follows the size`, () => {
  console.log(`usher-socket.js: ${socketCode.length} bytes, ${socketBytes} gzipped (limit ${kSocketBytesMax})`);
  expect(socketBytes).toBeLessThanOrEqual(kSocketBytesMax);
  expect(kSocketBytesMax - socketBytes).toBeLessThanOrEqual(kMarginBytesMax);
});

test('the limit follows the size', () => {
  expect(kBytesMax - bytes).toBeLessThanOrEqual(kMarginBytesMax);
});

test('README.md states the limits', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  for (const max of [kBytesMax, kSocketBytesMax]) expect(readme).toContain(`${max.toLocaleString('en')} bytes gzipped`);
});

test('the bundle exports the client and nothing else, and imports nothing', async () => {
  expect(Object.keys(await importText(code)).sort()).toEqual(['UsherClient', 'createClient']);
  expect(code).not.toMatch(/\bimport\b/);
});

test('usher-client/socket exports its two classes, imports nothing, and has no word of usher\'s own protocol', async () => {
  expect(Object.keys(await importText(socketCode)).sort()).toEqual(['UsherSocket', 'ticketWebSocket']);
  expect(socketCode).not.toMatch(/\bimport\b/);
  expect(socketCode).not.toContain('usher.v1.json');
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
    for (const text of [code, socketCode]) expect(text).not.toMatch(new RegExp(`\\.${name}\\b`));
  }
});

test('private names are short', () => {
  const names = code.match(/(?<=[.;{}\s])#\w+/g) ?? [];
  expect(names.length).toBeGreaterThan(100);
  expect(names.filter((name) => name.length > 3)).toEqual([]);
});
