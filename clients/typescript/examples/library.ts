import { createClient } from 'graphql-ws';
import { ticketWebSocket } from 'usher-client/socket';

const TicketWebSocket = ticketWebSocket({ token: ({ fresh }) => getJwt(fresh) });

export const client = createClient({
  url: 'wss://gw.example/graphql',
  webSocketImpl: TicketWebSocket,
  retryAttempts: Infinity, // the class says when an attempt may begin, and a hard failure ends each at once
  shouldRetry: () => TicketWebSocket.failure === null,
});

// After a login:
export const loggedIn = () => TicketWebSocket.reset();

async function getJwt(fresh: boolean): Promise<string | null> {
  const answer = await fetch(`/session/jwt?fresh=${fresh}`, { method: 'POST' });
  return answer.status === 401 ? null : answer.text();
}
