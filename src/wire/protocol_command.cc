#include "wire/protocol_command.h"

#include <array>
#include <limits>

#include "wire/command_id.h"
#include "wire/json_text.h"
#include "wire/protocol_fields.h"

namespace usher::wire {
namespace {

using Request = decltype(Command::request);

// Enough for every member that the protocol knows, and for what future clients may add.
constexpr std::size_t kCommandNodesMax = 256;
constexpr std::size_t kSubsNodesMax = 16384;

// What reading one method's members needs besides them.
struct Context {
  JsonReader& nested;
  std::string& scratch;  // holds the one `data` that had line ends in it
  std::size_t channels_per_connection;
};

std::string_view data_of(ProtocolFields& fields, Context& context) {
  return single_line(fields.raw("data"), context.scratch);
}

Request read_connect(ProtocolFields& fields, Context& context) {
  ConnectCommand command{.token = fields.text("token"),
                         .data = data_of(fields, context),
                         .name = fields.text("name"),
                         .version = fields.text("version"),
                         .subs = {}};
  const std::string_view subs = fields.raw("subs");
  if (subs != "null") {
    auto wishes = read_subs(context.nested, subs, context.channels_per_connection);
    if (!wishes) return CommandError::bad_request;
    command.subs = std::move(*wishes);
  }
  return command;
}

// Publications of which only some are wanted (Centrifugo's `tagsFilter`; `tf` is its name on the
// wire): to send them all would not be what was asked.
bool asks_for_filter(ProtocolFields& fields) {
  const auto is_given = [&](std::string_view name) {
    const std::string_view raw = fields.raw(name);
    return !raw.empty() && raw != "null";
  };
  return is_given("tf") || is_given("tagsFilter");
}

// `flag` is a set of bits. Centrifugo ignores those that it does not know, and SDKs set bits for what
// only some servers can do: so usher ignores all others.
bool refuses_unrecovered(ProtocolFields& fields) {
  constexpr std::int64_t kRejectUnrecovered = 2;
  return (fields.integer("flag") & kRejectUnrecovered) != 0;
}

Request read_subscribe(ProtocolFields& fields, Context& context) {
  if (asks_for_filter(fields)) fields.spoil();
  return SubscribeCommand{.channel = fields.required_text("channel"),
                          .token = fields.text("token"),
                          .data = data_of(fields, context),
                          .recover = fields.flag("recover"),
                          .since = {fields.count("offset"), fields.text("epoch")},
                          .positioned = fields.flag("positioned"),
                          .recoverable = fields.flag("recoverable"),
                          .join_leave = fields.flag("join_leave"),
                          .delta = fields.text("delta"),
                          .refuse_unrecovered = refuses_unrecovered(fields)};
}

Request read_unsubscribe(ProtocolFields& fields, Context&) {
  return UnsubscribeCommand{fields.required_text("channel")};
}

Request read_publish(ProtocolFields& fields, Context& context) {
  const PublishCommand command{fields.required_text("channel"), data_of(fields, context)};
  if (command.data.empty()) fields.spoil();
  return command;
}

Request read_presence(ProtocolFields& fields, Context&) {
  return PresenceCommand{fields.required_text("channel")};
}

Request read_presence_stats(ProtocolFields& fields, Context&) {
  return PresenceStatsCommand{fields.required_text("channel")};
}

Request read_history(ProtocolFields& fields, Context& context) {
  HistoryCommand command{.channel = fields.required_text("channel"),
                         .limit = fields.small_integer("limit"),
                         .since = std::nullopt,
                         .reverse = fields.flag("reverse")};
  const std::string_view since = fields.raw("since");
  if (since.empty() || since == "null") return command;
  const auto position = context.nested.parse(since);
  if (!position) return CommandError::bad_request;
  ProtocolFields of_position(*position);
  command.since = StreamPosition{of_position.count("offset"), of_position.text("epoch")};
  if (!of_position.ok()) return CommandError::bad_request;
  return command;
}

Request read_ping(ProtocolFields&, Context&) { return PingCommand{}; }

Request read_send(ProtocolFields& fields, Context& context) {
  return SendCommand{data_of(fields, context)};
}

Request read_rpc(ProtocolFields& fields, Context& context) {
  return RpcCommand{fields.text("method"), data_of(fields, context)};
}

Request read_refresh(ProtocolFields& fields, Context&) {
  return RefreshCommand{fields.text("token")};
}

Request read_sub_refresh(ProtocolFields& fields, Context&) {
  return SubRefreshCommand{fields.required_text("channel"), fields.text("token")};
}

struct Method {
  std::string_view name;
  Request (*read)(ProtocolFields&, Context&);
};

constexpr std::array kMethods = {
    Method{"connect", read_connect},
    Method{"subscribe", read_subscribe},
    Method{"unsubscribe", read_unsubscribe},
    Method{"publish", read_publish},
    Method{"presence", read_presence},
    Method{"presence_stats", read_presence_stats},
    Method{"history", read_history},
    Method{"ping", read_ping},
    Method{"send", read_send},
    Method{"rpc", read_rpc},
    Method{"refresh", read_refresh},
    Method{"sub_refresh", read_sub_refresh},
};

const Method* find_method(std::string_view name) {
  for (const Method& method : kMethods) {
    if (method.name == name) return &method;
  }
  return nullptr;
}

Request read_request(JsonNode command, Context& context) {
  const Method* method = nullptr;
  JsonNode members;
  for (const JsonNode member : command) {
    const Method* const named = find_method(member.name());
    if (named == nullptr || member.type() == JsonType::null) continue;
    if (method != nullptr) return CommandError::bad_request;
    method = named;
    members = member;
  }
  if (method == nullptr) return CommandError::method_not_found;
  ProtocolFields fields(members);
  if (!fields.ok()) return CommandError::bad_request;
  Request request = method->read(fields, context);
  return fields.ok() ? std::move(request) : CommandError::bad_request;
}

// An error can be answered only where there is an id.
Command failed(std::uint32_t id, CommandError error) {
  return {id, id == 0 ? CommandError::malformed : error};
}

}  // namespace

CommandReader::CommandReader(JsonReader& json, CommandReaderOptions options)
    : json_(json), options_(options) {}

void CommandReader::start(std::string_view frame) { rest_ = frame; }

std::optional<Command> CommandReader::next() {
  while (!rest_.empty()) {
    const std::size_t end = rest_.find('\n');
    const std::string_view line = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) return read_line(line);
  }
  return std::nullopt;
}

