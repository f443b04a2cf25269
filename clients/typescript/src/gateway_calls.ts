// The two HTTP calls of a client, and how their answers are read.
//
// A redirect is never followed: it would carry the Bearer to another place.

import type { JsonObject } from './protocol.js';
import { isObject } from './json_fields.js';
import { httpUrl } from './socket_url.js';
import { isBearer } from './token_provider.js';

/** A hundred years. A longer life counts as malformed. */
const kLifeMaxS = 3_153_600_000;

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** `{token, expires_in}` or `{ticket, expires_in}`. */
export type Answer<What extends string> = { [Name in What]: string } & { expires_in: number };

/** POST {url}/auth/{what}, with cookies only if `cookies`. Resolves only with a well-formed answer; throws the HttpFailure of any other. */
export async function post<What extends 'token' | 'ticket'>(
  fetch: Fetch,
  url: string,
  what: What,
  signal: AbortSignal,
  bearer?: string,
  body?: JsonObject,
  cookies?: boolean,
): Promise<Answer<What>> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${httpUrl(url)}/auth/${what}`, {
      method: 'POST',
      headers: { ...(bearer && { Authorization: `Bearer ${bearer}` }), ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      redirect: 'manual',
      credentials: cookies ? 'include' : 'omit',
      signal,
    });
    text = await response.text();
  } catch {
    throw { network: true };
  }
  const answer = parsed(text);
  const { status, ok, headers } = response;
  if (!ok) {
    const { code, retry_after_ms, place } = answer;
    // A browser hides a redirect that it was told not to follow: the status is 0.
    throw { status: status || 302, code, retry_after_ms, place, retry_after: headers.get('Retry-After') };
  }
  const { [what]: got, expires_in } = answer;
  if (!isBearer(got) || typeof expires_in !== 'number' || !(expires_in > 0)) throw { status };
  return { [what]: got, expires_in: Math.min(expires_in, kLifeMaxS) } as Answer<What>;
}

function parsed(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Not JSON, so not an answer of usher's.
  }
  return {};
}
