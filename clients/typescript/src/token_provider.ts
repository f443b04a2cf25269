// Where a client's token comes from.

export interface FetchedToken {
  token: string;
  /** Not asked for just now: if it is refused, a fresh one may still do. */
  cached: boolean;
}

export interface TokenProvider {
  /**
   * `fresh`: the last one was refused or has expired. Throws what says why in
   * the words of an HTTP answer (`status`, `code`); anything else is no answer.
   */
  fetch(fresh: boolean): Promise<FetchedToken>;
  /** The gateway answered 401 to this token. */
  refused?(token: string, code: unknown): void;
  /** Logout, or a hard 401: nothing that is still under way brings it back. */
  forget?(): void;
}

export type TokenFunction = (request: { fresh: boolean }) => string | null | undefined | Promise<string | null | undefined>;

/** May travel in an Authorization header: visible ASCII. Else `fetch` would throw, again and again. */
export const isBearer = (token: unknown): token is string => typeof token === 'string' && /^[!-~]{1,16384}$/.test(token);

/** The application's own. It may have a cache, so only `fresh` is sure to be fresh; no token is a 401. */
export function functionTokenProvider(ask: TokenFunction): TokenProvider {
  return {
    async fetch(fresh) {
      const token = await ask({ fresh });
      if (!token) throw { status: 401 };
      if (!isBearer(token)) throw { status: 401, code: 'INVALID_TOKEN' };
      return { token, cached: !fresh };
    },
  };
}
