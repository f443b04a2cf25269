// One WebSocket to the gateway, from its opening to its end, reported as inputs
// of the session.

import type { Input, JsonObject } from './protocol.js';

export interface WebSocketLike {
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  send(data: string): void;
  close(code?: number): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

export interface GatewaySocket {
  send(data: JsonObject): void;
  /** Nothing is reported any more. */
  close(code: number): void;
  /** The page takes it away: closed, and reported as lost. */
  lose(): void;
}

export function openSocket(
  WebSocket: WebSocketConstructor,
  { url, attempt }: { url: string; attempt: number },
  report: (input: Input) => void,
): GatewaySocket {
  let open = true;
  const ended = (code: number, reason: string, clean: boolean): void => {
    if (!open) return;
    open = false;
    report({ socket_closed: { attempt, code, reason, clean } });
  };
  let socket: WebSocketLike | undefined;
  try {
    socket = new WebSocket(url, ['usher.v1.json']);
    socket.onmessage = ({ data }) => {
      for (const frame of frames(data)) if (open) report({ frame: { attempt, data: frame } });
    };
    // `close` follows, and says all there is to say.
    socket.onerror = () => {};
    socket.onclose = ({ code, reason, wasClean }) => ended(code, reason, wasClean);
  } catch {
    ended(1006, '', false);
  }

  const close = (code: number): void => {
    open = false;
    socket?.close(code);
  };
  return {
    send: (data) => socket?.send(JSON.stringify(data)),
    close,
    lose: () => {
      ended(1001, '', true);
      close(1000);
    },
  };
}

/** A text frame holds newline-separated JSON values; what is not JSON is left out. */
function frames(text: unknown): any[] {
  return `${text}`.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      return [];
    }
  });
}
