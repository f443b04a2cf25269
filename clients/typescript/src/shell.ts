// Carries out the effects of a core (a ClientSession or a TicketDesk), and hands it the answers. The sockets are its owner's.
//
// Inputs are queued: a call from a listener is handled after the outputs of which the listener is one. So a listener may call
// anything, or throw.

import { type Fetch, post } from './gateway_calls.js';
import { type WebSocketConstructor } from './open_socket.js';
import { GuestTokenProvider } from './guest_token_provider.js';
import { browserPlatform, listen, type Platform } from './platform.js';
import type { HttpFailure, Input, JsonObject, Output } from './protocol.js';
import { type Scheduler, systemScheduler } from './scheduler.js';
import { Secrets } from './secrets.js';
import { httpUrl } from './socket_url.js';
import { type FetchedToken, functionTokenProvider, type TokenFunction, type TokenProvider } from './token_provider.js';
import { type StorageLike, TokenStorage } from './token_storage.js';

const kTokenWaitMs = 10_000;
/** A longer timer of the platform fires at once. */
const kTimerMaxMs = 2 ** 31 - 1;

export type Logger = Pick<Console, 'log' | 'warn' | 'error'>;

export interface ShellOptions {
  /** A JWT, or a function that gets one; without it the client is a guest. */
  token?: string | TokenFunction | undefined;
  /**
   * Sends the browser's cookies with the ticket call, for a backend that knows its users by them (`hooks.ticket_url` of the gateway).
   * Then no `token` is needed, and without one there are no guests either.
   */
  credentials?: boolean | undefined;
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

/** Pure decisions: see ClientSession. */
export interface Core {
  handle(input: Input, now: number): Output;
  readonly timer: number | null;
}

/**
 * Hears, by name: `log` lines, `stage` and `status` changes; the core's events; its effects that concern sockets; `error` with
 * `{message, error}`, an exception of the application's or the platform's code; and `leave`, when the page goes into the back/forward
 * cache, where no socket lives.
 */
export type ShellOwner = (name: string, value: any) => void;

export class Shell {
  /** To be set before the first input. */
  core!: Core;
  /** For the core. It knows whether there is a token, or cookies alone. */
  readonly secrets = new Secrets();
  readonly #scheduler: Scheduler;
  readonly #url: string;
  readonly #options: ShellOptions;
  readonly #tell: ShellOwner;
  readonly #fetch: Fetch;
  #tokens!: TokenProvider;

  #inbox: Input[] = [];
  #draining = false;
  #timer: unknown;
  #timerDue: number | null = null;
  #tokenWait: { answer: Promise<FetchedToken>; fresh: boolean; since: number } | null = null;
  #tokenCall: AbortController | null = null;
  /** By attempt. */
  readonly #ticketCalls: { [attempt: number]: AbortController } = {};
  #stopListening: (() => void) | null = null;
  /** The last reported fault of those that come again with every attempt. */
  #reported = '';

  /** `url`: the gateway's. */
  constructor(url: string, options: ShellOptions, tell: ShellOwner) {
    this.#url = url;
    this.#options = options;
    this.#tell = tell;
    this.#scheduler = options.scheduler ?? systemScheduler();
    // A browser's fetch needs its `this`.
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.useToken(options.token);
  }

  /** The token of the next fetch. */
  useToken(token: string | TokenFunction | undefined): void {
    this.#tokenWait = null;
    this.secrets.hasToken = !this.#options.credentials || token !== undefined;
    if (typeof token === 'string') this.#tokens = functionTokenProvider(({ fresh }) => (fresh ? null : token));
    else if (token) this.#tokens = functionTokenProvider(token);
    else {
      const scheduler = this.#scheduler;
      // Not AbortSignal.timeout: not every platform has it.
      const postToken = (bearer?: string) => {
        const call = (this.#tokenCall = new AbortController());
        const timer = scheduler.setTimeout(() => call.abort(), kTokenWaitMs);
        return post(this.#fetch, this.#url, 'token', call.signal, bearer).finally(() => scheduler.clearTimeout(timer));
      };
      this.#tokens = new GuestTokenProvider(postToken, new TokenStorage(`usher.token ${httpUrl(this.#url)}`, this.#options.storage), () => scheduler.now());
    }
  }

  readonly random = (): number => {
    const { random = Math.random } = this.#options;
    try {
      const r = random();
      if (r >= 0 && r < 1) return r;
    } catch (error) {
      this.#report('random threw', error);
    }
    return Math.random();
  };

  /** Listens to the platform. Throws if it has no `fetch` or `WebSocket`, and none was given. */
  start(): void {
    const { platform = browserPlatform(), fetch = globalThis.fetch, WebSocket = globalThis.WebSocket } = this.#options;
    if (typeof WebSocket !== 'function') throw new Error(missing('WebSocket', 'ws'));
    if (typeof fetch !== 'function') throw new Error(missing('fetch', 'undici'));
    if (platform && !this.#stopListening) {
      this.#stopListening = listen(platform, this.#scheduler, {
        input: this.take,
        wake: () => this.#scheduler.wake?.(),
        leave: () => this.#tell('leave', {}),
      });
    }
  }

