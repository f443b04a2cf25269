// The decisions for sockets that a library opens, loses and opens again: one ask is one attempt, with one token check, one new ticket
// and one socket. The library decides when it asks; the desk decides when the attempt begins, so that no library can hammer, and
// whether it begins at all: after a hard failure every ask fails at once, until reset.
//
// Pure, like ClientSession: the caller must carry the outputs out in the order log, do, event, and hand in a tick at `timer`. Each
// attempt is a ClientSession of its own in raw mode, which is dropped when it fails. They share the DeskPolicy and the Secrets.
// The C++ client's src/client/ticket_desk.* has the same functions, in the same order.

import { ClientSession } from './client_session.js';
import { DeskPolicy } from './desk_policy.js';
import { type Failed, type Input, type InputBodies, Output } from './protocol.js';
import { rawMessages } from './raw_messages.js';
import { rawSocketUrl } from './raw_url.js';
import { kNoDelay } from './reconnect_policy.js';
import { Secrets } from './secrets.js';

const kHoldMs = 1_000;
/** A ticket that was too old when it came. */
const kTooOld: Failed = { code: 3100, reason: 'TICKET_EXPIRED' };

interface Lane {
  attempt: number;
  beganAt: number;
  session: ClientSession;
}

export class TicketDesk {
  readonly #policy: DeskPolicy;
  readonly #secrets: Secrets;
  /** Asks that have not begun, in their order. */
  #waiting: InputBodies['ask'][] = [];
  /** Attempts under way and live connections, in the order of their numbers. */
  readonly #lanes = new Map<number, Lane>();
  #failure: Failed | null = null;
  #now = 0;
  #out = new Output();

  /** `random` is uniform in [0, 1), drawn once for each delay. */
  constructor(random: () => number, secrets = new Secrets()) {
    this.#secrets = secrets;
    this.#policy = new DeskPolicy(random);
  }

  /** Why every ask fails; null while none has to. */
  get failure(): Failed | null {
    return this.#failure;
  }

  /** As ClientSession.handle(). An ask's attempt has a number that is greater than all before. */
  handle(input: Input, now: number): Output {
    this.#now = now;
    this.#policy.setNow(now);
    this.#out = new Output();
    this.#take(input);
    this.#admit();
    return this.#out;
  }

  /** When to hand in the next tick; null: never. */
  get timer(): number | null {
    const dues = [...this.#lanes.values()].map(({ session }) => session.timer).filter((due) => due !== null);
    if (this.#waiting.length && this.#hasTurn()) dues.push(this.#policy.gate);
    return dues.length ? Math.min(...dues) : null;
  }

  #take(input: Input): void {
    if ('ask' in input) this.#takeAsk(input.ask);
    else if ('leave' in input) this.#takeLeave(input.leave);
    else if ('reset' in input) this.#takeReset();
    else if ('tick' in input) this.#takeTick();
    else this.#takeAnswer(input);
  }

  #takeAsk(ask: InputBodies['ask']): void {
    if (this.#failure) this.#ended(ask.attempt, this.#failure, true);
    else this.#waiting.push(ask);
  }

  #takeLeave({ attempt }: InputBodies['leave']): void {
    this.#waiting = this.#waiting.filter((ask) => ask.attempt !== attempt);
    const lane = this.#lanes.get(attempt);
    if (!lane) return;
    // A library with a short time-out gives up and asks again: that is spaced like a failure.
    if (isUnderWay(lane)) this.#policy.failed(kNoDelay, 0);
    this.#drop(lane);
  }

  #takeReset(): void {
    if (!this.#failure) return;
    this.#failure = null;
    this.#policy.forgive();
  }

  #takeTick(): void {
    for (const lane of [...this.#lanes.values()]) {
      const due = lane.session.timer;
      // A hard failure in between may have ended it.
      if (due !== null && due <= this.#now && this.#lanes.has(lane.attempt)) this.#hand(lane, { tick: {} });
    }
  }

  #takeAnswer(input: Input): void {
    const [[name, body]] = Object.entries(input) as [[string, any]];
    const lane = this.#lanes.get(body.attempt);
    if (lane) this.#hand(lane, input);
    else this.#secrets.add(body[name]);
  }

  /** Begins what may begin: everything, or after a failure one attempt at a time. */
  #admit(): void {
    while (this.#now >= this.#policy.gate && this.#hasTurn()) {
      const ask = this.#waiting.shift();
      if (!ask) return;
      const { attempt, url } = ask;
      const session = new ClientSession(url, rawSocketUrl, rawMessages, this.#policy, this.#secrets, attempt - 1);
      const lane = { attempt, beganAt: this.#now, session };
      this.#lanes.set(attempt, lane);
      this.#hand(lane, { connect: {} });
    }
  }

  #hasTurn(): boolean {
    return !this.#policy.failures || ![...this.#lanes.values()].some(isUnderWay);
  }

  #hand(lane: Lane, input: Input): void {
    const { attempt, session } = lane;
    const { log, stage, do: effects, status } = session.handle(input, this.#now);
    this.#out.log.push(...log);
    this.#out.do.push(...effects);
    if (status.includes('connected')) this.#out.event.push({ opened: { attempt } });
    const hard = status.includes('disconnected');
    if (!hard && !status.includes('reconnecting')) return;
    this.#lanes.delete(attempt);
    const failure = stage.at(-1)?.failure ?? kTooOld;
    if (hard) this.#stop(lane, failure);
    else this.#ended(attempt, failure, false);
  }

  /** Ends everything that is not connected. */
  #stop({ attempt, beganAt }: Lane, failure: Failed): void {
    this.#policy.close(beganAt + kHoldMs);
    if (this.#failure) return this.#ended(attempt, failure, true);
    this.#failure = failure;
    this.#out.event.push({ failed: failure });
    this.#ended(attempt, failure, true);
    for (const lane of [...this.#lanes.values()].filter(isUnderWay)) {
      this.#drop(lane);
      this.#ended(lane.attempt, failure, true);
    }
    for (const ask of this.#waiting) this.#ended(ask.attempt, failure, true);
    this.#waiting = [];
  }

  /** Nothing more is heard of it. */
  #drop({ attempt, session }: Lane): void {
    this.#lanes.delete(attempt);
    this.#out.do.push(...session.handle({ disconnect: {} }, this.#now).do);
  }

  #ended(attempt: number, failure: Failed, hard: boolean): void {
    this.#out.event.push({ ended: { attempt, ...failure, hard } });
  }
}

function isUnderWay({ session }: Lane): boolean {
  return session.status !== 'connected';
}
