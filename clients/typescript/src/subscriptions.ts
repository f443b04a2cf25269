// A client's channels: how far each has been read, and which subscribe commands
// are still to be sent on the live connection.
//
// A channel stays known until it is unsubscribed or refused: its position
// travels with the next ticket, so that a reconnect needs no commands. Channels
// that do not fit beside the ticket are asked for on the live socket: a bounded number
// of commands at a time, and again after a while where an error was temporary.

import { arrayField, boolField, isObject, numberField, objectField, stringField, wholeField } from './json_fields.js';
import type { Json, JsonObject, Output } from './protocol.js';

const kUnrecoverable = 112;
/** From this unsubscribe code on, the server wants the client to subscribe again: messages may be missing. */
const kSubscribeAgain = 2500;
const kTooManyRequests = 111;

/** Channels that the user did not ask for: the server's own, such as personal ones. */
const kServerChannelsMax = 1024;
/** Entries that travel with a ticket, personal channels not counted. */
const kEntriesMax = 128;
/** A little less than a ticket request takes (16 KiB). */
const kSubsBytesMax = 16_000;
/** Commands that wait for their answers. */
const kUnderWayMax = 64;
/** Between two tries after temporary errors: doubled until one succeeds. */
const kRetryMinMs = 500;
const kRetryMaxMs = 5_000;

interface Channel {
  readonly name: string;
  /** The user asked for it; otherwise it is the server's own. */
  wished: boolean;
  /** Asked for, or answered, on this connection. */
  requested?: boolean;
  /** Error 112 was answered by a second try without a position. */
  retried?: boolean;
  epoch?: string | undefined;
  offset?: number | undefined;
}

/** A connect push does not say which errors are temporary. */
function isTemporary(error: JsonObject): boolean {
  const code = numberField(error, 'code');
  return boolField(error, 'temporary') ?? (code === 100 || code === kTooManyRequests);
}

/** From where the server is to go on. */
function since({ epoch, offset = 0 }: Channel): JsonObject {
  return epoch === undefined ? {} : { recover: true, epoch, offset };
}

/** Of the text in UTF-8. Not by TextEncoder: not every platform has one. */
function bytesOf(text: string): number {
  return encodeURIComponent(text).replace(/%../g, '-').length;
}

/** JSON in UTF-8 can't hold a lone surrogate. */
function isSendable(name: string): boolean {
  return /^\P{Cs}+$/u.test(name);
}

function isPersonal(name: string): boolean {
  return /^(session|user):/.test(name);
}

export class Subscriptions {
  /** In the order in which they became known, which is the order of the commands too. */
  readonly #channels = new Map<string, Channel>();
  #wishedCount = 0;
  /** Channels that travelled with the present ticket. */
  readonly #restored = new Set<string>();
  /** Unanswered subscribe commands of this connection. */
  readonly #commands = new Map<number, Channel>();
  #lastId = 0;

  // Limits of a ticket's `subs`, and the size of the present one's.
  #bytesMax = kSubsBytesMax;
  #entriesMax = kEntriesMax;
  #bytes = 0;
  #entries = 0;

  #now = 0;
  /** To be asked for as soon as the limits allow. */
  readonly #queue = new Set<Channel>();
  /** Failed with a temporary error: asked for again at `#due`. */
  readonly #later = new Set<Channel>();
  #due: number | null = null;
  /** The server has had too many commands: none before `#due`. */
  #paused = false;
  #retryDelayMs = kRetryMinMs;

  /** The time of what follows. */
  setNow(now: number): void {
    this.#now = now;
  }

  /** When to call tick(); null: never. */
  get due(): number | null {
    return this.#due;
  }

