// What a client listens to, how far it has read, and what it still owes the
// server on the live connection.
//
// A channel stays known until it is unsubscribed or refused: its position
// travels with the next ticket, so that a reconnect has nothing left to ask.

import type { ClientEvent, Effect, Json, JsonObject } from './protocol.js';
import { isObject } from './protocol.js';

const kUnrecoverable = 112;
/** What a ticket takes (16 KiB), nearly; the rest is asked for on the live socket. */
const kSubsMax = 16_000;
/** From this unsubscribe code on, the server wants the client to subscribe again: messages may be missing. */
const kSubscribeAgain = 2500;
/** Temporary by their meaning: a connect push does not say so. */
const kTemporary: unknown[] = [100, 111];

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

export class Subscriptions {
  /** Where commands and events go: the session's outputs of the present input. */
  out!: { do: Effect[]; event: ClientEvent[] };
  /** Whether commands can be sent. */
  live = false;
  readonly #channels = new Map<string, Channel>();
  /** What travelled with the present ticket. */
  #restored = new Map<string, JsonObject>();
  /** Unanswered subscribe commands of this connection. */
  #commands = new Map<unknown, Channel>();
  #lastId = 0;

  /** What to restore, as `subs` of the ticket request; undefined when nothing. */
  restore(): JsonObject | undefined {
    this.#restored.clear();
    let room = kSubsMax;
    for (const channel of this.#channels.values()) {
      const wish = since(channel);
      if ((channel.wished || wish.recover) && (room -= JSON.stringify([channel.name, wish]).length) > 0) {
        this.#restored.set(channel.name, wish);
      }
    }
    return this.#restored.size ? Object.fromEntries(this.#restored) : undefined;
  }

  /** The connect push has come: takes its results, sends what changed since the ticket was asked for. */
  connected(results: Json | undefined): void {
    this.live = true;
    this.#commands.clear();
    this.#lastId = 0;
    for (const channel of this.#channels.values()) channel.asked = channel.retried = false;

    for (const [name, result] of Object.entries(isObject(results) ? results : {})) {
      if (!isObject(result)) continue;
      const unwanted = this.#restored.has(name) && !this.#channels.has(name);
      if (!unwanted) this.#answer(name, result);
      else if (!result.error) this.#send('unsubscribe', name);
    }
    for (const channel of this.#channels.values()) {
      if (channel.wished && !channel.asked && !this.#restored.has(channel.name)) this.#ask(channel);
    }
  }

  subscribe(name: string): void {
    const known = this.#channels.get(name);
    const channel = known ?? this.#add(name);
    channel.wished = true;
    if (!known && this.live) this.#ask(channel);
  }

  unsubscribe(name: string): void {
    const channel = this.#channels.get(name);
    if (!channel) return;
    this.#forget(channel);
    if (this.live && channel.asked) this.#send('unsubscribe', name);
  }

  /** What is wished and not there is asked for (again). */
  retry(): void {
    for (const channel of this.#channels.values()) {
      if (channel.wished && !channel.asked) this.#ask(channel);
    }
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
        this.#ask(channel);
      } else if (!(error.temporary ?? kTemporary.includes(error.code))) this.#refused(channel, error.code);
    } else if (result.pending !== true) this.#subscribed(channel, result);
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
    for (const [id, other] of this.#commands) if (other === channel) this.#commands.delete(id);
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
