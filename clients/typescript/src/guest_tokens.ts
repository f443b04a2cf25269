// The gateway's own guests: a token for anybody who asks, renewed so that a
// guest stays the same guest.
//
// Whatever another tab stored while our call was under way is newer than our
// answer, and wins: its token is adopted, its logout stands.

import type { Answer } from './gateway_calls.js';
import type { HttpFailure } from './protocol.js';
import type { TokenInHand, TokenSource } from './token_source.js';
import type { StoredToken, TokenStorage } from './token_storage.js';

export class GuestTokens implements TokenSource {
  readonly #ask: (bearer?: string) => Promise<Answer<'token'>>;
  readonly #storage: TokenStorage;
  readonly #now: () => number;
  #generation = 0;
  /** The last token that went out from here. */
  #handed = '';

  /** `ask`: the call, with the Bearer of the guest to be renewed. `now` in Unix milliseconds. */
  constructor(ask: (bearer?: string) => Promise<Answer<'token'>>, storage: TokenStorage, now: () => number) {
    this.#ask = ask;
    this.#storage = storage;
    this.#now = now;
  }

  async get(wantsFresh: boolean): Promise<TokenInHand> {
    const inHand = await this.#get(wantsFresh);
    this.#handed = inHand.token;
    return inHand;
  }

  async #get(wantsFresh: boolean, adopted = false): Promise<TokenInHand> {
    const stored = this.#storage.read();
    // Another tab's token is newer than the one that was refused here.
    const fresh = wantsFresh && (!this.#handed || this.#handed === stored?.token);
    const inHand = stored && !fresh && this.#now() < stored.expiresAt && { token: stored.token, cached: true };
    if (inHand && this.#now() < stored.renewAt) return inHand;
    try {
      return await this.#fetch(wantsFresh, stored, adopted);
    } catch (failure) {
      // The renewal can wait: the token in hand still works.
      if (inHand && (failure as HttpFailure).status !== 401) return inHand;
      throw failure;
    }
  }

  refused(token: string, code: unknown): void {
    // An expired one is no use as a token, but it still proves which guest this is.
    if (code !== 'TOKEN_EXPIRED' && this.#storage.read()?.token === token) this.forget();
  }

  forget(): void {
    this.#generation += 1;
    this.#storage.write(null);
  }

  async #fetch(fresh: boolean, stored: StoredToken | null, adopted: boolean): Promise<TokenInHand> {
    const before = this.#storage.raw();
    const generation = this.#generation;
    const asked = this.#now();
    const overtaken = (): boolean => this.#storage.raw() !== before;
    let answer;
    try {
      answer = await this.#ask(stored?.token);
    } catch (failure) {
      const { status, code } = failure as HttpFailure;
      if (!stored || status !== 401) throw failure;
      if (!overtaken()) this.forget();
      // No way back to that guest. The session asks again, unless this was its fresh try.
      if (!fresh || code === 'SESSION_REVOKED') throw failure;
      return this.#fetch(fresh, null, adopted);
    }
    // Logged out meanwhile: nobody waits for it any more.
    if (generation !== this.#generation) throw { network: true };
    // Once: a storage that answers differently each time would keep us asking.
    if (overtaken() && !adopted) return this.#get(false, true);
    const { token, expires_in } = answer;
    this.#storage.write({ token, renewAt: asked + expires_in * 500, expiresAt: asked + expires_in * 1000 });
    return { token, cached: false };
  }
}