Command CommandReader::read_line(std::string_view line) {
  const auto root = json_.parse(line, {.open_levels = 2, .nodes_max = kCommandNodesMax});
  if (!root) return failed(find_command_id(line), CommandError::bad_request);
  if (!root->is_object()) return failed(0, CommandError::malformed);
  if (root->size() == 0) return {0, Pong{}};

  ProtocolFields envelope(*root);
  const std::uint64_t id = envelope.count("id");
  if (!envelope.ok() || id > std::numeric_limits<std::uint32_t>::max()) {
    return failed(0, CommandError::malformed);
  }
  Context context{nested_, scratch_, options_.channels_per_connection};
  Command command{static_cast<std::uint32_t>(id), read_request(*root, context)};
  if (const auto* error = std::get_if<CommandError>(&command.request))
    return failed(command.id, *error);
  const bool needs_id = !std::holds_alternative<SendCommand>(command.request);
  return needs_id && command.id == 0 ? failed(0, CommandError::malformed) : std::move(command);
}

bool is_personal(std::string_view channel) {
  return channel.starts_with(kSessionChannelPrefix) || channel.starts_with(kUserChannelPrefix);
}

Result<std::vector<WishedSubscription>, SubsError> read_subs(JsonNode subs,
                                                             std::size_t channels_per_connection) {
  if (!subs.is_object() || !subs.is_opened()) return SubsError::malformed;
  std::vector<WishedSubscription> wishes;
  std::size_t counted = 0;
  for (const JsonNode entry : subs) {
    if (!is_personal(entry.name()) && ++counted > channels_per_connection)
      return SubsError::too_many;
    ProtocolFields fields(entry);
    wishes.push_back({.channel = entry.name(),
                      .recover = fields.flag("recover"),
                      .since = {fields.count("offset"), fields.text("epoch")},
                      .filtered = asks_for_filter(fields),
                      .refuse_unrecovered = refuses_unrecovered(fields),
                      .data = fields.raw("data"),
                      .token = fields.text("token")});
    if (!fields.ok()) return SubsError::malformed;
  }
  return wishes;
}

Result<std::vector<WishedSubscription>, SubsError> read_subs(JsonReader& json,
                                                             std::string_view text,
                                                             std::size_t channels_per_connection) {
  if (text.empty()) return std::vector<WishedSubscription>();
  const auto root = json.parse(text, {.open_levels = 2, .nodes_max = kSubsNodesMax});
  if (!root)
    return root.error() == JsonError::too_many_nodes ? SubsError::too_many : SubsError::malformed;
  return read_subs(*root, channels_per_connection);
}

}  // namespace usher::wire
