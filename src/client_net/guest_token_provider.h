// Guest tokens from the gateway's own endpoint, kept so that a guest stays the same guest.
//
// A stored token is used as it is in the first half of its life. In the second half, and when it
// has expired, it is renewed with itself as the Bearer. If a renewal fails softly, a token that is
// still valid is used again. Only a token that the gateway refuses leads to a new guest, and not
// where a token of the same session is wanted.
//
// Threads: belongs to the client's strand.
#pragma once

#include <functional>
#include <optional>

#include "client_net/call_answer.h"
#include "client_net/token_file.h"
#include "client_net/token_provider.h"

namespace usher::client_net {

class GuestTokenProvider final : public TokenProvider {
 public:
  // Calls `POST /auth/token`, with or without a Bearer. Returns a function that gives the call up.
  using Cancel = std::function<void()>;
  using Post =
      std::function<Cancel(std::optional<std::string> bearer, std::function<void(HttpAnswer)>)>;
  using Now = std::function<client::Instant()>;

  GuestTokenProvider(TokenFile file, Post post, Now now);

  void fetch(Freshness wanted, Done done) override;
  bool cancel() override;
  void refused(std::string_view token) override;

 private:
  std::optional<StoredToken> stored();
  void ask(std::optional<StoredToken> to_renew, Freshness wanted);
  void answered(const std::optional<StoredToken>& renewed, Freshness wanted,
                const HttpAnswer& answer);
  void finish(TokenAnswer answer);
  void forget(std::string_view token);

  const TokenFile file_;
  const Post post_;
  const Now now_;
  std::optional<StoredToken> kept_;  // the content of the file, if there is one
  Cancel cancel_;
  Done done_;
};

}  // namespace usher::client_net
