// One client's decisions: from connect() over token, ticket and socket to a live connection, and back there after every loss
// (contract section 5).
//
// A state machine of pure decisions: an input and the time go in, log lines, stages, effects, statuses and events come out. It
// holds no socket, timer, clock, storage or randomness. The caller must carry the outputs out in the order log, stage, do,
// status, event, hand in the answers, and hand in a tick at `timer`. Answers to an attempt that is no longer the present one are
// dropped.
//
// What is said over the socket is the business of Messages: usher's message protocol (Subscriptions), or in raw mode nothing, since
// the messages are the application's own (RawMessages).
//
// Its parts: Progress (the stage), Deadline, CurrentAttempt, Connection, ReconnectPolicy, Secrets and Messages. The C++ client's
// src/client/client_session.* has the same functions, in the same order.

import { CurrentAttempt } from './attempt.js';
import { Connection } from './connection.js';
import { Deadline, earlier } from './deadline.js';
import { classifyClose, classifyHttp, losesNode } from './failure.js';
import { isObject, objectField } from './json_fields.js';
import { type Call, closeText, failedToConnectText, hardHttpText, reconnectingText, refreshText, softHttpText, stoppingText } from './log_line.js';
import { Progress } from './progress.js';
import type { Failed, HttpFailure, Input, InputBodies, JsonObject, Stage, Status } from './protocol.js';
import { Output } from './protocol.js';
import { cappedDelay, kNoDelay, type ReconnectPolicy } from './reconnect_policy.js';
import { givenDelay } from './retry_after.js';
import { Secrets } from './secrets.js';
import { isLoopback } from './socket_url.js';
import type { Subscriptions } from './subscriptions.js';

const kStageMaxMs = 10_000;
const kHoldMs = 1_000;
const kNormal = 1000;
const kTokenExpired = 3005;
const kNoPong = 3012;
const kBadRequest = 3501;

export interface Messages extends Omit<Pick<Subscriptions, keyof Subscriptions>, 'refresh'> {
  /** Absent in raw mode: the application's protocol has no such command. */
  readonly refresh?: Subscriptions['refresh'];
  /** Of raw mode: whether a socket that opens with this subprotocol was let in. Without it only a connect push says so. */
  isLetIn?(protocol?: string): boolean;
}

export class ClientSession {
  readonly #url: string;
  readonly #socketUrl: (url: string, ticket: string) => string;
  readonly #policy: ReconnectPolicy;
  readonly #secrets: Secrets;
  readonly #messages: Messages;

  readonly #progress = new Progress();
  readonly #deadline = new Deadline();
  #status: Status = 'disconnected';
  #failure: Failed | null = null;
  #offline = false;
  /** While waiting, no attempt before this: the server asked, or a hard failure was just now. */
  #notBefore = 0;
  /** No attempt before this after a hard failure: a listener that calls connect() must not spin. */
  #holdUntil = 0;
  #attempt: CurrentAttempt;
  #connection: Connection | null = null;
  #now = 0;
  #out = new Output();

  /**
   * `url`: the gateway, http(s) or ws(s), with its path prefix if it has one; in raw mode the socket itself, with its query.
   * `socketUrl` leads from there to the socket. The sessions of a TicketDesk share `policy` and `secrets`. `before`: the number of
   * the attempt before the first.
   */
  constructor(
    url: string,
    socketUrl: (url: string, ticket: string) => string,
    messages: Messages,
    policy: ReconnectPolicy,
    secrets = new Secrets(),
    before = 0,
  ) {
    this.#url = url;
    this.#socketUrl = socketUrl;
    this.#messages = messages;
    this.#policy = policy;
    this.#secrets = secrets;
    this.#attempt = new CurrentAttempt(before, 0);
  }

  get status(): Status {
    return this.#status;
  }

  /** Why the client has stopped for good; null while it has not. */
  get failure(): Failed | null {
    return this.#failure;
  }

  // ---- the user, the platform, the clock