  #know(name: string, wished: boolean): Channel {
    const channel: Channel = this.#channels.get(name) ?? { name, wished: false };
    this.#channels.set(name, channel);
    if (wished && !channel.wished) {
      channel.wished = true;
      this.#wishedCount += 1;
    }
    return channel;
  }

  /** Returns the `subs` of a ticket request. Channels that do not fit are asked for after connected(). */
  restore(): JsonObject {
    const subs: [string, JsonObject][] = [];
    this.#bytes = this.#entries = 0;
    this.#restored.clear();
    for (const channel of this.#channels.values()) {
      const { name, epoch, wished } = channel;
      if ((epoch === undefined && !wished) || !isSendable(name)) continue;
      const wish = since(channel);
      const bytes = this.#bytes + bytesOf(JSON.stringify([name, wish]));
      const entries = this.#entries + (isPersonal(name) ? 0 : 1);
      if (bytes >= this.#bytesMax || entries > this.#entriesMax) continue;
      this.#bytes = bytes;
      this.#entries = entries;
      subs.push([name, wish]);
      this.#restored.add(name);
    }
    return Object.fromEntries(subs);
  }

  /**
   * A ticket request was refused, maybe because of its `subs`: the next one has none, and later ones at most half as many
   * entries, or bytes (`tooLarge`). Returns false if it had none.
   */
  withhold(tooLarge: boolean): boolean {
    if (!this.#restored.size) return false;
    this.#restored.clear();
    if (tooLarge || !this.#entries) this.#bytesMax = this.#bytes >> 1;
    else this.#entriesMax = this.#entries >> 1;
    return true;
  }

  /** The connect push has come: takes its results, sends the changes since the ticket request. */
  connected(results: JsonObject | undefined, out: Output): void {
    this.#commands.clear();
    this.#lastId = 0;
    this.#retryDelayMs = kRetryMinMs;
    for (const channel of this.#channels.values()) channel.requested = channel.retried = false;

    for (const [name, result] of Object.entries(results ?? {})) {
      if (!isObject(result)) continue;
      const unwanted = this.#restored.has(name) && !this.#channels.has(name);
      if (!unwanted) this.#answer(name, result, out);
      else if (!objectField(result, 'error')) this.#send('unsubscribe', { channel: name }, out);
    }
    for (const channel of this.#channels.values()) {
      if (channel.wished && !channel.requested && !this.#restored.has(channel.name)) this.#queue.add(channel);
    }
    this.#askOn(out);
  }

  /** The connection is lost, and no commands wait for it any more. */
  lost(): void {
    this.#queue.clear();
    this.#later.clear();
    this.#due = null;
    this.#paused = false;
  }

  /** Asks again for channels with temporary errors, if it is time. */
  tick(out: Output): void {
    if (this.#due === null || this.#due > this.#now) return;
    this.#due = null;
    this.#paused = false;
    for (const channel of this.#later) this.#queue.add(channel);
    this.#later.clear();
    this.#askOn(out);
  }

  subscribe(name: string, onLiveSocket: boolean, out: Output): void {
    const known = this.#channels.has(name);
    const channel = this.#know(name, true);
    if (!known && onLiveSocket) this.#want(channel, out);
  }

  unsubscribe(name: string, onLiveSocket: boolean, out: Output): void {
    const channel = this.#channels.get(name);
    if (!channel) return;
    this.#forget(channel);
    if (onLiveSocket && channel.requested) this.#send('unsubscribe', { channel: name }, out);
  }

  /** Nothing is queued: without a live socket nothing happens. */
  publish(name: string, data: Json, onLiveSocket: boolean, out: Output): void {
    if (onLiveSocket) this.#send('publish', { channel: name, data }, out);
  }

  /** A push or a reply; unknown ones are ignored. */
  received(frame: JsonObject, out: Output): void {
    const push = objectField(frame, 'push');
    if (push) return this.#pushed(push, out);
    const id = wholeField(frame, 'id') ?? 0;
    const channel = this.#commands.get(id);
    const result = objectField(frame, 'error') ? frame : objectField(frame, 'subscribe');
    if (!channel || !result) return;
    this.#commands.delete(id);
    this.#answer(channel.name, result, out);
    this.#askOn(out);
  }

  #pushed(push: JsonObject, out: Output): void {
    const name = stringField(push, 'channel');
    if (name === undefined) return;
    const result = objectField(push, 'subscribe');
    if (result) return this.#answer(name, result, out);

    const channel = this.#channels.get(name);
    if (!channel) return;
    const pub = objectField(push, 'pub');
    const why = objectField(push, 'unsubscribe');
    if (pub) this.#publication(channel, pub, out);
    else if (why) this.#ended(channel, why, out);
  }

  /** Channels that only the server subscribed come back by a subscribe push. */
  #ended(channel: Channel, why: JsonObject, out: Output): void {
    if ((numberField(why, 'code') ?? 0) < kSubscribeAgain) return this.#refused(channel, why, out);
    channel.requested = false;
    this.retry(out);
  }

  /** Asks (again) for every wished channel that is not requested. */
  retry(out: Output): void {
    for (const channel of this.#channels.values()) if (channel.wished && !channel.requested) this.#queue.add(channel);
    this.#later.clear();
    if (!this.#paused) this.#due = null;
    this.#askOn(out);
  }

  /** `result` is a subscribe result, or has an `error`. */
  #answer(name: string, result: JsonObject, out: Output): void {
    if (!this.#channels.has(name) && this.#channels.size - this.#wishedCount >= kServerChannelsMax) return;
    const channel = this.#know(name, false);
    const error = objectField(result, 'error');
    if (error) return this.#failed(channel, error, out);
    channel.requested = true;
    this.#retryDelayMs = kRetryMinMs;
    if (boolField(result, 'pending')) return;
    channel.retried = false;
    this.#subscribed(channel, result, out);
  }

  /** The `subscribed` event comes first, then the missed publications, in order and once. */
  #subscribed(channel: Channel, result: JsonObject, out: Output): void {
    const recovered = boolField(result, 'recovered') ?? false;
    const epoch = stringField(result, 'epoch');
    // Offsets of another epoch say nothing about this one.
    const continued = epoch === undefined ? recovered : epoch === channel.epoch;
    if (!continued) {
      channel.epoch = (boolField(result, 'recoverable') ?? true) ? epoch : undefined;
      channel.offset = undefined;
    }
    out.event.push({ subscribed: { channel: channel.name, recovered } });
    for (const pub of arrayField(result, 'publications') ?? []) if (isObject(pub)) this.#publication(channel, pub, out);
    const offset = wholeField(result, 'offset');
    if (offset !== undefined) channel.offset = Math.max(offset, channel.offset ?? offset);
  }

  #publication(channel: Channel, pub: JsonObject, out: Output): void {
    const offset = wholeField(pub, 'offset');
    if (offset !== undefined) {
      if (offset <= (channel.offset ?? -1)) return;
      channel.offset = offset;
    }
    out.event.push({ publication: { channel: channel.name, data: pub.data ?? null, ...(offset !== undefined && { offset }) } });
  }

  #failed(channel: Channel, error: JsonObject, out: Output): void {
    channel.requested = false;
    if (numberField(error, 'code') === kUnrecoverable && !channel.retried) {
      channel.retried = true;
      channel.epoch = channel.offset = undefined;
      return this.#want(channel, out);
    }
    if (!isTemporary(error)) return this.#refused(channel, error, out);
    if (channel.wished) this.#putOff(channel, error);
  }

  #putOff(channel: Channel, error: JsonObject): void {
    this.#later.add(channel);
    if (numberField(error, 'code') === kTooManyRequests) this.#paused = true;
    if (this.#due !== null) return;
    this.#due = this.#now + this.#retryDelayMs;
    this.#retryDelayMs = Math.min(2 * this.#retryDelayMs, kRetryMaxMs);
  }

  #refused(channel: Channel, why: JsonObject, out: Output): void {
    this.#forget(channel);
    out.event.push({ subscription_failed: { channel: channel.name, code: numberField(why, 'code') ?? 0 } });
  }

  #forget(channel: Channel): void {
    for (const [id, other] of this.#commands) if (other === channel) this.#commands.delete(id);
    this.#queue.delete(channel);
    this.#later.delete(channel);
    if (channel.wished) this.#wishedCount -= 1;
    this.#channels.delete(channel.name);
  }

  #want(channel: Channel, out: Output): void {
    this.#queue.add(channel);
    this.#askOn(out);
  }

  /** Asks for queued channels, as far as the limits allow. */
  #askOn(out: Output): void {
    for (const channel of this.#queue) {
      if (this.#paused || this.#commands.size >= kUnderWayMax) return;
      this.#queue.delete(channel);
      if (!channel.requested) this.#ask(channel, out);
    }
  }

  #ask(channel: Channel, out: Output): void {
    channel.requested = true;
    this.#send('subscribe', { channel: channel.name, ...since(channel) }, out);
    this.#commands.set(this.#lastId, channel);
  }

  #send(command: string, body: JsonObject, out: Output): void {
    out.do.push({ send: { data: { id: ++this.#lastId, [command]: body } } });
  }
}
