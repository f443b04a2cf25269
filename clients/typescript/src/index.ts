// usher-client: token, one-time ticket, socket, and a reconnect that knows when to stop.

export { createClient, UsherClient } from './usher_client';
export type { ClientEvents, Logger, MessageHandler, UsherClientOptions } from './usher_client';
export type { Failed, HttpFailure, Json, Publication, Status } from './protocol';
export type { TokenFunction } from './token_source';
export type { StorageLike } from './token_storage';
export type { Scheduler } from './scheduler';
