// A WebSocket that gets itself a token and a ticket, and stays open across losses. After a failure it stops, or waits and comes back,
// as UsherClient does, and it logs the same lines. The messages on it are the application's own.

import { BrowserSocket, type DoorOptions } from './browser_socket.js';
import { ClientSession } from './client_session.js';
import type { Failed } from './protocol.js';
import { rawMessages } from './raw_messages.js';
import { rawSocketUrl } from './raw_url.js';
import { ReconnectPolicy } from './reconnect_policy.js';
import { Shell, type ShellOptions } from './shell.js';
import { gatewayUrl } from './socket_text.js';
import { toLogger } from './to_logger.js';

export interface UsherSocketOptions extends ShellOptions, DoorOptions {
  /** How many messages may wait while the socket is not open; 0: none, as in a browser. */
  queue?: number | undefined;
}

export class UsherSocket extends BrowserSocket {
  readonly #session: ClientSession;

  /** Throws as the browser's constructor does, and if the platform has no `fetch` or `WebSocket` and none was given. */
  constructor(url: string | URL, protocols?: string | string[], options: UsherSocketOptions = {}) {
    const { tunnel, queue, WebSocket = globalThis.WebSocket, logger = console } = options;
    let session!: ClientSession;
    super(url, protocols, { WebSocket, tunnel, queue }, (control, socketUrl) => {
      let failure: Failed = { reason: '' };
      const stop = () => shell.stop(() => true);
      const shell: Shell = new Shell(gatewayUrl(socketUrl, options), options, (name, value) => {
        switch (name) {
          case 'stage':
            return void (failure = value.failure ?? failure);
          case 'open_socket':
            return control.open(value.attempt, value.url);
          case 'close_socket':
          case 'abort':
            return control.drop();
          case 'leave':
            return control.lose();
          case 'status':
            if (value === 'connected') control.letIn();
            else if (value === 'reconnecting') control.lost(failure);
            return;
          case 'failed':
            stop();
            return control.over(value, true);
          default:
            toLogger(logger, name, value);
        }
      });
      session = shell.core = new ClientSession(socketUrl, rawSocketUrl, rawMessages, new ReconnectPolicy(shell.random), shell.secrets);
      const { take } = shell;
      shell.start();
      return {
        shell,
        begin: () => take({ connect: {} }),
        opened: (attempt, protocol) => take({ socket_open: { attempt, protocol } }),
        ended: (attempt, code, reason, clean) => take({ socket_closed: { attempt, code, reason, clean } }),
        leave: () => {
          take({ disconnect: {} });
          stop();
        },
        gone: () => {},
      };
    });
    this.#session = session;
  }

  /** Why the socket is closed for good, after a hard failure: `{status, reason}` from HTTP, `{code, reason}` from a close; otherwise null. */
  get failure(): Failed | null {
    return this.#session.failure;
  }
}
