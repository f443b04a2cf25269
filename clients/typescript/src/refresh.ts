// Keeps the credential behind a live connection fresh: some time before its end it gets a token that lives longer, a ticket for that
// token, and hands the ticket to the gateway in a `refresh` command (contract section 5.6).
//
// A failure never costs the connection, which lasts until the end. After a soft one it tries again with backoff; after a hard one it
// does nothing until the connection or its end is another. What happens at the end is the session's business.
//
// Pure decisions, like ClientSession. The C++ client's src/client/refresh.* has the same functions, in the same order.

import { Deadline } from './deadline.js';
import { classifyHttp } from './failure.js';
import { boolField, numberField, objectField, wholeField } from './json_fields.js';
import { refreshFailedText } from './log_line.js';
import type { HttpFailure, Input, JsonObject, Output } from './protocol.js';
import { type GivenDelay, kNoDelay, ReconnectPolicy } from './reconnect_policy.js';
import { givenDelay } from './retry_after.js';
import type { Secrets } from './secrets.js';
import { isTemporary, type SubscribeQueue } from './subscribe_queue.js';

const kStepMaxMs = 10_000;
/** A refresh begins at most so long before the end. */
const kLeadMaxMs = 300_000;
/** No refresh begins earlier after the news of an end. */
const kDelayMinMs = 1_000;
/** So long after the end the gateway closes the connection. */
const kGraceMs = 5_000;
/** A year. A longer life is refreshed after a year. */
const kTtlMaxS = 31_536_000;
/** Ends are told in whole seconds: a new one that is later by less is the same. */
const kRoundingMs = 1_000;
const kTokenExpired = 109;

/** off: nothing to do, or nothing more to be done. token, ticket, reply: the answer that is awaited. */
type Step = 'off' | 'waiting' | 'token' | 'ticket' | 'reply';

export class Refresh {
  readonly #queue: SubscribeQueue;
  readonly #random: () => number;
  readonly #policy: ReconnectPolicy;
  readonly #deadline = new Deadline();
  #step: Step = 'off';
  #now = 0;
  #attempt = 0;
  #secrets!: Secrets;
  #end = Infinity;
  /** The next end must not be earlier than this. */
  #mustPass = 0;
  #cached = false;
  #commandId = 0;

  /** `random` is drawn once for each new end, and once for each delay after a failure. */
  constructor(queue: SubscribeQueue, random: () => number) {
    this.#queue = queue;
    this.#random = random;
    this.#policy = new ReconnectPolicy(random);
  }

  /** The time of all later calls. */
  setNow(now: number): void {
    this.#now = now;
  }

  /** When to call tick(); null: never. */
  get due(): number | null {
    return this.#deadline.due;
  }

  /** The gateway has not answered the command yet. */
  get isUnanswered(): boolean {
    return this.#step === 'reply';
  }

  /** The connection of `attempt` is live. */
  begin(attempt: number, secrets: Secrets, push: JsonObject, out: Output): void {
    this.#attempt = attempt;
    this.#secrets = secrets;
    this.#policy.restart();
    this.learn(push, out);
  }

