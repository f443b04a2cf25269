// What a client listens to, how far it has read, and what it still owes the
// server on the live connection.
//
// A channel stays known until it is unsubscribed or refused: its position
// travels with the next ticket, so that a reconnect has nothing left to ask.

import type { ClientEvent, Effect, Json, JsonObject } from './protocol.js';
import { isObject } from './protocol.js';

const kUnrecoverable = 112;
const kTooManyRequests = 111;
/** Temporary by their meaning: a connect push does not say so. */
const kTemporary: unknown[] = [100, kTooManyRequests];
/** From this unsubscribe code on, the server wants the client to subscribe again: messages may be missing. */
const kSubscribeAgain = 2500;

/** What a ticket takes (16 KiB), nearly, and how many entries, personal channels not counted; the rest is asked for on the live socket. */
const kSubsBytesMax = 16_000;
const kEntriesMax = 128;
/** A name that can travel with a ticket: JSON in UTF-8 has no words for a lone surrogate. */
const kSendable = /^\P{Cs}+$/u;
const kPersonal = /^(session|user):/;

/** Unanswered subscribe commands; further ones wait for their answers. */
const kUnderWayMax = 64;
/** What failed for the moment is asked for again after this; twice as long each time until something succeeds. */
const kRetryMinMs = 500;
const kRetryMaxMs = 5_000;

interface Channel {
  readonly name: string;
  /** The user asked for it; otherwise it is the server's own (personal channels). */
  wished?: boolean;
  /** Asked for, or answered, on this connection. */
  asked?: boolean;
  /** Error 112 was answered by a second try without a position. */
  retried?: boolean;
  epoch?: string | undefined;
  offset?: number | undefined;
}

/** From where the server is to go on. */
const since = ({ epoch, offset = 0 }: Channel): JsonObject => (epoch === undefined ? {} : { epoch, offset, recover: true });

/** Of the text in UTF-8. Not by TextEncoder: not every platform has one. */
const bytesOf = (text: string): number => encodeURIComponent(text).replace(/%../g, '-').length;

export class Subscriptions {
  /** Where commands and events go: the session's outputs of the present input. */
  out!: { do: Effect[]; event: ClientEvent[] };
  /** The time of the present input. */
  now!: number;
  /** Whether commands can be sent. */
  live = false;
  /** When to call tick(); null: never. */
  due: number | null = null;
  readonly #channels = new Map<string, Channel>();
  /** What travelled with the present ticket. */
  #restored = new Map<string, JsonObject>();
  /** How much may travel, and how much did. */
  #bytesMax = kSubsBytesMax;
  #entriesMax = kEntriesMax;
  #bytes!: number;
  #entries!: number;
  /** Unanswered subscribe commands of this connection. */
  #commands = new Map<unknown, Channel>();
  #lastId = 0;
  /** To be asked for as soon as may be; and what failed for the moment, when `due`. */
  #queue = new Set<Channel>();
  #later = new Set<Channel>();
  /** The server has had too many commands: none before `due`. */
  #paused = false;
  #retryMs = kRetryMinMs;

