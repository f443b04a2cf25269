// One token fetch at a time, however many attempts ask: a later attempt takes over the fetch that
// an earlier one has begun.
//
// Threads: belongs to the client's strand.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "client/protocol.h"
#include "client_net/token_provider.h"

namespace usher::client_net {

class TokenDesk {
 public:
  using Answer = std::function<void(client::Attempt, TokenAnswer)>;

  TokenDesk(std::unique_ptr<TokenProvider> provider, Answer answer);

  // Calls the answer once, possibly before it returns, unless abort() or another fetch() comes
  // first.
  void fetch(client::Attempt attempt, bool fresh);

  // No attempt waits for a token any more.
  void abort();

  void refused(std::string_view token) { provider_->refused(token); }

 private:
  struct Request {
    client::Attempt attempt;
    bool fresh;
  };

  void start(bool fresh);
  void answered(bool fresh, TokenAnswer answer);

  const std::unique_ptr<TokenProvider> provider_;
  const Answer answer_;
  std::optional<Request> waiting_;
  bool under_way_ = false;
};

}  // namespace usher::client_net
