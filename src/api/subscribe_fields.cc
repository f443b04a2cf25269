#include "api/subscribe_fields.h"

#include <string>
#include <string_view>
#include <utility>

#include "api/publication_fields.h"

namespace usher::api {
namespace {

// "null" says nothing.
std::string read_json(http::JsonFields& fields, std::string_view name, std::string_view base64_name,
                      std::size_t bytes_max, std::string_view limit) {
  std::string json = read_payload(fields, name, base64_name);
  if (json == "null") return {};
  if (json.size() > bytes_max) {
    std::string fault = "'";
    fields.set_fault(fault.append(name).append("' is larger than ").append(limit));
  }
  return json;
}

// `{"value":true}`, protobuf's way to tell false from nothing.
void check_one(http::JsonFields& over, std::string_view name, const bool* is_so) {
  const wire::JsonNode node = over.object(name);
  if (!node) return;
  http::JsonFields own(node, kApiTextBytesMax);
  const bool wanted = own.flag("value");
  own.refuse_unread("override");
  over.set_fault(own.fault());
  if (is_so != nullptr && wanted == *is_so) return;
  std::string fault = "'override.";
  fault.append(name).append(
      "' is not carried out: a subscription has the options of its namespace");
  if (is_so != nullptr) fault.append(*is_so ? ", which has it on" : ", which has it off");
  over.set_fault(fault);
}

}  // namespace

std::optional<hub::SubscriptionGrant> read_grant(http::JsonFields& fields,
                                                 const ApiLimits& limits) {
  hub::SubscriptionGrant grant{.by = hub::SubscriptionGrant::By::backend};
  grant.info = read_json(fields, "info", "b64info", limits.info_bytes_max, "limits.info_bytes");
  grant.data =
      read_json(fields, "data", "b64data", limits.message_bytes_max, "limits.message_bytes");
  grant.expire_at = fields.integer("expire_at");
  if (grant.expire_at == 0) grant.expire_at.reset();  // Centrifugo's "never"
  if (grant.info.empty() && grant.data.empty() && !grant.expire_at) return std::nullopt;
  return grant;
}

void check_override(http::JsonFields& fields, const hub::NamespaceOptions* options) {
  const wire::JsonNode node = fields.object("override");
  if (!node) return;
  http::JsonFields over(node, kApiTextBytesMax);
  const auto check = [&](std::string_view name, bool hub::NamespaceOptions::*option) {
    check_one(over, name, options == nullptr ? nullptr : &(options->*option));
  };
  check("presence", &hub::NamespaceOptions::presence);
  check("join_leave", &hub::NamespaceOptions::join_leave);
  check("force_push_join_leave", &hub::NamespaceOptions::join_leave);
  check("force_recovery", &hub::NamespaceOptions::recovery);
  check("force_positioning", &hub::NamespaceOptions::recovery);
  over.refuse_unread("override");
  fields.set_fault(over.fault());
}

}  // namespace usher::api
