// The client that applications use. It carries out the effects of its ClientSession, and hands it the answers.
//
// Inputs are queued: a call from a listener is handled after the outputs of which the listener is one. So a listener may call
// anything, or throw.

import { ClientSession } from './client_session.js';
import { type Fetch, post } from './gateway_calls.js';
import { type GatewaySocket, openSocket, type WebSocketConstructor } from './gateway_socket.js';
import { GuestTokenProvider } from './guest_token_provider.js';
import { browserPlatform, listen, type Platform } from './platform.js';
import type { Effect, Failed, HttpFailure, Input, Json, LogLevel, Output, Publication, StageChange, Status } from './protocol.js';
import { type Scheduler, systemScheduler } from './scheduler.js';
import { httpUrl } from './socket_url.js';
import { type FetchedToken, functionTokenProvider, type TokenFunction, type TokenProvider } from './token_provider.js';
import { type StorageLike, TokenStorage } from './token_storage.js';

const kTokenWaitMs = 10_000;

export type Logger = Pick<Console, 'log' | 'warn' | 'error'>;

export interface UsherClientOptions {
  /** The gateway: `https://gw.example`, with its path prefix if it has one. */
  url: string;
  /** A JWT, or a function that gets one; without it the client is a guest. */
  token?: string | TokenFunction | undefined;
  /** Where a guest's token is kept: localStorage by default, null for memory. */
  storage?: StorageLike | null | undefined;
  /** Where the log lines go: `console` by default, null for nowhere. */
  logger?: Logger | null | undefined;
  fetch?: Fetch | undefined;
  WebSocket?: WebSocketConstructor | undefined;
  scheduler?: Scheduler | undefined;
  /** Uniform in [0, 1). */
  random?: (() => number) | undefined;
  /** Where `online`, `visibilitychange` and the like come from: the browser by default, null for nowhere. */
  platform?: Platform | null | undefined;
}

export interface ClientEvents {
  status: Status;
  message: Publication;
  subscribed: { channel: string; recovered: boolean };
  subscription_failed: { channel: string; code: number };
  failed: Failed;
  log: { level: LogLevel; text: string };
  stage: StageChange;
  /** An exception of the application's or the platform's own code. Without a listener it goes to `console.error`. */
  error: { message: string; error: unknown };
}

export type MessageHandler = (data: any, publication: Publication) => void;

export class UsherClient {
  readonly #options: UsherClientOptions;
  readonly #session: ClientSession;
  readonly #scheduler: Scheduler;
  readonly #fetch: Fetch;
  readonly #tokens: TokenProvider;
  /** By event name, and by `#channel` for the publications of one channel. */
  readonly #listeners = new Map<string, Set<(value: any) => void>>();

  #inbox: Input[] = [];
  #draining = false;
  #timer: unknown;
  #timerDue: number | null = null;
  #tokenWait: { answer: Promise<FetchedToken>; fresh: boolean; since: number } | null = null;
  #tokenCall: AbortController | null = null;
  #ticketCall: AbortController | null = null;
  #socket: GatewaySocket | null = null;
  #stopListening: (() => void) | null = null;
  /** The last reported fault of those that come again with every attempt. */
  #reported = '';

