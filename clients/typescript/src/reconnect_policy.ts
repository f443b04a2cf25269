// How long a client waits before it connects again, and how many attempts have failed in a row.
//
// Capped exponential backoff with jitter around the middle. A longer delay that the server gave takes its place; jitter only
// lengthens it, since it is a lower bound. Pure arithmetic in doubles: the C++ client computes the same bits.

const kDelayMinMs = 250;
const kDelayMaxMs = 5_000;
/** The next delay as the server wants it. */
export interface GivenDelay {
  /** 0: the server has named none. */
  ms: number;
  /** A place in a queue: jitter adds at most a second. */
  place?: boolean;
}

export const kNoDelay: GivenDelay = { ms: 0 };

/** The upper bound of every delay, the server's included. */
const kDelayCapMs = 3_600_000;

/** Returns `ms` rounded down, at most an hour; 0 unless `ms` is a positive number. */
export function cappedDelay(ms: number): number {
  return ms > 0 ? Math.floor(Math.min(ms, kDelayCapMs)) : 0;
}

export class ReconnectPolicy {
  readonly #random: () => number;
  #failures = 0;
  #freeRetryUsed = false;

  /** `random` is uniform in [0, 1), drawn once for each delay. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#failures;
  }

  /**
   * Counts one more failure and returns the delay after it, in milliseconds. `spreadMs` > 0: a stable connection was lost, and
   * its server wants the clients back over a window of that length.
   */
  failed(given: GivenDelay, spreadMs: number): number {
    const r = this.#random();
    let delay = spreadMs > 0 ? Math.floor(spreadMs * r) : backoffMs(this.#failures, r);
    this.#failures += 1;
    if (given.ms > delay) delay = given.place ? given.ms + 1000 * r : given.ms * (1 + 0.25 * r);
    return cappedDelay(delay);
  }

  /**
   * Counts one more failure for which only the ticket was at fault. Returns true, the first time in a row: then the next attempt
   * needs no delay. Returns false, and counts nothing, later.
   */
  failedFree(): boolean {
    if (this.#freeRetryUsed) return false;
    this.#freeRetryUsed = true;
    this.#failures += 1;
    return true;
  }

  /** A connection was stable: the row of failures is over. */
  stable(): void {
    this.#failures = 0;
    this.#freeRetryUsed = false;
  }

  /** The user has disconnected: delays begin anew. The attempt without a delay is not given back. */
  restart(): void {
    this.#failures = 0;
  }
}

function backoffMs(failures: number, r: number): number {
  // In doubles a power too large is Infinity, and the cap holds.
  const middle = Math.min(kDelayMaxMs, kDelayMinMs * 2 ** failures);
  return Math.floor(middle * (1 + 0.25 * (2 * r - 1)));
}
