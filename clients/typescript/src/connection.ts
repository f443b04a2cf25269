// A live connection, as its connect push described it.

import { boolField, numberField } from './json_fields.js';
import type { JsonObject } from './protocol.js';
import { kNoDelay } from './reconnect_policy.js';

const kPongGraceMs = 10_000;
const kStableUptimeMs = 5_000;
/** A timer of more than 2^31 ms would fire at once. No server pings less often than once a day. */
const kPingSecondsMax = 86_400;

export class Connection {
  readonly #since: number;
  /** 0: the server sends no pings. */
  readonly #pingIntervalMs: number;
  /** Whether the server's `{}` must be answered. */
  readonly wantsPong: boolean;
  /** The window over which the clients of a lost node come back; 0: none. */
  readonly spreadMs: number;
  /** The delay after the next close, as the last disconnect push gave it. */
  given = kNoDelay;

  /** `push` is the `connect` member of the connect push. */
  constructor(push: JsonObject, now: number) {
    this.#since = now;
    this.#pingIntervalMs = Math.floor(Math.min(positive(numberField(push, 'ping')), kPingSecondsMax) * 1000);
    this.wantsPong = boolField(push, 'pong') ?? false;
    this.spreadMs = positive(numberField(push, 'reconnect_spread_ms'));
  }

  /** The moment at which the connection counts as lost if nothing arrives before; null: never. */
  pingDue(now: number): number | null {
    return this.#pingIntervalMs ? now + this.#pingIntervalMs + kPongGraceMs : null;
  }

  /** Whether it has been up long enough for the failures before it to be forgiven. */
  isStable(now: number): boolean {
    return now - this.#since >= kStableUptimeMs;
  }
}

function positive(number = 0): number {
  return number > 0 && number < Infinity ? number : 0;
}
