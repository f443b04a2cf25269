const log = document.querySelector("#log");
const form = document.querySelector("form");
const consumer = ActionCable.createConsumer("/cable");
const chat = consumer.subscriptions.create("ChatChannel", {
  received: ({ message }) => { log.textContent += `${message}\n`; },
});

form.onsubmit = (event) => {
  event.preventDefault();
  chat.perform("speak", { message: form.elements.text.value });
  form.reset();
};
