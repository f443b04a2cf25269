// One client's decisions: from connect() over token, ticket and socket to a
// live connection, and back there after every loss.
//
// A state machine of pure decisions: an input and the time go in, log lines,
// effects, statuses and events come out. It holds no socket, timer, clock,
// storage or randomness; whoever drives it carries the outputs out in the order
// log, do, status, event, hands in what happens next, and hands in a tick at
// `timer`. Answers to an attempt that is no longer the present one are dropped.
//
// Inputs must not be handed in from within another one's outputs: queue them.

import { classifyHttp, isHardClose, isNodeLost } from './failure.js';
import { closeText, escaped, statusText, withPhrase } from './log_line.js';
import type { Failed, HttpFailure, Input, InputBodies, Json, JsonObject, LogLevel, Output, Status } from './protocol.js';
import { isObject } from './protocol.js';
import { kDelayCapMs, kNoDelay, ReconnectPolicy } from './reconnect_policy.js';
import { givenDelay } from './retry_after.js';
import { Secrets } from './secrets.js';
import { baseUrl, isLoopback } from './socket_url.js';
import { Subscriptions } from './subscriptions.js';

const kStageMs = 10_000;
const kPongGraceMs = 10_000;
const kStableMs = 5_000;
const kLateMs = 1_000;
const kHoldMs = 1_000;
/** A timer of a longer time would fire at once (2^31 ms), and nobody waits for a day. */
const kPingMaxMs = 86_400_000;

type Stage = 'token' | 'ticket' | 'socket';
type Phase = 'idle' | 'waiting' | Stage | 'connected';

export class ClientSession {
  readonly #url: string;
  readonly #policy: ReconnectPolicy;
  readonly #secrets = new Secrets();
  readonly #subscriptions = new Subscriptions();

  #phase: Phase = 'idle';
  #status: Status = 'disconnected';
  #failure: Failed | null = null;
  #offline = false;
  /** The last token was refused: the next one must not come from storage. */
  #fresh = false;
  /** While waiting, no attempt before this: the server asked for it, or a hard failure was just now. */
  #notBefore = 0;
  /** No attempt before this after a hard failure: a listener that calls connect() must not spin. */
  #holdUntil = 0;
  #due: number | null = null;
  /** The timer was late once, and got a second chance. */
  #excused = false;

  // The present attempt: set as it gets that far.
  #attempt = 0;
  #beganAt!: number;
  /** A refused token is replaced once: this one came, or may come, from storage. */
  #refreshable!: boolean;
  #refreshed!: boolean;
  #token!: string;
  #ticketAskedAt!: number;
  #ticketLifeMs!: number;

  // The live connection: set by its connect push.
  #connectedAt!: number;
  #pingMs!: number;
  #pong!: boolean;
  #spreadMs!: number;
  /** What the server said about the delay after the next close. */
  #given = kNoDelay;

  // Of the present input.
  #now!: number;
  #out!: Output;

  /** `url`: the gateway, http(s) or ws(s). `random` is uniform in [0, 1), drawn once for each delay. */
  constructor(url: string, random: () => number) {
    this.#url = url;
    this.#policy = new ReconnectPolicy(random);
  }

  get status(): Status {
    return this.#status;
  }

  /** Why the client has stopped for good; null while it has not. */
  get failure(): Failed | null {
    return this.#failure;
  }

