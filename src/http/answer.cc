#include "http/answer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "http/cors.h"
#include "http/refusal_rate.h"

namespace usher::http {

Answer::Answer(const edge::RequestContext& context, CountedRoute route, Cors cors,
               std::string trace_id, AnswerDependencies dependencies, edge::Respond respond)
    : route_(route),
      cors_(cors),
      charged_address_(charged_address(context)),
      trace_id_(std::move(trace_id)),
      peer_address_(context.peer_address),
      asked_at_(context.now),
      dependencies_(dependencies),
      respond_(std::move(respond)) {
  if (const auto origin = context.request.find("origin")) origin_ = std::string(*origin);
}

void Answer::is_about(const LogIdentity& who) {
  identities_ = who.identities();
  session_ = who.session();
  user_ = who.user();
}

std::optional<std::string_view> Answer::origin() const {
  return origin_ ? std::optional<std::string_view>(*origin_) : std::nullopt;
}

void Answer::json(std::string body, metrics::CountedStatus status) {
  wire::HttpResponse response;
  response.status = status.value();
  response.set("Content-Type", "application/json");
  response.body = std::move(body);
  send(std::move(response));
}

// True: answered already.
bool Answer::is_over_rate(Problem problem) {
  // Answers may come later, but a caller pays for when it asked.
  const auto wait =
      charge_refusal(dependencies_.refusals_per_address, problem, charged_address_, asked_at_);
  if (!wait) return false;
  dependencies_.refusals.write(route_.name, Problem::rate_limited, "limits.refusals_per_address",
                               trace_id_, asked_at_);
  auto response = make_problem(
      Problem::rate_limited,
      {.detail = "Too many refused requests from this address. Wait for as long as 'Retry-After' "
                 "says.",
       .trace_id = trace_id_,
       .retry_after = std::chrono::ceil<std::chrono::milliseconds>(*wait)});
  response.close = true;
  send_problem(Problem::rate_limited, std::move(response));
  return true;
}

void Answer::refuse(const Refusal& refusal) {
  if (is_over_rate(refusal.problem)) return;
  dependencies_.refusals.write(route_.name, refusal.problem, refusal.log_reason, trace_id_,
                               asked_at_, who());
  refuse_logged(refusal);
}

void Answer::refuse_logged(const Refusal& refusal) {
  auto response = make_problem(refusal.problem, {.detail = refusal.detail,
                                                 .trace_id = trace_id_,
                                                 .retry_after = refusal.retry_after,
                                                 .is_place = refusal.is_place,
                                                 .code = refusal.code});
  response.close = response.close || refusal.ends_connection;
  send_problem(refusal.problem, std::move(response));
}

void Answer::refuse_method(std::string_view allowed) {
  if (is_over_rate(Problem::method_not_allowed)) return;
  dependencies_.refusals.write(route_.name, Problem::method_not_allowed, {}, trace_id_, asked_at_);
  auto response = make_problem(Problem::method_not_allowed, {.trace_id = trace_id_});
  response.set("Allow", std::string(allowed));
  send_problem(Problem::method_not_allowed, std::move(response));
}

void Answer::send_problem(Problem problem, wire::HttpResponse response) {
  if (tells_code_) response.set("X-Usher-Code", std::string(row(problem).code));
  send(std::move(response));
}

void Answer::send(wire::HttpResponse response) {
  const auto has = [&response](std::string_view name) {
    return std::any_of(response.fields.begin(), response.fields.end(),
                       [name](const auto& field) { return field.first == name; });
  };
  if (!has("Cache-Control")) response.set("Cache-Control", "no-store");
  if (!has("X-Request-ID")) response.set("X-Request-ID", trace_id_);
  if (cors_ != Cors::none) {
    add_cors(response, origin(), cors_ == Cors::echo_origin_with_credentials);
  }
  route_.answers.count(response.status);
  std::exchange(respond_, nullptr)(std::move(response));
}

}  // namespace usher::http
