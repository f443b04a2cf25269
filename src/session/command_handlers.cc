#include "session/command_handlers.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "hub/protocol_text.h"
#include "session/hook_calls.h"
#include "session/subscription_token_check.h"
#include "wire/protocol_reply.h"

namespace usher::session {
namespace {

constexpr wire::CloseReason kBadRequest{wire::CloseCode::bad_request, "BAD_REQUEST"};
constexpr std::size_t kMethodBytesMax = 255;  // it becomes an HTTP field

void count_refused(const SessionView& session) {
  session.dependencies().observer.on_command_refused();
}

// ---- the connection ----

void pong(SessionView& session, std::uint32_t, const wire::Pong&) { session.on_protocol_pong(); }

// A live connection has had its `connect` already.
void connect(SessionView& session, std::uint32_t, const wire::ConnectCommand&) {
  session.end(kBadRequest);
}

void ping(SessionView& session, std::uint32_t id, const wire::PingCommand&) {
  std::string text;
  wire::append_ping_reply(text, id);
  session.reply(text);
}

void refresh(SessionView& session, std::uint32_t id, const wire::RefreshCommand& command) {
  session.start_refresh(id, command.token);
}

void malformed(SessionView& session, std::uint32_t id, const wire::CommandError& error) {
  switch (error) {
    case wire::CommandError::malformed:
      return session.end(kBadRequest);
    case wire::CommandError::bad_request:
      return session.reply_error(id, wire::ProtocolError::bad_request);
    case wire::CommandError::method_not_found:
      return session.reply_error(id, wire::ProtocolError::method_not_found);
  }
}

// ---- subscriptions ----
//
// The hub destroys a handler uncalled when its subscriber leaves, so handlers hold a plain
// reference to the session.

void subscribe(SessionView& session, std::uint32_t id, const wire::SubscribeCommand& command) {
  std::optional<hub::Position> since;
  if (command.recover) {
    since = hub::Position{command.since.offset, std::string(command.since.epoch)};
  }
  session.hub().subscribe(
      session,
      {.channel = std::string(command.channel),
       .recover_since = std::move(since),
       .shown = {.data = std::string(command.data), .token = std::string(command.token)},
       .refuse_unrecovered = command.refuse_unrecovered},
      [&session, id, channel = std::string(command.channel)](const hub::SubscribeOutcome& outcome) {
        if (!outcome) {
          count_refused(session);
          session.log().subscription_refused(channel, outcome.error());
        }
        std::string text;
        hub::append_subscribe_reply(text, id, outcome);
        session.reply(text);
      });
}

void unsubscribe(SessionView& session, std::uint32_t id, const wire::UnsubscribeCommand& command) {
  if (const auto done = session.hub().unsubscribe(session, command.channel); !done) {
    return session.reply_error(id, hub::protocol_error(done.error()));
  }
  std::string text;
  wire::append_unsubscribe_reply(text, id);
  session.reply(text);
}

void sub_refresh(SessionView& session, std::uint32_t id, const wire::SubRefreshCommand& command) {
  SubscriptionTokenCheck(session).refresh(id, command.channel, command.token);
}

// ---- channels ----

void presence(SessionView& session, std::uint32_t id, const wire::PresenceCommand& command) {
  session.hub().presence(session, command.channel, [&session, id](const auto& clients) {
    if (!clients) count_refused(session);
    std::string text;
    hub::append_presence_reply(text, id, clients);
    session.reply(text);
  });
}

void presence_stats(SessionView& session, std::uint32_t id,
                    const wire::PresenceStatsCommand& command) {
  session.hub().presence_stats(session, command.channel, [&session, id](const auto& stats) {
    if (!stats) count_refused(session);
    std::string text;
    hub::append_presence_stats_reply(text, id, stats);
    session.reply(text);
  });
}

void history(SessionView& session, std::uint32_t id, const wire::HistoryCommand& command) {
  hub::HistoryQuery query;
  if (command.limit >= 0) query.limit = static_cast<std::size_t>(command.limit);
  if (command.since) {
    query.since = hub::Position{command.since->offset, std::string(command.since->epoch)};
  }
  query.reverse = command.reverse;
  session.hub().history(session, command.channel, std::move(query),
                        [&session, id](const auto& page) {
                          if (!page) count_refused(session);
                          std::string text;
                          hub::append_history_reply(text, id, page);
                          session.reply(text);
                        });
}

// ---- publishing, for which the backend may be asked ----

hub::Handler<hub::Position> answers_publish(SessionView& session, std::uint32_t id) {
  return [&session, id](const Result<hub::Position, hub::Error>& outcome) {
    if (!outcome) return session.reply_error(id, hub::protocol_error(outcome.error()));
    session.dependencies().observer.on_published();
    std::string text;
    wire::append_publish_reply(text, id);
    session.reply(text);
  };
}

void reply_hook_error(SessionView& session, std::uint32_t id, const HookError& error) {
  count_refused(session);
  std::string text;
  wire::append_error_reply(text, id, error.code, error.message, error.temporary);
  session.reply(text);
}

// A publication that waits for the backend's answer.
struct WishedPublication {
  std::uint32_t id;
  std::string channel;
  std::string data;
};

void publish_as_answered(SessionView& session, const WishedPublication& wished,
                         const HookAnswer& answer) {
  if (const auto* error = std::get_if<HookError>(&answer)) {
    return reply_hook_error(session, wished.id, *error);
  }
  const auto& instead = std::get<std::string>(answer);
  session.hub().publish_counted(session, wished.channel, instead.empty() ? wished.data : instead,
                                answers_publish(session, wished.id));
}

// The backend is asked only about what the namespace permits.
void publish_through_hook(SessionView& session, std::uint32_t id,
                          const wire::PublishCommand& command) {
  auto wished = std::make_unique<WishedPublication>(
      WishedPublication{id, std::string(command.channel), std::string(command.data)});
  session.hub().may_publish(
      session, command.channel,
      [&session, wished = std::move(wished)](const Result<void, hub::Error>& allowed) mutable {
        const WishedPublication& wish = *wished;
        if (!allowed) return session.reply_error(wish.id, hub::protocol_error(allowed.error()));
        HookCalls(session).ask(
            wish.id, HookEvent::Kind::publish, wish.channel, wish.data,
            [wished = std::move(wished)](SessionView& live, const HookAnswer& answer) {
              publish_as_answered(live, *wished, answer);
            });
      });
}

void publish(SessionView& session, std::uint32_t id, const wire::PublishCommand& command) {
  if (HookCalls(session).has(Hook::publish)) return publish_through_hook(session, id, command);
  session.hub().publish(session, command.channel, command.data, answers_publish(session, id));
}

// ---- calls to the backend ----

void rpc(SessionView& session, std::uint32_t id, const wire::RpcCommand& command) {
  HookCalls calls(session);
  if (!calls.has(Hook::rpc)) return session.reply_error(id, wire::ProtocolError::not_available);
  if (command.method.size() > kMethodBytesMax) {
    return session.reply_error(id, wire::ProtocolError::bad_request);
  }
  calls.ask(id, HookEvent::Kind::rpc, command.method, command.data,
            [id](SessionView& live, const HookAnswer& answer) {
              if (const auto* error = std::get_if<HookError>(&answer)) {
                return reply_hook_error(live, id, *error);
              }
              std::string text;
              wire::append_rpc_reply(text, id, std::get<std::string>(answer));
              live.reply(text);
            });
}

// A `send` has no answer. Without a backend it is dropped.
void send(SessionView& session, std::uint32_t, const wire::SendCommand& command) {
  const HookCalls calls(session);
  if (calls.has(Hook::rpc)) calls.tell(HookEvent::Kind::send, command.data);
}

// ---- the table ----

using Request = decltype(wire::Command::request);
constexpr std::size_t kCommands = std::variant_size_v<Request>;

struct Row {
  void (*handle)(SessionView& session, std::uint32_t id, const Request& request) = nullptr;
  Price price = Price::rate;
  std::size_t command = kCommands;  // its index in Request
};

template <class T, std::size_t kIndex = 0>
constexpr std::size_t index_of() {
  if constexpr (std::is_same_v<T, std::variant_alternative_t<kIndex, Request>>) {
    return kIndex;
  } else {
    return index_of<T, kIndex + 1>();
  }
}

template <class T>
T request_of(void (*)(SessionView&, std::uint32_t, const T&));

template <auto kHandler>
constexpr Row row(Price price = Price::rate) {
  using T = decltype(request_of(kHandler));
  return {[](SessionView& session, std::uint32_t id, const Request& request) {
            kHandler(session, id, *std::get_if<T>(&request));
          },
          price, index_of<T>()};
}

constexpr std::array kRows{
    row<&pong>(Price::answer),
    row<&connect>(),
    row<&ping>(),
    row<&refresh>(),
    row<&subscribe>(Price::subscribe),
    row<&unsubscribe>(),
    row<&sub_refresh>(),
    row<&presence>(),
    row<&presence_stats>(),
    row<&history>(),
    row<&publish>(),
    row<&rpc>(),
    row<&send>(),
    row<&malformed>(),
};

constexpr auto kTable = [] {
  std::array<Row, kCommands> table{};
  for (const Row& each : kRows) table[each.command] = each;
  return table;
}();
static_assert(kRows.size() == kCommands &&
                  std::all_of(kTable.begin(), kTable.end(),
                              [](const Row& row) { return row.handle != nullptr; }),
              "each command has one row");

}  // namespace

void carry_out(SessionView& session, const wire::Command& command) {
  kTable[command.request.index()].handle(session, command.id, command.request);
}

Price price_of(const wire::Command& command) { return kTable[command.request.index()].price; }

}  // namespace usher::session
