// Hard, soft, or worth another attempt at once: what a failed call or a closed connection means for the client.
//
// A proxy in between may answer anything; only usher's own words stop a client.

import { isHard } from './close_code.js';
import type { HttpFailure } from './protocol.js';

const kTicketExpired = 3100;

const kOurCodes: unknown[] = [
  'BAD_REQUEST', 'MISSING_AUTH', 'INVALID_TOKEN', 'TOKEN_EXPIRED', 'MISSING_SESSION', 'SESSION_REVOKED',
  'ORIGIN_BLOCKED', 'GUESTS_DISABLED', 'NOT_FOUND', 'METHOD_NOT_ALLOWED', 'TOO_LARGE', 'HEADERS_TOO_LARGE',
  'RATE_LIMITED', 'STORE_UNAVAILABLE', 'OVERLOADED', 'DRAINING',
];

/** hard: stop, and say so once. soft: back off, then try again. refresh: ask again at once, with a fresh token. */
export type HttpVerdict = 'hard' | 'soft' | 'refresh';

/** `refreshable`: the token may come from storage, and this attempt has not replaced it yet. */
export function classifyHttp({ status, code }: HttpFailure, refreshable: boolean): HttpVerdict {
  if (status === undefined) return 'soft';
  if (status === 401) {
    const final = code === 'MISSING_SESSION' || code === 'SESSION_REVOKED';
    return refreshable && !final ? 'refresh' : 'hard';
  }
  if (status < 300 || status > 499) return 'soft';
  // A backend's own refusal: its hook or login may use any word.
  if (status === 403 && typeof code === 'string' && code) return 'hard';
  if (status === 408 || status === 425 || status === 429) return 'soft';
  return kOurCodes.includes(code) ? 'hard' : 'soft';
}

/** As HttpVerdict. new_ticket: only the ticket was at fault, so try again with a new one. */
export type CloseVerdict = 'hard' | 'soft' | 'new_ticket';

/**
 * `connected`: the connect push had come. `ticketIsOld`: its life was over, as far as the client knows (it may have slept between
 * ticket and socket).
 */
export function classifyClose(code: number, reason: string, connected: boolean, ticketIsOld: boolean): CloseVerdict {
  const refusedAsOld = code === 1008 && reason === 'NOT_AUTHORIZED' && ticketIsOld;
  if (!connected && (code === kTicketExpired || refusedAsOld)) return 'new_ticket';
  return isHard(code, reason) ? 'hard' : 'soft';
}

/** Whether the node's other clients may have lost their connections, too. Any other close concerns this connection alone. */
export function losesNode(closeCode: number): boolean {
  // Normal (from a proxy), going away, no code, no close frame, service restart, try again later, bad gateway, TLS.
  return [1000, 1001, 1005, 1006, 1012, 1013, 1014, 1015].includes(closeCode);
}
