// A live connection, as its connect push described it.

import type { Json, JsonObject } from './protocol';
import type { GivenDelay } from './reconnect_policy';
import { kNoDelay } from './reconnect_policy';

const kPongGraceMs = 10_000;
const kStableMs = 5_000;

export class Connection {
  /** Whether the server's `{}` is to be answered. */
  readonly pong: boolean;
  /** The window over which the clients of a dead node come back; 0: none. */
  readonly spreadMs: number;
  /** What the server said about the delay after the next close. */
  given: GivenDelay = kNoDelay;
  readonly #since: number;
  readonly #pingMs: number;

  constructor(push: JsonObject, now: number) {
    this.#since = now;
    this.#pingMs = positive(push.ping) * 1000;
    this.pong = push.pong === true;
    this.spreadMs = positive(push.reconnect_spread_ms);
  }

  /** When to give it up if nothing comes; null: never. */
  pingDue(now: number): number | null {
    return this.#pingMs > 0 ? now + this.#pingMs + kPongGraceMs : null;
  }

  /** Up for so long that what failed before it is forgiven. */
  isStable(now: number): boolean {
    return now - this.#since >= kStableMs;
  }
}

function positive(value: Json | undefined): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}
