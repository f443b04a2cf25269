// The faults of the failure table, put between a healthy client and its gateway.
//
// The client and the tunnel are not touched: they get a `fetch`, a `storage` and a
// `WebSocket` that bring the fault about, as their options allow. What these do is
// real: damaged tokens go to the gateway, spent tickets are spent, the store and
// the origin list of the gateway itself are switched.

import type { StorageLike } from 'usher-client';
import { renewFaults, type ServerFaults, setFaults, spend, tokenWithoutSession } from './gateway.js';
import { TicketTurns } from './ticket_turns.js';

export type Fault = 'corrupt_token' | 'no_session' | 'store_down' | 'origin_blocked' | 'origin_at_socket' | 'used_ticket';

export interface Calls {
  token: number;
  ticket: number;
}

/** The gateway mends what its page has not renewed for ten seconds. */
const kRenewMs = 3_000;

export class Faults {
  readonly #on = new Set<Fault>();
  /** Of the gateway's own faults, those that this page wanted: they end with it. */
  readonly #mine = new Set<keyof ServerFaults>();
  readonly #late = new TicketTurns();
  /** While tokens are tampered with, the guest's own stays as it is. */
  #overlay: Map<string, string> | null = null;

  /** `mended`: the gateway has ended one, or another page. */
  constructor(mended: (now: ServerFaults) => void) {
    setInterval(() => void this.#renew(mended), kRenewMs);
    // At once, where the browser still lets us.
    addEventListener('pagehide', () => {
      if (this.#mine.size) void setFaults(this.#asked(false), { keepalive: true });
      this.#mine.clear();
    });
  }

  async #renew(mended: (now: ServerFaults) => void): Promise<void> {
    if (!this.#mine.size) return;
    const now = await renewFaults(this.#asked(true)).catch(() => null);
    if (!now) return;
    for (const name of this.#mine) if (!now[name]) this.#mine.delete(name);
    mended(now);
  }

  #asked(on: boolean): Partial<ServerFaults> {
    return Object.fromEntries([...this.#mine].map((name) => [name, on]));
  }

  has(fault: Fault): boolean {
    return this.#on.has(fault);
  }

  async set(fault: Fault, on: boolean): Promise<void> {
    if (fault === 'store_down' || fault === 'origin_blocked') {
      await setFaults({ [fault]: on });
      if (on) this.#mine.add(fault);
      else this.#mine.delete(fault);
    }
    if (fault === 'origin_at_socket' && !on) await setFaults({ origin_blocked: this.has('origin_blocked') });
    if (on) this.#on.add(fault);
    else this.#on.delete(fault);
    this.#overlay = this.has('corrupt_token') || this.has('no_session') ? new Map() : null;
  }

  /** What the gateway says about itself, without asking it for anything. */
  adopt(fault: 'store_down' | 'origin_blocked', on: boolean): void {
    if (on) this.#on.add(fault);
    else this.#on.delete(fault);
  }

  readonly storage: StorageLike = {
    getItem: (key) => {
      const stored = localStorage.getItem(key);
      if (!this.#overlay) return stored;
      // The token in the storage is damaged as well; the first look finds it so, unless it was thrown away.
      if (!this.#overlay.has(key) && stored && this.has('corrupt_token')) this.#overlay.set(key, withDamagedToken(stored));
      return this.#overlay.get(key) || null;
    },
    setItem: (key, value) => {
      if (this.#overlay) this.#overlay.set(key, value);
      else localStorage.setItem(key, value);
    },
    removeItem: (key) => {
      if (this.#overlay) this.#overlay.set(key, '');
      else localStorage.removeItem(key);
    },
  };

  /** `calls`: are counted there, for all to see that a stopped client makes none. */
  fetchCounting(calls: Calls, counted = (): void => {}): (url: string, init: RequestInit) => Promise<Response> {
    return (url, init) => {
      const call = url.endsWith('/auth/token') ? 'token' : 'ticket';
      calls[call] += 1;
      counted();
      return this.#strikesLate ? this.#struckLate(call, url, init) : this.#answer(call, url, init);
    };
  }

  readonly WebSocket = this.#late.WebSocket;

  get #strikesLate(): boolean {
    return this.has('origin_at_socket') && !this.has('origin_blocked');
  }

  async #answer(call: keyof Calls, url: string, init: RequestInit): Promise<Response> {
    if (call === 'token' && this.has('no_session')) return tokenWithoutSession();
    const response = await fetch(url, init);
    if (!response.ok) return response;
    if (call === 'token') return this.has('corrupt_token') ? damaged(response) : response;
    if (this.has('used_ticket')) await spend(await ticketOf(response));
    return response;
  }

  /** The attempts take turns: the call of another would let this one in. */
  #struckLate(call: keyof Calls, url: string, init: RequestInit): Promise<Response> {
    return this.#late.take(async () => {
      if (this.#strikesLate) await setFaults({ origin_blocked: false });
      const response = await this.#answer(call, url, init);
      if (call === 'token' || !response.ok || !this.#strikesLate) return { response };
      const ticket = await ticketOf(response);
      await setFaults({ origin_blocked: true });
      return { response, ticket };
    });
  }
}

async function ticketOf(response: Response): Promise<string> {
  return ((await response.clone().json()) as { ticket: string }).ticket;
}

async function damaged(response: Response): Promise<Response> {
  return new Response(withDamagedToken(await response.text()), { headers: response.headers });
}

/** The last letters of a signature become others: a good token, once. */
function withDamagedToken(json: string): string {
  const value = JSON.parse(json) as { token: string };
  const end = value.token.slice(-6) === 'AAAAAA' ? 'BBBBBB' : 'AAAAAA';
  return JSON.stringify({ ...value, token: value.token.slice(0, -6) + end });
}
