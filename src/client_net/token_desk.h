// One token fetch at a time, however many attempts ask: an attempt that asks while a fetch is under
// way waits for its answer, too.
//
// Threads: belongs to the client's strand.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "client/protocol.h"
#include "client_net/token_provider.h"

namespace usher::client_net {

class TokenDesk {
 public:
  using Answer = std::function<void(client::Attempt, TokenAnswer)>;

  TokenDesk(std::unique_ptr<TokenProvider> provider, Answer answer);

  // Calls the answer once, possibly before it returns, unless abort() comes first.
  void fetch(client::Attempt attempt, Freshness wanted);

  // The attempt does not wait for a token any more.
  void abort(client::Attempt attempt);

  // From now on tokens come from `provider`. It is asked for what the former one has not answered.
  void use(std::unique_ptr<TokenProvider> provider);

  void refused(std::string_view token) { provider_->refused(token); }

 private:
  void start(Freshness wanted);
  void start_again();
  void answered(Freshness wanted, const TokenAnswer& answer);

  std::unique_ptr<TokenProvider> provider_;
  std::uint64_t provider_number_ = 0;  // the answer of a former one is dropped
  const Answer answer_;
  std::map<client::Attempt, Freshness> waiting_;
  bool under_way_ = false;
};

}  // namespace usher::client_net
