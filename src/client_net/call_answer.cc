#include "client_net/call_answer.h"

#include <algorithm>

#include <boost/json/parse.hpp>

#include "client/json_fields.h"

namespace usher::client_net {

namespace json = boost::json;

namespace {

constexpr std::size_t kTokenBytesMax = 16 << 10;
constexpr std::size_t kTicketBytesMax = 1024;
constexpr std::size_t kCodeBytesMax = 128;
constexpr double kLifeSecondsMax = 100.0 * 365 * 86400;

json::object parse_body(const std::string& body) {
  boost::system::error_code error;
  json::value value = json::parse(body, error);
  if (error || !value.is_object()) return {};
  return std::move(value.get_object());
}

client::HttpFailure to_failure(const HttpAnswer& answer, const json::object& problem) {
  client::HttpFailure failure;
  failure.status = answer.status;
  failure.code =
      std::string(client::string_field(problem, "code").value_or("").substr(0, kCodeBytesMax));
  failure.retry_after = answer.retry_after;
  failure.retry_after_ms = client::number_field(problem, "retry_after_ms");
  failure.place = client::bool_field(problem, "place").value_or(false);
  return failure;
}

bool is_success(const HttpAnswer& answer) {
  return answer.status && *answer.status >= 200 && *answer.status <= 299;
}

std::optional<client::Millis> life(const json::object& body) {
  const auto seconds = client::number_field(body, "expires_in");
  if (!seconds || !(*seconds > 0)) return std::nullopt;
  return client::Millis(static_cast<std::int64_t>(std::min(*seconds, kLifeSecondsMax) * 1000));
}

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

}  // namespace

bool is_bearer(std::string_view token) {
  return !token.empty() && token.size() <= kTokenBytesMax && is_visible(token);
}

std::variant<GuestToken, client::HttpFailure> read_token_answer(const HttpAnswer& answer) {
  const json::object body = parse_body(answer.body);
  const auto token = client::string_field(body, "token");
  const auto expires_in = life(body);
  if (!is_success(answer) || !token || !is_bearer(*token) || !expires_in)
    return to_failure(answer, body);
  return GuestToken{std::string(*token), *expires_in};
}

std::variant<IssuedTicket, client::HttpFailure> read_ticket_answer(const HttpAnswer& answer) {
  const json::object body = parse_body(answer.body);
  const auto ticket = client::string_field(body, "ticket");
  const auto expires_in = life(body);
  const bool usable =
      ticket && !ticket->empty() && ticket->size() <= kTicketBytesMax && is_visible(*ticket);
  if (!is_success(answer) || !usable || !expires_in) return to_failure(answer, body);
  return IssuedTicket{std::string(*ticket), *expires_in};
}

}  // namespace usher::client_net
