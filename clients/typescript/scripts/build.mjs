// Builds dist/: one minified ES module and its types. Fails when the module is
// over its size limit, gzipped.

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { minify } from 'terser';
import { closures } from './closures.mjs';
import { gzipBytes, withGoodNames } from './names.mjs';

const kGzipBytesMax = 7.5 * 1024;
const root = fileURLToPath(new URL('..', import.meta.url));

// Words that only our own modules say to each other. Whatever an application, a scenario's reader of the bundle, the storage
// or the gateway sees keeps its name.
const kInside = [
  'asked', 'attempt', 'answer', 'cached', 'clean', 'due', 'failedFree', 'failures', 'forget', 'handle', 'leave', 'live', 'lose', 'lost',
  'mask', 'ms', 'network', 'offline', 'online', 'out', 'probe', 'raw', 'read', 'received', 'refused', 'restart', 'restore', 'retried', 'retry', 'since',
  'stable', 'tick', 'timer', 'visible', 'wished', 'withhold',
];

// Likewise inputs and effects, which are spelt in strings too. An answer's name begins with its stage (ClientSession.handle).
const kShort = {
  fetch_token: '$1', fetch_ticket: '$2', open_socket: '$3', close_socket: '$4',
  token_failed: 'token$', ticket_failed: 'ticket$', socket_closed: 'socket$', socket_open: 'socket$$',
};

const { outputFiles } = await build({
  absWorkingDir: root, entryPoints: ['src/index.ts'], bundle: true, minify: true, format: 'esm', target: 'es2022',
  platform: 'neutral', write: false, plugins: [closures], mangleProps: new RegExp(`^(${kInside.join('|')})$`),
});
const compress = { passes: 4, unsafe_arrows: true, unsafe_methods: true, keep_fargs: false };
const bundle = outputFiles[0].text.replace(new RegExp(`\\b(${Object.keys(kShort).join('|')})\\b`, 'g'), (word) => kShort[word]);
const shrunk = await minify(bundle, { module: true, ecma: 2022, compress, format: { ecma: 2022 } });
const code = withGoodNames(shrunk.code);
console.log(`usher-client.js: ${code.length} bytes, ${gzipBytes(code)} gzipped (limit ${kGzipBytesMax})`);
if (gzipBytes(code) > kGzipBytesMax) {
  console.error('too big: every page that uses it pays for that');
  process.exitCode = 1;
} else if (!process.argv.includes('--size-only')) {
  rmSync(`${root}/dist`, { recursive: true, force: true });
  mkdirSync(`${root}/dist`);
  writeFileSync(`${root}/dist/usher-client.js`, code);
  execFileSync(process.execPath, [`${root}/node_modules/typescript/bin/tsc`, '-p', `${root}/tsconfig.build.json`], { stdio: 'inherit' });
}
