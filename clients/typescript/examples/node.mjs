import { createClient } from 'usher-client';
import { WebSocket } from 'ws'; // Node 22 and later have their own

const client = createClient({ url: 'http://127.0.0.1:8080', WebSocket });

client.subscribe('news:1', (data) => console.log(data));
client.connect();
