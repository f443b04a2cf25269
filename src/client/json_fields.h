// Members of a JSON object that came from a peer: there and of the type that we want, or nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <boost/json/object.hpp>

namespace usher::client {

// The pointers live as long as `object` does not change.
const boost::json::object* object_field(const boost::json::object& object, std::string_view name);
const boost::json::array* array_field(const boost::json::object& object, std::string_view name);

// The view lives as long as `object` does not change.
std::optional<std::string_view> string_field(const boost::json::object& object,
                                             std::string_view name);
std::optional<double> number_field(const boost::json::object& object, std::string_view name);
std::optional<bool> bool_field(const boost::json::object& object, std::string_view name);

// A number without a fraction, in range. `whole_field` of 2.0 is 2, since JavaScript can't tell
// them apart.
std::optional<std::uint64_t> whole_field(const boost::json::object& object, std::string_view name);

}  // namespace usher::client
