// The tokens and tickets that this client has held, so that no log line or event shows one; and whether its token is still good.

/** Beyond it the oldest is forgotten, which has expired long before. */
const kSecretsMax = 256;

export class Secrets {
  /** The oldest first. */
  #known: string[] = [];
  /** The last token was refused: the next one must not come from storage. */
  wantsFresh = false;
  /** false: what proves who the client is travels with the ticket call by itself (cookies). */
  hasToken: boolean;

  constructor(hasToken = true) {
    this.hasToken = hasToken;
  }

  add(secret: string): void {
    if (secret) this.#known = [...this.#known.filter((known) => known !== secret), secret].slice(-kSecretsMax);
  }

  /** Returns `text`, or `***` if it contains a secret; an empty text for any other value, since a peer may send one. */
  mask(text: unknown): string {
    if (typeof text !== 'string') return '';
    return this.#known.some((secret) => text.includes(secret)) ? '***' : text;
  }
}
