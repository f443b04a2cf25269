// lasting_client.cc with the TypeScript client, as applications get it: the same arguments, the same output.

import { execSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { bundle } from '../../clients/typescript/scripts/bundle.mjs';

const { WebSocket } = createRequire(new URL('../../clients/typescript/', import.meta.url))('ws');
const { createClient } = await import(`data:text/javascript;base64,${Buffer.from(await bundle()).toString('base64')}`);

const [url, said, origin = '-', channel] = process.argv.slice(2);
const token = said.startsWith('exec:') ? () => execSync(said.slice(5), { encoding: 'utf8' }).trim() : said === 'guest' ? undefined : said;
const log = (text) => process.stderr.write(`${text}\n`);
const headers = origin === '-' ? {} : { Origin: origin };
const client = createClient({
  url, token, logger: { log, warn: log, error: log },
  fetch: (to, init) => fetch(to, { ...init, headers: { ...init.headers, ...headers } }),
  WebSocket: class extends WebSocket {
    constructor(to, protocols) {
      super(to, protocols, { headers });
    }
  },
});
const say = (text) => process.stdout.write(`${text}\n`);
client.on('status', say);
client.on('message', ({ data }) => say(`message ${JSON.stringify(data)}`));
if (channel) client.subscribe(channel);
client.connect();
process.stdin.on('end', () => process.exit()).resume();
