// One attempt to connect: its number, and what it has in hand.

export class CurrentAttempt {
  readonly number: number;
  readonly beganAt: number;
  /** The token was taken from storage, or may be: a refusal is not final yet. */
  cached = false;
  /** The one 401 refresh has been spent. */
  refreshed = false;
  /** Never log it. */
  token = '';
  ticketAskedAt = 0;
  ticketLifeMs = Infinity;

  constructor(number: number, beganAt: number) {
    this.number = number;
    this.beganAt = beganAt;
  }

  /** Counted from when it was asked for: a client may have slept since. */
  ticketIsOld(now: number): boolean {
    return now - this.ticketAskedAt > this.ticketLifeMs;
  }
}
