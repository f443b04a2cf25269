// Any bytes as a frame of commands, and as one JSON text.
//
// simdjson's DOM parser, which looks at everything, is the judge of what JSON is; only the ranges
// of numbers, depth and duplicate names may be seen differently.
#include <simdjson.h>

#include <cstdint>
#include <string>

#include "base/check.h"
#include "wire/json.h"
#include "wire/protocol_command.h"
#include "wire/protocol_reply.h"

namespace {

using namespace usher::wire;

void check_json(const std::string& text) {
  static JsonReader reader;
  static simdjson::dom::parser judge;
  const auto mine = reader.parse(text, {.open_levels = 0});
  simdjson::dom::element element;
  const simdjson::error_code error = judge.parse(text).get(element);

  const bool number_only = error == simdjson::NUMBER_ERROR;
  if (mine) USHER_CHECK(error == simdjson::SUCCESS || number_only);
  if (!mine) USHER_CHECK(error != simdjson::SUCCESS || mine.error() == JsonError::too_deep);
}

void check_payload(std::string_view data) {
  static JsonReader reader;
  if (data.empty()) return;
  USHER_CHECK(data.find_first_of("\r\n") == std::string_view::npos);
  std::string push;
  append_publication_push(push, "c", {.data = data, .offset = 1, .info = nullptr, .tags = {}});
  const auto root = reader.parse(push, {.open_levels = 3, .closed_member = "data"});
  USHER_CHECK(root.has_value());
  USHER_CHECK(root->find("push").find("pub").find("data").raw() == data);
}

// A name came in as JSON and must be able to go out as JSON.
void check_name(std::string_view name) {
  static JsonReader reader;
  std::string text;
  append_json_string(text, name);
  const auto root = reader.parse(text);
  USHER_CHECK(root.has_value() && root->string() == name);
}

struct Checker {
  std::uint32_t id;

  void operator()(CommandError error) const {
    USHER_CHECK((id == 0) == (error == CommandError::malformed));
  }
  void operator()(const Pong&) const { USHER_CHECK(id == 0); }
  void operator()(const SendCommand& send) const { check_payload(send.data); }
  void operator()(const ConnectCommand& connect) const {
    USHER_CHECK(id != 0 && connect.subs.size() <= 3);
    check_payload(connect.data);
    check_name(connect.token);
    for (const auto& wish : connect.subs) check_name(wish.channel);
  }
  void operator()(const PublishCommand& publish) const {
    USHER_CHECK(id != 0 && !publish.channel.empty() && !publish.data.empty());
    check_name(publish.channel);
    check_payload(publish.data);
  }
  void operator()(const SubscribeCommand& subscribe) const {
    USHER_CHECK(id != 0 && !subscribe.channel.empty());
    check_name(subscribe.channel);
    check_payload(subscribe.data);
  }
  void operator()(const HistoryCommand& history) const {
    USHER_CHECK(id != 0);
    if (history.since) check_name(history.since->epoch);
  }
  template <class Other>
  void operator()(const Other&) const {
    USHER_CHECK(id != 0);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static JsonReader json;
  static CommandReader reader(json, {.channels_per_connection = 3});
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_json(text);
  reader.start(text);
  while (const auto command = reader.next()) std::visit(Checker{command->id}, command->request);
  (void)read_subs(json, text, 3);
  return 0;
}
