#include "session/session_view.h"

#include <string>
#include <utility>

#include "wire/protocol_reply.h"

namespace usher::session {

void SessionView::reply_error(std::uint32_t id, wire::ProtocolError error) {
  dependencies_.observer.on_command_refused();
  std::string text;
  wire::append_error_reply(text, id, error);
  reply(text);
}

SessionLog SessionView::log() const {
  const hub::Identity identity = this->identity();
  const auto client = this->client().digits();
  return {dependencies_,
          {dependencies_.options.identities,
           {client.data(), client.size()},
           identity.session,
           identity.user},
          endpoint_};
}

bool SessionView::begin_hook_call() {
  if (hook_calls_ >= dependencies_.options.hook_calls_max) return false;
  ++hook_calls_;
  return true;
}

bool SessionView::ask(hub::SubscribeQuestion question) {
  agenda().questions.push_back(std::move(question));
  outlet().wake();
  return true;
}

void SessionView::take_decision(hub::SubscribeQuestion question, hub::SubscribeDecision decision) {
  agenda().decided.push_back({std::move(question), std::move(decision)});
  outlet().wake();
}

// The answer to a ping of ours is free.
bool SessionView::pay(Price price) {
  const bool awaits_answer = pings_ == Pings::protocol && heartbeat_.awaits_answer();
  return allowance_.take(price, awaits_answer, dependencies_.options.commands, commands_, now_);
}

Agenda& SessionView::agenda() {
  if (agenda_ == nullptr) agenda_ = std::make_unique<Agenda>();
  return *agenda_;
}

void SessionView::drop_empty_agenda() {
  if (agenda_ != nullptr && agenda_->is_empty()) agenda_.reset();
}

}  // namespace usher::session
