// The commands of one live connection: which channels are still to be asked for, which commands wait for their answers, and
// which channels are asked for again after a while.

import type { Channel } from './channel_table.js';
import { boolField, numberField } from './json_fields.js';
import type { JsonObject, Output } from './protocol.js';

/** Subscribe commands that wait for their answers. */
const kUnderWayMax = 64;
/** Between two tries after temporary errors: doubled until one succeeds. */
const kRetryMinMs = 500;
const kRetryMaxMs = 5_000;
/** The error after which no command is sent before `due`. */
export const kTooManyRequests = 111;

/** A connect push does not say which errors are temporary. */
export function isTemporary(error: JsonObject): boolean {
  const code = numberField(error, 'code');
  return boolField(error, 'temporary') ?? (code === 100 || code === kTooManyRequests);
}

export class SubscribeQueue {
  /** Unanswered subscribe commands. */
  readonly #commands = new Map<number, Channel>();
  #lastId = 0;

  #now = 0;
  readonly #queue = new Set<Channel>();
  /** Put off until `#due`. */
  readonly #later = new Set<Channel>();
  #due: number | null = null;
  /** The server has had too many commands: none before `#due`. */
  #paused = false;
  #retryDelayMs = kRetryMinMs;

  /** The time of all later calls. */
  setNow(now: number): void {
    this.#now = now;
  }

  /** A connection has begun: command ids start again, and no answer is awaited. */
  begin(): void {
    this.#commands.clear();
    this.#lastId = 0;
    this.#retryDelayMs = kRetryMinMs;
  }

  /** The connection is lost, and no channels wait for it any more. */
  lost(): void {
    this.#queue.clear();
    this.#later.clear();
    this.#due = null;
    this.#paused = false;
  }

  /** When to call tick(); null: never. */
  get due(): number | null {
    return this.#due;
  }

  /** Queues the channels that were put off, if it is time. Returns whether it was. */
  tick(): boolean {
    if (this.#due === null || this.#due > this.#now) return false;
    this.#due = null;
    this.#paused = false;
    for (const channel of this.#later) this.add(channel);
    this.#later.clear();
    return true;
  }

  /** The channel is to be asked for as soon as the limits allow. */
  add(channel: Channel): void {
    this.#queue.add(channel);
  }

  /** The channel's command failed with a temporary error: it is asked for again after a delay, which doubles until a command succeeds. */
  putOff(channel: Channel, error: JsonObject): void {
    this.#later.add(channel);
    if (numberField(error, 'code') === kTooManyRequests) this.#paused = true;
    if (this.#due !== null) return;
    this.#due = this.#now + this.#retryDelayMs;
    this.#retryDelayMs = Math.min(2 * this.#retryDelayMs, kRetryMaxMs);
  }

  /** A command has succeeded: the next delay is the shortest again. */
  succeeded(): void {
    this.#retryDelayMs = kRetryMinMs;
  }

  /** All channels that were put off have been added again. */
  clearPutOff(): void {
    this.#later.clear();
    if (!this.#paused) this.#due = null;
  }

  /** Sends subscribe commands for queued channels, as far as the limits allow. */
  askOn(out: Output): void {
    for (const channel of this.#queue) {
      if (this.#paused || this.#commands.size >= kUnderWayMax) return;
      this.#queue.delete(channel);
      if (!channel.requested) this.#ask(channel, out);
    }
  }

  #ask(channel: Channel, out: Output): void {
    channel.requested = true;
    this.send('subscribe', { channel: channel.name, ...channel.since() }, out);
    this.#commands.set(this.#lastId, channel);
  }

  /** Sends any command. Returns its id. */
  send(command: string, body: JsonObject, out: Output): number {
    out.do.push({ send: { data: { id: ++this.#lastId, [command]: body } } });
    return this.#lastId;
  }

  /** Returns the channel whose subscribe command `id` awaits its answer. */
  askedWith(id: number): Channel | undefined {
    return this.#commands.get(id);
  }

  answered(id: number): void {
    this.#commands.delete(id);
  }

  /** The channel must not be known to the queue any more: it is about to go. */
  forget(channel: Channel): void {
    for (const [id, other] of this.#commands) if (other === channel) this.#commands.delete(id);
    this.#queue.delete(channel);
    this.#later.delete(channel);
  }
}
