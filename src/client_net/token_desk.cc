#include "client_net/token_desk.h"

#include "client_net/call_answer.h"

namespace usher::client_net {

namespace {

// A token that could forge a header counts as one that the gateway refuses.
TokenAnswer checked(TokenAnswer answer) {
  const auto* token = std::get_if<FetchedToken>(&answer);
  if (!token || is_bearer(token->token)) return answer;
  return client::HttpFailure{.status = 401, .code = "INVALID_TOKEN"};
}

}  // namespace

TokenDesk::TokenDesk(std::unique_ptr<TokenProvider> provider, Answer answer)
    : provider_(std::move(provider)), answer_(std::move(answer)) {}

void TokenDesk::fetch(client::Attempt attempt, bool fresh) {
  waiting_ = Request{attempt, fresh};
  if (!under_way_) start(fresh);
}

void TokenDesk::abort() {
  waiting_.reset();
  if (under_way_ && provider_->cancel()) under_way_ = false;
}

void TokenDesk::start(bool fresh) {
  under_way_ = true;
  provider_->fetch(fresh,
                   [this, fresh](TokenAnswer answer) { answered(fresh, std::move(answer)); });
}

void TokenDesk::answered(bool fresh, TokenAnswer answer) {
  under_way_ = false;
  if (!waiting_) return;
  if (waiting_->fresh && !fresh) return start(true);  // it may be the very token that was refused
  const client::Attempt attempt = waiting_->attempt;
  waiting_.reset();
  answer_(attempt, checked(std::move(answer)));
}

}  // namespace usher::client_net
