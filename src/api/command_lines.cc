#include "api/command_lines.h"

#include <utility>

#include "api/foreign_calls.h"
#include "http/json_fields.h"
#include "wire/json_writer.h"

namespace usher::api {
namespace {

constexpr std::size_t kNodesMax = 100'000;
constexpr std::string_view kWhiteSpace = " \t\r\n";

// Returns the length of the JSON text at the beginning of `rest`, which begins with no white space.
std::size_t text_length(std::string_view rest) {
  if (rest.front() != '{' && rest.front() != '[') {
    return std::min(rest.find_first_of(kWhiteSpace), rest.size());
  }
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return rest.size();
}

bool is_empty_array(const wire::JsonNode& node) { return node.is_array() && node.size() == 0; }

}  // namespace

std::vector<std::string_view> split_commands(std::string_view body, std::size_t count_max) {
  std::vector<std::string_view> texts;
  for (;;) {
    const std::size_t begin = body.find_first_not_of(kWhiteSpace);
    if (begin == std::string_view::npos || texts.size() > count_max) return texts;
    body.remove_prefix(begin);
    texts.push_back(body.substr(0, text_length(body)));
    body.remove_prefix(texts.back().size());
  }
}

std::optional<LineCommand> read_line_command(std::string_view text, const ApiLimits& limits,
                                             wire::JsonReader& json) {
  const auto root = json.parse(
      text, {.open_levels = 1 + kApiCallLevels, .closed_member = "data", .nodes_max = kNodesMax});
  if (!root) return {};
  http::JsonFields fields(*root, kApiTextBytesMax);
  LineCommand command{.id = fields.unsigned_integer("id").value_or(0)};
  const std::string name = fields.required_text("method");
  const wire::JsonNode params = fields.any("params");
  fields.refuse_unread();
  if (!fields.fault().empty()) {
    command.call = ApiError{hub::Error::bad_request, std::string(fields.fault())};
    return command;
  }
  const auto method = api_method(name);
  if (!method || *method == ApiMethod::batch) {
    command.call = unknown_call(name);
    return command;
  }
  command.method = *method;
  // PHP writes `[]` for parameters that are none.
  if (params && !is_empty_array(params)) {
    command.call = read_api_call(*method, params, limits);
  } else {
    command.call = read_api_call(*method, *json.parse("{}"), limits);
  }
  return command;
}

std::string line_reply(std::uint64_t id, const ApiOutcome& outcome) {
  if (id == 0) return to_reply(outcome);
  std::string out;
  wire::JsonObjectWriter object(out);
  object.number("id", id);
  if (outcome) {
    object.raw("result", *outcome);
  } else {
    object.raw("error", to_json(outcome.error()));
  }
  object.end();
  return out;
}

}  // namespace usher::api
