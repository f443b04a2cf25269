// One WebSocket of the platform, from its opening to its end. An exception of it counts as its end.

/** How long the peer has for its close frame. The end does not depend on it. */
const kFarewellMs = 1_000;

export interface WebSocketLike {
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  send(data: any): void;
  close(code?: number, reason?: string): void;
  readonly protocol?: string;
  readonly extensions?: string;
  readonly bufferedAmount?: number;
  binaryType?: any;
  /** Of Node's `ws`. */
  terminate?(): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[], ...more: any[]) => WebSocketLike;

export interface SocketListener {
  opened?(protocol: string): void;
  /** `isOpen`: whether the next of several messages in `data` is still wanted. */
  received(data: any, isOpen: () => boolean): void;
  ended(code: number, reason: string, clean: boolean): void;
}

export interface OpenSocket {
  send(data: any): void;
  /** From now on nothing is reported. */
  close(code: number): void;
  /** The page takes the socket away: it is closed, and reported as lost. */
  lose(): void;
}

/** `faults` gets the exception of the platform, which no close event tells. */
export function openSocket(
  open: () => WebSocketLike,
  faults: { reportOnce(message: string, error: unknown): void },
  listener: SocketListener,
): OpenSocket {
  let isOpen = true;
  let socket: WebSocketLike | undefined;
  const end = (code: number, reason: string, clean: boolean): void => {
    if (!isOpen) return;
    isOpen = false;
    listener.ended(code, reason, clean);
  };
  /** A throw is the end of the connection. */
  const attempted = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      faults.reportOnce('the WebSocket threw; can it reach the url from here?', error);
      end(1006, '', false);
    }
  };
  const close = (code: number): void => {
    isOpen = false;
    attempted(() => socket?.close(code));
    // `ws` waits half a minute for the peer, and keeps its process alive meanwhile.
    if (socket?.terminate) (setTimeout(() => socket?.terminate?.(), kFarewellMs) as any).unref?.();
  };

  attempted(() => {
    socket = open();
    socket.onopen = () => isOpen && listener.opened?.(socket!.protocol ?? '');
    socket.onmessage = ({ data }) => isOpen && listener.received(data, () => isOpen);
    // A `close` event follows, and tells everything.
    socket.onerror = () => {};
    // React Native leaves out the parts that it does not know.
    socket.onclose = ({ code, reason, wasClean }) => end(code ?? 1006, `${reason ?? ''}`, wasClean === true);
  });
  return {
    send: (data) => attempted(() => socket?.send(data)),
    close,
    lose: () => {
      end(1001, '', true);
      close(1000);
    },
  };
}
