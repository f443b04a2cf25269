// Builds dist/: the minified ES modules and their types.

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle, kModules } from './bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = await Promise.all(Object.keys(kModules).map(async (name) => [name, await bundle(name)]));
rmSync(`${root}/dist`, { recursive: true, force: true });
mkdirSync(`${root}/dist`);
for (const [name, code] of modules) writeFileSync(`${root}/dist/${name}`, code);
execFileSync(process.execPath, [`${root}/node_modules/typescript/bin/tsc`, '-p', `${root}/tsconfig.build.json`], { stdio: 'inherit' });
