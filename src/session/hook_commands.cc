// What clients ask of the backend: rpc, send, and publish where the backend wants to be asked.
//
// The answers come when they come, in any order, and find their connection by its id: one that has
// left meanwhile is not found.
#include <utility>

#include "session/server_session.h"
#include "wire/protocol_reply.h"

namespace usher::session {

using Kind = HookEvent::Kind;

namespace {

constexpr std::size_t kMethodBytesMax = 255;  // it becomes an HTTP field

}  // namespace

bool ServerSession::has_hook(Hook hook) const {
  return dependencies_.hooks != nullptr && dependencies_.hooks->has(hook);
}

HookEvent ServerSession::event(Kind kind, const std::string& client) const {
  return {.kind = kind, .client = client, .session = identity_.session(), .user = identity_.user()};
}

// `answered(session, answer)` is called unless the connection has left. Every subscriber of a
// shard's hub is a session of that shard.
template <class Answered>
void ServerSession::ask_hook(std::uint32_t id, Kind kind, std::string_view name,
                             std::string_view data, Answered answered) {
  if (hook_calls_ >= dependencies_.options.hook_calls_max) {
    return reply_error(id, wire::ProtocolError::too_many_requests);
  }
  ++hook_calls_;
  const std::string client = Subscriber::client().text();
  HookEvent asked = event(kind, client);
  asked.name = name;
  asked.data = data;
  dependencies_.hooks->ask(asked, [&hub = dependencies_.hub, client = Subscriber::client(),
                                   answered = std::move(answered)](HookAnswer answer) mutable {
    auto* const session = static_cast<ServerSession*>(hub.find(client));
    if (session == nullptr || session->state_ != State::live) return;
    --session->hook_calls_;
    answered(*session, std::move(answer));
  });
}

void ServerSession::tell_hook(Kind kind, std::uint16_t code, std::string_view reason) {
  if (dependencies_.hooks == nullptr) return;
  const std::string client = Subscriber::client().text();
  HookEvent told = event(kind, client);
  told.code = code;
  told.reason = reason;
  dependencies_.hooks->tell(told);
}

void ServerSession::reply_hook_error(std::uint32_t id, const HookError& error) {
  dependencies_.observer.on_command_refused();
  std::string text;
  wire::append_error_reply(text, id, error.code, error.message, error.temporary);
  reply(std::move(text));
}

void ServerSession::carry_out(std::uint32_t id, const wire::RpcCommand& command) {
  if (!has_hook(Hook::rpc)) return reply_error(id, wire::ProtocolError::not_available);
  if (command.method.size() > kMethodBytesMax) {
    return reply_error(id, wire::ProtocolError::bad_request);
  }
  ask_hook(id, Kind::rpc, command.method, command.data,
           [id](ServerSession& self, const HookAnswer& answer) { self.answer_rpc(id, answer); });
}

void ServerSession::answer_rpc(std::uint32_t id, const HookAnswer& answer) {
  if (const auto* error = std::get_if<HookError>(&answer)) return reply_hook_error(id, *error);
  std::string text;
  wire::append_rpc_reply(text, id, std::get<std::string>(answer));
  reply(std::move(text));
}

void ServerSession::carry_out(std::uint32_t, const wire::SendCommand& command) {
  if (!has_hook(Hook::rpc)) return;  // for a backend, and there is none
  const std::string client = Subscriber::client().text();
  HookEvent told = event(Kind::send, client);
  told.data = command.data;
  dependencies_.hooks->tell(told);
}

void ServerSession::carry_out(std::uint32_t id, const wire::PublishCommand& command) {
  if (has_hook(Hook::publish)) return publish_through_hook(id, command.channel, command.data);
  dependencies_.hub.publish(*this, command.channel, command.data, published(id));
}

hub::Handler<hub::Position> ServerSession::published(std::uint32_t id) {
  return [this, id](const Result<hub::Position, hub::Error>& outcome) {
    if (!outcome) return reply_error(id, hub::protocol_error(outcome.error()));
    dependencies_.observer.on_published();
    std::string text;
    wire::append_publish_reply(text, id);
    reply(std::move(text));
  };
}

// The backend is asked only about what the namespace permits.
void ServerSession::publish_through_hook(std::uint32_t id, std::string_view channel,
                                         std::string_view data) {
  auto wished = std::make_unique<Wished>(Wished{id, std::string(channel), std::string(data)});
  dependencies_.hub.may_publish(
      *this, channel,
      [this, wished = std::move(wished)](const Result<void, hub::Error>& allowed) mutable {
        const Wished& wish = *wished;
        if (!allowed) return reply_error(wish.id, hub::protocol_error(allowed.error()));
        ask_hook(wish.id, Kind::publish, wish.channel, wish.data,
                 [wished = std::move(wished)](ServerSession& self, const HookAnswer& answer) {
                   self.publish_as_answered(*wished, answer);
                 });
      });
}

void ServerSession::publish_as_answered(const Wished& wished, const HookAnswer& answer) {
  if (const auto* error = std::get_if<HookError>(&answer)) {
    return reply_hook_error(wished.id, *error);
  }
  const auto& instead = std::get<std::string>(answer);
  dependencies_.hub.publish_counted(*this, wished.channel, instead.empty() ? wished.data : instead,
                                    published(wished.id));
}

}  // namespace usher::session
