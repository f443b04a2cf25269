// How long a client waits before it connects again, and what it has behind it.
//
// Capped exponential backoff with jitter around the middle; a longer delay
// that the server gave takes its place, spread upwards only, since it is a lower
// bound. Pure arithmetic in doubles: the C++ client computes the same bits.

const kDelayMinMs = 250;
const kDelayMaxMs = 5_000;
/** What the server had to say about the next delay. */
export interface GivenDelay {
  /** 0: nothing. */
  ms: number;
  /** A place in a queue: spread by at most 1 s. */
  place?: boolean;
}

export const kNoDelay: GivenDelay = { ms: 0 };

/** The upper bound of every delay, the server's included. */
const kDelayCapMs = 3_600_000;

/** `ms` floored and at most an hour; 0 for what is not a positive number. */
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
   * One more failure: the delay after it, in milliseconds. `spreadMs` > 0: a
   * stable connection was lost, and its server asked for that window.
   */
  failed(given: GivenDelay, spreadMs: number): number {
    const r = this.#random();
    let delay = spreadMs > 0 ? Math.floor(spreadMs * r) : backoffMs(this.#failures, r);
    this.#failures += 1;
    if (given.ms > delay) delay = given.place ? given.ms + 1000 * r : given.ms * (1 + 0.25 * r);
    return cappedDelay(delay);
  }

  /** One more failure, but nothing is wrong except the ticket: true, once in a row. */
  failedFree(): boolean {
    if (this.#freeRetryUsed) return false;
    this.#freeRetryUsed = true;
    this.#failures += 1;
    return true;
  }

  /** A connection was up for long enough. */
  stable(): void {
    this.#failures = 0;
    this.#freeRetryUsed = false;
  }

  /** The user has disconnected. Does not end "in a row" for the free retry. */
  restart(): void {
    this.#failures = 0;
  }
}

function backoffMs(failures: number, r: number): number {
  // In doubles a power too large is Infinity, and the cap holds.
  const middle = Math.min(kDelayMaxMs, kDelayMinMs * 2 ** failures);
  return Math.floor(middle * (1 + 0.25 * (2 * r - 1)));
}
