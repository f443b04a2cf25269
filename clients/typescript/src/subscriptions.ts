// What a client listens to, how far it has read, and what it still owes the
// server on the live connection.
//
// A channel stays known until it is unsubscribed or refused: its position
// travels with the next ticket, so that a reconnect has nothing left to ask.

import type { ClientEvent, Effect, Json, JsonObject } from './protocol';
import { isObject } from './protocol';

const kUnrecoverable = 112;
const kTemporary = new Set([100, 111]);

interface Channel {
  /** The user asked for it; otherwise it is the server's own (personal channels). */
  wished: boolean;
  /** Asked for, or answered, on this connection. */
  live: boolean;
  /** Error 112 was answered by a second try without a position. */
  retried: boolean;
  epoch?: string | undefined;
  offset?: number | undefined;
}

interface Sink {
  do: Effect[];
  event: ClientEvent[];
}

export class Subscriptions {
  readonly #channels = new Map<string, Channel>();
  /** Channels that travelled with the present ticket. */
  #asked = new Set<string>();
  /** Unanswered subscribe commands of this connection. */
  #commands = new Map<number, string>();
  #lastId = 0;

  /** What to restore, as `subs` of the ticket request; undefined when nothing. */
  restore(): JsonObject | undefined {
    const entries: [string, JsonObject][] = [];
    for (const [name, { wished, epoch, offset }] of this.#channels) {
      if (epoch !== undefined) entries.push([name, { recover: true, epoch, offset: offset ?? 0 }]);
      else if (wished) entries.push([name, {}]);
    }
    this.#asked = new Set(entries.map(([name]) => name));
    return entries.length > 0 ? Object.fromEntries(entries) : undefined;
  }

  /** The connect push has come: takes its results, sends what changed since the ticket was asked for. */
  connected(results: Json | undefined, out: Sink): void {
    this.#commands = new Map();
    this.#lastId = 0;
    for (const channel of this.#channels.values()) channel.live = channel.retried = false;

    for (const [name, result] of Object.entries(isObject(results) ? results : {})) {
      if (!isObject(result)) continue;
      const unwanted = this.#asked.has(name) && !this.#channels.has(name);
      if (!unwanted) this.#answer(name, result, out);
      else if (!isObject(result.error)) this.#send('unsubscribe', { channel: name }, out);
    }
    for (const [name, channel] of this.#channels) {
      if (channel.wished && !channel.live && !this.#asked.has(name)) this.#ask(name, channel, out);
    }
  }

  subscribe(name: string, onLiveSocket: boolean, out: Sink): void {
    const known = this.#channels.get(name);
    const channel = known ?? { wished: true, live: false, retried: false };
    channel.wished = true;
    if (known) return;
    this.#channels.set(name, channel);
    if (onLiveSocket) this.#ask(name, channel, out);
  }

  unsubscribe(name: string, onLiveSocket: boolean, out: Sink): void {
    const channel = this.#channels.get(name);
    if (!channel) return;
    this.#forget(name);
    if (onLiveSocket && channel.live) this.#send('unsubscribe', { channel: name }, out);
  }

  /** Not queued: without a live socket nothing happens. */
  publish(channel: string, data: Json, onLiveSocket: boolean, out: Sink): void {
    if (onLiveSocket) this.#send('publish', { channel, data }, out);
  }

  /** A push or a reply; unknown ones are ignored. */
  received(frame: JsonObject, out: Sink): void {
    if (isObject(frame.push)) return this.#pushed(frame.push, out);
    const name = this.#commands.get(frame.id as number);
    if (name === undefined) return;
    if (isObject(frame.error)) this.#answer(name, { error: frame.error }, out);
    else if (isObject(frame.subscribe)) this.#answer(name, frame.subscribe, out);
    else return;
    this.#commands.delete(frame.id as number);
  }

  #pushed(push: JsonObject, out: Sink): void {
    const name = push.channel;
    if (typeof name !== 'string') return;
    const channel = this.#channels.get(name);
    if (isObject(push.subscribe)) this.#answer(name, push.subscribe, out);
    else if (!channel) return;
    else if (isObject(push.pub)) publication(name, channel, push.pub, out);
    else if (isObject(push.unsubscribe)) this.#refused(name, push.unsubscribe.code, out);
  }

  #answer(name: string, result: JsonObject, out: Sink): void {
    let channel = this.#channels.get(name);
    if (!channel) this.#channels.set(name, (channel = { wished: false, live: false, retried: false }));

    if (isObject(result.error)) return this.#failed(name, channel, result.error, out);
    channel.live = true;
    if (result.pending === true) return;
    channel.retried = false;
    subscribed(name, channel, result, out);
  }

  #failed(name: string, channel: Channel, error: JsonObject, out: Sink): void {
    channel.live = false;
    if (error.code === kUnrecoverable && !channel.retried) {
      channel.retried = true;
      channel.epoch = channel.offset = undefined;
      return this.#ask(name, channel, out);
    }
    const temporary = error.temporary ?? kTemporary.has(error.code as number);
    if (temporary !== true) this.#refused(name, error.code, out);
  }

  #refused(name: string, code: Json | undefined, out: Sink): void {
    this.#forget(name);
    out.event.push({ subscription_failed: { channel: name, code: typeof code === 'number' ? code : 0 } });
  }

  #forget(name: string): void {
    this.#channels.delete(name);
    for (const [id, channel] of this.#commands) if (channel === name) this.#commands.delete(id);
  }

  #ask(name: string, channel: Channel, out: Sink): void {
    channel.live = true;
    this.#send('subscribe', { channel: name }, out);
    this.#commands.set(this.#lastId, name);
  }

  #send(command: string, body: JsonObject, out: Sink): void {
    out.do.push({ send: { data: { id: ++this.#lastId, [command]: body } } });
  }
}

/** `subscribed` first, then what was missed, in order and once. */
function subscribed(name: string, channel: Channel, result: JsonObject, out: Sink): void {
  const recovered = result.recovered === true;
  const { epoch, offset } = result;
  // Offsets of another epoch say nothing about this one.
  const continued = epoch === undefined ? recovered : epoch === channel.epoch;
  if (!continued) {
    channel.epoch = typeof epoch === 'string' && result.recoverable !== false ? epoch : undefined;
    channel.offset = undefined;
  }
  out.event.push({ subscribed: { channel: name, recovered } });
  for (const pub of Array.isArray(result.publications) ? result.publications : []) {
    if (isObject(pub)) publication(name, channel, pub, out);
  }
  if (typeof offset === 'number') channel.offset = Math.max(offset, channel.offset ?? offset);
}

function publication(name: string, channel: Channel, pub: JsonObject, out: Sink): void {
  const { data = null, offset } = pub;
  if (typeof offset !== 'number') {
    out.event.push({ publication: { channel: name, data } });
    return;
  }
  if (channel.offset !== undefined && offset <= channel.offset) return;
  channel.offset = offset;
  out.event.push({ publication: { channel: name, data, offset } });
}
