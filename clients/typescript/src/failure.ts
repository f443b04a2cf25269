// Hard or soft: whether trying again can help. One table for HTTP answers, one
// for close codes.
//
// A proxy in between may say anything; only usher's own words stop a client.

const kOurCodes = new Set([
  'BAD_REQUEST', 'MISSING_AUTH', 'INVALID_TOKEN', 'TOKEN_EXPIRED', 'MISSING_SESSION', 'SESSION_REVOKED',
  'ORIGIN_BLOCKED', 'GUESTS_DISABLED', 'NOT_FOUND', 'METHOD_NOT_ALLOWED', 'TOO_LARGE', 'HEADERS_TOO_LARGE',
  'RATE_LIMITED', 'STORE_UNAVAILABLE', 'OVERLOADED', 'DRAINING',
]);

export type HttpVerdict = 'hard' | 'soft' | 'refresh';

/**
 * What a failed token or ticket call means; no status: no HTTP answer came. `refreshable`: the token came from
 * the cache and this attempt has not replaced it yet.
 */
export function classifyHttp(status: number | undefined, code: string, refreshable: boolean): HttpVerdict {
  if (status === 401) {
    const final = code === 'MISSING_SESSION' || code === 'SESSION_REVOKED';
    return refreshable && !final ? 'refresh' : 'hard';
  }
  if (status === undefined || status < 300 || status > 499) return 'soft';
  if (status === 408 || status === 425 || status === 429) return 'soft';
  return kOurCodes.has(code) ? 'hard' : 'soft';
}

/** Old clients understand new codes by their range; some proxy's 1008 is soft. */
export function isHardClose(code: number, reason: string): boolean {
  if (code === 1008) return reason === 'ORIGIN_BLOCKED' || reason === 'NOT_AUTHORIZED';
  return code === 1003 || code === 1009 || code === 1010 ||
    (code >= 3500 && code <= 3999) || (code >= 4500 && code <= 4999);
}
