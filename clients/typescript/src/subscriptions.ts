// What a client is subscribed to, over all its connections.
//
// A channel stays known until it is unsubscribed or refused: its position travels with the next ticket, so that a reconnect
// needs no commands. Channels that do not fit beside the ticket are asked for on the live socket: a bounded number of commands
// at a time, and again after a while where an error was temporary.
//
// Its parts: ChannelTable (which channels are known, how far each has been read), TicketSubs (what travels with a ticket),
// SubscribeQueue (subscriptions still to be asked for on the connection), Refresh (the `refresh` command, whose ids are the queue's).

import { type Channel, ChannelTable } from './channel_table.js';
import { earlier } from './deadline.js';
import { arrayField, boolField, isObject, numberField, objectField, stringField, wholeField } from './json_fields.js';
import type { Json, JsonObject, Output } from './protocol.js';
import { Refresh } from './refresh.js';
import { isTemporary, SubscribeQueue } from './subscribe_queue.js';
import { TicketSubs } from './ticket_subs.js';

const kUnrecoverable = 112;
/** From this unsubscribe code on, the server wants the client to subscribe again: messages may be missing. */
const kSubscribeAgain = 2500;

export class Subscriptions {
  readonly #channels = new ChannelTable();
  readonly #ticketSubs = new TicketSubs();
  readonly #queue = new SubscribeQueue();
  readonly refresh: Refresh;

