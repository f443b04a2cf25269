#include "client_net/guest_token_provider.h"

#include <utility>

namespace usher::client_net {

GuestTokenProvider::GuestTokenProvider(TokenFile file, Post post, Now now)
    : file_(std::move(file)), post_(std::move(post)), now_(std::move(now)) {}

// Another process may have renewed it.
std::optional<StoredToken> GuestTokenProvider::stored() {
  if (auto on_disk = file_.load()) kept_ = std::move(on_disk);
  return kept_;
}

void GuestTokenProvider::fetch(Freshness wanted, Done done) {
  done_ = std::move(done);
  auto token = stored();
  if (token && wanted == Freshness::any && token->is_young(now_()))
    return finish(FetchedToken{token->token, true});
  ask(std::move(token), wanted);
}

bool GuestTokenProvider::cancel() {
  done_ = nullptr;
  if (auto cancel = std::exchange(cancel_, nullptr)) cancel();
  return true;
}

void GuestTokenProvider::refused(std::string_view token) { forget(token); }

void GuestTokenProvider::ask(std::optional<StoredToken> to_renew, Freshness wanted) {
  std::optional<std::string> bearer;
  if (to_renew) bearer = to_renew->token;
  cancel_ = post_(std::move(bearer),
                  [this, renewed = std::move(to_renew), wanted](const HttpAnswer& answer) {
                    answered(renewed, wanted, answer);
                  });
}

void GuestTokenProvider::answered(const std::optional<StoredToken>& renewed, Freshness wanted,
                                  const HttpAnswer& answer) {
  cancel_ = nullptr;
  const client::Instant now = now_();
  auto read = read_token_answer(answer);
  if (auto* token = std::get_if<GuestToken>(&read)) {
    kept_ = StoredToken{token->token, now, token->life};
    file_.save(*kept_);  // if it fails, there is a new guest after a restart, and no other harm
    return finish(FetchedToken{token->token, false});
  }
  const auto& failure = std::get<client::HttpFailure>(read);
  const bool is_refusal = failure.status == 401;
  if (renewed && is_refusal) forget(renewed->token);
  if (renewed && is_refusal && wanted == Freshness::fresh) return ask(std::nullopt, wanted);
  const bool is_soft = client::classify_http(failure, false) == client::HttpVerdict::soft;
  if (renewed && wanted == Freshness::any && is_soft && renewed->is_valid(now))
    return finish(FetchedToken{renewed->token, true});
  finish(failure);
}

void GuestTokenProvider::finish(TokenAnswer answer) {
  if (auto done = std::exchange(done_, nullptr)) done(std::move(answer));
}

void GuestTokenProvider::forget(std::string_view token) {
  file_.remove(token);
  if (kept_ && kept_->token == token) kept_.reset();
}

}  // namespace usher::client_net
