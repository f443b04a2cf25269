// Puts examples/ into README.md, where its comments name them. `--check` only
// says whether they are already there as they stand.

import { readFileSync, writeFileSync } from 'node:fs';
import { extname } from 'node:path';

const readme = new URL('../README.md', import.meta.url);
const before = readFileSync(readme, 'utf8');
const after = before.replace(/<!-- example: (\S+) -->\n(?:\n?```\w+\n[\s\S]*?\n```\n)?/g, (_, name) => {
  const code = readFileSync(new URL(`../examples/${name}`, import.meta.url), 'utf8');
  const language = { '.mjs': 'js' }[extname(name)] ?? extname(name).slice(1);
  return `<!-- example: ${name} -->\n\`\`\`${language}\n${code}\`\`\`\n`;
});
if (process.argv.includes('--check')) {
  if (before !== after) console.error('README.md does not show examples/ as they stand: npm run readme');
  process.exitCode = before === after ? 0 : 1;
} else {
  writeFileSync(readme, after);
}
