#include "client/json_fields.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <cmath>

namespace usher::client {

namespace json = boost::json;

const json::object* object_field(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value ? value->if_object() : nullptr;
}

const json::array* array_field(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value ? value->if_array() : nullptr;
}

std::optional<std::string_view> string_field(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string());
}

std::optional<double> number_field(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value || !value->is_number()) return std::nullopt;
  return value->to_number<double>();
}

std::optional<bool> bool_field(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value || !value->is_bool()) return std::nullopt;
  return value->get_bool();
}

std::optional<std::uint64_t> whole_field(const json::object& object, std::string_view name) {
  constexpr double kBeyond = 18446744073709551616.0;
  const json::value* value = object.if_contains(name);
  if (!value) return std::nullopt;
  if (value->is_uint64()) return value->get_uint64();
  if (value->is_int64()) {
    if (value->get_int64() < 0) return std::nullopt;
    return static_cast<std::uint64_t>(value->get_int64());
  }
  if (!value->is_double()) return std::nullopt;
  const double number = value->get_double();
  if (!(number >= 0 && number < kBeyond) || number != std::floor(number)) return std::nullopt;
  return static_cast<std::uint64_t>(number);
}

}  // namespace usher::client
