const log = document.querySelector("#log");
const form = document.querySelector("form");
let socket;

function connect() {
  socket = new WebSocket(`ws://${location.host}/chat`);
  socket.onmessage = ({ data }) => { log.textContent += `${data}\n`; };
  socket.onclose = () => setTimeout(connect, 1000);
}

form.onsubmit = (event) => {
  event.preventDefault();
  socket.send(form.elements.text.value);
  form.reset();
};
connect();
