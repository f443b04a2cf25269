// When the server asks to be left alone, for how long.

import type { Json } from './protocol';
import type { GivenDelay } from './reconnect_policy';

const kMonths = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const kImfFixdate =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/;

/** The delay that an answer or a disconnect push asks for; its body wins over its header. */
export function givenDelay(answer: { retry_after?: Json; retry_after_ms?: Json; place?: Json }, now: number): GivenDelay {
  const { retry_after, retry_after_ms, place } = answer;
  const inBody = typeof retry_after_ms === 'number' && retry_after_ms >= 0;
  return { ms: inBody ? retry_after_ms : retryAfterMs(`${retry_after ?? ''}`, now), place: place === true };
}

/**
 * Milliseconds from `now` that a Retry-After header (RFC 9110, 10.2.3) names:
 * digits, or an IMF-fixdate. Anything else, and the past, is 0.
 */
export function retryAfterMs(text: string, now: number): number {
  const value = text.replace(/^[ \t\r\n\f\v]+|[ \t\r\n\f\v]+$/g, '');
  if (/^[0-9]+$/.test(value)) return Number(value) * 1000;

  const date = kImfFixdate.exec(value);
  if (!date) return 0;
  const [day, year, hour, minute, second] = [1, 3, 4, 5, 6].map((i) => Number(date[i])) as
    [number, number, number, number, number];
  const month = kMonths.indexOf(date[2] as string) / 3;
  // Date.UTC would roll 31 February over into March, and read year 70 as 1970.
  const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  if (year < 1970 || day < 1 || day > days || hour > 23 || minute > 59 || second > 60) return 0;
  return Math.max(0, Date.UTC(year, month, day, hour, minute, second) - now);
}
