// The two HTTP calls of a client, and what their answers mean.
//
// A redirect is never followed: it would carry the Bearer to wherever it points.

import type { HttpFailure, JsonObject } from './protocol';
import { isObject } from './protocol';
import { baseUrl } from './socket_url';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** `{token, expires_in}` or `{ticket, expires_in}`. */
export type Answer<What extends string> = { [Name in What]: string } & { expires_in: number };

/**
 * POST {url}/auth/{what}. Resolves only with a well-formed answer; throws the
 * HttpFailure of any other.
 */
export async function post<What extends 'token' | 'ticket'>(
  fetch: Fetch,
  url: string,
  what: What,
  signal: AbortSignal,
  bearer?: string,
  body?: JsonObject,
): Promise<Answer<What>> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${baseUrl(url, 'http')}/auth/${what}`, {
      method: 'POST',
      headers: { ...(bearer && { Authorization: `Bearer ${bearer}` }), ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      redirect: 'manual',
      credentials: 'omit',
      cache: 'no-store',
      signal,
    });
    text = await response.text();
  } catch {
    throw { network: true };
  }
  const answer = parsed(text);
  if (!response.ok) throw failureOf(response, answer);
  if (!answer[what] || typeof answer[what] !== 'string' || typeof answer.expires_in !== 'number') {
    throw { status: response.status };
  }
  return answer as Answer<What>;
}

function parsed(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Not JSON: nothing of ours.
  }
  return {};
}

function failureOf({ type, status, headers }: Response, { code, retry_after_ms, place }: JsonObject): HttpFailure {
  // The browser hides a redirect that it was told not to follow: status 0.
  if (type === 'opaqueredirect') return { status: 302 };
  const retryAfter = headers.get('Retry-After');
  return {
    status,
    ...(typeof code === 'string' && { code }),
    ...(retryAfter !== null && { retry_after: retryAfter }),
    ...(typeof retry_after_ms === 'number' && { retry_after_ms }),
    ...(place === true && { place }),
  };
}
