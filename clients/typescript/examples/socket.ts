import { UsherSocket } from 'usher-client/socket';

const socket = new UsherSocket('https://gw.example/board?room=7', [], {
  token: ({ fresh }) => getJwt(fresh), // your login; without it: a guest
  queue: 20,
});

socket.onopen = () => socket.send('hello'); // on every connection: the server's side is new each time
socket.onmessage = ({ data }) => console.log(data);
socket.onlost = () => console.log('lost; it comes back by itself');
socket.onreopen = () => console.log('back: ask for what was missed');
socket.onclose = ({ code, reason }) => console.log('closed for good:', code, reason);

async function getJwt(fresh: boolean): Promise<string | null> {
  const answer = await fetch(`/session/jwt?fresh=${fresh}`, { method: 'POST' });
  return answer.status === 401 ? null : answer.text();
}
