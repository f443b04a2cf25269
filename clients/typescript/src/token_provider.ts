// Where a client's token comes from.

export interface FetchedToken {
  token: string;
  /** It comes from storage: if it is refused, a fresh one may be accepted. */
  cached: boolean;
}

export interface TokenProvider {
  /**
   * `fresh`: the last token was refused, or has ended or will soon. `renew`: it must be of the same session. Throws an object with the `status` and `code` of an HTTP answer; any
   * other exception counts as no answer.
   */
  fetch(fresh: boolean, renew?: boolean): Promise<FetchedToken>;
  /** The gateway answered 401 to this token. */
  refused?(token: string, code: unknown): void;
  /** Logout, or a hard 401: a call that is still under way does not bring the token back. */
  forget?(): void;
}

export type TokenFunction = (request: { fresh: boolean }) => string | null | undefined | Promise<string | null | undefined>;

/** Whether the token can be sent in an Authorization header: visible ASCII. With any other text `fetch` would throw in each attempt. */
export const isBearer = (token: unknown): token is string => typeof token === 'string' && /^[!-~]{1,16384}$/.test(token);

/** The application's own function. It may have a cache, so only an answer to `fresh` is certainly fresh. No token counts as a 401. */
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
