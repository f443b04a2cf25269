#include "client_net/frame_text.h"

#include <boost/json/serialize.hpp>

#include "wire/utf8.h"

namespace usher::client_net {

namespace json = boost::json;

namespace {

constexpr std::string_view kPayload = "data";
constexpr std::string_view kChannels =
    "subs";  // its members are named by channels, and one may be called `data`
constexpr wire::JsonShape kShape{
    .open_levels = 8, .closed_member = kPayload, .nodes_max = 1u << 20};

json::value to_value(const wire::JsonNode& node, bool named_by_channels);

json::object to_object(const wire::JsonNode& node, bool named_by_channels) {
  json::object object;
  for (const wire::JsonNode member : node) {
    const std::string_view name = member.name();
    if (name == kPayload && named_by_channels) {
      wire::JsonReader reader;
      const auto inner = reader.parse(member.raw(), kShape);
      object.emplace(name, inner ? to_value(*inner, false) : json::value());
    } else if (name == kPayload) {
      object.emplace(name, member.raw());
    } else {
      object.emplace(name, to_value(member, name == kChannels));
    }
  }
  return object;
}

json::value to_value(const wire::JsonNode& node, bool named_by_channels) {
  switch (node.type()) {
    case wire::JsonType::absent:
    case wire::JsonType::null:
      return nullptr;
    case wire::JsonType::boolean:
      return node.boolean().value_or(false);
    case wire::JsonType::string:
      return json::string(node.string().value_or(""));
    case wire::JsonType::number:
      if (const auto whole = node.unsigned_integer()) return *whole;
      if (const auto whole = node.integer()) return *whole;
      if (const auto number = node.number()) return *number;
      return nullptr;
    case wire::JsonType::array: {
      json::array array;
      for (const wire::JsonNode element : node) array.push_back(to_value(element, false));
      return array;
    }
    case wire::JsonType::object:
      return to_object(node, named_by_channels);
  }
  return nullptr;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

// Returns how many bytes at the beginning of `text` are valid UTF-8.
std::size_t utf8_start(std::string_view text) {
  std::size_t good = 0;
  wire::Utf8Validator validator;
  for (std::size_t i = 0; i < text.size() && validator.feed(text.substr(i, 1)); ++i) {
    if (validator.complete()) good = i + 1;
  }
  return good;
}

// A text frame that is not UTF-8 would end the connection, and again after each reconnect. So bytes
// that are not UTF-8 become U+FFFD, as in a browser.
std::string to_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = utf8_start(text);
    out.append(text.substr(0, size));
    text.remove_prefix(size);
    if (text.empty()) break;
    out += "\xEF\xBF\xBD";
    text.remove_prefix(1);
  }
  return out;
}

void append_text(std::string& out, std::string_view text) {
  out +=
      json::serialize(json::string(wire::is_valid_utf8(text) ? std::string(text) : to_utf8(text)));
}

void append(std::string& out, const json::object& object) {
  char before = '{';
  for (const auto& [name, value] : object) {
    out += before;
    before = ',';
    append_text(out, name);
    out += ':';
    if (name == kPayload && value.is_string()) {
      out += std::string_view(value.get_string());
    } else if (value.is_object()) {
      append(out, value.get_object());
    } else if (value.is_string()) {
      append_text(out, value.get_string());
    } else {
      out += json::serialize(value);
    }
  }
  out += object.empty() ? "{}" : "}";
}

}  // namespace

std::vector<json::value> FrameText::read(std::string_view text) {
  std::vector<json::value> values;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (!is_blank(text.substr(0, end))) values.push_back(read_one(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return values;
}

json::value FrameText::read_one(std::string_view line) {
  const auto root = reader_.parse(line, kShape);
  return root ? to_value(*root, false) : json::value();
}

std::string command_text(const json::object& command) {
  std::string out;
  append(out, command);
  return out;
}

std::string raw_data(const json::value& data) {
  if (data.is_string()) return std::string(std::string_view(data.get_string()));
  return json::serialize(data);  // `null` if the publication had no data
}

}  // namespace usher::client_net