  /**
   * Not to be called while the outputs of another input are being carried out by the same call stack: a listener's calls are
   * queued as the next input. `now` in Unix milliseconds, never going back.
   */
  handle(input: Input, now: number): Output {
    this.#now = now;
    this.#messages.setNow(now);
    this.#out = new Output();
    this.#progress.beginInput();
    if (this.#progress.stage === 'connected') this.#messages.refresh?.take(input, this.#out);
    this.#take(input);
    this.#progress.announceRest(this.#policy.failures, this.#deadline.due, now, this.#out);
    return this.#out;
  }

  /** When to hand in the next tick; null: never. */
  get timer(): number | null {
    return earlier(this.#deadline.due, this.#messages.due);
  }

  /** `hidden` changes nothing; `refresh` is of interest to Refresh alone. */
  #take(input: Input): void {
    if ('connect' in input) this.#takeConnect();
    else if ('disconnect' in input) this.#takeDisconnect();
    else if ('subscribe' in input) this.#takeSubscribe(input.subscribe);
    else if ('unsubscribe' in input) this.#takeUnsubscribe(input.unsubscribe);
    else if ('publish' in input) this.#takePublish(input.publish);
    else if ('online' in input) this.#takeOnline();
    else if ('offline' in input) this.#takeOffline();
    else if ('visible' in input) this.#hurry();
    else if ('probe' in input) this.#hurry(true);
    else if ('tick' in input) this.#takeTick();
    else if ('token' in input) this.#takeToken(input.token);
    else if ('token_failed' in input) this.#takeTokenFailed(input.token_failed);
    else if ('ticket' in input) this.#takeTicket(input.ticket);
    else if ('ticket_failed' in input) this.#takeTicketFailed(input.ticket_failed);
    else if ('socket_open' in input) this.#takeSocketOpen(input.socket_open);
    else if ('frame' in input) this.#takeFrame(input.frame);
    else if ('socket_closed' in input) this.#takeSocketClosed(input.socket_closed);
  }

  #takeConnect(): void {
    if (this.#progress.stage === 'idle') {
      this.#failure = null;
      this.#rest('waiting', this.#holdUntil);
      this.#become('connecting');
    }
    this.#hurry();
  }

