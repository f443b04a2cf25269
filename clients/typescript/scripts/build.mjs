// Builds dist/: one minified ES module and its types. Fails when the module is
// over its size limit, gzipped.

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const kGzipBytesMax = 7 * 1024;
const root = fileURLToPath(new URL('..', import.meta.url));

const { outputFiles } = await build({
  absWorkingDir: root, entryPoints: ['src/index.ts'], outfile: 'dist/usher-client.js',
  bundle: true, minify: true, format: 'esm', target: 'es2022', platform: 'neutral', write: false,
});
const code = outputFiles[0].contents;
const gzipBytes = gzipSync(code, { level: 9 }).length;
console.log(`usher-client.js: ${code.length} bytes, ${gzipBytes} gzipped (limit ${kGzipBytesMax})`);
if (gzipBytes > kGzipBytesMax) {
  console.error('too big: every page that uses it pays for that');
  process.exit(1);
}
if (!process.argv.includes('--size-only')) {
  rmSync(`${root}/dist`, { recursive: true, force: true });
  mkdirSync(`${root}/dist`);
  writeFileSync(`${root}/dist/usher-client.js`, code);
  execFileSync(process.execPath, [`${root}/node_modules/typescript/bin/tsc`, '-p', `${root}/tsconfig.build.json`], { stdio: 'inherit' });
}
