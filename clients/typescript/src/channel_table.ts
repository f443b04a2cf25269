// The channels that a client knows, and how far each has been read.
//
// A channel is known because the user wishes it, or because the server has subscribed the client to it (a personal channel,
// for example).

import { boolField, stringField } from './json_fields.js';
import type { JsonObject } from './protocol.js';

/** Channels that the user did not ask for. */
const kServerChannelsMax = 1024;

export class Channel {
  readonly name: string;
  /** The user asked for it; otherwise it is the server's own. */
  wished = false;
  /** Asked for, or answered, on this connection. */
  requested = false;
  /** Error 112 was answered by a second try without a position. */
  retried = false;
  epoch: string | undefined;
  offset: number | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Returns the members of a wish or command that ask for recovery; none without a position. */
  since(): JsonObject {
    return this.epoch === undefined ? {} : { recover: true, epoch: this.epoch, offset: this.offset ?? 0 };
  }

  /** Takes the position that a subscribe result begins with. Offsets of another epoch say nothing about this one. */
  begin(result: JsonObject): void {
    const said = stringField(result, 'epoch');
    const continued = said === undefined ? boolField(result, 'recovered') : said === this.epoch;
    if (continued) return;
    this.forgetPosition();
    if (boolField(result, 'recoverable') ?? true) this.epoch = said;
  }

  /** Returns false if the publication with this `offset` has been handed out before. */
  advance(offset: number | undefined): boolean {
    if (offset === undefined) return true;
    if (offset <= (this.offset ?? -1)) return false;
    this.offset = offset;
    return true;
  }

  forgetPosition(): void {
    this.epoch = this.offset = undefined;
  }
}

export class ChannelTable {
  readonly #channels = new Map<string, Channel>();
  #wishedCount = 0;

  find(name: string): Channel | undefined {
    return this.#channels.get(name);
  }

  /** Makes the channel known if it is not. `wished` is never taken back. Requires, unless the channel is known or wished, hasRoom(). */
  know(name: string, wished: boolean): Channel {
    const channel = this.find(name) ?? new Channel(name);
    this.#channels.set(name, channel);
    if (wished && !channel.wished) {
      channel.wished = true;
      this.#wishedCount += 1;
    }
    return channel;
  }

  hasRoom(): boolean {
    return this.#channels.size - this.#wishedCount < kServerChannelsMax;
  }

  /** All channels, in the order in which they became known, which is the order of the commands too. */
  inOrder(): Iterable<Channel> {
    return this.#channels.values();
  }

  forget(channel: Channel): void {
    if (channel.wished) this.#wishedCount -= 1;
    this.#channels.delete(channel.name);
  }
}
