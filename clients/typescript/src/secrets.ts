// The tokens and tickets that this client has held, so that none is ever shown.

const kSecretsMax = 256;

export class Secrets {
  readonly #known = new Set<string>();

  /** Beyond 256 the oldest is forgotten. */
  add(secret: string): void {
    if (!secret) return;
    this.#known.delete(secret);
    this.#known.add(secret);
    if (this.#known.size > kSecretsMax) this.#known.delete(this.#known.values().next().value as string);
  }

  /** `text`, or `***` if it contains one of them. */
  mask(text: string): string {
    for (const secret of this.#known) if (text.includes(secret)) return '***';
    return text;
  }
}
