// One HTTP request of ours: dial, ask, read the answer, hang up (or keep the connection for the
// next). Never follows a redirect: the request may carry a secret that is for one host.
//
// Threads: belongs to the strand of its executor.
// Limits: Request::answer_bytes_max; a longer body counts as empty, a longer header (16 KiB) as no
// answer; Request::timeout for all of it, name resolution included.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "http_client/endpoint.h"

namespace boost::asio {
class any_io_executor;
namespace ssl {
class context;
}
}  // namespace boost::asio

namespace usher::http_client {

class KeptConnections;

enum class Method : std::uint8_t { get, post };

struct Request {
  Method method = Method::post;
  Endpoint endpoint;
  // Besides those that the exchange itself needs (Host, Connection, Content-Length).
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  std::size_t answer_bytes_max = 64 << 10;
  std::optional<Duration> timeout;  // nothing: cancel() ends it
};

// An HTTP exchange that has ended. No status: there was no answer.
struct Answer {
  std::optional<int> status;
  std::string body;
  std::optional<std::string> retry_after;
  std::string detail;  // where there was no (whole) answer: why, for a human
  bool late = false;   // `timeout` has passed
};

class Call {
 public:
  virtual ~Call() = default;

  // Gives up; `done` will not be called.
  virtual void cancel() = 0;

  // What is being done, for a human: "connecting to 127.0.0.1:8080".
  virtual std::string step() const = 0;
};

// Calls `done` once on `executor`, never inline. Works on without the returned pointer, which only
// serves to cancel. `trust` may be null where the endpoint is not TLS; `kept` where each call has a
// connection of its own, and else must be for the same endpoint always.
std::shared_ptr<Call> start_call(const boost::asio::any_io_executor& executor,
                                 const std::shared_ptr<boost::asio::ssl::context>& trust,
                                 Request request, std::function<void(Answer)> done,
                                 KeptConnections* kept = nullptr);

}  // namespace usher::http_client
