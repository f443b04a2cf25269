// Bundles the scenario runner in memory and runs it: no build step before it.

import { fileURLToPath } from 'node:url';

const { build } = await import('esbuild').catch(() => {
  console.error('esbuild is missing: run `npm ci` in clients/typescript first.');
  process.exit(2);
});
const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('../runner/main.ts', import.meta.url))],
  bundle: true, write: false, platform: 'node', format: 'esm', target: 'node18', logLevel: 'error',
});
const runner = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
process.exitCode = runner.main(process.argv.slice(2));
