// The ES modules that applications load, as text. esbuild bundles and minifies src/; every `#private` name becomes a short one, and
// so do the names below.

import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The modules by their names in dist/, and what each is made of. */
export const kModules = { 'usher-client.js': 'src/index.ts', 'usher-socket.js': 'src/socket.ts' };

/**
 * Names between classes of src/ that no application, peer or platform uses. A name that is also in a message or an option must not
 * be here: test/bundle.test.ts.
 */
export const kInternalNames = [
  'advance', 'announce', 'announceRest', 'answered', 'askOn', 'askedWith', 'beganAt', 'beginInput', 'clearPutOff', 'due',
  'failedFree', 'failures', 'forgetPosition', 'forgetToken', 'forgive', 'hasRoom', 'hasToken', 'holds', 'inOrder',
  'isAttempting', 'isLetIn', 'isOver', 'isStable', 'isUnanswered', 'know', 'learn', 'letIn', 'mask', 'moveIfLate', 'pingDue',
  'putOff', 'refreshed', 'reportOnce', 'requested', 'restart', 'restore', 'retried', 'secrets', 'setNow', 'spreadMs', 'stable',
  'succeeded', 'takeReply', 'ticketAskedAt', 'ticketIsOld', 'ticketLifeMs', 'useToken', 'wantsFresh', 'wantsPong', 'wished',
  'withhold',
];

export async function bundle(module = 'usher-client.js') {
  const { outputFiles } = await build({
    absWorkingDir: fileURLToPath(new URL('..', import.meta.url)), entryPoints: [kModules[module]],
    bundle: true, minify: true, format: 'esm', target: 'es2022', platform: 'neutral', write: false,
    mangleProps: new RegExp(`^(${kInternalNames.join('|')})$`),
  });
  return outputFiles[0].text;
}
