// What clients say: commands of the Centrifugo client protocol in its JSON form (docs/protocol.md).
//
// A text frame holds one command a line. CommandReader turns each line into a Command; what is
// wrong with a line comes back as a value too, so that one bad payload costs one error reply and
// not the connection. It knows names and types of fields and nothing of their meaning: lengths,
// alphabets and rights are the hub's and the session's business.
//
// Threads: a reader belongs to one shard. Borrows: a JsonReader, which is its own while next() runs
// and while what it gave is in use. Owns: a second one, for what is nested.
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

// All `data` are valid JSON on one line, byte for byte as they came otherwise; "" when the member
// was not given.

struct StreamPosition {
  std::uint64_t offset = 0;
  std::string_view epoch;
};

// An entry of `subs`, in a ticket request or a connect command: what the client wants (back).
struct WishedSubscription {
  std::string_view channel;
  bool recover = false;
  StreamPosition since;   // with recover: the last that was seen
  bool filtered = false;  // only some publications are wanted, which usher has no way to do
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
  malformed,         // no id to answer to: no correct client sends it (close 3501)
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
  std::size_t channels_per_connection =
      128;  // of a connect command's `subs`, see read_subs(); more is a bad_request
};

class CommandReader {
 public:
  explicit CommandReader(JsonReader& json, CommandReaderOptions options = {});

  // Reads from `frame`, which must live, unchanged, until the last command has been taken.
  void start(std::string_view frame);

  // The next line's command; nothing behind the last one. Blank lines are passed over. Views in it
  // are good until the next call of next() or start().
  std::optional<Command> next();

  // The lines that next() has not come to.
  std::string_view rest() const { return rest_; }

 private:
  Command read_line(std::string_view line);

  JsonReader& json_;
  JsonReader nested_;
  CommandReaderOptions options_;
  std::string_view rest_;
  std::string scratch_;
};

// Channels that belong to one session or user: `session:<id>`, `user:<id>`.
inline constexpr std::string_view kSessionChannelPrefix = "session:";
inline constexpr std::string_view kUserChannelPrefix = "user:";
bool is_personal(std::string_view channel);

enum class SubsError : std::uint8_t { malformed, too_many };

// Reads `{"orders:42":{"recover":true,"epoch":"qFhv","offset":41},"news:1":{}}`, which must be
// opened two levels deep. Unknown members are passed over. At most `channels_per_connection`
// entries that are not personal: those do not count as subscriptions either. A name may be
// anything, "" too: a bad one is refused by the hub (error 107) and costs only itself. Views live
// as long as the node's.
Result<std::vector<WishedSubscription>, SubsError> read_subs(JsonNode subs,
                                                             std::size_t channels_per_connection);

// The same from text (a ticket's Grant::subs), read with `json`, where the views point. "" is no
// wishes.
Result<std::vector<WishedSubscription>, SubsError> read_subs(JsonReader& json,
                                                             std::string_view text,
                                                             std::size_t channels_per_connection);

}  // namespace usher::wire
