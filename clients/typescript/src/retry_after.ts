// When the server asks to be left alone, for how long.

import type { HttpFailure } from './protocol.js';
import type { GivenDelay } from './reconnect_policy.js';

/**
 * Milliseconds from `now` that a Retry-After header (RFC 9110, 10.2.3) names:
 * digits, or an IMF-fixdate. Anything else, and the past, is 0.
 */
export function retryAfterMs(text: string, now: number): number {
  const value = text.trim();
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  // toUTCString writes exactly an IMF-fixdate, so only a correct one comes back the same.
  const date = new Date(value);
  return date.toUTCString() === value && date.getTime() > now ? date.getTime() - now : 0;
}

/** The body's delay where it is a number not below zero, else the header's. */
export function givenDelay({ retry_after, retry_after_ms: ms, place }: HttpFailure, now: number): GivenDelay {
  const said = typeof ms === 'number' && ms >= 0 && ms < Infinity;
  return { ms: said ? ms : retryAfterMs(`${retry_after}`, now), place: place === true };
}
