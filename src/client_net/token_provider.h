// Where tokens come from, as the client's shell sees it: one fetch at a time.
//
// Threads: belongs to the client's strand; `done` must come there too.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>

#include "client/failure.h"

namespace usher::client_net {

struct FetchedToken {
  std::string token;
  bool cached;  // it comes from storage
};

// Which token is wanted, from the least to the most.
enum class Freshness {
  any,      // it may come from storage
  fresh,    // the last one must not be given again
  renewed,  // as fresh, and of the same session: not that of a new guest
};

using TokenAnswer = std::variant<FetchedToken, client::HttpFailure>;

class TokenProvider {
 public:
  using Done = std::function<void(TokenAnswer)>;

  virtual ~TokenProvider() = default;

  // Calls `done` once, possibly before it returns. Requires that no other fetch is under way.
  virtual void fetch(Freshness wanted, Done done) = 0;

  // Gives up the fetch under way, so that its `done` is not called. Returns false if it cannot be
  // given up, and will be answered.
  virtual bool cancel() { return false; }

  // The gateway has refused this token for good: it must not be given again.
  virtual void refused(std::string_view /*token*/) {}
};

// Always the same token. There is no fresh one, so that it is never renewed.
class FixedTokenProvider final : public TokenProvider {
 public:
  explicit FixedTokenProvider(std::string token) : token_(std::move(token)) {}
  void fetch(Freshness wanted, Done done) override {
    if (wanted == Freshness::renewed) return done(client::HttpFailure{.status = 401});
    done(FetchedToken{token_, false});
  }

 private:
  const std::string token_;
};

// The user's own function.
class FunctionTokenProvider final : public TokenProvider {
 public:
  using Ask = std::function<void(bool fresh, Done done)>;
  explicit FunctionTokenProvider(Ask ask) : ask_(std::move(ask)) {}
  void fetch(Freshness wanted, Done done) override {
    ask_(wanted != Freshness::any, std::move(done));
  }

 private:
  const Ask ask_;
};

}  // namespace usher::client_net
