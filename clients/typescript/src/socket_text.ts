// What a caller hands to a WebSocket's constructor, as the browser checks it.

import { webSocketUrl } from './raw_url.js';
import { httpUrl } from './socket_url.js';
import { kAccepted, kRefused } from './raw_messages.js';

/** The exceptions of the browser's WebSocket. */
export function exception(name: 'SyntaxError' | 'InvalidStateError' | 'InvalidAccessError' | 'QuotaExceededError', text: string): Error {
  const message = `usher-client: ${text}`;
  // React Native has no DOMException.
  return globalThis.DOMException ? new DOMException(message, name) : Object.assign(new Error(message), { name });
}

/** Returns the ws or wss URL without a fragment. Throws a SyntaxError if it is none, or if it has a ticket already. */
export function checkedUrl(url: string | URL): string {
  let text = `${url}`;
  const { location } = globalThis;
  if (!/^[a-z][\w+.-]*:/i.test(text) && location) text = new URL(text, location.href).href;
  if (!/^(https?|wss?):\/\/[^/?#]/i.test(text)) throw exception('SyntaxError', `url must be http(s)://… or ws(s)://…, not ${text}`);
  if (/[?&]ticket=/i.test(text)) throw exception('SyntaxError', 'the url must not have a ticket: each connection gets one of its own');
  return webSocketUrl(text);
}

/** `https://gw.example/board?room=7` → `https://gw.example`, and the gateway's path prefix; unless the gateway is named. */
export function gatewayUrl(socketUrl: string, { prefix = '', gateway }: { prefix?: string | undefined; gateway?: string | undefined }): string {
  if (gateway) return httpUrl(checkedUrl(gateway));
  const [origin = ''] = /^\w+:\/\/[^/?#]+/.exec(socketUrl) ?? [];
  const path = prefix.replace(/^\/+|\/+$/g, '');
  return `${origin.replace(/^ws/i, 'http')}${path && `/${path}`}`;
}

/** Returns the caller's own subprotocols. Throws a SyntaxError as the browser does, and for names that mean something to the gateway. */
export function checkedProtocols(protocols: string | string[] | null | undefined): string[] {
  const own = [protocols ?? []].flat().map(String);
  for (const [index, name] of own.entries()) {
    const isGateways = name === kAccepted || name === kRefused || name.startsWith('usher.ticket.');
    if (isGateways || !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || own.indexOf(name) !== index) {
      throw exception('SyntaxError', `the subprotocol ${name} is ${isGateways ? "the gateway's" : 'malformed, or there twice'}`);
    }
  }
  return own;
}

/** Throws as the browser's close() does. */
export function checkClose(code?: number, reason = ''): void {
  if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
    throw exception('InvalidAccessError', `close: the code must be 1000 or 3000 to 4999, not ${code}`);
  }
  if (utf8Length(`${reason}`) > 123) throw exception('SyntaxError', 'close: the reason must have at most 123 bytes');
}

export type SocketData = string | ArrayBufferLike | ArrayBufferView | Blob;

/** Anything else is sent as its text. */
export function asData(data: unknown): SocketData {
  return data instanceof ArrayBuffer || ArrayBuffer.isView(data) || isBlob(data) ? data : `${data as string}`;
}

/** What the caller changes in its buffer later is not sent. */
export function copied(data: SocketData): SocketData {
  if (typeof data === 'string' || isBlob(data)) return data;
  const bytes = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
  return bytes.slice();
}

export function byteLength(data: SocketData): number {
  if (typeof data === 'string') return utf8Length(data);
  return isBlob(data) ? data.size : data.byteLength;
}

export function isBlob(data: unknown): data is Blob {
  return typeof Blob === 'function' && data instanceof Blob;
}

/** A lone surrogate is sent as U+FFFD, which has three bytes. Not every platform has a TextEncoder. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
