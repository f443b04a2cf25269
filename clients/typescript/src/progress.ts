// Which stage a client is in, and what it has announced of that (StageChange).
//
// A step of an attempt, and a connection, is announced when it begins. A rest (idle, waiting) is announced when the input that
// led to it has been handled: only then is its end known. It is announced again when that end changes.

import type { Failed, Output, Stage } from './protocol.js';

export class Progress {
  stage: Stage = 'idle';
  #cause: Failed | null = null;
  #announced: Stage = 'idle';
  #announcedDue: number | null = null;

  /** In one of the three steps of an attempt. */
  get isAttempting(): boolean {
    return this.stage === 'token' || this.stage === 'ticket' || this.stage === 'socket';
  }

  /** The next input is about to be handled: no failure has happened in it yet. */
  beginInput(): void {
    this.#cause = null;
  }

  /** The stage ends by this failure. It is announced with the next stage, if that comes in the present input. */
  fail(cause: Failed): Failed {
    return (this.#cause = cause);
  }

  /** `failures`: as in StageChange.attempt. */
  announce(failures: number, out: Output, due: number | null = null, delay?: number): void {
    this.#announced = this.stage;
    this.#announcedDue = due;
    out.stage.push({
      stage: this.stage,
      attempt: failures,
      ...(delay !== undefined && { delay }),
      ...(this.#cause && { failure: this.#cause }),
    });
    this.#cause = null;
  }

  /** Does nothing unless the client rests and `due`, the end of the rest, is new. null: no end is known. */
  announceRest(failures: number, due: number | null, now: number, out: Output): void {
    if (this.stage !== 'idle' && this.stage !== 'waiting') return;
    if (this.stage === this.#announced && due === this.#announcedDue) return;
    this.announce(failures, out, due, due === null ? undefined : Math.round(due - now));
  }
}
