#include "api/api_route.h"

#include <utility>

#include "api/api_keys.h"
#include "api/api_metrics.h"
#include "api/api_sessions.h"
#include "api/command_lines.h"
#include "api/foreign_calls.h"
#include "http/bearer.h"
#include "http/json_fields.h"
#include "http/route_checks.h"

namespace usher::api {
namespace {

constexpr std::size_t kNodesMax = 100'000;
constexpr std::string_view kUnreadable =
    "the body is not valid JSON, has a member twice, or more than 64 levels";

// How errors are told: in a 200 body, or as HTTP statuses.
enum class ErrorMode : std::uint8_t { body, transport };

ErrorMode error_mode(const wire::HttpRequest& request) {
  return request.find("x-centrifugo-error-mode") == "transport" ? ErrorMode::transport
                                                                : ErrorMode::body;
}

void answer_with(http::Answer& answer, const ApiOutcome& outcome, ErrorMode mode) {
  std::string body = to_reply(outcome);
  if (outcome || mode == ErrorMode::body) return answer.json(std::move(body));
  answer.json(std::move(body), transport_status(outcome.error().code));
}

// A URL is written into logs on its way, and a key in it would be too.
bool has_key_in_url(std::string_view target) {
  const std::size_t query = target.find('?');
  if (query == std::string_view::npos) return false;
  target.remove_prefix(query);
  return target.starts_with("?api_key=") || target.find("&api_key=") != std::string_view::npos;
}

}  // namespace

ApiRoute::ApiRoute(ApiCallsOptions options, ApiLimits limits, http::RouteDependencies& dependencies,
                   wire::JsonReader& json)
    : limits_(limits),
      dependencies_(dependencies),
      json_(json),
      calls_(std::move(options), dependencies) {
  limits_.channel_rules = dependencies_.channel_rules;
}

void ApiRoute::set_options(ApiCallsOptions options, ApiLimits limits) {
  limits_ = std::move(limits);
  limits_.channel_rules = dependencies_.channel_rules;
  calls_.set_options(std::move(options));
}

// Origin, path, method, key, size: any request with an Origin is refused, a preflight too.
void ApiRoute::handle(const edge::RequestContext& context, std::string_view name,
                      http::Answer answer) {
  if (context.request.find("origin")) {
    return answer.refuse({http::Problem::origin_blocked, "The server API is not for web pages."});
  }
  const auto method = api_method(name);
  if (!method && !name.empty()) {
    return answer.refuse({.problem = http::Problem::not_found, .detail = why_not_here(name)});
  }
  const bool lists = method == ApiMethod::sessions;
  const bool asks = lists && context.request.method == "GET";
  if (context.request.method != "POST" && !asks) {
    return answer.refuse_method(lists ? "GET, POST" : "POST");
  }
  if (const auto refusal = check_key(context)) return answer.refuse(*refusal);
  if (asks) return sessions(context, std::move(answer));
  if (context.body_too_large) return answer.refuse({http::Problem::too_large});
  if (!method) return lines(context, std::move(answer));
  if (*method == ApiMethod::batch) return batch(context, std::move(answer));
  call(*method, context.request.body, context, std::move(answer));
}

// A GET has its members in the query. A body means nothing there (RFC 9110 section 9.3.1).
void ApiRoute::sessions(const edge::RequestContext& context, http::Answer answer) {
  const auto body = sessions_body(context.request.query());
  if (body) return call(ApiMethod::sessions, *body, context, std::move(answer));
  carry_out(ApiMethod::sessions,
            ApiError{hub::Error::bad_request,
                     "the query is malformed, or names a member twice: give it like "
                     "?user=ada&limit=100"},
            [answer = std::move(answer), mode = error_mode(context.request)](
                ApiOutcome outcome) mutable { answer_with(answer, outcome, mode); });
}

bool ApiRoute::wants_body(const wire::HttpRequest& head, std::string_view name) const {
  return !head.find("origin") && (name.empty() || api_method(name)) && head.method == "POST" &&
         has_key(head);
}

bool ApiRoute::has_key(const wire::HttpRequest& request) const {
  std::optional<std::string_view> key = request.find("x-api-key");
  if (!key) {
    if (const auto header = request.find("authorization"))
      key = http::credential_of(*header, "apikey");
  }
  return key && dependencies_.api_keys->get()->accept(*key);
}

std::optional<http::Refusal> ApiRoute::check_key(const edge::RequestContext& context) {
  if (has_key(context.request)) return {};
  dependencies_.api_metrics.keys_refused.add();
  if (const auto refusal =
          http::check_address(dependencies_.api_failures, context.peer_address, context.now)) {
    return refusal;
  }
  http::Refusal refusal{http::Problem::invalid_api_key};
  if (has_key_in_url(context.request.target)) {
    refusal.detail = "A key in the URL is not taken: URLs are logged. Send the header X-API-Key.";
  }
  return refusal;
}

void ApiRoute::carry_out(ApiMethod method, Result<ApiCall, ApiError> call, ApiDone done) {
  dependencies_.api_metrics.calls[method].add();
  const auto finish = [this, method](ApiDone& then, ApiOutcome outcome) {
    if (!outcome) dependencies_.api_metrics.errors[method].add();
    then(std::move(outcome));
  };
  if (!call) return finish(done, call.error());
  calls_.carry_out(*std::move(call), [finish, done = std::move(done)](ApiOutcome outcome) mutable {
    finish(done, std::move(outcome));
  });
}

void ApiRoute::call(ApiMethod method, std::string_view body, const edge::RequestContext& context,
                    http::Answer answer) {
  // `data` is a payload; but in a ticket's `subs` the names are channels.
  const std::string_view payload = method == ApiMethod::ticket ? "" : "data";
  const auto root = json_.parse(
      body.empty() ? "{}" : body,
      {.open_levels = kApiCallLevels, .closed_member = payload, .nodes_max = kNodesMax});
  Result<ApiCall, ApiError> read = ApiError{hub::Error::bad_request, std::string(kUnreadable)};
  if (root) read = read_api_call(method, *root, limits_);
  carry_out(method, std::move(read),
            [answer = std::move(answer), mode = error_mode(context.request)](
                ApiOutcome outcome) mutable { answer_with(answer, outcome, mode); });
}

// The calls of a batch, one after the other unless it says `parallel`. Errors are told in the
// replies.
struct ApiRoute::Batch {
  struct Item {
    ApiMethod method;
    Result<ApiCall, ApiError> call;
    std::uint64_t id = 0;  // of a line
  };
  std::vector<Item> items;
  bool is_lines = false;             // not a call of `batch`, but lines of the older form
  std::vector<std::string> replies;  // in the order of the items
  bool parallel = false;
  http::Answer answer;
  std::size_t next = 0;  // the first that has not begun
  std::size_t answered = 0;
  bool running = false;         // inside run_on(): an inline answer only moves on
  bool turn_is_coming = false;  // which begins the next ones, not an answer
  bool ended = false;

