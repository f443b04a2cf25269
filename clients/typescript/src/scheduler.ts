// Time and timers of the system.
//
// Unix milliseconds that never go back, and go on while the machine sleeps: the monotonic clock, which may stand still during
// sleep, corrected by the wall clock at waking.

export interface Scheduler {
  /** Unix milliseconds, never going back. */
  now(): number;
  /** The page or the machine may have slept. */
  wake?(): void;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: any): void;
}

export function systemScheduler(): Scheduler {
  const clock = globalThis.performance ?? Date;
  const offset = (): number => Date.now() - clock.now();
  let base = offset();
  return {
    now: () => base + clock.now(),
    wake: () => void (base = Math.max(base, offset())),
    setTimeout: (callback, ms) => setTimeout(callback, ms),
    clearTimeout: (timer) => clearTimeout(timer),
  };
}
