class ChatChannel < ActionCable::Channel::Base
  def subscribed
    stream_from "chat"
  end

  def speak(data)
    ActionCable.server.broadcast("chat", { message: "#{current_user}: #{data['message']}" })
  end
end
