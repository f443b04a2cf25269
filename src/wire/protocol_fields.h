// Reads the members of one opened JSON object, each as the type that it must have.
//
// A member that is missing or `null` is the type's zero value, as in Centrifugo's schema. A member
// of a wrong type spoils the whole object. The caller must check ok() at the end.
//
// Threads: none. Views live as long as the node's.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "wire/json.h"

namespace usher::wire {

class ProtocolFields {
 public:
  explicit ProtocolFields(JsonNode object)
      : object_(object), ok_(object.is_object() && object.is_opened()) {}

  bool ok() const { return ok_; }

  std::string_view text(std::string_view name) { return take(name, &JsonNode::string); }
  std::string_view required_text(std::string_view name) {
    const std::string_view value = text(name);
    if (value.empty()) ok_ = false;
    return value;
  }
  bool flag(std::string_view name) { return take(name, &JsonNode::boolean); }
  std::uint64_t count(std::string_view name) { return take(name, &JsonNode::unsigned_integer); }
  std::int64_t integer(std::string_view name) { return take(name, &JsonNode::integer); }
  std::int32_t small_integer(std::string_view name) {
    using Limits = std::numeric_limits<std::int32_t>;
    const std::int64_t value = take(name, &JsonNode::integer);
    if (value < Limits::min() || value > Limits::max()) ok_ = false;
    return ok_ ? static_cast<std::int32_t>(value) : 0;
  }

  // Returns any value as it stands in the text; "" only if it is missing: here `null` is a value.
  std::string_view raw(std::string_view name) const { return object_.find(name).raw(); }

  void spoil() { ok_ = false; }

 private:
  template <class T>
  T take(std::string_view name, std::optional<T> (JsonNode::*as_type)() const) {
    const JsonNode member = object_.find(name);
    if (!member || member.type() == JsonType::null) return T{};
    const std::optional<T> value = (member.*as_type)();
    if (!value) ok_ = false;
    return value.value_or(T{});
  }

  JsonNode object_;
  bool ok_;
};

}  // namespace usher::wire
