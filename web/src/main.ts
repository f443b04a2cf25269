// The page of `--dev`: one client of usher-client, and all that can be seen of it; and a tunnel, if the gateway has an upstream.

import { createClient, type StageChange } from 'usher-client';
import { advance, newAttempt } from './attempt.js';
import { ConnectionView } from './connection_view.js';
import { ConsoleView } from './console_view.js';
import { byId } from './elements.js';
import { FaultPanel } from './fault_panel.js';
import { type Calls, Faults } from './faults.js';
import { gatewayUrl, readUpstreams } from './gateway.js';
import { MessagesView } from './messages_view.js';
import { TimelineView } from './timeline_view.js';
import { Tunnel } from './tunnel.js';
import { TunnelView } from './tunnel_view.js';

const kPersonal = 'session:';

const faults = new Faults((now) => panel.adopt(now));
const calls: Calls = { token: 0, ticket: 0 };
const client = createClient({
  url: gatewayUrl,
  fetch: faults.fetchCounting(calls),
  storage: faults.storage,
  WebSocket: faults.WebSocket,
});

const connection = new ConnectionView();
const timeline = new TimelineView();
const lines = new ConsoleView();
const messages = new MessagesView();
const tunnelView = new TunnelView((level, text) => lines.add({ level, text }, 'tunnel'));
const tunnel = new Tunnel(faults, tunnelView);
const panel = new FaultPanel(faults, (on) => {
  if (on || tunnel.status === 'stopped') tunnel.reopen();
  // A fault that was mended does not need us: a client that tries again comes back by itself.
  if (!on && client.status !== 'disconnected') return;
  client.disconnect();
  client.connect();
});

let attempt = newAttempt(performance.now());
let sockets = 0;

function onStage(change: StageChange): void {
  attempt = advance(attempt, change, performance.now());
  timeline.show(attempt);
  if (change.stage === 'socket') sockets += 1;
  if (change.delay === undefined) connection.notWaiting();
  else connection.waiting(change.attempt, change.delay);
  count();
}

function count(): void {
  tally('token', calls.token, 'token call');
  tally('ticket', calls.ticket, 'ticket call');
  tally('socket', sockets, 'socket');
}

function tally(name: string, number: number, noun: string): void {
  byId(`calls-${name}`).textContent = String(number);
  byId(`noun-${name}`).textContent = number === 1 ? noun : `${noun}s`;
}

client.on('log', (line) => lines.add(line));
client.on('stage', onStage);
client.on('status', (status) => {
  connection.show(status, client.failure);
  if (status === 'connected') void panel.refresh();
});
client.on('subscribed', ({ channel }) => {
  if (!channel.startsWith(kPersonal)) return;
  messages.ownSession(channel.slice(kPersonal.length));
  connection.identity(channel.slice(kPersonal.length));
});
client.on('message', (message) => messages.add(message));

byId('connect').addEventListener('click', () => client.connect());
byId('disconnect').addEventListener('click', () => client.disconnect());
byId('guest').addEventListener('click', () => {
  client.logout();
  client.connect();
  tunnel.reopen();
});
byId('address').textContent = gatewayUrl;
connection.show(client.status, client.failure);
void panel.refresh();
// No gateway that answers has no upstream to show.
readUpstreams().then((upstreams) => tunnelView.show(upstreams, tunnel), () => {});
client.connect();
