// Raw mode: the messages on the socket are the application's own. The client subscribes to no channel. An open socket is a live
// connection, unless its subprotocol says that the gateway has refused the client.

import type { Messages } from './client_session.js';
import type { JsonObject } from './protocol.js';

/** What a client offers beside its own subprotocols, so that the 101 tells whether it was let in: a browser shows nothing else of it. */
export const kAccepted = 'usher.accepted';
export const kRefused = 'usher.refused';

const nothing = (): void => {};

export const rawMessages: Messages = {
  isLetIn: (protocol) => protocol !== kRefused,
  due: null,
  restore: (): JsonObject => ({}),
  withhold: () => false,
  setNow: nothing,
  lost: nothing,
  connected: nothing,
  tick: nothing,
  retry: nothing,
  received: nothing,
  subscribe: nothing,
  unsubscribe: nothing,
  publish: nothing,
};
