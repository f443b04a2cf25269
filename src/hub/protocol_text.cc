#include "hub/protocol_text.h"

namespace usher::hub {
namespace {

// Good while `subscribed` and `views` are.
wire::SubscribeResult result_of(const Subscribed& subscribed, const PublicationViews& views) {
  wire::SubscribeResult result;
  result.recoverable = subscribed.recoverable;
  result.epoch = subscribed.position.epoch;
  result.publications = views.get();
  result.recovered = subscribed.recovered;
  result.offset = subscribed.position.offset;
  result.positioned = subscribed.positioned;
  result.was_recovering = subscribed.was_recovering;
  result.gap = subscribed.gap;
  result.pending = subscribed.pending;
  result.data = subscribed.grant.data;
  result.expires = subscribed.grant.expires;
  result.ttl_s = subscribed.grant.ttl_s;
  return result;
}

}  // namespace

void append_connect_sub(std::string& subs, const JoinedChannel& joined) {
  if (!joined.outcome) {
    const GivenError error = joined.outcome.error().for_client();
    return wire::append_connect_sub(subs, joined.channel, error.code, error.message,
                                    error.temporary);
  }
  const PublicationViews views(joined.outcome->publications);
  wire::append_connect_sub(subs, joined.channel, result_of(*joined.outcome, views));
}

std::string connect_subs(const Joined& joined) {
  std::string subs;
  for (const JoinedChannel& one : joined) append_connect_sub(subs, one);
  return subs;
}

void append_subscribe_reply(std::string& out, std::uint32_t id, const SubscribeOutcome& outcome) {
  if (!outcome) {
    const GivenError error = outcome.error().for_client();
    return wire::append_error_reply(out, id, error.code, error.message, error.temporary);
  }
  const PublicationViews views(outcome->publications);
  wire::append_subscribe_reply(out, id, result_of(*outcome, views));
}

void append_history_reply(std::string& out, std::uint32_t id,
                          const Result<HistoryPage, Error>& page) {
  if (!page) return wire::append_error_reply(out, id, protocol_error(page.error()));
  const PublicationViews views(page->publications);
  wire::append_history_reply(out, id, {views.get(), page->position.epoch, page->position.offset});
}

void append_presence_reply(std::string& out, std::uint32_t id,
                           const Result<std::vector<ClientInfo>, Error>& clients) {
  if (!clients) return wire::append_error_reply(out, id, protocol_error(clients.error()));
  std::vector<wire::ClientInfo> views;
  views.reserve(clients->size());
  for (const ClientInfo& info : *clients) views.push_back(info.view());
  wire::append_presence_reply(out, id, views);
}

void append_presence_stats_reply(std::string& out, std::uint32_t id,
                                 const Result<PresenceStats, Error>& stats) {
  if (!stats) return wire::append_error_reply(out, id, protocol_error(stats.error()));
  wire::append_presence_stats_reply(out, id, stats->clients, stats->users);
}

}  // namespace usher::hub
