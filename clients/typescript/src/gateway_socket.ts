// One WebSocket to the gateway, from its opening to its end, reported as inputs
// of the session.

import type { Input, JsonObject } from './protocol';

export interface WebSocketLike {
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  send(data: string): void;
  close(code?: number): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

export class GatewaySocket {
  readonly #attempt: number;
  readonly #report: (input: Input) => void;
  #socket: WebSocketLike | undefined;

  constructor(WebSocket: WebSocketConstructor, url: string, attempt: number, report: (input: Input) => void) {
    this.#attempt = attempt;
    this.#report = report;
    let socket: WebSocketLike;
    try {
      socket = this.#socket = new WebSocket(url, ['usher.v1.json']);
    } catch {
      return this.#ended(1006, '', false), this;
    }
    socket.onopen = () => report({ socket_open: { attempt } });
    socket.onmessage = ({ data }) => this.#received(data);
    // `close` follows, and says all there is to say.
    socket.onerror = () => {};
    socket.onclose = ({ code, reason, wasClean }) => this.#ended(code, reason, wasClean);
  }

  send(data: JsonObject): void {
    try {
      this.#socket?.send(JSON.stringify(data));
    } catch {
      // Closing already: `close` will say so.
    }
  }

  /** Nothing is reported any more. */
  close(code: number): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    socket.onopen = socket.onmessage = socket.onclose = null;
    try {
      socket.close(code);
    } catch {
      // Gone already.
    }
  }

  /** The page takes it away: closed, and reported as lost. */
  lose(): void {
    if (!this.#socket) return;
    this.close(1000);
    this.#ended(1001, '', true);
  }

  #ended(code: number, reason: string, clean: boolean): void {
    this.#socket = undefined;
    this.#report({ socket_closed: { attempt: this.#attempt, code, reason, clean } });
  }

  /** A text frame holds newline-separated JSON values; what is not JSON is left out. */
  #received(text: unknown): void {
    if (typeof text !== 'string') return;
    for (const line of text.split('\n')) {
      let data;
      try {
        data = JSON.parse(line);
      } catch {
        continue;
      }
      this.#report({ frame: { attempt: this.#attempt, data } });
    }
  }
}
