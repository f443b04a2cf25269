import { createClient } from 'usher-client';

const client = createClient({ url: 'https://gw.example' });

client.on('status', (status) => {
  document.title = status; // disconnected, connecting, connected, reconnecting
});
client.on('failed', ({ reason }) => {
  console.log('Stopped for good:', reason); // trying again can't help
});

export const orders = client.subscribe('orders:42', (order) => {
  console.log('order 42 is', order.status);
});

client.connect();

// Later: orders.unsubscribe(); client.disconnect();
