// Hard or soft: whether trying again can help. One table for HTTP answers, one
// for close codes.
//
// A proxy in between may say anything; only usher's own words stop a client.

const kOurCodes = new RegExp(
  '^(BAD_REQUEST|MISSING_(AUTH|SESSION)|INVALID_TOKEN|TOKEN_EXPIRED|SESSION_REVOKED|ORIGIN_BLOCKED|GUESTS_DISABLED|' +
  'NOT_FOUND|METHOD_NOT_ALLOWED|(HEADERS_)?TOO_LARGE|RATE_LIMITED|STORE_UNAVAILABLE|OVERLOADED|DRAINING)$',
);
const kTryLater = [408, 425, 429];

export type HttpVerdict = 'hard' | 'soft' | 'refresh';

/**
 * What an HTTP answer without a token or ticket means. `refreshable`: the token came from the cache and this attempt
 * has not replaced it yet.
 */
export function classifyHttp(status: number, code: string, refreshable: boolean): HttpVerdict {
  if (status === 401) {
    const final = code === 'MISSING_SESSION' || code === 'SESSION_REVOKED';
    return refreshable && !final ? 'refresh' : 'hard';
  }
  return status >= 300 && status < 500 && !kTryLater.includes(status) && kOurCodes.test(code) ? 'hard' : 'soft';
}

/** Old clients understand new codes by their range; some proxy's 1008 is soft. */
export function isHardClose(code: number, reason: string): boolean {
  return /^(10(03|09|10|08(ORIGIN_BLOCKED|NOT_AUTHORIZED))|[34][5-9]\d\d)$/.test(`${code}${code === 1008 ? reason : ''}`);
}

/** Whether a close may have cost the other clients of the node their connections, too; else it was about this one alone. */
export function isNodeLost(code: number): boolean {
  return /^10(0[0156]|1[2-5])$/.test(`${code}`);
}
