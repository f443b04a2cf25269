// The one ES module that applications load, as text. esbuild bundles and minifies src/; every `#private` name becomes a short
// one. Names without `#` stay as they are.

import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export async function bundle() {
  const { outputFiles } = await build({
    absWorkingDir: fileURLToPath(new URL('..', import.meta.url)), entryPoints: ['src/index.ts'],
    bundle: true, minify: true, format: 'esm', target: 'es2022', platform: 'neutral', write: false,
  });
  return outputFiles[0].text;
}
