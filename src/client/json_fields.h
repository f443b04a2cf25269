// Members of a JSON object that came from a peer. Each function returns nothing (null, nullopt) if
// the member is missing or has another type.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <boost/json/object.hpp>

namespace usher::client {

// The pointers are valid until `object` changes.
const boost::json::object* object_field(const boost::json::object& object, std::string_view name);
const boost::json::array* array_field(const boost::json::object& object, std::string_view name);

// The view is valid until `object` changes.
std::optional<std::string_view> string_field(const boost::json::object& object,
                                             std::string_view name);
std::optional<double> number_field(const boost::json::object& object, std::string_view name);
std::optional<bool> bool_field(const boost::json::object& object, std::string_view name);

// A number without a fraction, in range. 2.0 counts as 2: the TypeScript client cannot tell them
// apart.
std::optional<std::uint64_t> whole_field(const boost::json::object& object, std::string_view name);

}  // namespace usher::client
