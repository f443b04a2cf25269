// Builds dist/: one minified ES module and its types.

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const code = await bundle();
rmSync(`${root}/dist`, { recursive: true, force: true });
mkdirSync(`${root}/dist`);
writeFileSync(`${root}/dist/usher-client.js`, code);
execFileSync(process.execPath, [`${root}/node_modules/typescript/bin/tsc`, '-p', `${root}/tsconfig.build.json`], { stdio: 'inherit' });
