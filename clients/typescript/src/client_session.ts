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

import { Attempt } from './attempt';
import { Connection } from './connection';
import { classifyHttp, isHardClose } from './failure';
import * as line from './log_line';
import type { Effect, Failed, HttpFailure, Input, Json, LogLevel, Output, Status } from './protocol';
import { isObject } from './protocol';
import { kDelayCapMs, kNoDelay, ReconnectPolicy } from './reconnect_policy';
import { givenDelay } from './retry_after';
import { Secrets } from './secrets';
import { isLoopback, socketUrl } from './socket_url';
import { Subscriptions } from './subscriptions';

const kStageMs = 10_000;
const kLateMs = 1_000;
const kHoldMs = 1_000;

type Phase = 'idle' | 'waiting' | 'token' | 'ticket' | 'socket' | 'connected';

export interface SessionOptions {
  /** The gateway, http(s) or ws(s), with its path prefix if it has one. */
  url: string;
}

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
  #attempt = new Attempt(0, 0);
  #connection: Connection | null = null;
  #timer: { due: number; excused: boolean } | null = null;
  #now = 0;
  #out: Output = { log: [], do: [], status: [], event: [] };

  /** `random` is uniform in [0, 1), drawn once for each delay. */
  constructor(options: SessionOptions, random: () => number) {
    this.#url = options.url;
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
    return this.#timer?.due ?? null;
  }

  /** `now` in Unix milliseconds, never going back. */
  handle(input: Input, now: number): Output {
    this.#now = now;
    this.#out = { log: [], do: [], status: [], event: [] };
    this.#take(input);
    return this.#out;
  }

  #take(input: Input): void {
    const live = this.#phase === 'connected';
    if ('connect' in input) this.#connect();
    else if ('disconnect' in input) this.#disconnect();
    else if ('offline' in input) this.#wentOffline();
    else if ('online' in input) this.#cameOnline();
    else if ('visible' in input) this.#hurry();
    else if ('tick' in input) this.#tick();
    else if ('subscribe' in input) this.#subscriptions.subscribe(input.subscribe.channel, live, this.#out);
    else if ('unsubscribe' in input) this.#subscriptions.unsubscribe(input.unsubscribe.channel, live, this.#out);
    else if ('publish' in input) this.#subscriptions.publish(input.publish.channel, input.publish.data, live, this.#out);
    else if (!('hidden' in input)) this.#answered(input);
  }

  /** An asynchronous completion: taken only in the stage of the attempt that waits for it. */
  #answered(input: Input): void {
    if ('token' in input) this.#secrets.add(input.token.token);
    if ('ticket' in input) this.#secrets.add(input.ticket.ticket);
    const { attempt } = Object.values(input)[0] as { attempt: number };
    if (attempt !== this.#attempt.number) return;

    if (this.#phase === 'token') {
      if ('token' in input) this.#gotToken(input.token.token, input.token.cached);
      else if ('token_failed' in input) this.#callFailed('Token', input.token_failed);
    } else if (this.#phase === 'ticket') {
      if ('ticket' in input) this.#gotTicket(input.ticket.ticket, input.ticket.expires_in);
      else if ('ticket_failed' in input) this.#callFailed('Ticket', input.ticket_failed);
    } else if (this.#phase === 'socket' || this.#phase === 'connected') {
      if ('frame' in input) this.#received(input.frame.data);
      else if ('socket_closed' in input) {
        this.#closed(input.socket_closed.code, input.socket_closed.reason, input.socket_closed.clean);
      }
    }
  }

  // ---- the user, the platform, the clock

  #connect(): void {
    if (this.#phase === 'idle') {
      this.#failure = null;
      this.#rest('waiting', this.#holdUntil);
      this.#become('connecting');
    }
    this.#hurry();
  }

  #disconnect(): void {
    this.#settleUptime();
    if (this.#connection) this.#do({ close_socket: { attempt: this.#attempt.number, code: 1000 } });
    else if (this.#inStage()) this.#do({ abort: { attempt: this.#attempt.number } });
    this.#policy.restart();
    this.#rest('idle');
    this.#become('disconnected');
  }

  #wentOffline(): void {
    if (isLoopback(this.#url)) return;
    this.#offline = true;
    if (this.#phase === 'waiting') this.#timer = null;
    if (!this.#inStage()) return;
    this.#do({ abort: { attempt: this.#attempt.number } });
    this.#rest('waiting');
    this.#become('reconnecting');
  }

  #cameOnline(): void {
    if (!this.#offline) return;
    this.#offline = false;
    this.#hurry();
  }

  /** While waiting: an attempt at once, or as soon as it is allowed. */
  #hurry(): void {
    if (this.#phase !== 'waiting' || this.#offline) return;
    if (this.#notBefore > this.#now) this.#arm(this.#notBefore);
    else this.#begin();
  }

  #tick(): void {
    const timer = this.#timer;
    if (!timer || timer.due > this.#now) return;
    if (this.#phase === 'waiting') return this.#begin();

    // A suspended page: what the network has queued meanwhile comes first.
    if (this.#now - timer.due > kLateMs && !timer.excused) {
      this.#arm(this.#now + kLateMs, true);
    } else if (this.#connection) {
      this.#do({ close_socket: { attempt: this.#attempt.number, code: 3012 } });
      this.#closed(1006, '', false);
    } else {
      this.#do({ abort: { attempt: this.#attempt.number } });
      this.#log('error', '[WS] Failed to connect TimeoutError');
      this.#log('warn', '[WS] Soft failure - timeout, will retry');
      this.#retry();
    }
  }

  // ---- token, ticket, socket

  #begin(): void {
    this.#attempt = new Attempt(this.#attempt.number + 1, this.#now);
    this.#log('info', '[WS] Ensuring JWT token exists...');
    this.#fetchToken();
  }

  #fetchToken(): void {
    this.#attempt.cached = !this.#fresh;
    this.#enter('token');
    this.#do({ fetch_token: { attempt: this.#attempt.number, fresh: this.#fresh } });
  }

  #gotToken(token: string, cached: boolean): void {
    this.#fresh = false;
    this.#attempt.cached = cached;
    this.#attempt.asksForTicket(this.#now);
    this.#log('info', '[WS] JWT ready');
    this.#log('info', '[WS] Requesting WebSocket ticket...');
    this.#enter('ticket');
    const subs = this.#subscriptions.restore();
    this.#do({ fetch_ticket: { attempt: this.#attempt.number, token, ...(subs && { subs }) } });
  }

  #gotTicket(ticket: string, expiresIn: number): void {
    this.#attempt.gotTicket(expiresIn);
    if (this.#attempt.ticketIsOld(this.#now)) return this.#retryTicket();
    this.#log('info', '[WS] Ticket obtained, connecting to WebSocket...');
    this.#enter('socket');
    this.#do({ open_socket: { attempt: this.#attempt.number, url: socketUrl(this.#url, ticket) } });
  }

  #callFailed(call: 'Token' | 'Ticket', failure: HttpFailure): void {
    const status = failure.network ? undefined : failure.status;
    if (status === undefined) {
      this.#log('error', '[WS] Failed to connect NetworkError');
      this.#log('warn', '[WS] Soft failure - network error, will retry');
      return this.#retry();
    }
    const { cached, refreshed } = this.#attempt;
    const verdict = classifyHttp(status, failure.code ?? '', cached && !refreshed);
    const code = this.#secrets.mask(failure.code ?? '');
    if (status === 401) this.#fresh = true;
    if (verdict === 'refresh') {
      this.#log('warn', line.refreshText(code));
      this.#attempt.refreshed = true;
      return this.#fetchToken();
    }
    this.#log('error', line.failedToConnectText(status, code));
    if (verdict === 'soft') {
      this.#log('warn', line.softHttpText(status));
      return this.#retry(givenDelay(failure, this.#now));
    }
    this.#log('error', line.hardHttpText(status, code));
    this.#log('error', line.stoppingText(call, status));
    this.#stop({ status, reason: code });
  }

  #received(frame: Json): void {
    const connection = this.#connection;
    if (connection) this.#arm(connection.pingDue(this.#now));
    if (!isObject(frame)) return;
    const push = isObject(frame.push) ? frame.push : {};
    if (!connection) {
      if (isObject(push.connect)) this.#connected(new Connection(push.connect, this.#now), push.connect.subs);
      return;
    }
    if (Object.keys(frame).length === 0 && connection.pong) this.#do({ send: { data: {} } });
    if (isObject(push.disconnect)) connection.given = givenDelay(push.disconnect, this.#now);
    this.#subscriptions.received(frame, this.#out);
  }

  #connected(connection: Connection, subs: Json | undefined): void {
    this.#phase = 'connected';
    this.#connection = connection;
    this.#arm(connection.pingDue(this.#now));
    this.#log('info', '[WS] Connected');
    this.#become('connected');
    this.#subscriptions.connected(subs, this.#out);
  }

  // ---- the end of a connection, or of an attempt

  #closed(code: number, reason: string, clean: boolean): void {
    const shown = this.#secrets.mask(reason);
    const text = line.closeText(code, shown, clean);
    this.#log('warn', `[WS] Disconnected ${text}`);
    const connection = this.#connection;
    const stable = this.#settleUptime();
    if (code === 3005) this.#fresh = true;

    const slept = code === 1008 && reason === 'NOT_AUTHORIZED' && this.#attempt.ticketIsOld(this.#now);
    if (!connection && (code === 3100 || slept)) return this.#retryTicket();
    if (!isHardClose(code, reason)) return this.#retry(connection?.given, stable ? connection?.spreadMs : 0);
    this.#log('error', `[WS] Hard failure - stopping reconnect ${text}`);
    this.#stop({ code, reason: shown });
  }

  /** Whether the connection that ends was stable; then what failed before it is forgiven. */
  #settleUptime(): boolean {
    const stable = this.#connection?.isStable(this.#now) ?? false;
    if (stable) this.#policy.stable();
    return stable;
  }

  /** A new ticket is all that is missing: at once, but only the first time in a row. */
  #retryTicket(): void {
    if (!this.#policy.failedFree()) return this.#retry();
    this.#log('warn', `[WS] Reconnecting in 0ms (attempt ${this.#policy.failures})`);
    this.#rest('waiting');
    this.#become('reconnecting');
    this.#hurry();
  }

  #retry(given = kNoDelay, spreadMs = 0): void {
    const delay = this.#policy.failed(given, spreadMs);
    this.#log('warn', `[WS] Reconnecting in ${delay}ms (attempt ${this.#policy.failures})`);
    this.#rest('waiting', given.ms > 0 ? this.#now + Math.min(given.ms, kDelayCapMs) : 0);
    this.#become('reconnecting');
    if (!this.#offline) this.#arm(this.#now + delay);
  }

  #stop(failure: Failed): void {
    this.#rest('idle');
    this.#holdUntil = this.#attempt.beganAt + kHoldMs;
    this.#failure = failure;
    this.#become('disconnected');
    this.#out.event.push({ failed: failure });
  }

  // ---- state

  #inStage(): boolean {
    return this.#phase === 'token' || this.#phase === 'ticket' || this.#phase === 'socket';
  }

  #enter(stage: 'token' | 'ticket' | 'socket'): void {
    this.#phase = stage;
    this.#arm(this.#now + kStageMs);
  }

  #rest(phase: 'idle' | 'waiting', notBefore = 0): void {
    this.#phase = phase;
    this.#timer = null;
    this.#connection = null;
    this.#notBefore = notBefore;
  }

  #arm(due: number | null, excused = false): void {
    this.#timer = due === null ? null : { due, excused };
  }

  #become(status: Status): void {
    if (status === this.#status) return;
    this.#status = status;
    this.#out.status.push(status);
  }

  #do(effect: Effect): void {
    this.#out.do.push(effect);
  }

  #log(level: LogLevel, text: string): void {
    this.#out.log.push({ level, text });
  }
}
