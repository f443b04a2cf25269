#include "client_net/token_desk.h"

#include <algorithm>
#include <ranges>
#include <vector>

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

void TokenDesk::fetch(client::Attempt attempt, Freshness wanted) {
  waiting_[attempt] = wanted;
  if (!under_way_) start(wanted);
}

void TokenDesk::abort(client::Attempt attempt) {
  waiting_.erase(attempt);
  if (waiting_.empty() && under_way_ && provider_->cancel()) under_way_ = false;
}

void TokenDesk::use(std::unique_ptr<TokenProvider> provider) {
  if (under_way_) provider_->cancel();
  under_way_ = false;
  provider_ = std::move(provider);
  ++provider_number_;
  start_again();
}

void TokenDesk::start(Freshness wanted) {
  under_way_ = true;
  provider_->fetch(wanted, [this, wanted, number = provider_number_](const TokenAnswer& answer) {
    if (number == provider_number_) answered(wanted, answer);
  });
}

// For those that still wait, if there are any.
void TokenDesk::start_again() {
  if (waiting_.empty()) return;
  start(std::ranges::max(waiting_ | std::views::values));
}

void TokenDesk::answered(Freshness wanted, const TokenAnswer& answer) {
  under_way_ = false;
  // A token that was not asked for as a fresh one may be the very token that was refused.
  std::vector<client::Attempt> served;
  for (const auto& [attempt, need] : waiting_) {
    if (need <= wanted) served.push_back(attempt);
  }
  for (const client::Attempt attempt : served) waiting_.erase(attempt);
  start_again();
  const TokenAnswer usable = checked(answer);
  for (const client::Attempt attempt : served) answer_(attempt, usable);
}

}  // namespace usher::client_net