  /** When to hand in the next tick; null: never. */
  get timer(): number | null {
    const { due } = this.#subscriptions;
    return due === null || (this.#due !== null && this.#due < due) ? this.#due : due;
  }

  /** `now` in Unix milliseconds, never going back. */
  handle(input: Input, now: number): Output {
    this.#now = now;
    this.#out = { log: [], do: [], status: [], event: [] };
    this.#subscriptions.out = this.#out;
    this.#subscriptions.now = now;
    const [name, body] = Object.entries(input)[0] as [keyof InputBodies, any];
    this.#secrets.add(body.token ?? body.ticket);
    // An answer counts only for the attempt, and in the stage, that waits for it.
    const stage = this.#phase === 'connected' ? 'socket' : this.#phase;
    const awaited = name.startsWith(stage) || (name === 'frame' && stage === 'socket');
    if (body.attempt === undefined || (body.attempt === this.#attempt && awaited)) this.#on[name]?.(body);
    return this.#out;
  }

  readonly #on: { [Name in keyof InputBodies]?: (body: InputBodies[Name]) => void } = {
    connect: () => {
      if (this.#phase === 'idle') {
        this.#failure = null;
        this.#rest('waiting', 'connecting', this.#holdUntil);
      }
      this.#hurry();
    },

    disconnect: () => {
      this.#settleUptime();
      if (this.#phase === 'connected') this.#do('close_socket', { code: 1000 });
      else this.#abort();
      this.#policy.restart();
      this.#rest('idle', 'disconnected');
    },

    offline: () => {
      if (isLoopback(this.#url)) return;
      this.#offline = true;
      if (this.#phase === 'waiting') this.#due = null;
      if (this.#abort()) this.#rest('waiting', 'reconnecting');
    },

    online: () => {
      if (!this.#offline) return;
      this.#offline = false;
      this.#hurry();
    },

    visible: () => this.#hurry(),

    probe: () => this.#hurry(true),

    tick: () => {
      this.#subscriptions.tick();
      if (this.#due === null || this.#due > this.#now) return;
      if (this.#phase === 'waiting') return this.#begin();

      // A suspended page: what the network has queued meanwhile comes first.
      if (this.#now - this.#due > kLateMs && !this.#excused) {
        this.#arm(kLateMs, true);
      } else if (this.#phase === 'connected') {
        this.#do('close_socket', { code: 3012 });
        this.#closed({ code: 1006, reason: '', clean: false });
      } else {
        this.#abort();
        this.#failedSoftly('TimeoutError', 'timeout');
      }
    },

    token: ({ token, cached }) => {
      this.#fresh = false;
      this.#refreshable = cached;
      this.#token = token;
      this.#log('JWT ready', 'info');
      this.#fetchTicket(this.#subscriptions.restore());
    },

    ticket: ({ ticket, expires_in }) => {
      this.#ticketLifeMs = expires_in * 1000;
      if (this.#ticketIsOld()) return this.#retryTicket();
      this.#log('Ticket obtained, connecting to WebSocket...', 'info');
      this.#enter('socket', 'open_socket', { url: `${baseUrl(this.#url, 'ws')}/ws?ticket=${encodeURIComponent(ticket)}` });
    },

    token_failed: (failure) => this.#callFailed('Token', failure),
    ticket_failed: (failure) => {
      const { status } = failure;
      if ((status !== 400 && status !== 413) || !this.#subscriptions.withhold(status === 413)) return this.#callFailed('Ticket', failure);
      // No wish ends a client, whatever a server or a proxy makes of it.
      this.#log(`Received ${status}, asking for the subscriptions on the socket...`);
      this.#fetchTicket();
    },

    frame: ({ data: frame }) => {
      if (this.#phase === 'connected') this.#awaitPing();
      if (!isObject(frame)) return;
      const push = isObject(frame.push) ? frame.push : {};
      if (this.#phase === 'socket') return isObject(push.connect) ? this.#connected(push.connect) : undefined;
      if (!Object.keys(frame).length && this.#pong) {
        this.#out.do.push({ send: { data: {} } });
        this.#subscriptions.retry();
      }
      if (isObject(push.disconnect)) this.#given = givenDelay(push.disconnect, this.#now);
      this.#subscriptions.received(frame);
    },

    socket_closed: (end) => this.#closed(end),
    subscribe: ({ channel }) => this.#subscriptions.subscribe(channel),
    unsubscribe: ({ channel }) => this.#subscriptions.unsubscribe(channel),
    publish: ({ channel, data }) => this.#subscriptions.publish(channel, data),
  };

  // ---- forward

  /** While waiting: an attempt at once, or as soon as it is allowed. `anyway`: the platform may be wrong about being offline. */
  #hurry(anyway = false): void {
    if (this.#phase !== 'waiting' || (this.#offline && !anyway)) return;
    if (this.#notBefore <= this.#now) this.#begin();
    else if (!this.#offline) this.#arm(this.#notBefore - this.#now);
  }

  #begin(): void {
    this.#attempt += 1;
    this.#beganAt = this.#now;
    this.#refreshed = false;
    this.#log('Ensuring JWT token exists...', 'info');
    this.#fetchToken();
  }

  #fetchToken(): void {
    this.#refreshable = !this.#fresh;
    this.#enter('token', 'fetch_token', { fresh: this.#fresh });
  }

  #fetchTicket(subs?: JsonObject): void {
    this.#ticketAskedAt = this.#now;
    this.#log('Requesting WebSocket ticket...', 'info');
    this.#enter('ticket', 'fetch_ticket', { token: this.#token, ...(subs && { subs }) });
  }

  #connected(push: JsonObject): void {
    this.#phase = 'connected';
    // Whatever the platform says.
    this.#offline = false;
    this.#due = null;
    this.#connectedAt = this.#now;
    this.#pingMs = Math.floor(Math.min(positive(push.ping) * 1000, kPingMaxMs));
    this.#pong = push.pong === true;
    this.#spreadMs = positive(push.reconnect_spread_ms);
    this.#given = kNoDelay;
    this.#awaitPing();
    this.#log('Connected', 'info');
    this.#become('connected');
    this.#subscriptions.connected(push.subs);
  }

  #awaitPing(): void {
    if (this.#pingMs) this.#arm(this.#pingMs + kPongGraceMs);
  }

  // ---- and back

  #callFailed(call: string, failure: HttpFailure): void {
    const { status } = failure;
    const said = typeof failure.code === 'string' ? failure.code : '';
    if (status === undefined) return this.#failedSoftly('NetworkError', 'network error');
    const verdict = classifyHttp(status, said, this.#refreshable && !this.#refreshed);
    const code = this.#secrets.mask(said);
    if (status === 401) this.#fresh = true;
    if (verdict === 'refresh') {
      this.#log(`Received 401${code && ` ${escaped(code)}`}, refreshing token...`, 'warn', 'Auth');
      this.#refreshed = true;
      return this.#fetchToken();
    }
    const error = `HttpErrorResponse ${statusText(status, code, ['error: { code: ', ' }'])}`;
    if (verdict === 'soft') {
      const kind = status === 503 ? 'service unavailable (503)' : `HTTP error (${status})`;
      return this.#failedSoftly(error, kind, failure);
    }
    this.#log(`Failed to connect ${error}`, 'error');
    const kind = status === 401 || status === 403 ? 'auth error' : 'request refused';
    this.#log(`Hard failure - ${kind} ${statusText(status, code)}`, 'error');
    this.#log(`${call} request failed: ${withPhrase(status)} - stopping reconnect`, 'error');
    this.#stop({ status, reason: code });
  }

  #failedSoftly(error: string, kind: string, answer: HttpFailure = {}): void {
    this.#log(`Failed to connect ${error}`, 'error');
    this.#log(`Soft failure - ${kind}, will retry`);
    this.#retry(givenDelay(answer, this.#now));
  }

  #closed({ code, reason: said, clean }: { code: number; reason: string; clean: boolean }): void {
    const reason = this.#secrets.mask(said);
    const text = closeText(code, reason, clean);
    this.#log(`Disconnected ${text}`);
    if (code === 3005) this.#fresh = true;
    if (this.#phase === 'socket' && (code === 3100 || (code === 1008 && said === 'NOT_AUTHORIZED' && this.#ticketIsOld()))) {
      return this.#retryTicket();
    }
    const stable = this.#settleUptime();
    if (isHardClose(code, said)) {
      this.#log(`Hard failure - stopping reconnect ${text}`, 'error');
      this.#stop({ code, reason });
    } else if (this.#phase === 'connected') this.#retry(this.#given, stable && isNodeLost(code) ? this.#spreadMs : 0);
    else this.#retry();
  }

  /** Whether the connection that ends was up for long enough; then what failed before it is forgiven. */
  #settleUptime(): boolean {
    const stable = this.#phase === 'connected' && this.#now - this.#connectedAt >= kStableMs;
    if (stable) this.#policy.stable();
    return stable;
  }

  #ticketIsOld(): boolean {
    return this.#now - this.#ticketAskedAt > this.#ticketLifeMs;
  }

  /** A new ticket is all that is missing: at once, but only the first time in a row. */
  #retryTicket(): void {
    if (!this.#policy.failedFree()) return this.#retry();
    this.#wait(0);
    this.#hurry();
  }

  #retry(given = kNoDelay, spreadMs = 0): void {
    const delay = this.#policy.failed(given, spreadMs);
    this.#wait(delay, given.ms && this.#now + Math.min(given.ms, kDelayCapMs));
    if (!this.#offline) this.#arm(delay);
  }

  #wait(delay: number, notBefore = 0): void {
    this.#log(`Reconnecting in ${delay}ms (attempt ${this.#policy.failures})`);
    this.#rest('waiting', 'reconnecting', notBefore);
  }

  #stop(failure: Failed): void {
    this.#rest('idle', 'disconnected');
    this.#holdUntil = this.#beganAt + kHoldMs;
    this.#failure = failure;
    this.#out.event.push({ failed: failure });
  }

  // ---- state and outputs

  #enter(stage: Stage, effect: string, body: object): void {
    this.#phase = stage;
    this.#arm(kStageMs);
    this.#do(effect, body);
  }

  #rest(phase: 'idle' | 'waiting', status: Status, notBefore = 0): void {
    this.#phase = phase;
    this.#due = null;
    this.#notBefore = notBefore;
    this.#subscriptions.lost();
    this.#become(status);
  }

  #become(status: Status): void {
    if (status !== this.#status) this.#out.status.push((this.#status = status));
  }

  #arm(ms: number, excused = false): void {
    this.#due = this.#now + ms;
    this.#excused = excused;
  }

  /** Gives up the stage that is under way, if there is one. */
  #abort(): boolean {
    const inStage = /token|ticket|socket/.test(this.#phase);
    if (inStage) this.#do('abort');
    return inStage;
  }

  #do(effect: string, body: object = {}): void {
    this.#out.do.push({ [effect]: { attempt: this.#attempt, ...body } } as Output['do'][number]);
  }

  #log(text: string, level: LogLevel = 'warn', from = 'WS'): void {
    this.#out.log.push({ level, text: `[${from}] ${text}` });
  }
}

function positive(value: Json | undefined): number {
  return typeof value === 'number' && value > 0 && value < Infinity ? value : 0;
}
