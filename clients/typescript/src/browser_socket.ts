// The interface of the browser's WebSocket, over sockets that come and go. Its driver decides when one is opened and what its end
// means; applications and libraries see one object that behaves as they know it.

import { openSocket, type OpenSocket, type WebSocketConstructor, type WebSocketLike } from './open_socket.js';
import type { Failed } from './protocol.js';
import { kAccepted, kRefused } from './raw_messages.js';
import type { Shell } from './shell.js';
import { asData, byteLength, checkClose, checkedProtocols, checkedUrl, copied, exception, isBlob, type SocketData } from './socket_text.js';

/** Who decides. */
export interface SocketDriver {
  readonly shell: Pick<Shell, 'reportOnce'>;
  /** The application has had the time to add its listeners. */
  begin(): void;
  opened(attempt: number, protocol: string): void;
  ended(attempt: number, code: number, reason: string, clean: boolean): void;
  /** The application has closed. */
  leave(): void;
  /** After the `close` event. */
  gone(): void;
}

/** What the driver may do. */
export interface SocketControl {
  /** Opens a socket; `url` has the ticket. */
  open(attempt: number, url: string): void;
  /** Closes it; nothing of it is heard any more. */
  drop(): void;
  /** The page takes it away. */
  lose(): void;
  letIn(): void;
  /** The connection is lost, and another will come. */
  lost(failure: Failed): void;
  /** None will come. */
  over(failure: Failed, hard: boolean): void;
}

/** What UsherSocket and ticketWebSocket may be told beside the shell's options. */
export interface DoorOptions {
  /** The gateway's path prefix (`http.prefix`): tickets come from {origin of the url}{prefix}/auth/ticket. */
  prefix?: string | undefined;
  /** The gateway with its prefix, where it has another origin than the socket: tickets come from {gateway}/auth/ticket. */
  gateway?: string | undefined;
  /**
   * Whether usher's own tunnel is at the other end: it understands `usher.accepted` and `usher.refused`. false: a proxy that asks usher, or
   * a server that redeems tickets itself. Then a socket that opens has been let in, and only the caller's own subprotocols are offered.
   */
  tunnel?: boolean | undefined;
}

export interface BrowserSocketOptions {
  WebSocket: WebSocketConstructor;
  tunnel?: boolean | undefined;
  /** How many messages may wait for a connection. */
  queue?: number | undefined;
  /** Further arguments of the platform's constructor. */
  more?: unknown[];
}

/** `lost`: the connection is lost, and the socket tries to come back. `reopen`: it is back; `open` has come just before. */
export interface UsherSocketEventMap extends WebSocketEventMap {
  lost: CloseEvent;
  reopen: Event;
}

type Listener<Name extends keyof UsherSocketEventMap> = (this: WebSocket, event: UsherSocketEventMap[Name]) => any;
type Handler<Name extends keyof UsherSocketEventMap> = Listener<Name> | null;

const kConnecting = 0;
const kOpen = 1;
const kClosing = 2;
const kClosed = 3;
const kStates = { CONNECTING: kConnecting, OPEN: kOpen, CLOSING: kClosing, CLOSED: kClosed };

