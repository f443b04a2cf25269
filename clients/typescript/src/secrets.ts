// The tokens and tickets that this client has held, so that none is ever shown.

const kSecretsMax = 256;

export class Secrets {
  #known: string[] = [];

  /** Beyond 256 the oldest is forgotten. */
  add(secret: string | undefined): void {
    if (secret && !this.#known.includes(secret)) this.#known = [...this.#known, secret].slice(-kSecretsMax);
  }

  /** `text`, or `***` if it contains one of them. */
  mask(text: string): string {
    return this.#known.some((secret) => text.includes(secret)) ? '***' : text;
  }
}
