// Guest tokens from the gateway's own endpoint, kept so that a guest stays the same guest.
//
// A stored token in the first half of its life is given as it is. In the second half, and when it
// has expired, it is renewed with its own Bearer; while a renewal fails softly, a token that is
// still good serves on. Only a token that the gateway refuses leads to a new guest.
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
  // Asks `POST /auth/token`, with a Bearer or without one. Returns how to give the call up.
  using Cancel = std::function<void()>;
  using Post =
      std::function<Cancel(std::optional<std::string> bearer, std::function<void(HttpAnswer)>)>;
  using Now = std::function<client::Instant()>;

  GuestTokenProvider(TokenFile file, Post post, Now now);

  void fetch(bool fresh, Done done) override;
  bool cancel() override;
  void refused(std::string_view token) override;

 private:
  std::optional<StoredToken> stored();
  void ask(std::optional<StoredToken> to_renew, bool fresh);
  void answered(const std::optional<StoredToken>& renewed, bool fresh, const HttpAnswer& answer);
  void finish(TokenAnswer answer);
  void forget(std::string_view token);

  const TokenFile file_;
  const Post post_;
  const Now now_;
  std::optional<StoredToken> kept_;  // what the file holds, or would hold
  Cancel cancel_;
  Done done_;
};

}  // namespace usher::client_net
