#include "wire/json.h"

#include <simdjson.h>

#include <algorithm>

#include "wire/json_token.h"

namespace usher::wire {

namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::uint32_t kNoNode = 0xFFFFFFFF;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view without_trailing_space(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

// One pass over a text. Each function returns false, with `error` set, at the first thing that is
// wrong.
struct JsonReader::Walk {
  ondemand::parser parser;
  std::vector<std::uint8_t> unescaped;  // the opened strings that had escapes
  std::uint8_t* unescaped_end = nullptr;
  std::vector<std::string_view> names;

  // Of the text that is being walked.
  std::vector<Node>* nodes = nullptr;
  JsonShape shape;
  std::string_view text;
  ondemand::document document;
  JsonError error = JsonError::malformed;

  bool run();
  bool visit(ondemand::value value, int level, std::uint32_t node, bool closed);
  bool visit_scalar(std::string_view token, std::uint32_t node);
  bool visit_array(ondemand::array array, int level, std::uint32_t node);
  bool visit_object(ondemand::object object, int level, std::uint32_t node);
  bool finish_container(const char* start, JsonType type, std::uint32_t node);
  bool add_child(std::uint32_t parent, std::uint32_t& last, std::string_view name);
  bool read_string(std::string_view from_quote, bool wanted, std::string_view& out);
  bool names_are_unique(std::uint32_t node);

  bool fail(JsonError e) {
    error = e;
    return false;
  }
};

bool JsonReader::Walk::run() {
  nodes->assign(1, Node{});
  unescaped_end = nullptr;
  if (parser.iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING)
          .get(document)) {
    return fail(JsonError::malformed);
  }
  std::string_view token;
  if (document.raw_json_token().get(token) || token.empty()) return fail(JsonError::malformed);

  if (token.front() != '[' && token.front() != '{') {
    const bool is_last = token.data() + token.size() == text.data() + text.size();
    return is_last ? visit_scalar(token, 0) : fail(JsonError::malformed);
  }
  const std::uint32_t node = shape.open_levels > 0 ? 0 : kNoNode;
  if (token.front() == '[') {
    ondemand::array array;
    if (document.get_array().get(array)) return fail(JsonError::malformed);
    if (!visit_array(array, 1, node)) return false;
  } else {
    ondemand::object object;
    if (document.get_object().get(object)) return fail(JsonError::malformed);
    if (!visit_object(object, 1, node)) return false;
  }
  const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  if (!at_end) return fail(JsonError::malformed);
  return finish_container(token.data(), token.front() == '[' ? JsonType::array : JsonType::object,
                          0);
}

// `node` is the value's own, or kNoNode inside of what is closed. `level` is that of the container
// around it: counted from the root if that is opened, else from where the closed value begins.
bool JsonReader::Walk::visit(ondemand::value value, int level, std::uint32_t node, bool closed) {
  const std::string_view token = value.raw_json_token();
  if (token.empty()) return fail(JsonError::malformed);  // the text ended
  if (token.front() != '[' && token.front() != '{') {
    // simdjson, passing over a string with a colon behind it, would take it for a name.
    const char next = *(token.data() + token.size());
    if (next != ',' && next != ']' && next != '}') return fail(JsonError::malformed);
    return visit_scalar(token, node);
  }
  const bool opens = node != kNoNode && !closed && level < shape.open_levels;
  level = opens || node == kNoNode ? level + 1 : 1;
  if (level > kJsonDepthMax) return fail(JsonError::too_deep);
  const std::uint32_t opened = opens ? node : kNoNode;
  if (token.front() == '[') {
    ondemand::array array;
    if (value.get_array().get(array)) return fail(JsonError::malformed);
    return visit_array(array, level, opened) &&
           finish_container(token.data(), JsonType::array, node);
  }
  ondemand::object object;
  if (value.get_object().get(object)) return fail(JsonError::malformed);
  return visit_object(object, level, opened) &&
         finish_container(token.data(), JsonType::object, node);
}

bool JsonReader::Walk::visit_scalar(std::string_view token, std::uint32_t node) {
  const bool wanted = node != kNoNode;
  token = without_trailing_space(token);
  Node scalar;
  if (token.front() == '"') {
    scalar.type = JsonType::string;
    if (!read_string(token, wanted, scalar.text)) return fail(JsonError::malformed);
  } else if (token == "true" || token == "false") {
    scalar.type = JsonType::boolean;
  } else if (is_json_number(token)) {
    scalar.type = JsonType::number;
  } else if (token != "null") {
    return fail(JsonError::malformed);
  }
  if (!wanted) return true;

  (*nodes)[node].type = scalar.type;
  (*nodes)[node].text = scalar.text;
  (*nodes)[node].raw = token;
  return true;
}

bool JsonReader::Walk::visit_array(ondemand::array array, int level, std::uint32_t node) {
  std::uint32_t last = 0;
  if (node != kNoNode) (*nodes)[node].opened = true;
  for (auto element : array) {
    ondemand::value value;
    if (element.get(value)) return fail(JsonError::malformed);
    if (node != kNoNode && !add_child(node, last, {})) return false;
    if (!visit(value, level, node == kNoNode ? kNoNode : last, false)) return false;
  }
  return true;
}

bool JsonReader::Walk::visit_object(ondemand::object object, int level, std::uint32_t node) {
  std::uint32_t last = 0;
  if (node != kNoNode) (*nodes)[node].opened = true;
  for (auto member : object) {
    ondemand::field field;
    if (std::move(member).get(field)) return fail(JsonError::malformed);
    const char* const quote = field.key().raw() - 1;
    const auto left = static_cast<std::size_t>(text.data() + text.size() - quote);
    std::string_view name;
    if (!read_string({quote, left}, node != kNoNode, name)) return fail(JsonError::malformed);
    if (node != kNoNode && !add_child(node, last, name)) return false;
    const bool closed = !shape.closed_member.empty() && name == shape.closed_member;
    if (!visit(field.value(), level, node == kNoNode ? kNoNode : last, closed)) return false;
  }
  return node == kNoNode || names_are_unique(node);
}

// The container that began at `start` has been walked: the next token, or the text's end, is where
// the document stands.
bool JsonReader::Walk::finish_container(const char* start, JsonType type, std::uint32_t node) {
  if (node == kNoNode) return true;
  const char* end = text.data() + text.size();
  const auto next = document.current_location();
  if (!next.error()) end = next.value_unsafe();
  (*nodes)[node].type = type;
  (*nodes)[node].raw = without_trailing_space({start, static_cast<std::size_t>(end - start)});
  return true;
}

// Makes a node behind `last` (0: as the first), and moves `last` to it.
bool JsonReader::Walk::add_child(std::uint32_t parent, std::uint32_t& last, std::string_view name) {
  if (nodes->size() > shape.nodes_max) return fail(JsonError::too_many_nodes);
  const auto child = static_cast<std::uint32_t>(nodes->size());
  nodes->emplace_back().name = name;
  (last == 0 ? (*nodes)[parent].children : (*nodes)[last].next) = child;
  last = child;
  return true;
}

bool JsonReader::Walk::read_string(std::string_view from_quote, bool wanted,
                                   std::string_view& out) {
  const auto string = read_json_string(from_quote);
  if (!string) return false;
  out = string->contents;
  if (!wanted || !string->escaped) return true;

  if (unescaped_end == nullptr) {
    // Unescaping never lengthens; the spare bytes are for whole vectors that simdjson stores.
    const std::size_t size = text.size() + simdjson::SIMDJSON_PADDING;
    if (unescaped.size() < size) unescaped.resize(size);
    unescaped_end = unescaped.data();
  }
  const auto* contents = reinterpret_cast<const std::uint8_t*>(string->contents.data());
  return !parser.unescape(ondemand::raw_json_string(contents), unescaped_end).get(out);
}

bool JsonReader::Walk::names_are_unique(std::uint32_t node) {
  names.clear();
  for (auto at = (*nodes)[node].children; at != 0; at = (*nodes)[at].next) {
    names.push_back((*nodes)[at].name);
  }
  std::sort(names.begin(), names.end());
  const bool unique = std::adjacent_find(names.begin(), names.end()) == names.end();
  return unique || fail(JsonError::duplicate_member);
}

JsonReader::JsonReader() : walk_(std::make_unique<Walk>()) {}
JsonReader::~JsonReader() = default;

Result<JsonNode, JsonError> JsonReader::parse(std::string_view text, const JsonShape& shape) {
  if (text.size() > kJsonTextBytesMax) return JsonError::too_long;
  // Not the peer's bytes behind the text: `[[1]` with a comma behind it makes simdjson run on.
  copy_.assign(text);
  copy_.append(simdjson::SIMDJSON_PADDING, '\0');
  walk_->nodes = &nodes_;
  walk_->shape = shape;
  walk_->text = std::string_view(copy_).substr(0, text.size());
  if (!walk_->run()) return walk_->error;
  return JsonNode(this, 0);
}

}  // namespace usher::wire
