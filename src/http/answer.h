// The way back of one request: adds what every answer must carry, counts it, and sends it once.
//
// A route gets an Answer and ends every path with exactly one of its functions, at once or later.
//
// Threads: the shard's. Owns: copies of the parts of the request that it needs, so that it outlives
// the request. Borrows: AnswerDependencies and the route's counts.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/log_identity.h"
#include "edge/exchange.h"
#include "http/problem.h"
#include "http/refusal_log.h"
#include "metrics/counts.h"

namespace usher::limits {
class RateLimiter;
}

namespace usher::http {

// Whether pages of other origins may read the answers of a route (cors.h).
enum class Cors : std::uint8_t { none, echo_origin, echo_origin_with_credentials };

struct Refusal {
  Problem problem;
  std::string_view detail = {};  // as ProblemText::detail
  std::optional<std::chrono::milliseconds> retry_after = {};
  std::string_view log_reason = {};  // for the log alone
  bool is_place = false;             // as ProblemText::is_place
  bool ends_connection = false;      // besides those that do so anyway
  std::string_view code = {};        // as ProblemText::code
};

// The route that a request came for: its name in log lines, and where its answers are counted.
struct CountedRoute {
  std::string_view name;  // a literal
  metrics::HttpCounts& answers;
};

struct AnswerDependencies {
  RefusalLog& refusals;
  limits::RateLimiter* refusals_per_address = nullptr;  // null: no limit
};

class Answer {
 public:
  Answer(const edge::RequestContext& context, CountedRoute route, Cors cors, std::string trace_id,
         AnswerDependencies dependencies, edge::Respond respond);

  // A JSON body, with `Cache-Control: no-store`.
  void json(std::string body, metrics::CountedStatus status = 200);
  // A refusal that is the caller's fault is charged to its address (refusal_rate.h).
  void refuse(const Refusal& refusal);
  void refuse_method(std::string_view allowed);  // 405 with `Allow`
  // The same as refuse() for a refusal that has a log line of its own; it is charged to no address.
  void refuse_logged(const Refusal& refusal);
  void send(wire::HttpResponse response);

  // From now on a refusal has its code in X-Usher-Code, too: for proxies, which read no bodies.
  void tell_code() { tells_code_ = true; }

  const std::string& trace_id() const { return trace_id_; }

  // Whose request it is, once that is known: a refusal's line then says so.
  void is_about(const LogIdentity& who);
  // Good while this object lives.
  LogIdentity who() const { return {identities_, {}, session_, user_}; }

  // The Origin of the request as it came.
  std::optional<std::string_view> origin() const;
  const std::string& peer_address() const { return peer_address_; }

 private:
  bool is_over_rate(Problem problem);
  void send_problem(Problem problem, wire::HttpResponse response);

  CountedRoute route_;
  Cors cors_;
  std::string charged_address_;
  std::string trace_id_;
  std::string peer_address_;
  std::optional<std::string> origin_;
  TimePoint asked_at_;
  AnswerDependencies dependencies_;
  edge::Respond respond_;
  Identities identities_ = Identities::off;
  std::string session_;
  std::string user_;
  bool tells_code_ = false;
};

}  // namespace usher::http