  #takeDisconnect(): void {
    this.#settleUptime();
    if (this.#connection) {
      this.#out.do.push({ close_socket: { attempt: this.#attempt.number, code: kNormal } });
    } else if (this.#progress.isAttempting) {
      this.#out.do.push({ abort: { attempt: this.#attempt.number } });
    }
    this.#policy.restart();
    this.#rest('idle');
    this.#become('disconnected');
  }

  #takeSubscribe({ channel }: InputBodies['subscribe']): void {
    this.#messages.subscribe(channel, this.#progress.stage === 'connected', this.#out);
  }

  #takeUnsubscribe({ channel }: InputBodies['unsubscribe']): void {
    this.#messages.unsubscribe(channel, this.#progress.stage === 'connected', this.#out);
  }

  #takePublish({ channel, data }: InputBodies['publish']): void {
    this.#messages.publish(channel, data, this.#progress.stage === 'connected', this.#out);
  }

  #takeOffline(): void {
    if (isLoopback(this.#url)) return;
    this.#offline = true;
    if (this.#progress.stage === 'waiting') this.#deadline.clear();
    if (!this.#progress.isAttempting) return;
    this.#out.do.push({ abort: { attempt: this.#attempt.number } });
    this.#rest('waiting');
    this.#become('reconnecting');
  }

  #takeOnline(): void {
    if (!this.#offline) return;
    this.#offline = false;
    this.#hurry();
  }

  /** While waiting: an attempt at once, or as soon as it is allowed. `anyway`: the platform may be wrong about being offline. */
  #hurry(anyway = false): void {
    if (this.#progress.stage !== 'waiting' || (this.#offline && !anyway)) return;
    if (this.#notBefore <= this.#now) return this.#begin();
    if (!this.#offline) this.#deadline.set(this.#notBefore);
  }

  #takeTick(): void {
    this.#messages.tick(this.#out);
    if (!this.#deadline.isOver(this.#now)) return;
    if (this.#progress.stage === 'waiting') return this.#begin();

    // The page or machine was suspended: frames that have arrived meanwhile come first.
    if (this.#deadline.moveIfLate(this.#now)) return;
    if (this.#connection) {
      this.#out.do.push({ close_socket: { attempt: this.#attempt.number, code: kNoPong } });
      this.#closed(1006, '', false);
    } else {
      this.#out.do.push({ abort: { attempt: this.#attempt.number } });
      this.#unanswered('timeout', 'TimeoutError');
    }
  }

  #enter(stage: Stage): void {
    this.#progress.stage = stage;
    this.#deadline.set(this.#now + kStageMaxMs);
    this.#progress.announce(this.#policy.failures, this.#out);
  }

  #rest(stage: Stage, notBefore = 0): void {
    this.#progress.stage = stage;
    this.#deadline.clear();
    this.#connection = null;
    this.#messages.lost(this.#out);
    this.#notBefore = notBefore;
  }

  #become(status: Status): void {
    if (status === this.#status) return;
    this.#status = status;
    this.#out.status.push(status);
  }

  // ---- token, ticket, socket: answers, each taken only in the stage of the attempt that waits for it

  #waitsFor(stage: Stage, attempt: number): boolean {
    return this.#progress.stage === stage && this.#attempt.number === attempt;
  }

  #begin(): void {
    this.#attempt = new CurrentAttempt(this.#attempt.number + 1, this.#now);
    if (!this.#secrets.hasToken) return this.#fetchTicket(this.#messages.restore());
    this.#out.info('[WS] Ensuring JWT token exists...');
    this.#fetchToken();
  }

  #fetchToken(): void {
    this.#attempt.cached = !this.#secrets.wantsFresh;
    this.#enter('token');
    this.#out.do.push({ fetch_token: { attempt: this.#attempt.number, fresh: !this.#attempt.cached } });
  }

  #takeToken({ attempt, token, cached }: InputBodies['token']): void {
    this.#secrets.add(token);
    if (!this.#waitsFor('token', attempt)) return;
    this.#secrets.wantsFresh = false;
    this.#attempt.cached = cached;
    this.#attempt.token = token;
    this.#out.info('[WS] JWT ready');
    this.#fetchTicket(this.#messages.restore());
  }

  #fetchTicket(subs: JsonObject): void {
    const { number: attempt, token } = this.#attempt;
    this.#attempt.ticketAskedAt = this.#now;
    this.#out.info('[WS] Requesting WebSocket ticket...');
    this.#enter('ticket');
    this.#out.do.push({ fetch_ticket: { attempt, ...(token && { token }), ...(Object.keys(subs).length && { subs }) } });
  }

  #takeTokenFailed({ attempt, ...failure }: InputBodies['token_failed']): void {
    if (this.#waitsFor('token', attempt)) this.#callFailed('token', failure);
  }

  #takeTicket({ attempt, ticket, expires_in }: InputBodies['ticket']): void {
    this.#secrets.add(ticket);
    if (!this.#waitsFor('ticket', attempt)) return;
    this.#attempt.ticketLifeMs = expires_in * 1000;
    if (this.#attempt.ticketIsOld(this.#now)) return this.#retryTicket();
    this.#out.info('[WS] Ticket obtained, connecting to WebSocket...');
    this.#enter('socket');
    this.#out.do.push({ open_socket: { attempt, url: this.#socketUrl(this.#url, ticket) } });
  }

  #takeTicketFailed({ attempt, ...failure }: InputBodies['ticket_failed']): void {
    if (!this.#waitsFor('ticket', attempt)) return;
    const { status } = failure;
    const mayBeTheWishes = status === 400 || status === 413;
    if (!mayBeTheWishes || !this.#messages.withhold(status === 413)) return this.#callFailed('ticket', failure);
    // A refused subscription never stops a client, whatever a server or a proxy answers.
    this.#progress.fail({ status, reason: this.#secrets.mask(failure.code) });
    this.#out.warn(`[WS] Received ${status}, asking for the subscriptions on the socket...`);
    this.#fetchTicket({});
  }

  /** A handshake that is through proves nothing yet, unless the subprotocol says so. */
  #takeSocketOpen({ attempt, protocol }: InputBodies['socket_open']): void {
    if (this.#waitsFor('socket', attempt) && this.#messages.isLetIn?.(protocol)) this.#connected({});
  }

  #takeFrame({ attempt, data }: InputBodies['frame']): void {
    if (!this.#waitsFor('socket', attempt) && !this.#waitsFor('connected', attempt)) return;
    if (this.#connection) this.#deadline.set(this.#connection.pingDue(this.#now));
    if (isObject(data)) this.#received(data);
  }

  #takeSocketClosed({ attempt, code, reason, clean }: InputBodies['socket_closed']): void {
    if (!this.#waitsFor('socket', attempt) && !this.#waitsFor('connected', attempt)) return;
    this.#closed(code, reason, clean);
  }

  #received(frame: JsonObject): void {
    const push = objectField(frame, 'push');
    if (!this.#connection) {
      const connect = push && objectField(push, 'connect');
      if (connect) this.#connected(connect);
      return;
    }
    if (!Object.keys(frame).length && this.#connection.wantsPong) {
      this.#out.do.push({ send: { data: {} } });
      this.#messages.retry(this.#out);
    }
    const disconnect = push && objectField(push, 'disconnect');
    if (disconnect) this.#connection.given = givenDelay(disconnect, this.#now);
    this.#messages.received(frame, this.#out);
  }

  #connected(push: JsonObject): void {
    this.#progress.stage = 'connected';
    this.#offline = false; // whatever the platform says
    this.#connection = new Connection(push, this.#now);
    this.#deadline.set(this.#connection.pingDue(this.#now));
    this.#progress.announce(this.#policy.failures, this.#out);
    this.#out.info('[WS] Connected');
    this.#become('connected');
    this.#messages.connected(objectField(push, 'subs'), this.#out);
    this.#messages.refresh?.begin(this.#attempt.number, this.#secrets, push, this.#out);
  }

  // ---- why an attempt or a connection ends, and what then

  #callFailed(call: Call, failure: HttpFailure): void {
    const { status } = failure;
    if (status === undefined) return this.#unanswered('network error', 'NetworkError');
    const code = this.#secrets.mask(failure.code);
    const cause = this.#progress.fail({ status, reason: code });
    if (status === 401) this.#secrets.wantsFresh = true;
    switch (classifyHttp(failure, this.#attempt.cached && !this.#attempt.refreshed)) {
      case 'refresh':
        this.#out.warn(refreshText(code));
        this.#attempt.refreshed = true;
        return this.#fetchToken();
      case 'soft':
        this.#out.error(failedToConnectText(status, code));
        this.#out.warn(softHttpText(status));
        return this.#retry(givenDelay(failure, this.#now));
      case 'hard':
        this.#out.error(failedToConnectText(status, code));
        this.#out.error(hardHttpText(status, code));
        this.#out.error(stoppingText(call, status));
        return this.#stop(cause);
    }
  }

  #unanswered(reason: string, error: string): void {
    this.#progress.fail({ reason });
    this.#out.error(`[WS] Failed to connect ${error}`);
    this.#out.warn(`[WS] Soft failure - ${reason}, will retry`);
    this.#retry();
  }

  #closed(code: number, reason: string, clean: boolean): void {
    const shown = this.#secrets.mask(reason);
    const text = closeText(code, shown, clean);
    const cause = this.#progress.fail({ code, reason: shown });
    this.#out.warn(`[WS] Disconnected ${text}`);
    const stable = this.#settleUptime();
    if (code === kTokenExpired) this.#secrets.wantsFresh = true;
    // The new token may be that of another session: the next connection is its.
    const verdict = code === kBadRequest && this.#messages.refresh?.isUnanswered ? 'soft' : undefined;
    switch (verdict ?? classifyClose(code, reason, this.#connection !== null, this.#attempt.ticketIsOld(this.#now))) {
      case 'new_ticket':
        return this.#retryTicket();
      case 'hard':
        this.#out.error(`[WS] Hard failure - stopping reconnect ${text}`);
        return this.#stop(cause);
      case 'soft':
        if (!this.#connection) return this.#retry();
        return this.#retry(this.#connection.given, stable && losesNode(code) ? this.#connection.spreadMs : 0);
    }
  }

  /** Returns whether the connection that ends was stable. If so, the failures before it are forgiven. */
  #settleUptime(): boolean {
    const stable = this.#connection?.isStable(this.#now) ?? false;
    if (stable) this.#policy.stable();
    return stable;
  }

  /** Only the ticket was at fault: tries again at once, but only the first time in a row. */
  #retryTicket(): void {
    if (!this.#policy.failedFree()) return this.#retry();
    this.#out.warn(reconnectingText(0, this.#policy.failures));
    this.#rest('waiting');
    this.#become('reconnecting');
    this.#hurry();
  }

  #retry(given = kNoDelay, spreadMs = 0): void {
    const delay = this.#policy.failed(given, spreadMs);
    this.#out.warn(reconnectingText(delay, this.#policy.failures));
    this.#rest('waiting', given.ms > 0 ? this.#now + cappedDelay(given.ms) : 0);
    this.#become('reconnecting');
    if (!this.#offline) this.#deadline.set(this.#now + delay);
  }

  #stop(failure: Failed): void {
    this.#rest('idle');
    this.#holdUntil = this.#attempt.beganAt + kHoldMs;
    this.#failure = failure;
    this.#become('disconnected');
    this.#out.event.push({ failed: failure });
  }
}