  /** The opposite of start(). `isIdle` says a moment later whether the client still wants no token. */
  stop(isIdle: () => boolean): void {
    this.#stopListening?.();
    this.#stopListening = null;
    // A call that is still under way would keep a process alive. A connect() that follows at once takes the call over.
    void Promise.resolve().then(() => {
      if (!isIdle()) return;
      this.#tokenCall?.abort();
      this.#tokenWait = null;
    });
  }

  /** Forgets the guest: the next one is new. */
  forgetToken(): void {
    this.#tokens.forget?.();
    this.#tokenWait = null;
  }

  #report(message: string, error: unknown): void {
    this.#tell('error', { message, error });
  }

  /** Reports a fault that comes again with every attempt. */
  reportOnce(message: string, error: unknown): void {
    const text = message + error;
    if (text !== this.#reported) this.#report(message, error);
    this.#reported = text;
  }

  // ---- inputs in, outputs out

  readonly take = (input: Input): void => {
    this.#inbox.push(input);
    if (this.#draining) return;
    this.#draining = true;
    for (let next; (next = this.#inbox.shift()); ) {
      try {
        this.#carryOut(this.core.handle(next, this.#scheduler.now()));
      } catch (error) {
        this.#report('this should not happen, please report it', error);
      }
    }
    this.#draining = false;
    this.#armTimer();
  };

  /** An output's lists stand in the order in which they are carried out. */
  #carryOut(output: Output): void {
    for (const [list, items] of Object.entries(output)) {
      for (const item of items) {
        // An effect and an event are objects with one key.
        const [name, value] = list === 'do' || list === 'event' ? (Object.entries(item)[0] as [string, any]) : [list, item];
        if (name === 'fetch_token') this.#fetchToken(value);
        else if (name === 'fetch_ticket') this.#fetchTicket(value);
        else {
          if (name.startsWith('abort')) this.#ticketCalls[value.attempt]?.abort();
          if (name === 'abort_refresh') this.#dropTokenCall();
          if (name === 'failed' && value.status === 401) this.#tokens.forget?.();
          this.#tell(name, value);
        }
      }
    }
  }

  #armTimer(): void {
    const due = this.core.timer;
    if (due === this.#timerDue) return;
    this.#timerDue = due;
    this.#scheduler.clearTimeout(this.#timer);
    if (due === null) return;
    const ms = Math.ceil(due - this.#scheduler.now());
    this.#timer = this.#scheduler.setTimeout(() => this.#timeIsUp(), Math.min(Math.max(0, ms), kTimerMaxMs));
  }

  #timeIsUp(): void {
    this.#timerDue = null;
    // On a visible page only a late timer shows that the machine slept.
    this.#scheduler.wake?.();
    this.take({ tick: {} });
  }

  // ---- effects

  #fetchToken({ attempt, fresh, renew }: { attempt: number; fresh: boolean; renew?: boolean }): void {
    this.#sharedToken(fresh, renew).then(
      (fetched) => this.take({ token: { ...fetched, attempt } }),
      (thrown) => {
        const { status, code, error } = thrown ?? {};
        // An exception may have the `status` and `code` of an HTTP answer, or Angular's `error.code`. Status 0 means no answer.
        const said: HttpFailure = status > 0 ? { ...thrown, status: +status, code: code ?? error?.code } : { network: true };
        if (thrown?.network !== true && status !== 0 && said.network) {
          this.reportOnce('the token function threw; it should return a JWT, or null when nobody is logged in, or throw {status, code}', thrown);
        }
        this.take({ token_failed: { ...said, attempt } });
      },
    );
  }

  /** One fetch at a time, however many attempts ask. A fetch that hangs is not awaited again. */
  #sharedToken(fresh: boolean, renew?: boolean): Promise<FetchedToken> {
    const since = this.#scheduler.now();
    const wait = this.#tokenWait;
    if (wait && (wait.fresh || !fresh) && since - wait.since < kTokenWaitMs) return wait.answer;
    const answer = this.#tokens.fetch(fresh, renew).finally(() => {
      if (this.#tokenWait?.answer === answer) this.#tokenWait = null;
    });
    this.#tokenWait = { answer, fresh, since };
    return answer;
  }

  /** Of a guest, whose next token need not be that of the same session. The application's function cannot be stopped. */
  #dropTokenCall(): void {
    if (!this.#tokenCall) return;
    this.#tokenCall.abort();
    this.#tokenWait = null;
  }

  #fetchTicket({ attempt, token, subs }: { attempt: number; token?: string; subs?: JsonObject }): void {
    const call = new AbortController();
    this.#ticketCalls[attempt] = call;
    post(this.#fetch, this.#url, 'ticket', call.signal, token, subs && { subs }, this.#options.credentials)
      .finally(() => delete this.#ticketCalls[attempt])
      .then(
        ({ ticket, expires_in }) => this.take({ ticket: { attempt, ticket, expires_in } }),
        (failure: HttpFailure) => {
          if (token && failure?.status === 401) this.#tokens.refused?.(token, failure.code);
          this.take({ ticket_failed: { ...failure, attempt } });
        },
      );
  }
}

function missing(what: string, npm: string): string {
  return `usher-client: there is no ${what} here: pass one as the option ${what}, for example that of npm's "${npm}"`;
}
