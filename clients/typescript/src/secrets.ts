// The tokens and tickets that this client has held, so that none is ever shown.

/** Beyond it the oldest is forgotten, which by then is long dead. */
const kSecretsMax = 256;

export class Secrets {
  /** The oldest first. */
  #known: string[] = [];

  add(secret: string): void {
    if (secret) this.#known = [...this.#known.filter((known) => known !== secret), secret].slice(-kSecretsMax);
  }

  /** `text`, or `***` if it contains one of them. What is no text is empty: a peer may have sent anything. */
  mask(text: unknown): string {
    if (typeof text !== 'string') return '';
    return this.#known.some((secret) => text.includes(secret)) ? '***' : text;
  }
}
