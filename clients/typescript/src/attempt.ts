// One attempt to connect: its number, its token and its ticket.

export class CurrentAttempt {
  readonly number: number;
  readonly beganAt: number;
  /** The token comes from storage, or may do so: a refusal is not final yet. */
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

  /** Counted from the moment of the request: the machine may have slept since. */
  ticketIsOld(now: number): boolean {
    return now - this.ticketAskedAt > this.ticketLifeMs;
  }
}
