// One HTTP request of ours: dial, send it, read the answer, close (or keep the connection for the
// next request). It never follows a redirect: the request may carry a secret that is for one host.
//
// Threads: belongs to the strand of its executor.
// Limits: Request::answer_bytes_max, beyond which a body counts as empty; 16 KiB, beyond which a
// header counts as no answer; Request::timeout for the whole, name resolution included.
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
  // In addition to Host, Connection and Content-Length.
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  std::size_t answer_bytes_max = 64 << 10;
  std::optional<Duration> timeout;  // nullopt: only cancel() ends it
};

// The end of an HTTP exchange. Without a status there was no answer.
struct Answer {
  std::optional<int> status;
  std::string body;
  std::optional<std::string> retry_after;
  std::string detail;  // why there was no answer, or no whole one; for a person
  bool late = false;   // `timeout` has passed
};

class Call {
 public:
  virtual ~Call() = default;

  // Gives the call up: `done` is not called after it.
  virtual void cancel() = 0;

  // The step that is under way, for a person: "connecting to 127.0.0.1:8080".
  virtual std::string step() const = 0;
};

// Calls `done` once on `executor`, never inline. The call goes on without the returned pointer,
// which only serves to cancel it. `trust` may be null unless the endpoint is TLS. `kept` may be
// null: then the call has a connection of its own; if not, all calls with it must be to the same
// endpoint.
std::shared_ptr<Call> start_call(const boost::asio::any_io_executor& executor,
                                 const std::shared_ptr<boost::asio::ssl::context>& trust,
                                 Request request, std::function<void(Answer)> done,
                                 KeptConnections* kept = nullptr);

}  // namespace usher::http_client
