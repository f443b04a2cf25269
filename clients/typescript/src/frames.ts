// usher's messages as the text of WebSocket frames.

import type { JsonObject } from './protocol.js';

/** JSON text whose lone surrogates, which UTF-8 can't hold, are U+FFFD. An escaped backslash is passed over. */
export function encoded(data: JsonObject): string {
  return JSON.stringify(data).replace(/\\(\\|ud[89a-f]..)/g, (escape, what) => (what === '\\' ? escape : '\ufffd'));
}

/** A text frame holds newline-separated JSON values. A line that is not JSON is left out. */
export function framesIn(text: unknown): any[] {
  return `${text}`.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      return [];
    }
  });
}
