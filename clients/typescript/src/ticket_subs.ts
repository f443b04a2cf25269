// What a ticket request asks to restore: its `subs` (contract section 3.1).

import type { ChannelTable } from './channel_table.js';
import type { JsonObject } from './protocol.js';

/** Entries that travel with a ticket, personal channels not counted. */
const kEntriesMax = 128;
/** A little less than a ticket request takes (16 KiB). */
const kBytesMax = 16_000;

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

export class TicketSubs {
  readonly #names = new Set<string>();
  #bytes = 0;
  #entries = 0;
  /** These become less after a gateway has refused a request because of its `subs`. */
  #bytesMax = kBytesMax;
  #entriesMax = kEntriesMax;

  /** Returns the `subs` of the next request: the channels that fit, in the order in which they became known. */
  fill(channels: ChannelTable): JsonObject {
    const subs: [string, JsonObject][] = [];
    this.#bytes = this.#entries = 0;
    this.#names.clear();
    for (const channel of channels.inOrder()) {
      const { name, epoch, wished } = channel;
      if ((epoch === undefined && !wished) || !isSendable(name)) continue;
      const wish = channel.since();
      const bytes = this.#bytes + bytesOf(JSON.stringify([name, wish]));
      const entries = this.#entries + (isPersonal(name) ? 0 : 1);
      if (bytes >= this.#bytesMax || entries > this.#entriesMax) continue;
      this.#bytes = bytes;
      this.#entries = entries;
      subs.push([name, wish]);
      this.#names.add(name);
    }
    return Object.fromEntries(subs);
  }

  /**
   * A request was refused, maybe because of its `subs`: the next one has none, and later ones at most half as many entries,
   * or bytes (`tooLarge`). Returns false if it had none.
   */
  withhold(tooLarge: boolean): boolean {
    if (!this.#names.size) return false;
    this.#names.clear();
    if (tooLarge || !this.#entries) this.#bytesMax = this.#bytes >> 1;
    else this.#entriesMax = this.#entries >> 1;
    return true;
  }

  /** Whether the present ticket was asked for with this channel. */
  holds(name: string): boolean {
    return this.#names.has(name);
  }
}
