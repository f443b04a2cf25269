import json

from channels.generic.websocket import AsyncWebsocketConsumer


class ChatConsumer(AsyncWebsocketConsumer):
    async def connect(self):
        self.user = self.scope["session"].get("user")
        if not self.user:
            await self.close()
            return
        self.room_group = f"chat_{self.scope['url_route']['kwargs']['room_name']}"
        await self.channel_layer.group_add(self.room_group, self.channel_name)
        await self.accept()

    async def disconnect(self, code):
        if self.user:
            await self.channel_layer.group_discard(self.room_group, self.channel_name)

    async def receive(self, text_data):
        message = f"{self.user}: {json.loads(text_data)['message']}"
        await self.channel_layer.group_send(self.room_group, {"type": "chat.message", "message": message})

    async def chat_message(self, event):
        await self.send(json.dumps({"message": event["message"]}))