  // A call broke off by an exception. What other calls of the batch have done stays done.
  void fail() {
    if (std::exchange(ended, true)) return;
    answer.json(to_reply(ApiError{hub::Error::internal}));
  }

  void finish() {
    if (std::exchange(ended, true)) return;
    answer.json(is_lines ? join_lines(replies) : join("replies", replies));
  }

  std::string reply_to(const Item& item, const ApiOutcome& outcome) const {
    return is_lines ? line_reply(item.id, outcome) : to_reply(outcome, to_string(item.method));
  }
};

void ApiRoute::batch(const edge::RequestContext& context, http::Answer answer) {
  const auto refuse = [&](std::string_view detail) {
    dependencies_.api_metrics.calls[ApiMethod::batch].add();
    dependencies_.api_metrics.errors[ApiMethod::batch].add();
    answer_with(answer, ApiError{hub::Error::bad_request, std::string(detail)},
                error_mode(context.request));
  };
  const auto root = json_.parse(
      context.request.body,
      {.open_levels = 3 + kApiCallLevels, .closed_member = "data", .nodes_max = kNodesMax});
  if (!root) return refuse(kUnreadable);
  if (!root->is_object()) return refuse("the body is not a JSON object");
  http::JsonFields fields(*root, kApiTextBytesMax);
  const wire::JsonNode commands = fields.any("commands");
  const bool parallel = fields.flag("parallel");
  fields.refuse_unread();
  if (!fields.fault().empty()) return refuse(fields.fault());
  if (!commands.is_array()) return refuse("'commands' is not an array");
  if (commands.size() > kBatchCommandsMax) return refuse("'commands' has more than 1000 entries");

  auto work = std::make_shared<Batch>(
      Batch{.items = {}, .replies = {}, .parallel = parallel, .answer = std::move(answer)});
  for (const wire::JsonNode command : commands) {
    Batch::Item item{.method = ApiMethod::batch,
                     .call = ApiError{hub::Error::bad_request, "a command names one method"}};
    if (command.is_object() && command.size() == 1) {
      const wire::JsonNode body = *command.begin();
      const auto method = api_method(body.name());
      if (method && *method != ApiMethod::batch) {
        item.method = *method;
        item.call = read_api_call(*method, body, limits_);
      } else {
        item.call = unknown_call(body.name());
      }
    }
    work->items.push_back(std::move(item));
  }
  dependencies_.api_metrics.calls[ApiMethod::batch].add();
  begin(work);
}

// All lines are read before the first is carried out: what is malformed is carried out in no part.
void ApiRoute::lines(const edge::RequestContext& context, http::Answer answer) {
  const auto refuse = [&answer](std::string_view detail) {
    const ApiError error{hub::Error::bad_request, std::string(detail)};
    answer.json(to_reply(error), transport_status(error.code));
  };
  const auto texts = split_commands(context.request.body, kBatchCommandsMax);
  if (texts.empty()) {
    return refuse("the body is empty: a command is {\"method\":\"publish\",\"params\":{…}}");
  }
  if (texts.size() > kBatchCommandsMax) return refuse("more than 1000 commands");
  std::vector<Batch::Item> items;
  for (const std::string_view text : texts) {
    auto command = read_line_command(text, limits_, json_);
    if (!command) return refuse(kUnreadable);
    items.push_back({command->method, std::move(command->call), command->id});
  }
  begin(std::make_shared<Batch>(Batch{
      .items = std::move(items), .is_lines = true, .replies = {}, .answer = std::move(answer)}));
}

void ApiRoute::begin(const std::shared_ptr<Batch>& batch) {
  batch->replies.resize(batch->items.size());
  if (batch->items.empty()) return batch->finish();
  run_on(batch);
}

void ApiRoute::run_on(const std::shared_ptr<Batch>& batch) {
  if (batch->turn_is_coming || batch->ended || std::exchange(batch->running, true)) return;
  try {
    begin_some(batch);
  } catch (...) {
    batch->fail();
    throw;
  }
  batch->running = false;
}

void ApiRoute::begin_some(const std::shared_ptr<Batch>& batch) {
  std::size_t begun = 0;
  while (batch->next < batch->items.size() && (batch->parallel || batch->answered == batch->next)) {
    if (begun++ == kBatchCommandsPerTurn) {
      batch->turn_is_coming = true;
      dependencies_.in_a_turn([this, batch] {
        batch->turn_is_coming = false;
        run_on(batch);
      });
      return;
    }
    const std::size_t index = batch->next++;
    Batch::Item& item = batch->items[index];
    carry_out(item.method, std::move(item.call), [this, batch, index](ApiOutcome outcome) {
      batch->replies[index] = batch->reply_to(batch->items[index], outcome);
      if (++batch->answered == batch->items.size()) return batch->finish();
      run_on(batch);
    });
  }
}

}  // namespace usher::api
