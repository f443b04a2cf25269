// usher-client: token, one-time ticket, socket, and a reconnect that knows when to stop.

export { createClient, UsherClient } from './usher_client.js';
export type { ClientEvents, MessageHandler, UsherClientOptions } from './usher_client.js';
export type { Logger } from './shell.js';
export type { Failed, HttpFailure, Json, Publication, Stage, StageChange, Status } from './protocol.js';
export type { TokenFunction } from './token_provider.js';
export type { StorageLike } from './token_storage.js';
export type { Scheduler } from './scheduler.js';
