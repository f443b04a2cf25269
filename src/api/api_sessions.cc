#include "api/api_sessions.h"

#include <algorithm>

#include "limits/address_class.h"
#include "wire/form.h"
#include "wire/json_writer.h"

namespace usher::api {
namespace {

constexpr std::size_t kQueryFieldsMax = 8;
constexpr std::size_t kLimitDigitsMax = 9;

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= kLimitDigitsMax && (text == "0" || text.front() != '0') &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

void append(std::string& out, const hub::LiveConnection& connection, std::string_view node) {
  wire::JsonObjectWriter object(out);
  object.string("client", connection.client);
  object.string("session", connection.session);
  object.text("user", connection.user);
  object.number("since", unix_seconds(connection.since));
  object.string("transport", connection.transport);
  wire::JsonObjectWriter address(object.member("address"));
  address.string("class", to_string(limits::address_class(connection.address_key)));
  address.text("prefix", limits::address_prefix(connection.address_key));
  address.end();
  object.string("node", connection.node.empty() ? node : connection.node);
  object.end();
}

}  // namespace

Result<hub::SessionsQuery, ApiError> read_sessions(http::JsonFields fields) {
  hub::SessionsQuery query{.target = {.session = fields.text("session"),
                                      .user = fields.text("user"),
                                      .client = fields.text("client"),
                                      .jti = {},
                                      .spared_clients = {}}};
  if (query.target.session.empty() && query.target.user.empty() && query.target.client.empty()) {
    fields.set_fault("one of 'user', 'session' and 'client' is needed");
  }
  const std::uint64_t limit = fields.unsigned_integer("limit").value_or(kSessionsListedDefault);
  if (limit == 0 || limit > kSessionsListedMax) fields.set_fault("'limit' is not from 1 to 1000");
  query.limit = limit;
  fields.refuse_unread();
  if (!fields.fault().empty()) {
    return ApiError{hub::Error::bad_request, std::string(fields.fault())};
  }
  return query;
}

std::optional<std::string> sessions_body(std::string_view query) {
  const auto fields = wire::read_form(query, kQueryFieldsMax);
  if (!fields) return std::nullopt;
  std::string body;
  wire::JsonObjectWriter object(body);
  for (const auto& [name, value] : *fields) {
    if (!wire::only_field(*fields, name)) return std::nullopt;
    std::string& out = object.escaped_member(name);
    if (name == "limit" && is_number(value)) {
      out += value;
    } else {
      wire::append_json_string(out, value);
    }
  }
  object.end();
  return body;
}

std::string sessions_to_json(const hub::OrderAnswer& answer, std::string_view node) {
  std::string out;
  wire::JsonObjectWriter object(out);
  wire::JsonArrayWriter sessions(object.member("sessions"));
  for (const hub::LiveConnection& connection : answer.live) {
    append(sessions.element(), connection, node);
  }
  sessions.end();
  object.boolean("truncated", answer.truncated);
  object.boolean("partial", answer.partial);
  object.end();
  return out;
}

}  // namespace usher::api
