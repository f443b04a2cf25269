#include "auth/claim_values.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "auth/jwt_options.h"

namespace usher::auth {
namespace {

using wire::JsonNode;
using wire::JsonType;

constexpr double kDateMax = 253402300799;  // the end of the year 9999

}  // namespace

bool has_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    // U+0080 to U+009F; the text is valid UTF-8, so a lead byte has its second one.
    if (byte == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
  }
  return false;
}

std::optional<NumericDate> read_date(const JsonNode& node) {
  const auto number = node.number();
  if (!number || *number > kDateMax) return std::nullopt;
  const double date = std::max(*number, 0.0);
  return NumericDate{static_cast<std::int64_t>(std::floor(date)),
                     static_cast<std::int64_t>(std::ceil(date))};
}

bool read_name(const JsonNode& node, std::string& out) {
  const auto text = node.string();
  if (!text || text->size() > kClaimBytesMax || has_control(*text)) return false;
  out = *text;
  return true;
}

bool is_audience(const JsonNode& node) {
  if (node.type() == JsonType::string) return true;
  if (!node.is_array()) return false;
  for (const JsonNode& element : node) {
    if (element.type() != JsonType::string) return false;
  }
  return true;
}

bool names_one_of(const JsonNode& audience, const std::vector<std::string>& wanted) {
  const auto is_wanted = [&](std::optional<std::string_view> text) {
    return text && std::ranges::find(wanted, *text) != wanted.end();
  };
  if (is_wanted(audience.string())) return true;
  for (const JsonNode& element : audience) {
    if (is_wanted(element.string())) return true;
  }
  return false;
}

bool is_security_event(const wire::JsonNode& root) {
  const wire::JsonNode events = root.find("events");
  if (!events.is_object()) return false;
  for (const wire::JsonNode event : events) {
    if (event.name().find(':') != std::string_view::npos) return true;
  }
  return false;
}

Result<void, TokenError> put_prefix(const JwtOptions& options, std::string& name) {
  if (name.empty()) return {};
  name.insert(0, options.user_prefix);
  if (name.size() > kClaimBytesMax) return TokenError::claim_malformed;
  for (const std::string& prefix : options.foreign_prefixes) {
    if (name.starts_with(prefix)) return TokenError::foreign_name;
  }
  return {};
}

}  // namespace usher::auth
