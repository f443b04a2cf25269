// The moment at which a client acts if nothing comes before: a wait, a step or a silent connection ends.
//
// For a page or machine that was suspended, every deadline is over at waking, while answers that have arrived meanwhile are
// still unread. So a deadline that is noticed too late is moved once.

/** null: never. */
export function earlier(one: number | null, other: number | null): number | null {
  return one !== null && other !== null ? Math.min(one, other) : (one ?? other);
}

const kLateMaxMs = 1_000;

export class Deadline {
  /** null: never. */
  due: number | null = null;
  #moved = false;

  set(due: number | null): void {
    this.due = due;
    this.#moved = false;
  }

  clear(): void {
    this.set(null);
  }

  isOver(now: number): boolean {
    return this.due !== null && this.due <= now;
  }

  /**
   * Requires isOver(now). Moves the deadline by a second from `now` if it has been over for longer than that, and was not moved
   * before. Returns whether it did.
   */
  moveIfLate(now: number): boolean {
    if (this.#moved || now - this.due! <= kLateMaxMs) return false;
    this.due = now + kLateMaxMs;
    return (this.#moved = true);
  }
}
