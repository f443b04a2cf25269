// The tokens and tickets that this client has held, so that none is ever shown.

const kSecretsMax = 256;

export class Secrets {
  readonly #known = new Set<string>();

  /** Beyond 256 the oldest is forgotten. */
  add(secret: string | undefined): void {
    if (!secret) return;
    this.#known.add(secret);
    if (this.#known.size > kSecretsMax) this.#known.delete([...this.#known][0] as string);
  }

  /** `text`, or `***` if it contains one of them. */
  mask(text: string): string {
    return [...this.#known].some((secret) => text.includes(secret)) ? '***' : text;
  }
}