  /** Takes the end that a connect push, a refresh push or a reply tells. */
  learn(life: JsonObject, out: Output): void {
    const ttl = numberField(life, 'ttl') ?? -1;
    if (!boolField(life, 'expires') || ttl < 0) return this.stop(out);
    const lifeMs = Math.floor(Math.min(ttl, kTtlMaxS) * 1000);
    this.#end = this.#now + lifeMs;
    if (this.#isUnderWay()) return;
    this.#mustPass = this.#end + kRoundingMs;
    // Many tokens end together, and must not all be refreshed together.
    const leadMs = Math.min(lifeMs / 4, kLeadMaxMs) * (1 - this.#random() / 2);
    this.#wait(Math.max(Math.floor(lifeMs - leadMs), kDelayMinMs));
  }

  /** The connection is over, or its credential has no end. */
  stop(out: Output): void {
    this.#abort(out);
    this.#step = 'off';
    this.#end = Infinity;
    this.#deadline.clear();
  }

  tick(out: Output): void {
    // After a sleep the close frame of a connection that has ended comes first.
    if (!this.#deadline.isOver(this.#now) || this.#deadline.moveIfLate(this.#now)) return;
    if (this.#isUnderWay()) {
      this.#abort(out);
      this.#retry('timeout', kNoDelay, out);
    } else if (this.#now < this.#end + kGraceMs) {
      this.#start(out);
    } else {
      this.stop(out);
    }
  }

  /** The session's inputs while it is connected: the user's wish to refresh now, and the answers to the calls. */
  take(input: Input, out: Output): void {
    const [[name, body]] = Object.entries(input) as [[string, any]];
    if (name === 'refresh' && !this.#isUnderWay()) {
      this.#mustPass = 0;
      this.#start(out);
    }
    if (body.attempt !== this.#attempt) return;
    if (name === `${this.#step}_failed`) return this.#callFailed(body, out);
    if (name !== this.#step) return;
    if (name === 'token') {
      this.#cached = body.cached;
      this.#fetchTicket(out, body.token);
    } else {
      this.#enter('reply');
      this.#commandId = this.#queue.send('refresh', { token: body.ticket }, out);
    }
  }

  #start(out: Output): void {
    out.info('[Auth] Refreshing the token of the connection...');
    if (!this.#secrets.hasToken) return this.#fetchTicket(out);
    this.#enter('token');
    out.do.push({ fetch_token: { attempt: this.#attempt, fresh: true, renew: true } });
  }

  #fetchTicket(out: Output, token?: string): void {
    this.#enter('ticket');
    out.do.push({ fetch_ticket: { attempt: this.#attempt, ...(token && { token }) } });
  }

  #callFailed(failure: HttpFailure, out: Output): void {
    const { status } = failure;
    const code = this.#secrets.mask(failure.code);
    const what = status === undefined ? 'network error' : `${status}${code && ` ${code}`}`;
    if (classifyHttp(failure, this.#cached) === 'hard') this.#giveUp(what, out);
    else this.#retry(what, givenDelay(failure, this.#now), out);
  }

  /** Returns false if `frame` is no answer to the command. */
  takeReply(id: number, frame: JsonObject, out: Output): boolean {
    if (this.#step !== 'reply' || id !== this.#commandId) return false;
    const error = objectField(frame, 'error');
    const result = objectField(frame, 'refresh');
    if (error) {
      const code = wholeField(error, 'code') ?? 0;
      const what = `error ${code}`;
      if (isTemporary(error) || code === kTokenExpired) this.#retry(what, kNoDelay, out);
      else this.#giveUp(what, out);
    } else if (result) {
      this.#step = 'off';
      this.#policy.restart();
      const mustPass = this.#mustPass;
      this.learn(result, out);
      if (this.#end < mustPass) this.#giveUp('the new token ends no later', out);
      else out.info('[Auth] Token refreshed');
    }
    return true;
  }

  #isUnderWay(): boolean {
    return this.#step !== 'off' && this.#step !== 'waiting';
  }

  #enter(step: Step): void {
    this.#step = step;
    this.#deadline.set(this.#now + kStepMaxMs);
  }

  #wait(ms: number): void {
    this.#step = 'waiting';
    this.#deadline.set(this.#now + ms);
  }

  /** Gives up the call under way. */
  #abort(out: Output): void {
    if (this.#step === 'token' || this.#step === 'ticket') out.do.push({ abort_refresh: { attempt: this.#attempt } });
  }

  #retry(what: string, given: GivenDelay, out: Output): void {
    const delay = this.#policy.failed(given, 0);
    out.warn(refreshFailedText(what, `again in ${delay}ms`));
    this.#wait(delay);
  }

  #giveUp(what: string, out: Output): void {
    out.warn(refreshFailedText(what, 'connected until the token ends'));
    this.#step = 'off';
    this.#deadline.clear();
  }
}
