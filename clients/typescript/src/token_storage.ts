// Keeps one guest token between page loads, shared by the tabs of an origin. The token is in memory where there is no storage,
// or where the storage throws (private windows, sandboxed frames, full disks).

export interface StorageLike {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export interface StoredToken {
  token: string;
  /** Unix milliseconds: the moment at which half of its life is over. */
  renewAt: number;
  expiresAt: number;
}

export class TokenStorage {
  readonly #key: string;
  #storage: StorageLike | null | undefined;
  #memory: string | null = null;

  /** `storage` undefined: the browser's localStorage, if it can be used. null: memory only. */
  constructor(key: string, storage?: StorageLike | null) {
    this.#key = key;
    this.#storage = storage;
    // Even reading the property may throw.
    if (storage === undefined) this.#try(() => (this.#storage = globalThis.localStorage));
  }

  /** Returns the stored text, to be compared with later. */
  raw(): string | null {
    this.#try(() => {
      if (!this.#storage) return;
      const text = this.#storage.getItem(this.#key) ?? null;
      // For example a promise, as from React Native's AsyncStorage: it cannot be used here.
      if (typeof text !== 'string' && text !== null) throw text;
      this.#memory = text;
    });
    return this.#memory;
  }

  read(): StoredToken | null {
    try {
      const stored = JSON.parse(this.raw() ?? '') as StoredToken;
      return stored.token && stored.renewAt && stored.expiresAt ? stored : null;
    } catch {
      return null;
    }
  }

  write(stored: StoredToken | null): void {
    const text = (this.#memory = stored && JSON.stringify(stored));
    this.#try(() => {
      if (text) this.#storage?.setItem(this.#key, text);
      else this.#storage?.removeItem(this.#key);
    });
  }

  #try(use: () => void): void {
    try {
      use();
    } catch {
      this.#storage = null;
    }
  }
}
