// Everything around an UsherClient, made by hand: time that moves when told,
// answers that are given when told, sockets that only pretend.

import type { UsherClientOptions } from '../src';
import { UsherClient } from '../src';
import type { Platform } from '../src/platform';

export class ManualScheduler {
  #now = 1_000_000;
  #timers = new Map<number, { due: number; callback: () => void }>();
  #last = 0;

  now = (): number => this.#now;
  setTimeout = (callback: () => void, ms: number): number => {
    this.#timers.set(++this.#last, { due: this.#now + ms, callback });
    return this.#last;
  };
  clearTimeout = (id: number): void => void this.#timers.delete(id);

  get pending(): number {
    return this.#timers.size;
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(([, timer]) => timer.due <= end).sort((a, b) => a[1].due - b[1].due);
      if (!next) break;
      this.#timers.delete(next[0]);
      this.#now = Math.max(this.#now, next[1].due);
      next[1].callback();
    }
    this.#now = end;
  }

  /** Time passes, but nothing fires until the page wakes. */
  sleep(ms: number): void {
    this.#now += ms;
  }
}

export class FakeSocket {
  onopen: ((event: any) => void) | null = null;
  onmessage: ((event: any) => void) | null = null;
  onclose: ((event: any) => void) | null = null;
  onerror: ((event: any) => void) | null = null;
  sent: any[] = [];
  closedWith: number | null = null;

  readonly more: unknown[];

  constructor(readonly url: string, readonly protocols: string[], ...more: unknown[]) {
    this.more = more;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(code: number): void {
    this.closedWith = code;
  }
  receive(...frames: unknown[]): void {
    this.onmessage?.({ data: frames.map((frame) => JSON.stringify(frame)).join('\n') });
  }
  connect(push: object = {}): void {
    this.onopen?.({});
    this.receive({ push: { connect: { client: 'c1', session: 's1', ping: 25, pong: true, ...push } } });
  }
  end(code: number, reason = '', wasClean = true): void {
    this.onclose?.({ code, reason, wasClean });
  }
}

export interface Call {
  url: string;
  init: RequestInit;
  bearer: string | null;
  body: any;
  answer(status: number, body?: unknown, headers?: Record<string, string>): void;
  fail(): void;
}

export class MemoryStorage {
  items = new Map<string, string>();
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.items.set(key, value);
  removeItem = (key: string): void => void this.items.delete(key);
}

export class World {
  readonly scheduler = new ManualScheduler();
  readonly storage = new MemoryStorage();
  readonly sockets: FakeSocket[] = [];
  readonly calls: Call[] = [];
  readonly lines: string[] = [];
  readonly window = new EventTarget();
  readonly document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  readonly navigator = { onLine: true };
  #answered = 0;

  client(options: Partial<UsherClientOptions> = {}): UsherClient {
    return new UsherClient({ url: 'https://gw.example', ...this.options(), ...options });
  }

  /** What every client of this world is given. */
  options(Socket: typeof FakeSocket = FakeSocket) {
    const sockets = this.sockets;
    const log = (text: string): void => void this.lines.push(text);
    return {
      storage: this.storage,
      logger: { log, warn: log, error: log },
      fetch: (url: string, init: RequestInit) => this.#fetch(url, init),
      WebSocket: class extends Socket {
        constructor(url: string, protocols: string[], ...more: unknown[]) {
          super(url, protocols, ...more);
          sockets.push(this);
        }
      },
      scheduler: this.scheduler,
      random: () => 0.5,
      platform: { window: this.window, document: this.document, navigator: this.navigator } as Platform,
    };
  }

  get socket(): FakeSocket {
    return this.sockets[this.sockets.length - 1] as FakeSocket;
  }

  /** Answers the call that waits: a token, or a ticket. */
  async answerToken(token: string, expiresIn = 86400): Promise<Call> {
    const call = await this.#nextCall('/auth/token');
    call.answer(200, { token, session_id: 's1', expires_in: expiresIn });
    return call;
  }

  async answerTicket(): Promise<Call> {
    const call = await this.#nextCall('/auth/ticket');
    const sockets = this.sockets.length;
    call.answer(200, { ticket: `${this.calls.length}`.padStart(32, '0'), expires_in: 30 });
    await until(() => this.sockets.length > sockets);
    return call;
  }

  /** Answers what a connect with a token in storage asks for, up to the connect push. */
  async connected(push: object = {}): Promise<FakeSocket> {
    await this.answerTicket();
    this.socket.connect(push);
    return this.socket;
  }

  async #nextCall(path: string): Promise<Call> {
    const call = await this.nextCall();
    if (!call.url.endsWith(path)) throw new Error(`expected a call of ${path}, got ${call.url}`);
    return call;
  }

  /** The next call, to be answered by the test itself. */
  async nextCall(): Promise<Call> {
    await until(() => this.calls.length > this.#answered);
    return this.calls[this.#answered++] as Call;
  }

  #fetch(url: string, init: RequestInit): Promise<Response> {
    return new Promise((resolve, reject) => {
      const headers = init.headers as Record<string, string>;
      this.calls.push({
        url,
        init,
        bearer: headers.Authorization?.replace(/^Bearer /, '') ?? null,
        body: init.body === undefined ? null : JSON.parse(init.body as string),
        answer: (status, body = {}, answerHeaders = {}) =>
          resolve(new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers: answerHeaders })),
        fail: () => reject(new TypeError('Failed to fetch')),
      });
      init.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
    });
  }
}

/** Waits for a condition, letting everything else run; never for the clock. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    if (turn > 10_000) throw new Error('this never became true');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Lets everything run that is ready to. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