  /** What to restore, as `subs` of the ticket request; undefined when nothing. */
  restore(): JsonObject | undefined {
    this.#restored.clear();
    this.#bytes = this.#entries = 0;
    for (const channel of this.#channels.values()) {
      const { name, wished } = channel;
      const wish = since(channel);
      if (!(wished || wish.recover) || !kSendable.test(name)) continue;
      const bytes = this.#bytes + bytesOf(JSON.stringify([name, wish]));
      const entries = this.#entries + (kPersonal.test(name) ? 0 : 1);
      if (bytes >= this.#bytesMax || entries > this.#entriesMax) continue;
      this.#bytes = bytes;
      this.#entries = entries;
      this.#restored.set(name, wish);
    }
    return this.#restored.size ? Object.fromEntries(this.#restored) : undefined;
  }

  /**
   * The request was refused, maybe for what travelled with it: nothing does this time, and half as many entries, or bytes
   * (`tooLarge`), from then on. False: nothing did.
   */
  withhold(tooLarge: boolean): boolean {
    if (!this.#restored.size) return false;
    this.#restored.clear();
    if (tooLarge || !this.#entries) this.#bytesMax = this.#bytes >> 1;
    else this.#entriesMax = this.#entries >> 1;
    return true;
  }

  /** The connect push has come: takes its results, sends what changed since the ticket was asked for. */
  connected(results: Json | undefined): void {
    this.live = true;
    this.#commands.clear();
    this.#lastId = 0;
    this.#retryMs = kRetryMinMs;
    for (const channel of this.#channels.values()) channel.asked = channel.retried = false;

    for (const [name, result] of Object.entries(isObject(results) ? results : {})) {
      if (!isObject(result)) continue;
      const unwanted = this.#restored.has(name) && !this.#channels.has(name);
      if (!unwanted) this.#answer(name, result);
      else if (!result.error) this.#send('unsubscribe', name);
    }
    for (const channel of this.#channels.values()) {
      if (channel.wished && !channel.asked && !this.#restored.has(channel.name)) this.#queue.add(channel);
    }
    this.#askOn();
  }

  /** The connection has gone, and with it what was to be asked for on it. */
  lost(): void {
    this.live = this.#paused = false;
    this.due = null;
    this.#queue.clear();
    this.#later.clear();
  }

  /** What failed for the moment is asked for again, if it is time. */
  tick(): void {
    if (this.due === null || this.due > this.now) return;
    this.due = null;
    this.#paused = false;
    for (const channel of this.#later) this.#queue.add(channel);
    this.#later.clear();
    this.#askOn();
  }

  subscribe(name: string): void {
    const known = this.#channels.get(name);
    const channel = known ?? this.#add(name);
    channel.wished = true;
    if (!known && this.live) this.#want(channel);
  }

  unsubscribe(name: string): void {
    const channel = this.#channels.get(name);
    if (!channel) return;
    this.#forget(channel);
    if (this.live && channel.asked) this.#send('unsubscribe', name);
  }

  /** A good moment: what is wished and not there is asked for (again). */
  retry(): void {
    for (const channel of this.#channels.values()) if (channel.wished && !channel.asked) this.#queue.add(channel);
    this.#later.clear();
    if (!this.#paused) this.due = null;
    this.#askOn();
  }

  /** Not queued: without a live socket nothing happens. */
  publish(name: string, data: Json): void {
    if (this.live) this.#send('publish', name, { data });
  }

  /** A push or a reply; unknown ones are ignored. */
  received({ push, id, error, subscribe }: JsonObject): void {
    if (isObject(push)) return this.#pushed(push);
    const channel = this.#commands.get(id);
    if (!channel || !(isObject(error) || isObject(subscribe))) return;
    this.#commands.delete(id);
    this.#answer(channel.name, isObject(error) ? { error } : (subscribe as JsonObject));
    this.#askOn();
  }

  #pushed({ channel: name, subscribe, unsubscribe, pub }: JsonObject): void {
    if (typeof name !== 'string') return;
    const channel = this.#channels.get(name);
    if (isObject(subscribe)) this.#answer(name, subscribe);
    else if (channel && isObject(pub)) this.#publication(channel, pub);
    else if (channel && isObject(unsubscribe)) {
      channel.asked = false;
      // The server's own come back by a subscribe push.
      if ((unsubscribe.code as number) >= kSubscribeAgain) this.retry();
      else this.#refused(channel, unsubscribe.code);
    }
  }

  #answer(name: string, result: JsonObject): void {
    const channel = this.#channels.get(name) ?? this.#add(name);
    const { error } = result;
    channel.asked = !error;
    if (isObject(error)) {
      if (error.code === kUnrecoverable && !channel.retried) {
        channel.retried = true;
        channel.epoch = channel.offset = undefined;
        this.#want(channel);
      } else if (!(error.temporary ?? kTemporary.includes(error.code))) this.#refused(channel, error.code);
      else if (channel.wished) this.#putOff(channel, error.code);
      return;
    }
    this.#retryMs = kRetryMinMs;
    if (result.pending !== true) this.#subscribed(channel, result);
  }

  #putOff(channel: Channel, code: Json | undefined): void {
    this.#later.add(channel);
    if (code === kTooManyRequests) this.#paused = true;
    if (this.due !== null) return;
    this.due = this.now + this.#retryMs;
    this.#retryMs = Math.min(2 * this.#retryMs, kRetryMaxMs);
  }

  /** `subscribed` first, then what was missed, in order and once. */
  #subscribed(channel: Channel, { epoch, offset, publications, recoverable, recovered: said }: JsonObject): void {
    const recovered = said === true;
    channel.retried = false;
    // Offsets of another epoch say nothing about this one.
    if (epoch === undefined ? !recovered : epoch !== channel.epoch) {
      channel.epoch = typeof epoch === 'string' && recoverable !== false ? epoch : undefined;
      channel.offset = undefined;
    }
    this.out.event.push({ subscribed: { channel: channel.name, recovered } });
    if (Array.isArray(publications)) for (const pub of publications) if (isObject(pub)) this.#publication(channel, pub);
    if (typeof offset === 'number') channel.offset = Math.max(offset, channel.offset ?? offset);
  }

  #publication(channel: Channel, { data = null, offset }: JsonObject): void {
    if (typeof offset === 'number') {
      if (offset <= (channel.offset ?? -1)) return;
      channel.offset = offset;
    }
    this.out.event.push({ publication: { channel: channel.name, data, ...(typeof offset === 'number' && { offset }) } });
  }

  #refused(channel: Channel, code: Json | undefined): void {
    this.#forget(channel);
    this.out.event.push({ subscription_failed: { channel: channel.name, code: typeof code === 'number' ? code : 0 } });
  }

  #add(name: string): Channel {
    const channel = { name };
    this.#channels.set(name, channel);
    return channel;
  }

  #forget(channel: Channel): void {
    this.#channels.delete(channel.name);
    this.#queue.delete(channel);
    this.#later.delete(channel);
    for (const [id, other] of this.#commands) if (other === channel) this.#commands.delete(id);
  }

  #want(channel: Channel): void {
    this.#queue.add(channel);
    this.#askOn();
  }

  /** Asks for what is queued, as far as may be. */
  #askOn(): void {
    for (const channel of this.#queue) {
      if (this.#paused || this.#commands.size >= kUnderWayMax) return;
      this.#queue.delete(channel);
      if (!channel.asked) this.#ask(channel);
    }
  }

  #ask(channel: Channel): void {
    channel.asked = true;
    this.#send('subscribe', channel.name, since(channel));
    this.#commands.set(this.#lastId, channel);
  }

  #send(command: string, channel: string, more?: JsonObject): void {
    this.out.do.push({ send: { data: { id: ++this.#lastId, [command]: { channel, ...more } } } });
  }
}
