#include "client_net/token_source_reader.h"

#include <atomic>
#include <utility>

namespace usher {

namespace {

using client_net::FetchedToken;
using client_net::TokenAnswer;
using client_net::TokenProvider;

client::HttpFailure from_public(TokenFailure failure) {
  return {.status = failure.http_status,
          .code = std::move(failure.code),
          .retry_after = std::move(failure.retry_after)};
}

// Answers once. If the user destroys every copy of the reply without an answer, the fetch has
// failed.
class OneAnswer {
 public:
  using Deliver = std::function<void(TokenAnswer)>;
  explicit OneAnswer(Deliver deliver) : deliver_(std::move(deliver)) {}
  ~OneAnswer() { answer(client::HttpFailure{}); }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;

  void answer(TokenAnswer answer) {
    if (!answered_.exchange(true)) deliver_(std::move(answer));
  }

 private:
  const Deliver deliver_;
  std::atomic<bool> answered_ = false;
};

// The reply may come on any thread.
TokenReply reply_to(const TokenSourceReader::Post& post, TokenProvider::Done done) {
  const auto once = std::make_shared<OneAnswer>([post, done = std::move(done)](TokenAnswer answer) {
    post([done, answer = std::move(answer)] { done(answer); });
  });
  return TokenReply([once](std::string* token, bool cached, TokenFailure* failure) {
    if (token) return once->answer(FetchedToken{std::move(*token), cached});
    once->answer(from_public(std::move(*failure)));
  });
}

void ask_user(const TokenSource::Function& ask, bool fresh, TokenReply reply,
              const TokenSourceReader::Fault& fault) {
  try {
    ask(fresh, std::move(reply));
  } catch (const std::exception& error) {
    fault(std::string("the token source threw: ") + error.what());
  } catch (...) {
    fault("the token source threw something that is no std::exception");
  }
}

}  // namespace

std::unique_ptr<TokenProvider> TokenSourceReader::provider(const TokenSource& source, Post post,
                                                           Fault fault) {
  switch (source.kind_) {
    case TokenSource::Kind::guest:
      return nullptr;
    case TokenSource::Kind::fixed:
      return std::make_unique<client_net::FixedTokenProvider>(source.text_);
    case TokenSource::Kind::function:
      return std::make_unique<client_net::FunctionTokenProvider>(
          [ask = source.ask_, post = std::move(post), fault = std::move(fault)](
              bool fresh, TokenProvider::Done done) {
            ask_user(ask, fresh, reply_to(post, std::move(done)), fault);
          });
  }
  return nullptr;
}

client_net::Credentials TokenSourceReader::credentials(const CredentialsFunction& ask,
                                                       Fault fault) {
  if (!ask) return nullptr;
  return [ask, fault = std::move(fault)]() -> std::optional<client_net::HeaderFields> {
    try {
      return ask();
    } catch (const std::exception& error) {
      fault(std::string("the credentials function threw: ") + error.what());
    } catch (...) {
      fault("the credentials function threw something that is no std::exception");
    }
    return std::nullopt;
  };
}

bool TokenSourceReader::has_token(const TokenSource& source,
                                  const CredentialsFunction& credentials) {
  return !credentials || source.kind_ != TokenSource::Kind::guest;
}

std::string TokenSourceReader::guest_file(const TokenSource& source) {
  return source.kind_ == TokenSource::Kind::guest ? source.text_ : "";
}

}  // namespace usher
