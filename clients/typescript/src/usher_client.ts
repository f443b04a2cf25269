// The client that applications use: usher's channels over one ClientSession, which a Shell carries out. A listener may call
// anything, or throw.

import { ClientSession } from './client_session.js';
import { encoded, framesIn } from './frames.js';
import { type OpenSocket, openSocket } from './open_socket.js';
import type { Failed, Json, LogLevel, Publication, StageChange, Status } from './protocol.js';
import { ReconnectPolicy } from './reconnect_policy.js';
import { Shell, type ShellOptions } from './shell.js';
import { socketUrl } from './socket_url.js';
import { Subscriptions } from './subscriptions.js';

export interface UsherClientOptions extends ShellOptions {
  /** The gateway: `https://gw.example`, with its path prefix if it has one. */
  url: string;
}

export interface ClientEvents {
  status: Status;
  message: Publication;
  subscribed: { channel: string; recovered: boolean };
  subscription_failed: { channel: string; code: number };
  failed: Failed;
  log: { level: LogLevel; text: string };
  stage: StageChange;
  /** An exception of the application's or the platform's own code. Without a listener it goes to `console.error`. */
  error: { message: string; error: unknown };
}

export type MessageHandler = (data: any, publication: Publication) => void;

export class UsherClient {
  readonly #shell: Shell;
  readonly #session: ClientSession;
  /** By event name, and by `#channel` for the publications of one channel. */
  readonly #listeners = new Map<string, Set<(value: any) => void>>();
  #socket: OpenSocket | null = null;

  /** Throws if `url` is no URL. */
  constructor(options: UsherClientOptions) {
    const { url, logger = console } = options;
    if (!/^(https?|wss?):\/\/[^/]/i.test(url)) throw new TypeError(`usher-client: url must be the gateway's, http(s)://host[:port][/path], not ${url}`);
    this.on('log', ({ level, text }) => logger?.[level === 'info' ? 'log' : level](text));
    const shell = (this.#shell = new Shell(url, options, (name, value) => this.#tell(name, value, options)));
    this.#session = shell.core = new ClientSession(url, socketUrl, new Subscriptions(shell.random), new ReconnectPolicy(shell.random), shell.secrets);
  }

  get status(): Status {
    return this.#session.status;
  }

  /** Why the client has stopped for good; null while it has not. */
  get failure(): Failed | null {
    return this.#session.failure;
  }

  /** Throws if the platform has no `fetch` or `WebSocket`, and none was given. */
  connect(): void {
    this.#shell.start();
    this.#shell.take({ connect: {} });
  }

  /** Ends the connection or the attempt, at any moment; the client stays disconnected until connect(). Subscriptions stay known. */
  disconnect(): void {
    this.#shell.take({ disconnect: {} });
    this.#shell.stop(() => this.status === 'disconnected');
  }

  /**
   * Asks for a fresh token now, and gives it to the gateway on the live connection: a guest who has logged in becomes that user
   * without a reconnect. Before a token's end the client does this by itself. Without a connection it does nothing.
   */
  refresh(): void {
    this.#shell.take({ refresh: {} });
  }

  /** disconnect(), and forgets the guest: the next connect() is that of a new one. */
  logout(): void {
    this.#shell.forgetToken();
    this.disconnect();
  }

  /** Subscribes to `channel`, over all reconnects. Messages go to `handler` and to `message` listeners. Returns an object that ends it. */
  subscribe(channel: string, handler: MessageHandler = () => {}): { unsubscribe(): void } {
    mustBe('string', 'subscribe: channel', channel);
    mustBe('function', 'subscribe: handler', handler);
    const name = `#${channel}`;
    const stop = this.#listen(name, (publication: Publication) => handler(publication.data, publication));
    this.#shell.take({ subscribe: { channel } });
    return { unsubscribe: () => stop() && this.#shell.take({ unsubscribe: { channel } }) };
  }

  /**
   * Returns whether the message was sent: false while the client is not connected, since nothing is queued. Throws if `data` has
   * no JSON form, as JSON.stringify does.
   */
  publish(channel: string, data: Json): boolean {
    mustBe('string', 'publish: channel', channel);
    // Converted here and now: an exception goes to the caller, and later changes of `data` have no effect.
    const json = JSON.stringify(data) as string | undefined;
    if (json === undefined) throw new TypeError(`usher-client: publish: ${typeof data} has no JSON form; null has`);
    const connected = this.status === 'connected';
    if (connected) this.#shell.take({ publish: { channel, data: JSON.parse(json) } });
    return connected;
  }

  /** Returns a function that ends it. */
  on<Name extends keyof ClientEvents>(name: Name, listener: (value: ClientEvents[Name]) => void): () => void {
    mustBe('function', 'on: listener', listener);
    const stop = this.#listen(name, listener);
    return () => void stop();
  }

  /** Returns a function that ends it, and returns whether it was the last listener of its name. */
  #listen(name: string, handler: (value: any) => void): () => boolean {
    // A new object, so that the same function may listen twice.
    const listener = (value: any): void => handler(value);
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener) && !listeners.size && this.#listeners.get(name) === listeners && this.#listeners.delete(name);
  }

  #emit(name: string, value: unknown): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        // The promise of an async function.
        const result: any = listener(value);
        result?.catch?.((error: unknown) => this.#report('a listener threw', error));
      } catch (error) {
        this.#report('a listener threw', error);
      }
    }
  }

  /** Reports an exception of the application's or the platform's code. It never stops the client. */
  #report(message: string, error: unknown): void {
    try {
      const heard = [...(this.#listeners.get('error') ?? [])];
      for (const listener of heard) listener({ message, error });
      if (!heard.length) console.error(`usher-client: ${message}`, error);
    } catch {
      // An exception of an error listener is dropped: there is no other way to report it.
    }
  }

  #tell(name: string, value: any, { WebSocket = globalThis.WebSocket }: UsherClientOptions): void {
    const { take } = this.#shell;
    const { attempt } = value;
    const ofChannel = `#${value.channel}`;
    switch (name) {
      case 'open_socket':
        this.#socket = openSocket(() => new WebSocket(value.url, ['usher.v1.json']), this.#shell, {
          received: (text, isOpen) => {
            for (const data of framesIn(text)) if (isOpen()) take({ frame: { attempt, data } });
          },
          ended: (code, reason, clean) => take({ socket_closed: { attempt, code, reason, clean } }),
        });
        return;
      case 'send':
        return this.#socket?.send(encoded(value.data));
      case 'close_socket':
      case 'abort':
        return this.#socket?.close(value.code ?? 1000);
      case 'leave':
        return this.#socket?.lose();
      case 'error':
        return this.#report(value.message, value.error);
      case 'subscription_failed':
        this.#listeners.delete(ofChannel);
        break;
      case 'publication':
        this.#emit(ofChannel, value);
        name = 'message';
    }
    this.#emit(name, value);
  }
}

export function createClient(options: UsherClientOptions): UsherClient {
  return new UsherClient(options);
}

function mustBe(type: string, what: string, value: unknown): void {
  if (typeof value !== type) throw new TypeError(`usher-client: ${what} must be a ${type}, not ${value === null ? 'null' : typeof value}`);
}
