// POST /api/…: the calls of backends (contract section 4). `sessions` can be asked with GET, too.
//
// Made for machines that hold a key: no CORS, and a request with an Origin header is refused
// whatever else it has, so that no web page can use a key that found its way into a browser. A
// wrong key is 401, and 429 when an address shows too many; the right one is taken even then, else
// other clients behind the backend's address (a proxy's) could lock it out.
//
// Threads: one per shard. Borrows: Dependencies, and the shard's JsonReader during a call.
// Limits: the body (Router), limits.message_bytes, kBatchCommandsMax.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "api/api_calls.h"
#include "http/answer.h"
#include "http/dependencies.h"
#include "wire/json.h"

namespace usher::api {

inline constexpr std::size_t kBatchCommandsMax = 1000;
inline constexpr std::size_t kBatchCommandsPerTurn = 100;  // the rest waits for turns of its own

class ApiRoute {
 public:
  ApiRoute(ApiCallsOptions options, ApiLimits limits, http::RouteDependencies& dependencies,
           wire::JsonReader& json);

  void set_options(ApiCallsOptions options, ApiLimits limits);

  // `name`: what follows `/api/`; empty: the older form (command_lines.h). Requires that the API is on.
  void handle(const edge::RequestContext& context, std::string_view name, http::Answer answer);

  // Returns whether handle() would read the body of this request: its head is that of a backend
  // with a key. Charges no limit.
  bool wants_body(const wire::HttpRequest& head, std::string_view name) const;

 private:
  struct Batch;

  bool has_key(const wire::HttpRequest& request) const;
  std::optional<http::Refusal> check_key(const edge::RequestContext& context);
  // `body`: the call, as JSON.
  void call(ApiMethod method, std::string_view body, const edge::RequestContext& context,
            http::Answer answer);
  void sessions(const edge::RequestContext& context, http::Answer answer);
  void batch(const edge::RequestContext& context, http::Answer answer);
  void lines(const edge::RequestContext& context, http::Answer answer);
  void carry_out(ApiMethod method, Result<ApiCall, ApiError> call, ApiDone done);
  void begin(const std::shared_ptr<Batch>& batch);
  void run_on(const std::shared_ptr<Batch>& batch);
  void begin_some(const std::shared_ptr<Batch>& batch);

  ApiLimits limits_;
  http::RouteDependencies& dependencies_;
  wire::JsonReader& json_;
  ApiCalls calls_;
};

}  // namespace usher::api