  /** `random` is uniform in [0, 1); for Refresh. */
  constructor(random: () => number) {
    this.refresh = new Refresh(this.#queue, random);
  }

  /** The time of all later calls. */
  setNow(now: number): void {
    this.#queue.setNow(now);
    this.refresh.setNow(now);
  }

  /** Returns the `subs` of a ticket request. Channels that do not fit are asked for after connected(). */
  restore(): JsonObject {
    return this.#ticketSubs.fill(this.#channels);
  }

  /** As TicketSubs.withhold(). */
  withhold(tooLarge: boolean): boolean {
    return this.#ticketSubs.withhold(tooLarge);
  }

  /** The connection is lost, and no commands wait for it any more. */
  lost(out: Output): void {
    this.#queue.lost();
    this.refresh.stop(out);
  }

  /** When to call tick(); null: never. */
  get due(): number | null {
    return earlier(this.#queue.due, this.refresh.due);
  }

  /** The connect push has come: takes its results, sends the changes since the ticket request. */
  connected(results: JsonObject | undefined, out: Output): void {
    this.#queue.begin();
    for (const channel of this.#channels.inOrder()) channel.requested = channel.retried = false;

    for (const [name, result] of Object.entries(results ?? {})) {
      if (!isObject(result)) continue;
      const unwanted = this.#ticketSubs.holds(name) && !this.#channels.find(name);
      if (!unwanted) this.#answer(name, result, out);
      else if (!objectField(result, 'error')) this.#queue.send('unsubscribe', { channel: name }, out);
    }
    for (const channel of this.#channels.inOrder()) {
      if (channel.wished && !channel.requested && !this.#ticketSubs.holds(channel.name)) this.#queue.add(channel);
    }
    this.#queue.askOn(out);
  }

  /** Does what is due: asks again for channels with temporary errors, refreshes. */
  tick(out: Output): void {
    if (this.#queue.tick()) this.#queue.askOn(out);
    this.refresh.tick(out);
  }

  subscribe(name: string, onLiveSocket: boolean, out: Output): void {
    const known = this.#channels.find(name);
    const channel = this.#channels.know(name, true);
    if (!known && onLiveSocket) this.#want(channel, out);
  }

  unsubscribe(name: string, onLiveSocket: boolean, out: Output): void {
    const channel = this.#channels.find(name);
    if (!channel) return;
    this.#forget(channel);
    if (onLiveSocket && channel.requested) this.#queue.send('unsubscribe', { channel: name }, out);
  }

  /** Nothing is queued: without a live socket nothing happens. */
  publish(name: string, data: Json, onLiveSocket: boolean, out: Output): void {
    if (onLiveSocket) this.#queue.send('publish', { channel: name, data }, out);
  }

  /** A push or a reply; unknown ones are ignored. */
  received(frame: JsonObject, out: Output): void {
    const push = objectField(frame, 'push');
    if (push) return this.#pushed(push, out);
    const id = wholeField(frame, 'id') ?? 0;
    if (this.refresh.takeReply(id, frame, out)) return;
    const channel = this.#queue.askedWith(id);
    const result = objectField(frame, 'error') ? frame : objectField(frame, 'subscribe');
    if (!channel || !result) return;
    this.#queue.answered(id);
    this.#answer(channel.name, result, out);
    this.#queue.askOn(out);
  }

  #pushed(push: JsonObject, out: Output): void {
    const life = objectField(push, 'refresh');
    if (life) return this.refresh.learn(life, out);
    const name = stringField(push, 'channel');
    if (name === undefined) return;
    const result = objectField(push, 'subscribe');
    if (result) return this.#answer(name, result, out);

    const channel = this.#channels.find(name);
    if (!channel) return;
    const pub = objectField(push, 'pub');
    const why = objectField(push, 'unsubscribe');
    if (pub) this.#publication(channel, pub, out);
    else if (why) this.#ended(channel, why, out);
  }

  /** A channel of the server's own needs no command: it comes back by a subscribe push. */
  #ended(channel: Channel, why: JsonObject, out: Output): void {
    if ((numberField(why, 'code') ?? 0) < kSubscribeAgain) return this.#refused(channel, why, out);
    channel.requested = false;
    this.retry(out);
  }

  /** A good moment to ask again, without a delay, for wished channels that are not subscribed. */
  retry(out: Output): void {
    for (const channel of this.#channels.inOrder()) {
      if (channel.wished && !channel.requested) this.#queue.add(channel);
    }
    this.#queue.clearPutOff();
    this.#queue.askOn(out);
  }

  /** `result` is a subscribe result, or has an `error`. */
  #answer(name: string, result: JsonObject, out: Output): void {
    if (!this.#channels.find(name) && !this.#channels.hasRoom()) return;
    const channel = this.#channels.know(name, false);
    const error = objectField(result, 'error');
    if (error) return this.#failed(channel, error, out);
    channel.requested = true;
    this.#queue.succeeded();
    if (boolField(result, 'pending')) return;
    channel.retried = false;
    this.#subscribed(channel, result, out);
  }

  /** The `subscribed` event comes first, then the missed publications, in order and once. */
  #subscribed(channel: Channel, result: JsonObject, out: Output): void {
    channel.begin(result);
    out.event.push({ subscribed: { channel: channel.name, recovered: boolField(result, 'recovered') ?? false } });
    for (const pub of arrayField(result, 'publications') ?? []) if (isObject(pub)) this.#publication(channel, pub, out);
    channel.advance(wholeField(result, 'offset'));
  }

  #publication(channel: Channel, pub: JsonObject, out: Output): void {
    const offset = wholeField(pub, 'offset');
    if (!channel.advance(offset)) return;
    out.event.push({ publication: { channel: channel.name, data: pub.data ?? null, ...(offset !== undefined && { offset }) } });
  }

  #failed(channel: Channel, error: JsonObject, out: Output): void {
    channel.requested = false;
    if (numberField(error, 'code') === kUnrecoverable && !channel.retried) {
      channel.retried = true;
      channel.forgetPosition();
      return this.#want(channel, out);
    }
    if (!isTemporary(error)) return this.#refused(channel, error, out);
    if (channel.wished) this.#queue.putOff(channel, error);
  }

  #refused(channel: Channel, why: JsonObject, out: Output): void {
    out.event.push({ subscription_failed: { channel: channel.name, code: numberField(why, 'code') ?? 0 } });
    this.#forget(channel);
  }

  #forget(channel: Channel): void {
    this.#queue.forget(channel);
    this.#channels.forget(channel);
  }

  #want(channel: Channel, out: Output): void {
    this.#queue.add(channel);
    this.#queue.askOn(out);
  }
}