/** EventTarget's own, with the types of the events. */
export interface BrowserSocket {
  addEventListener<Name extends keyof UsherSocketEventMap>(type: Name, listener: Listener<Name>, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<Name extends keyof UsherSocketEventMap>(type: Name, listener: Listener<Name>, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
}

/** What was set as `onopen` and the like. */
const handlers = new WeakMap<object, { [type: string]: (event: any) => any }>();

export class BrowserSocket extends EventTarget implements WebSocket {
  declare static readonly CONNECTING: 0;
  declare static readonly OPEN: 1;
  declare static readonly CLOSING: 2;
  declare static readonly CLOSED: 3;
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;
  declare onopen: Handler<'open'>;
  declare onmessage: Handler<'message'>;
  declare onerror: Handler<'error'>;
  declare onclose: Handler<'close'>;
  declare onlost: Handler<'lost'>;
  declare onreopen: Handler<'reopen'>;
  /** Without the ticket. */
  readonly url: string;

  readonly #driver: SocketDriver;
  #readyState: 0 | 1 | 2 | 3 = kConnecting;
  #binaryType: BinaryType = 'blob';
  #protocol = '';
  /** The platform's socket; after a loss none, until there is another. */
  #socket: WebSocketLike | null = null;
  #wasClean = false;
  #wasOpen = false;
  #queue: SocketData[] = [];
  readonly #queueMax: number;
  /** What was sent after the end. */
  #droppedBytes = 0;

  /** `connect` is called once, at once. Throws as the browser's constructor does. */
  constructor(
    url: string | URL,
    protocols: string | string[] | undefined,
    { WebSocket, tunnel = true, queue = 0, more = [] }: BrowserSocketOptions,
    connect: (control: SocketControl, url: string) => SocketDriver,
  ) {
    super();
    handlers.set(this, {});
    this.url = checkedUrl(url);
    this.#queueMax = queue;
    const own = checkedProtocols(protocols);
    const offered = tunnel ? [...own, kAccepted, kRefused] : own;
    let open: OpenSocket | null = null;
    const driver = (this.#driver = connect(
      {
        open: (attempt, secretUrl) => {
          this.#wasClean = false;
          open = openSocket(
            () => {
              this.#socket = new WebSocket(secretUrl, offered, ...more);
              // A Blob is made below where the platform gives none: React Native may refuse to be asked for one.
              if (this.#binaryType !== 'blob') this.#socket.binaryType = this.#binaryType;
              return this.#socket;
            },
            driver.shell,
            {
              opened: (protocol) => driver.opened(attempt, protocol),
              received: (data) => this.#received(data),
              ended: (code, reason, clean) => {
                this.#wasClean = clean;
                if (this.#readyState === kClosing) this.#finish(code, reason, !clean);
                else driver.ended(attempt, code, reason, clean);
              },
            },
          );
        },
        drop: () => {
          // The application's own close waits for the peer's, which tells how it ended.
          if (this.#readyState !== kClosing || !this.#wasOpen) open?.close(1000);
        },
        lose: () => open?.lose(),
        letIn: () => this.#letIn(),
        lost: (failure) => this.#lost(failure),
        over: (failure, hard) => this.#over(failure, hard),
      },
      this.url,
    ));
    void Promise.resolve().then(() => this.#readyState === kConnecting && driver.begin());
  }

  get readyState(): 0 | 1 | 2 | 3 {
    return this.#readyState;
  }

  /** The one that the server has chosen among the caller's own; otherwise empty. */
  get protocol(): string {
    return this.#protocol;
  }

  get extensions(): string {
    return this.#readyState === kConnecting ? '' : (this.#socket?.extensions ?? '');
  }

  get bufferedAmount(): number {
    return this.#droppedBytes + this.#queuedBytes() + (this.#socket?.bufferedAmount ?? 0);
  }

  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(type: BinaryType) {
    if (type !== 'blob' && type !== 'arraybuffer') return;
    this.#binaryType = type;
    if (this.#socket) this.#socket.binaryType = type;
  }

  send(data: string | ArrayBufferLike | ArrayBufferView | Blob): void {
    const message = asData(data);
    if (this.#readyState === kOpen) this.#socket!.send(message);
    else if (this.#readyState !== kConnecting) this.#droppedBytes += byteLength(message);
    else if (!this.#queueMax) throw exception('InvalidStateError', 'send: the socket is not open; wait for its `open` event, or give it a `queue`');
    else if (this.#queue.length >= this.#queueMax) {
      throw exception('QuotaExceededError', `send: ${this.#queueMax} messages wait already for a connection (option \`queue\`)`);
    } else this.#queue.push(copied(message));
  }

  close(code?: number, reason?: string): void {
    checkClose(code, reason);
    if (this.#readyState >= kClosing) return;
    this.#wasOpen = this.#readyState === kOpen;
    this.#readyState = kClosing;
    this.#dropQueue();
    this.#driver.leave();
    if (!this.#wasOpen) return void Promise.resolve().then(() => this.#finish(1006, '', true));
    try {
      this.#socket!.close(code, reason);
    } catch (error) {
      this.#driver.shell.reportOnce('the WebSocket threw at its end', error);
      this.#finish(1006, '', true);
    }
  }

  #letIn(): void {
    if (this.#readyState !== kConnecting) return;
    const { protocol = '' } = this.#socket!;
    this.#protocol = protocol === kAccepted ? '' : protocol;
    this.#readyState = kOpen;
    const again = this.#wasOpen;
    this.#wasOpen = true;
    this.dispatchEvent(new Event('open'));
    if (again) this.dispatchEvent(new Event('reopen'));
    // A listener that says hello comes first.
    while (this.#readyState === kOpen && this.#queue.length) this.#socket!.send(this.#queue.shift());
  }

  #received(data: any): void {
    if (this.#readyState !== kOpen) return;
    const [origin] = /^\w+:\/\/[^/?#]+/.exec(this.url)!;
    this.#dispatch('message', { data: this.#ofBinaryType(data), origin }, globalThis.MessageEvent);
  }

  /** Not every platform's socket has both types: `ws` may give a Buffer. */
  #ofBinaryType(data: any): unknown {
    if (typeof data === 'string' || isBlob(data)) return data;
    if (this.#binaryType === 'blob' && typeof Blob === 'function') return new Blob([data]);
    return ArrayBuffer.isView(data) ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) : data;
  }

  #lost({ code = 1006, reason }: Failed): void {
    if (this.#readyState !== kOpen) return;
    this.#readyState = kConnecting;
    this.#socket = null;
    this.#protocol = '';
    this.#dispatch('lost', { code, reason, wasClean: this.#wasClean }, globalThis.CloseEvent);
  }

  #over({ status, code, reason }: Failed, hard: boolean): void {
    const wasOpen = this.#readyState === kOpen;
    this.#wasClean &&= code !== undefined;
    const otherCode = status === undefined ? 1006 : hard ? 1008 : 1013;
    this.#finish(code ?? otherCode, reason || (status ? `HTTP ${status}` : ''), !wasOpen || !this.#wasClean);
  }

  #finish(code: number, reason: string, failed: boolean): void {
    if (this.#readyState === kClosed) return;
    this.#dropQueue();
    this.#readyState = kClosed;
    if (failed) this.dispatchEvent(new Event('error'));
    this.#dispatch('close', { code, reason, wasClean: this.#wasClean }, globalThis.CloseEvent);
    this.#driver.gone();
  }

  /** As an `Event` with these members where the platform has no such class. */
  #dispatch(type: string, members: object, Class: (new (type: string, members: object) => Event) | undefined): void {
    this.dispatchEvent(Class ? new Class(type, members) : Object.assign(new Event(type), members));
  }

  #queuedBytes(): number {
    return this.#queue.reduce((sum, data) => sum + byteLength(data), 0);
  }

  /** As in a browser, what is never sent stays in bufferedAmount. */
  #dropQueue(): void {
    this.#droppedBytes += this.#queuedBytes();
    this.#queue = [];
  }
}

// Behind the class and not in a static block of it: there esbuild 0.17, which is Debian's, reads the name of a class that
// has no value yet.
for (const type of ['open', 'message', 'error', 'close', 'lost', 'reopen']) {
  Object.defineProperty(BrowserSocket.prototype, `on${type}`, {
    configurable: true,
    enumerable: true,
    get(this: BrowserSocket) {
      return handlers.get(this)![type] ?? null;
    },
    set(this: BrowserSocket, handler: unknown) {
      const own = handlers.get(this)!;
      const isNew = !(type in own);
      own[type] = (typeof handler === 'function' ? handler : null) as never;
      if (isNew) this.addEventListener(type, (event: Event) => own[type]?.call(this, event));
    },
  });
}
for (const [name, value] of Object.entries(kStates)) {
  for (const owner of [BrowserSocket, BrowserSocket.prototype]) Object.defineProperty(owner, name, { value, enumerable: true });
}
