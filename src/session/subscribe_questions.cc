#include "session/subscribe_questions.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "session/hook_calls.h"
#include "session/subscription_token_check.h"
#include "wire/json_writer.h"

namespace usher::session {
namespace {

// The hub must not take it for an error of the engine.
hub::SubscribeError given(const HookError& error) {
  return hub::SubscribeError(hub::GivenError{error.code, error.message, error.temporary});
}

HookError error_of(wire::ProtocolError error) {
  return {wire::error_code(error), std::string(wire::error_message(error)),
          wire::is_temporary(error)};
}

}  // namespace

std::string channels_text(const std::vector<hub::SubscribeQuestion>& questions) {
  std::string text = "[";
  for (auto question = questions.begin(); question != questions.end(); ++question) {
    const bool again = std::any_of(questions.begin(), question, [&](const auto& earlier) {
      return earlier.channel == question->channel;
    });
    if (again) continue;
    if (text.size() > 1) text += ',';
    wire::JsonObjectWriter object(text);
    object.text("channel", question->channel);
    object.member("data") += question->data.empty() ? "null" : question->data;
    object.end();
  }
  text += ']';
  return text;
}

hub::SubscribeDecision decision_of(const HookAnswer& answer,
                                   const hub::SubscribeQuestion& question) {
  if (const auto* error = std::get_if<HookError>(&answer)) return given(*error);
  const auto* decided = std::get_if<SubscribeAnswer>(&answer);
  if (decided == nullptr) return given(error_of(wire::ProtocolError::internal));
  const auto found = std::find_if(decided->begin(), decided->end(),
                                  [&](const auto& one) { return one.channel == question.channel; });
  if (found == decided->end()) return hub::SubscribeError(hub::Error::permission_denied);
  if (const auto* error = std::get_if<HookError>(&found->verdict)) return given(*error);
  return std::get<hub::SubscriptionGrant>(found->verdict);
}

void SubscribeQuestions::go_on() {
  auto decided = std::exchange(session_.agenda().decided, {});
  if (!decided.empty()) tell(std::move(decided));
  if (session_.state() == State::live && !session_.agenda().commands.empty()) return;
  auto questions = std::exchange(session_.agenda().questions, {});
  if (!questions.empty()) ask(std::move(questions));
}

void SubscribeQuestions::ask(std::vector<hub::SubscribeQuestion> questions) {
  const auto for_hook = std::partition(questions.begin(), questions.end(),
                                       [](const auto& one) { return !one.token.empty(); });
  std::vector<hub::SubscribeQuestion> hook(std::make_move_iterator(for_hook),
                                           std::make_move_iterator(questions.end()));
  questions.erase(for_hook, questions.end());
  if (!hook.empty()) ask_hook(std::move(hook));
  for (hub::SubscribeQuestion& question : questions) {
    SubscriptionTokenCheck(session_).decide(std::move(question));
  }
}

void SubscribeQuestions::ask_hook(std::vector<hub::SubscribeQuestion> questions) {
  HookCalls calls(session_);
  const std::string channels = channels_text(questions);
  const auto decide = [](SessionView& session, std::vector<hub::SubscribeQuestion> asked,
                         const HookAnswer& answer) {
    for (hub::SubscribeQuestion& question : asked) {
      hub::SubscribeDecision decision = decision_of(answer, question);
      session.take_decision(std::move(question), std::move(decision));
    }
  };
  if (!calls.has(Hook::subscribe)) {
    return decide(session_, std::move(questions), error_of(wire::ProtocolError::internal));
  }
  if (!session_.begin_hook_call()) {
    return decide(session_, std::move(questions), error_of(wire::ProtocolError::too_many_requests));
  }
  calls.ask_while_joined(HookEvent::Kind::subscribe, channels,
                         [asked = std::move(questions), decide](SessionView& session,
                                                                const HookAnswer& answer) mutable {
                           session.end_hook_call();
                           decide(session, std::move(asked), answer);
                         });
}

void SubscribeQuestions::tell(std::vector<Agenda::Decided> decided) {
  const Replies::Frame frame(session_.replies());
  for (auto& [question, decision] : decided) {
    session_.hub().decide(question, std::move(decision));
  }
  session_.replies().flush();
}

}  // namespace usher::session
