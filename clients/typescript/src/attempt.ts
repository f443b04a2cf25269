// One attempt to connect: its number, and what it has in hand.

export class Attempt {
  readonly number: number;
  readonly beganAt: number;
  /** The token was taken from storage, or may be: a refusal is not final yet. */
  cached = false;
  /** The one 401 refresh has been spent. */
  refreshed = false;
  #ticketAskedAt = 0;
  #ticketLifeMs = 0;

  constructor(number: number, beganAt: number) {
    this.number = number;
    this.beganAt = beganAt;
  }

  asksForTicket(now: number): void {
    this.#ticketAskedAt = now;
  }

  gotTicket(expiresInSeconds: number): void {
    this.#ticketLifeMs = expiresInSeconds * 1000;
  }

  /** Counted from when it was asked for: a client may have slept since. */
  ticketIsOld(now: number): boolean {
    return now - this.#ticketAskedAt > this.#ticketLifeMs;
  }
}
