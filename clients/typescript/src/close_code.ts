// WebSocket close codes, hard or soft.

/**
 * A hard close means "do not come back". The ranges let old clients understand new codes. Everything else is soft, a proxy's
 * own 1008 too.
 */
export function isHard(code: number, reason: string): boolean {
  if (code === 1008) return reason === 'ORIGIN_BLOCKED' || reason === 'NOT_AUTHORIZED';
  return [1003, 1009, 1010].includes(code) || (code >= 3500 && code <= 3999) || (code >= 4500 && code <= 4999);
}
