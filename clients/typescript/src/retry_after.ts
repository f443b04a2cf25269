// For how long the server asks not to be called again.

import type { HttpFailure } from './protocol.js';
import type { GivenDelay } from './reconnect_policy.js';

/**
 * Returns the milliseconds from `now` that a Retry-After header names (RFC 9110 section 10.2.3): digits, or an IMF-fixdate.
 * Returns 0 for any other text and for the past.
 */
export function retryAfterMs(text: string, now: number): number {
  const value = text.trim();
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  // toUTCString writes exactly an IMF-fixdate, so only a correct one comes back the same.
  const date = new Date(value);
  return date.toUTCString() === value && date.getTime() > now ? date.getTime() - now : 0;
}

/** Returns the delay of the body if it is a number not below zero, and that of the header otherwise. */
export function givenDelay({ retry_after, retry_after_ms: ms, place }: HttpFailure, now: number): GivenDelay {
  const said = typeof ms === 'number' && ms >= 0 && ms < Infinity;
  return { ms: said ? ms : retryAfterMs(`${retry_after}`, now), place: place === true };
}
