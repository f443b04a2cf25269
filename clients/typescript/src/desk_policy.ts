// The delays of a TicketDesk, whose attempts run side by side and begin when a library asks for them.
//
// After a failure a gate is closed for the delay, and no attempt begins. A failure meanwhile is one of an attempt that was under way
// beside the counted one: it is not counted again, and can only lengthen the delay. Nor is anything forgiven meanwhile.

import { cappedDelay, type GivenDelay, ReconnectPolicy } from './reconnect_policy.js';

export class DeskPolicy extends ReconnectPolicy {
  /** No attempt begins before this moment. */
  gate = 0;
  #now = 0;
  #free = false;

  /** The time of all later calls. */
  setNow(now: number): void {
    this.#now = now;
  }

  close(until: number): void {
    this.gate = Math.max(this.gate, until);
  }

  override failed(given: GivenDelay, spreadMs: number): number {
    if (this.#free) {
      this.#free = false;
      return 0;
    }
    const runningMs = this.gate - this.#now;
    const delay = runningMs > 0 ? cappedDelay(Math.max(runningMs, given.ms)) : super.failed(given, spreadMs);
    this.close(this.#now + delay);
    return delay;
  }

  /** The attempt without a delay is the library's to begin, so it is a failure with the delay 0. */
  override failedFree(): boolean {
    this.#free = super.failedFree();
    return false;
  }

  override stable(): void {
    if (this.gate <= this.#now) super.stable();
  }

  /** Does nothing: a socket that a library closes is no reason to forgive. */
  override restart(): void {}

  /** The user has logged in again. */
  forgive(): void {
    super.restart();
  }
}
