// Guest tokens from the gateway's own endpoint, renewed so that a guest stays the same guest.
//
// A change that another tab stores while a call is under way is newer than its answer, and wins: the other tab's token is used,
// and its logout holds.

import type { Answer } from './gateway_calls.js';
import type { HttpFailure } from './protocol.js';
import type { FetchedToken, TokenProvider } from './token_provider.js';
import type { StoredToken, TokenStorage } from './token_storage.js';

export class GuestTokenProvider implements TokenProvider {
  readonly #post: (bearer?: string) => Promise<Answer<'token'>>;
  readonly #storage: TokenStorage;
  readonly #now: () => number;
  #generation = 0;
  /** The last token that was given. */
  #handed = '';

  /** `post` makes the call, with the Bearer of the guest to be renewed. `now` returns Unix milliseconds. */
  constructor(post: (bearer?: string) => Promise<Answer<'token'>>, storage: TokenStorage, now: () => number) {
    this.#post = post;
    this.#storage = storage;
    this.#now = now;
  }

  async fetch(wantsFresh: boolean, renew?: boolean): Promise<FetchedToken> {
    const fetched = await this.#fetch(wantsFresh, renew);
    this.#handed = fetched.token;
    return fetched;
  }

  async #fetch(wantsFresh: boolean, renew?: boolean, adopted = false): Promise<FetchedToken> {
    const stored = this.#storage.read();
    // Another tab's token is newer than the one that was refused here.
    const fresh = wantsFresh && (!this.#handed || this.#handed === stored?.token);
    const kept = stored && !fresh && this.#now() < stored.expiresAt && { token: stored.token, cached: true };
    if (kept && this.#now() < stored.renewAt) return kept;
    try {
      return await this.#ask(wantsFresh, stored, renew, adopted);
    } catch (failure) {
      // The renewal can wait: the present token is still valid.
      if (kept && (failure as HttpFailure).status !== 401) return kept;
      throw failure;
    }
  }

  refused(token: string, code: unknown): void {
    // An expired token opens nothing, but it still proves which guest this is.
    if (code !== 'TOKEN_EXPIRED' && this.#storage.read()?.token === token) this.forget();
  }

  forget(): void {
    this.#generation += 1;
    this.#storage.write(null);
  }

  async #ask(fresh: boolean, stored: StoredToken | null, renew: boolean | undefined, adopted: boolean): Promise<FetchedToken> {
    const before = this.#storage.raw();
    const generation = this.#generation;
    const askedAt = this.#now();
    const overtaken = (): boolean => this.#storage.raw() !== before;
    let answer;
    try {
      answer = await this.#post(stored?.token);
    } catch (failure) {
      const { status, code } = failure as HttpFailure;
      if (!stored || status !== 401) throw failure;
      if (!overtaken()) this.forget();
      // That guest is lost. The session asks again, unless this was its fresh try.
      if (!fresh || renew || code === 'SESSION_REVOKED') throw failure;
      return this.#ask(fresh, null, renew, adopted);
    }
    // The user has logged out meanwhile: the answer is dropped.
    if (generation !== this.#generation) throw { network: true };
    // Only once: a storage that answers differently each time would cause calls without end.
    if (overtaken() && !adopted) return this.#fetch(false, renew, true);
    const { token, expires_in } = answer;
    this.#storage.write({ token, renewAt: askedAt + expires_in * 500, expiresAt: askedAt + expires_in * 1000 });
    return { token, cached: false };
  }
}
