// One POST: dial, ask, read the answer, hang up. Never follows a redirect: the request may carry a
// Bearer.
//
// Has no timeout of its own: the session's stages end it by cancel().
//
// Threads: belongs to the strand of its executor.
// Limits: kAnswerBytesMax; a longer body counts as empty, a longer header as no answer.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client_net/call_answer.h"
#include "client_net/endpoint.h"

namespace boost::asio {
class any_io_executor;
namespace ssl {
class context;
}
}  // namespace boost::asio

namespace usher::client_net {

struct PostRequest {
  Endpoint endpoint;
  std::optional<std::string> bearer;
  std::optional<std::string> api_key;  // of the server API
  std::optional<std::string> origin;
  std::string body;  // JSON, or empty
};

class HttpCall {
 public:
  static constexpr std::size_t kAnswerBytesMax = 64 << 10;

  virtual ~HttpCall() = default;

  // Gives up; `done` will not be called.
  virtual void cancel() = 0;
};

// Calls `done` once on `executor`, never inline. Works on without the returned pointer, which only
// serves to cancel.
std::shared_ptr<HttpCall> start_post(const boost::asio::any_io_executor& executor,
                                     const std::shared_ptr<boost::asio::ssl::context>& trust,
                                     PostRequest request, std::function<void(HttpAnswer)> done);

}  // namespace usher::client_net