  /** Throws if `url` is no URL. */
  constructor(options: UsherClientOptions) {
    const { url, token, storage, logger = console, scheduler = systemScheduler(), random = Math.random } = options;
    if (!/^(https?|wss?):\/\/[^/]/i.test(url)) throw new TypeError(`usher-client: url must be the gateway's, http(s)://host[:port][/path], not ${url}`);
    this.#options = options;
    this.#session = new ClientSession(url, () => {
      try {
        const r = random();
        if (r >= 0 && r < 1) return r;
      } catch (error) {
        this.#report('random threw', error);
      }
      return Math.random();
    });
    this.#scheduler = scheduler;
    this.on('log', ({ level, text }) => logger?.[level === 'info' ? 'log' : level](text));
    // A browser's fetch needs its `this`.
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    if (typeof token === 'string') this.#tokens = functionTokenProvider(({ fresh }) => (fresh ? null : token));
    else if (token) this.#tokens = functionTokenProvider(token);
    else {
      // Not AbortSignal.timeout: not every platform has it.
      const postToken = (bearer?: string) => {
        const call = (this.#tokenCall = new AbortController());
        const timer = scheduler.setTimeout(() => call.abort(), kTokenWaitMs);
        return post(this.#fetch, url, 'token', call.signal, bearer).finally(() => scheduler.clearTimeout(timer));
      };
      this.#tokens = new GuestTokenProvider(postToken, new TokenStorage(`usher.token ${httpUrl(url)}`, storage), () => scheduler.now());
    }
  }

  get status(): Status {
    return this.#session.status;
  }

  /** Why the client has stopped for good; null while it has not. */
  get failure(): Failed | null {
    return this.#session.failure;
  }

  /** Throws if the platform has no `fetch` or `WebSocket`, and none was given. */
  connect(): void {
    const { platform = browserPlatform(), fetch = globalThis.fetch, WebSocket = globalThis.WebSocket } = this.#options;
    if (typeof WebSocket !== 'function') throw new Error(missing('WebSocket', 'ws'));
    if (typeof fetch !== 'function') throw new Error(missing('fetch', 'undici'));
    if (platform && !this.#stopListening) {
      this.#stopListening = listen(platform, this.#scheduler, {
        input: this.#take,
        wake: () => this.#scheduler.wake?.(),
        leave: () => this.#socket?.lose(),
      });
    }
    this.#take({ connect: {} });
  }

  /** Ends the connection or the attempt, at any moment; the client stays disconnected until connect(). Subscriptions stay known. */
  disconnect(): void {
    this.#take({ disconnect: {} });
    this.#stopListening?.();
    this.#stopListening = null;
    // A call that is still under way would keep a process alive. A connect() that follows at once takes the call over.
    void Promise.resolve().then(() => {
      if (this.status !== 'disconnected') return;
      this.#tokenCall?.abort();
      this.#tokenWait = null;
    });
  }

  /** disconnect(), and forgets the guest: the next connect() is that of a new one. */
  logout(): void {
    this.#tokens.forget?.();
    this.#tokenWait = null;
    this.disconnect();
  }

  /** Subscribes to `channel`, over all reconnects. Messages go to `handler` and to `message` listeners. Returns an object that ends it. */
  subscribe(channel: string, handler: MessageHandler = () => {}): { unsubscribe(): void } {
    mustBe('string', 'subscribe: channel', channel);
    mustBe('function', 'subscribe: handler', handler);
    const name = `#${channel}`;
    const stop = this.#listen(name, (publication: Publication) => handler(publication.data, publication));
    this.#take({ subscribe: { channel } });
    return { unsubscribe: () => stop() && this.#take({ unsubscribe: { channel } }) };
  }

  /**
   * Returns whether the message was sent: false while the client is not connected, since nothing is queued. Throws if `data` has
   * no JSON form, as JSON.stringify does.
   */
  publish(channel: string, data: Json): boolean {
    mustBe('string', 'publish: channel', channel);
    // Converted here and now: an exception goes to the caller, and later changes of `data` have no effect.
    const json = JSON.stringify(data) as string | undefined;
    if (json === undefined) throw new TypeError(`usher-client: publish: ${typeof data} has no JSON form; null has`);
    const connected = this.status === 'connected';
    if (connected) this.#take({ publish: { channel, data: JSON.parse(json) } });
    return connected;
  }

  /** Returns a function that ends it. */
  on<Name extends keyof ClientEvents>(name: Name, listener: (value: ClientEvents[Name]) => void): () => void {
    mustBe('function', 'on: listener', listener);
    const stop = this.#listen(name, listener);
    return () => void stop();
  }

  /** Returns a function that ends it, and returns whether it was the last listener of its name. */
  #listen(name: string, handler: (value: any) => void): () => boolean {
    // A new object, so that the same function may listen twice.
    const listener = (value: any): void => handler(value);
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener) && !listeners.size && this.#listeners.get(name) === listeners && this.#listeners.delete(name);
  }

  #emit(name: string, value: unknown): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        // The promise of an async function.
        const result: any = listener(value);
        result?.catch?.((error: unknown) => this.#report('a listener threw', error));
      } catch (error) {
        this.#report('a listener threw', error);
      }
    }
  }

  /** Reports an exception of the application's or the platform's code. It never stops the client. */
  #report(message: string, error: unknown): void {
    try {
      const heard = [...(this.#listeners.get('error') ?? [])];
      for (const listener of heard) listener({ message, error });
      if (!heard.length) console.error(`usher-client: ${message}`, error);
    } catch {
      // An exception of an error listener is dropped: there is no other way to report it.
    }
  }

  /** The same for a fault that comes again with every attempt. */
  #reportOnce(message: string, error: unknown): void {
    const text = message + error;
    if (text !== this.#reported) this.#report(message, error);
    this.#reported = text;
  }

  // ---- inputs in, outputs out

  readonly #take = (input: Input): void => {
    this.#inbox.push(input);
    if (this.#draining) return;
    this.#draining = true;
    for (let next; (next = this.#inbox.shift()); ) {
      try {
        this.#carryOut(this.#session.handle(next, this.#scheduler.now()));
      } catch (error) {
        this.#report('this should not happen, please report it', error);
      }
    }
    this.#draining = false;
    this.#armTimer();
  };

  #carryOut({ log, stage, do: effects, status, event }: Output): void {
    for (const line of log) this.#emit('log', line);
    for (const change of stage) this.#emit('stage', change);
    for (const effect of effects) this.#perform(effect);
    for (const value of status) this.#emit('status', value);
    for (const value of event) this.#deliver(...(Object.entries(value)[0] as [string, any]));
  }

  #armTimer(): void {
    const due = this.#session.timer;
    if (due === this.#timerDue) return;
    this.#timerDue = due;
    this.#scheduler.clearTimeout(this.#timer);
    if (due !== null) this.#timer = this.#scheduler.setTimeout(() => this.#timeIsUp(), Math.max(0, Math.ceil(due - this.#scheduler.now())));
  }

  #timeIsUp(): void {
    this.#timerDue = null;
    // On a visible page only a late timer shows that the machine slept.
    this.#scheduler.wake?.();
    this.#take({ tick: {} });
  }

  #deliver(name: string, value: any): void {
    const ofChannel = `#${value.channel}`;
    if (name === 'subscription_failed') this.#listeners.delete(ofChannel);
    if (value.status === 401) this.#tokens.forget?.();
    if (name !== 'publication') return this.#emit(name, value);
    this.#emit(ofChannel, value);
    this.#emit('message', value);
  }

  // ---- effects

  #perform(effect: Effect): void {
    if ('fetch_token' in effect) this.#fetchToken(effect.fetch_token);
    else if ('fetch_ticket' in effect) this.#fetchTicket(effect.fetch_ticket);
    else if ('open_socket' in effect) {
      this.#socket = openSocket(this.#options.WebSocket ?? globalThis.WebSocket, effect.open_socket, this.#take, (error) =>
        this.#reportOnce('the WebSocket threw; can it reach the url from here?', error));
    } else if ('send' in effect) this.#socket?.send(effect.send.data);
    else {
      this.#ticketCall?.abort();
      this.#socket?.close('close_socket' in effect ? effect.close_socket.code : 1000);
    }
  }

  #fetchToken({ attempt, fresh }: { attempt: number; fresh: boolean }): void {
    this.#sharedToken(fresh).then(
      (fetched) => this.#take({ token: { ...fetched, attempt } }),
      (thrown) => {
        const { status, code, error } = thrown ?? {};
        // An exception may have the `status` and `code` of an HTTP answer, or Angular's `error.code`. Status 0 means no answer.
        const said: HttpFailure = status > 0 ? { ...thrown, status: +status, code: code ?? error?.code } : { network: true };
        if (thrown?.network !== true && status !== 0 && said.network) {
          this.#reportOnce('the token function threw; it should return a JWT, or null when nobody is logged in, or throw {status, code}', thrown);
        }
        this.#take({ token_failed: { ...said, attempt } });
      },
    );
  }

  /** One fetch at a time, however many attempts ask. A fetch that hangs is not awaited again. */
  #sharedToken(fresh: boolean): Promise<FetchedToken> {
    const since = this.#scheduler.now();
    const wait = this.#tokenWait;
    if (wait && (wait.fresh || !fresh) && since - wait.since < kTokenWaitMs) return wait.answer;
    const answer = this.#tokens.fetch(fresh).finally(() => {
      if (this.#tokenWait?.answer === answer) this.#tokenWait = null;
    });
    this.#tokenWait = { answer, fresh, since };
    return answer;
  }

  #fetchTicket({ attempt, token, subs }: { attempt: number; token: string; subs?: { [key: string]: Json } }): void {
    const { signal } = (this.#ticketCall = new AbortController());
    post(this.#fetch, this.#options.url, 'ticket', signal, token, subs && { subs }).then(
      ({ ticket, expires_in }) => this.#take({ ticket: { attempt, ticket, expires_in } }),
      (failure: HttpFailure) => {
        if (failure?.status === 401) this.#tokens.refused?.(token, failure.code);
        this.#take({ ticket_failed: { ...failure, attempt } });
      },
    );
  }
}

export function createClient(options: UsherClientOptions): UsherClient {
  return new UsherClient(options);
}

function missing(what: string, npm: string): string {
  return `usher-client: there is no ${what} here: pass one, as in createClient({ url, ${what} }) with that of npm's "${npm}"`;
}

function mustBe(type: string, what: string, value: unknown): void {
  if (typeof value !== type) throw new TypeError(`usher-client: ${what} must be a ${type}, not ${value === null ? 'null' : typeof value}`);
}
