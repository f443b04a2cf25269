// The inputs and outputs of the session: the words of the language-neutral scenario files, as types.
//
// An input, an effect and an event are each an object with exactly one key, so that a scenario step *is* an input and needs no
// translation.

/** Where a client is: at rest, waiting for its next attempt, in one of an attempt's three steps, or connected. */
export type Stage = 'idle' | 'waiting' | 'token' | 'ticket' | 'socket' | 'connected';

export type Status = 'disconnected' | 'connecting' | 'connected' | 'reconnecting';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** A token or ticket call that has failed. No `status`: no HTTP answer came. */
export interface HttpFailure {
  status?: number;
  /** This and the rest come from the peer, and may have any type. */
  code?: Json;
  network?: boolean;
  /** The header's raw text. */
  retry_after?: Json;
  retry_after_ms?: Json;
  /** The delay is a place in a queue: jitter adds at most a second. */
  place?: Json;
}

type Nothing = Record<string, never>;
type Of<T> = { attempt: number } & T;

/** Each input's name and body. */
export interface InputBodies {
  connect: Nothing;
  disconnect: Nothing;
  subscribe: { channel: string };
  unsubscribe: { channel: string };
  publish: { channel: string; data: Json };
  /** The token has changed: show the gateway the new one on the live socket. */
  refresh: Nothing;
  token: Of<{ token: string; cached: boolean }>;
  token_failed: Of<HttpFailure>;
  ticket: Of<{ ticket: string; expires_in: number }>;
  ticket_failed: Of<HttpFailure>;
  /** `protocol`: the selected subprotocol. */
  socket_open: Of<{ protocol?: string }>;
  frame: Of<{ data: Json }>;
  socket_closed: Of<{ code: number; reason: string; clean: boolean }>;
  online: Nothing;
  offline: Nothing;
  hidden: Nothing;
  visible: Nothing;
  /** Try in spite of being offline: the platform may be wrong. */
  probe: Nothing;
  tick: object;
  /** Of a desk: another socket is wanted, is no longer wanted; the hard failure is to be forgotten. */
  ask: Of<{ url: string }>;
  leave: Of<object>;
  reset: Nothing;
}

type OneOf<Bodies> = { [Name in keyof Bodies]: { [Key in Name]: Bodies[Name] } }[keyof Bodies];

export type Input = OneOf<InputBodies>;

export type Effect =
  /** `renew`: of the same session, and not the present one. */
  | { fetch_token: { attempt: number; fresh: boolean; renew?: true } }
  /** Without a `token` the call goes with the browser's cookies alone. */
  | { fetch_ticket: { attempt: number; token?: string; subs?: JsonObject } }
  | { open_socket: { attempt: number; url: string } }
  | { send: { data: JsonObject } }
  | { close_socket: { attempt: number; code: number } }
  | { abort: { attempt: number } }
  /** As abort, but the socket stays. */
  | { abort_refresh: { attempt: number } };

/** A hard failure: another attempt cannot help. `status` from HTTP, `code` from a close frame. */
export interface Failed {
  status?: number;
  code?: number;
  reason: string;
}

export interface Publication {
  channel: string;
  data: Json;
  /** Absent on channels without history. */
  offset?: number;
}

/** The client has entered a stage, or the end of its wait has changed. */
export interface StageChange {
  stage: Stage;
  /** Failures in a row, as in the log line `Reconnecting in … (attempt 1)`. */
  attempt: number;
  /** While waiting: milliseconds until the next attempt; absent: none is planned, the platform is offline. */
  delay?: number;
  /**
   * The failure, hard or soft, that ended the stage before. Without `status` and `code` no answer came, and `reason` is
   * `network error` or `timeout`.
   */
  failure?: Failed;
}

export type ClientEvent =
  | { publication: Publication }
  | { subscribed: { channel: string; recovered: boolean } }
  | { subscription_failed: { channel: string; code: number } }
  | { failed: Failed }
  /** Of a desk: a socket was let in; an attempt or a connection has ended, or an ask was refused. */
  | { opened: { attempt: number } }
  | { ended: Of<Failed & { hard: boolean }> };

export type LogLevel = 'info' | 'warn' | 'error';

/** The outputs of one input, to be carried out in this order. */
export class Output {
  readonly log: { level: LogLevel; text: string }[] = [];
  readonly stage: StageChange[] = [];
  readonly do: Effect[] = [];
  /** Changes only. */
  readonly status: Status[] = [];
  readonly event: ClientEvent[] = [];

  info(text: string): void {
    this.log.push({ level: 'info', text });
  }

  warn(text: string): void {
    this.log.push({ level: 'warn', text });
  }

  error(text: string): void {
    this.log.push({ level: 'error', text });
  }
}
