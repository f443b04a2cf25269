// Reads the commands of the Centrifugo client protocol in its JSON form (docs/protocol.md).
//
// A text frame holds one command a line. CommandReader turns each line into a Command. A fault in a
// line is returned as a value too, so that one bad payload costs one error reply and not the
// connection. It knows the names and types of fields, not their meaning: lengths, alphabets and
// rights are checked by the hub and the session.
//
// Threads: a reader belongs to one shard.
// Owns: a second JsonReader, for nested values.
// Borrows: a JsonReader, which must have no other user while next() runs and while its result is in
// use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "wire/json.h"

namespace usher::wire {

// Every `data` is valid JSON on one line, otherwise byte for byte as received; "" if the member is
// missing.

struct StreamPosition {
  std::uint64_t offset = 0;
  std::string_view epoch;
};

// An entry of `subs` in a ticket request or a connect command: a channel to subscribe or recover.
struct WishedSubscription {
  std::string_view channel;
  bool recover = false;
  StreamPosition since;             // with recover: the last position that the client has seen
  bool filtered = false;            // the client asks for a filter, which usher does not support
  bool refuse_unrecovered = false;  // the client wants error 112 instead of a gap
  std::string_view data;            // for the backend's hook; may hold line ends
  std::string_view token;
};

struct ConnectCommand {
  std::string_view token;
  std::string_view data;
  std::string_view name;
  std::string_view version;
  std::vector<WishedSubscription> subs;  // each channel once
};
struct SubscribeCommand {
  std::string_view channel;
  std::string_view token;
  std::string_view data;
  bool recover = false;
  StreamPosition since;  // with recover
  bool positioned = false;
  bool recoverable = false;
  bool join_leave = false;
  std::string_view delta;
  bool refuse_unrecovered = false;  // as in WishedSubscription
};
struct UnsubscribeCommand {
  std::string_view channel;
};
struct PublishCommand {
  std::string_view channel;
  std::string_view data;  // never ""
};
struct PresenceCommand {
  std::string_view channel;
};
struct PresenceStatsCommand {
  std::string_view channel;
};
struct HistoryCommand {
  std::string_view channel;
  std::int32_t limit = 0;  // 0: only the position; negative: no limit
  std::optional<StreamPosition> since;
  bool reverse = false;
};
struct PingCommand {};
struct SendCommand {
  std::string_view data;
};
struct RpcCommand {
  std::string_view method;
  std::string_view data;
};
struct RefreshCommand {
  std::string_view token;
};
struct SubRefreshCommand {
  std::string_view channel;
  std::string_view token;
};
struct Pong {};  // `{}`: the answer to our ping

enum class CommandError : std::uint8_t {
  malformed,         // no id to reply to: no correct client sends it (close 3501)
  bad_request,       // error 107 for this id
  method_not_found,  // error 104 for this id
};

struct Command {
  std::uint32_t id = 0;  // 0 only for Pong, malformed, and a SendCommand that has none
  std::variant<Pong, ConnectCommand, SubscribeCommand, UnsubscribeCommand, PublishCommand,
               PresenceCommand, PresenceStatsCommand, HistoryCommand, PingCommand, SendCommand,
               RpcCommand, RefreshCommand, SubRefreshCommand, CommandError>
      request;
};

struct CommandReaderOptions {
  // The limit of a connect command's `subs`, see read_subs(); more is a bad_request.
  std::size_t channels_per_connection = 128;
};

class CommandReader {
 public:
  explicit CommandReader(JsonReader& json, CommandReaderOptions options = {});

  void set_options(CommandReaderOptions options) { options_ = options; }

  // Begins to read `frame`, which must stay alive and unchanged until next() returns nullopt.
  void start(std::string_view frame);

  // Returns the next line's command, or nullopt after the last one. Skips blank lines. Views in the
  // command are valid until the next call of next() or start().
  std::optional<Command> next();

  // Returns the lines that next() has not reached.
  std::string_view rest() const { return rest_; }

 private:
  Command read_line(std::string_view line);

  JsonReader& json_;
  JsonReader nested_;
  CommandReaderOptions options_;
  std::string_view rest_;
  std::string scratch_;
};

// Personal channels: `session:<id>`, `user:<id>`.
inline constexpr std::string_view kSessionChannelPrefix = "session:";
inline constexpr std::string_view kUserChannelPrefix = "user:";
bool is_personal(std::string_view channel);

enum class SubsError : std::uint8_t { malformed, too_many };

// Reads `{"orders:42":{"recover":true,"epoch":"qFhv","offset":41},"news:1":{}}`, which must be
// opened two levels deep. Skips unknown members. Accepts at most `channels_per_connection` entries
// besides personal channels, which do not count as subscriptions either. Every name is accepted, ""
// too: the hub refuses a bad name (error 107), and only that one. Views live as long as the node's.
Result<std::vector<WishedSubscription>, SubsError> read_subs(JsonNode subs,
                                                             std::size_t channels_per_connection);

// The same from text (a ticket's Grant::subs). Reads it with `json`, into which the views point. ""
// holds no entries.
Result<std::vector<WishedSubscription>, SubsError> read_subs(JsonReader& json,
                                                             std::string_view text,
                                                             std::size_t channels_per_connection);

}  // namespace usher::wire
