#include "http/json_fields.h"

#include <algorithm>
#include <utility>

#include "base/duration_text.h"
#include "wire/utf8.h"

namespace usher::http {
namespace {

constexpr std::chrono::hours kTtlMax{24 * 366 * 100};
constexpr std::size_t kShownBytesMax = 64;  // of a name that a caller made up

bool says_nothing(const wire::JsonNode& node) {
  switch (node.type()) {
    case wire::JsonType::absent:
    case wire::JsonType::null:
      return true;
    case wire::JsonType::boolean:
      return node.boolean() == false;
    case wire::JsonType::string:
      return node.raw() == "\"\"";
    case wire::JsonType::number:
      return node.number() == 0;
    case wire::JsonType::object:
    case wire::JsonType::array: {
      const std::string_view raw = node.raw();
      return raw.substr(1, raw.size() - 2).find_first_not_of(" \t\r\n") == std::string_view::npos;
    }
  }
  return false;
}

}  // namespace

JsonFields::JsonFields(wire::JsonNode object, std::size_t text_bytes_max)
    : object_(object), text_bytes_max_(text_bytes_max) {
  if (!object_.is_object()) set_fault("the body is not a JSON object");
}

void JsonFields::set_fault(std::string_view fault) {
  if (fault_.empty()) fault_ = fault;
}

void JsonFields::set_fault(std::string_view name, std::string_view what) {
  if (fault_.empty()) fault_.append("'").append(name).append("' ").append(what);
}

wire::JsonNode JsonFields::find(std::string_view name) {
  read_.push_back(name);
  const wire::JsonNode node = object_.find(name);
  return node.type() == wire::JsonType::null ? wire::JsonNode() : node;
}

std::string JsonFields::text(std::string_view name) {
  const wire::JsonNode node = find(name);
  if (!node) return {};
  const auto value = node.string();
  if (!value) {
    set_fault(name, "must be a string");
  } else if (value->size() > text_bytes_max_) {
    set_fault(name, "is longer than " + std::to_string(text_bytes_max_) + " bytes");
  } else {
    return std::string(*value);
  }
  return {};
}

std::string JsonFields::required_text(std::string_view name) {
  std::string value = text(name);
  if (value.empty()) set_fault(name, "is missing or empty");
  return value;
}

bool JsonFields::flag(std::string_view name) {
  const wire::JsonNode node = find(name);
  if (!node) return false;
  const auto value = node.boolean();
  if (!value) set_fault(name, "must be true or false");
  return value.value_or(false);
}

std::optional<std::int64_t> JsonFields::integer(std::string_view name) {
  const wire::JsonNode node = find(name);
  if (!node) return {};
  const auto value = node.integer();
  if (!value) set_fault(name, "must be a whole number");
  return value;
}

std::optional<std::uint64_t> JsonFields::unsigned_integer(std::string_view name) {
  const wire::JsonNode node = find(name);
  if (!node) return {};
  const auto value = node.unsigned_integer();
  if (!value) set_fault(name, "must be a whole number from zero on");
  return value;
}

std::vector<std::string> JsonFields::texts(std::string_view name, std::size_t count_max) {
  std::vector<std::string> values = texts_or_empty(name, count_max);
  for (const std::string& value : values) {
    if (value.empty()) set_fault(name, "holds an element that is empty");
  }
  return values;
}

std::vector<std::string> JsonFields::texts_or_empty(std::string_view name, std::size_t count_max) {
  const wire::JsonNode node = find(name);
  if (!node) return {};
  std::vector<std::string> values;
  if (!node.is_array()) {
    set_fault(name, "must be an array of strings");
  } else if (node.size() > count_max) {
    set_fault(name, "has more than " + std::to_string(count_max) + " elements");
  } else {
    values.reserve(node.size());
    for (const wire::JsonNode element : node) {
      const auto value = element.string();
      if (!value || value->size() > text_bytes_max_) {
        set_fault(name, "holds an element that is no string, or too long");
        return {};
      }
      values.emplace_back(*value);
    }
  }
  return values;
}

std::optional<Duration> JsonFields::ttl(std::string_view name) {
  const wire::JsonNode node = find(name);
  if (!node) return {};
  std::optional<Duration> value;
  if (const auto seconds = node.unsigned_integer();
      seconds && *seconds <= std::uint64_t{kTtlMax / std::chrono::seconds(1)}) {
    value = std::chrono::seconds(*seconds);
  } else if (const auto text = node.string()) {
    value = parse_duration(*text);
  }
  if (!value || *value <= Duration::zero() || *value > kTtlMax) {
    set_fault(name, "must be seconds above zero, or text like '24h'");
    return {};
  }
  return value;
}

std::string JsonFields::raw(std::string_view name, std::size_t bytes_max) {
  read_.push_back(name);
  const auto raw = object_.find(name).raw();  // `null` is a payload like others
  if (raw.size() > bytes_max) {
    set_fault(name, "is larger than " + std::to_string(bytes_max) + " bytes");
    return {};
  }
  std::string line;
  wire::append_single_line(line, raw);
  return line;
}

std::string JsonFields::raw_object_of_texts(std::string_view name, std::size_t bytes_max) {
  const wire::JsonNode node = find(name);
  if (!node) return {};
  bool good = node.is_object();
  for (const wire::JsonNode member : node) good = good && member.string();
  if (!good) {
    set_fault(name, "must be an object of strings");
    return {};
  }
  return raw(name, bytes_max);
}

wire::JsonNode JsonFields::any(std::string_view name) { return find(name); }

void JsonFields::refuse(std::string_view name, std::string_view why) {
  if (!is_silent(name)) set_fault(name, why);
}

bool JsonFields::is_silent(std::string_view name) const { return says_nothing(object_.find(name)); }

void JsonFields::refuse_unread(std::string_view within) {
  for (const wire::JsonNode member : object_) {
    const std::string_view name = member.name();
    if (std::find(read_.begin(), read_.end(), name) != read_.end()) continue;
    if (says_nothing(member)) continue;
    std::string fault = "'";
    if (!within.empty()) fault.append(within).append(".");
    fault.append(wire::utf8_prefix(name, kShownBytesMax)).append("' is not taken here; what is: ");
    for (const std::string_view& taken : read_) {
      if (&taken != &read_.front()) fault.append(", ");
      fault.append(taken);
    }
    return set_fault(fault);
  }
}

wire::JsonNode JsonFields::object(std::string_view name) {
  const wire::JsonNode node = find(name);
  if (node && !node.is_object()) {
    set_fault(name, "must be an object");
    return {};
  }
  return node;
}

}  // namespace usher::http
