// One WebSocket to the gateway, from its opening to its end, reported as inputs of the session. An exception of the platform's
// WebSocket counts as its end.

import type { Input, JsonObject } from './protocol.js';

/** How long the peer has for its close frame. The end does not depend on it. */
const kFarewellMs = 1_000;

export interface WebSocketLike {
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  send(data: string): void;
  close(code?: number): void;
  /** Of Node's `ws`. */
  terminate?(): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

export interface GatewaySocket {
  send(data: JsonObject): void;
  /** From now on nothing is reported. */
  close(code: number): void;
  /** The page takes the socket away: it is closed, and reported as lost. */
  lose(): void;
}

/** `failed` gets the exception of the platform, which no close event tells. */
export function openSocket(
  WebSocket: WebSocketConstructor,
  { url, attempt }: { url: string; attempt: number },
  report: (input: Input) => void,
  failed: (error: unknown) => void,
): GatewaySocket {
  let open = true;
  let socket: WebSocketLike | undefined;
  const ended = (code: number, reason: string, clean: boolean): void => {
    if (!open) return;
    open = false;
    report({ socket_closed: { attempt, code, reason, clean } });
  };
  /** A throw is the end of the connection. */
  const attempted = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      failed(error);
      ended(1006, '', false);
    }
  };
  const close = (code: number): void => {
    open = false;
    attempted(() => socket?.close(code));
    // `ws` waits half a minute for the peer, and keeps its process alive meanwhile.
    if (socket?.terminate) (setTimeout(() => socket?.terminate?.(), kFarewellMs) as any).unref?.();
  };

  attempted(() => {
    socket = new WebSocket(url, ['usher.v1.json']);
    socket.onmessage = ({ data }) => {
      for (const frame of frames(data)) if (open) report({ frame: { attempt, data: frame } });
    };
    // A `close` event follows, and tells everything.
    socket.onerror = () => {};
    // React Native leaves out the parts that it does not know.
    socket.onclose = ({ code, reason, wasClean }) => ended(code ?? 1006, `${reason ?? ''}`, wasClean === true);
  });
  return {
    send: (data) => attempted(() => socket?.send(wellFormed(JSON.stringify(data)))),
    close,
    lose: () => {
      ended(1001, '', true);
      close(1000);
    },
  };
}

/** JSON text whose lone surrogates, which UTF-8 can't hold, are U+FFFD. An escaped backslash is passed over. */
function wellFormed(json: string): string {
  return json.replace(/\\(\\|ud[89a-f]..)/g, (escape, what) => (what === '\\' ? escape : '\ufffd'));
}

/** A text frame holds newline-separated JSON values. A line that is not JSON is left out. */
function frames(text: unknown): any[] {
  return `${text}`.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      return [];
    }
  });
}
