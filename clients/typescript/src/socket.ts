// usher-client/socket: the ticket for the WebSocket server that you already have.

export { UsherSocket } from './usher_socket.js';
export type { UsherSocketOptions } from './usher_socket.js';
export type { UsherSocketEventMap } from './browser_socket.js';
export { ticketWebSocket } from './ticket_websocket.js';
export type { TicketWebSocket, TicketWebSocketOptions } from './ticket_websocket.js';
export type { Failed } from './protocol.js';
export type { Logger } from './shell.js';
export type { TokenFunction } from './token_provider.js';
export type { StorageLike } from './token_storage.js';
