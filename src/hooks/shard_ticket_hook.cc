#include "hooks/shard_ticket_hook.h"

#include <memory>
#include <optional>

#include "base/ascii.h"
#include "base/bytes.h"
#include "wire/json_writer.h"

namespace usher::hooks {
namespace {

using session::HookEvent;
using ticket::TicketHookAnswer;
using ticket::TicketHookFault;

std::string body_of(const ticket::TicketQuestion& question) {
  std::string body;
  wire::JsonObjectWriter object(body);
  if (const auto origin = question.request.find("origin")) {
    object.string("origin", *origin);
  } else {
    object.member("origin") += "null";
  }
  object.string("address", question.address);
  object.end();
  return body;
}

// A field that the operator names may be one that every hook's request has, such as User-Agent.
void add_fields(HookMessage& message, ticket::HookFields fields) {
  for (auto& [name, value] : fields) {
    std::erase_if(message.fields,
                  [&](const auto& own) { return equal_ignoring_case(own.first, name); });
    message.fields.emplace_back(std::move(name), std::move(value));
  }
}

}  // namespace

void ShardTicketHook::ask(const ticket::TicketQuestion& question,
                          UniqueFunction<void(TicketHookAnswer)> done) {
  auto fields = ticket::hook_fields(question.request, sender_.options().ticket_headers);
  if (fields.empty()) return done(TicketHookFault::no_credentials);
  const std::string body = body_of(question);
  const TicketFlights::Key key = flights_.key_of(fields, body);
  // Exactly one of the two calls it: the waiter, or this function.
  const auto shared = std::make_shared<UniqueFunction<void(TicketHookAnswer)>>(std::move(done));
  auto joined = flights_.join(key, sender_.dependencies().clock.now(),
                              [&post = post_, shared](const TicketFlights::Answer& answer) {
                                post([shared, answer] { (*shared)(*answer); });
                              });
  switch (joined.role) {
    case TicketFlights::Role::starts:
      return start(key, question, std::move(fields), body);
    case TicketFlights::Role::waits:
      return;
    case TicketFlights::Role::known:
      return (*shared)(*joined.answer);
    case TicketFlights::Role::full:
      return (*shared)(TicketHookFault::no_room);
  }
}

void ShardTicketHook::start(const TicketFlights::Key& key, const ticket::TicketQuestion& question,
                            ticket::HookFields fields, const std::string& body) {
  const HookSenderDependencies& dependencies = sender_.dependencies();
  const WallTime asked_at = dependencies.wall_clock.now();
  HookRequest request;
  request.kind = HookEvent::Kind::ticket;
  HookEvent event{.kind = request.kind, .client = {}, .session = {}, .user = {}};
  event.name = question.address.empty() ? std::string_view("unknown") : question.address;
  event.data = body;
  request.message = write_hook_message(event, sender_.options().node,
                                       to_hex(dependencies.entropy.bytes<16>()), asked_at);
  add_fields(request.message, std::move(fields));
  // The share is the address's, unless it stands for many: then each credential has one.
  request.session = question.address_is_shared || question.address.empty()
                        ? to_hex(std::span(key))
                        : std::string(question.address);
  request.bytes = request.message.bytes() + request.session.size();
  request.deadline = dependencies.clock.now() + sender_.options().lane.timeout;
  if (!sender_.room(session::Hook::ticket).reserve(request.session, request.bytes)) {
    dependencies.metrics.count(request.kind, HookOutcome::no_room);
    return flights_.land(key, std::make_shared<TicketHookAnswer>(TicketHookFault::no_room),
                         /*keep=*/false, dependencies.clock.now());
  }
  request.ticket_done = [this, key, asked_at](TicketHookAnswer answer) {
    if (auto* claims = std::get_if<auth::Claims>(&answer)) claims->iat = unix_seconds(asked_at);
    flights_.land(key, std::make_shared<const TicketHookAnswer>(std::move(answer)), /*keep=*/true,
                  sender_.dependencies().clock.now());
  };
  sender_.submit(std::move(request));
}

}  // namespace usher::hooks
