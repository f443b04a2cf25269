#include "hub/recovery.h"

#include <algorithm>

namespace usher::hub {
namespace {

constexpr std::size_t kEnvelopeBytes = 64;

bool is_beginning(const Position& position) {
  return position.offset == 0 && position.epoch.empty();
}

// Keeps the newest publications that are within the limits.
void keep_newest(Publications& publications, const RecoveryLimits& limits) {
  std::size_t bytes = 0;
  auto first = publications.end();
  while (first != publications.begin()) {
    bytes += size_in_bytes(**std::prev(first));
    if (bytes > limits.bytes_max) break;
    if (publications.end() - first == static_cast<std::ptrdiff_t>(limits.publications_max)) break;
    --first;
  }
  publications.erase(publications.begin(), first);
}

wire::RecoveryGap gap_of(const RecoveryWish& wish, const HistoryPage& page,
                         std::uint64_t lost_offset, const RecoveryLimits& limits) {
  if (page.gap != wire::RecoveryGap::none) return page.gap;
  // An offset without an epoch cannot be compared.
  if (wish.since->epoch.empty() && wish.since->offset > 0) return wire::RecoveryGap::epoch_changed;
  if (is_beginning(*wish.since) && page.position.offset > 0 &&
      (page.publications.empty() || page.publications.front()->offset != 1)) {
    return wire::RecoveryGap::trimmed;
  }
  const bool too_much = page.more || size_in_bytes(page.publications) > limits.bytes_max;
  if (too_much || lost_offset > page.position.offset) return wire::RecoveryGap::limit;
  return wire::RecoveryGap::none;
}

// The outcome where the newest publication is all that counts. `was_recovering` and `recovered` are
// as in Centrifugo: a new subscriber counts as one that recovers, and an empty channel as one that
// could not be recovered.
Subscribed with_newest(const RecoveryWish& wish, HistoryPage page, std::uint64_t lost_offset,
                       const RecoveryLimits& limits) {
  Subscribed subscribed{.recoverable = true, .positioned = true, .was_recovering = true};
  const Position& position = page.position;
  const bool is_kept =
      !page.publications.empty() && page.publications.front()->offset == position.offset;
  const bool has_it = wish.since && wish.since->offset > 0 && *wish.since == position;
  const bool comes_live = lost_offset > position.offset;  // as one of the deliveries held back
  if (has_it || comes_live) {
    subscribed.recovered = true;
  } else if (is_kept && size_in_bytes(page.publications) <= limits.bytes_max) {
    subscribed.recovered = true;
    subscribed.publications = std::move(page.publications);
  } else if (is_kept) {
    subscribed.gap = wire::RecoveryGap::limit;
  } else if (wish.since) {
    subscribed.gap = wish.since->epoch == position.epoch ? wire::RecoveryGap::trimmed
                                                         : wire::RecoveryGap::epoch_changed;
  }
  subscribed.position = std::move(page.position);
  subscribed.position.offset = std::max(subscribed.position.offset, lost_offset);
  return subscribed;
}

}  // namespace

std::size_t size_in_bytes(const Publication& publication) {
  std::size_t bytes = kEnvelopeBytes + publication.data.size() + publication.tags.size();
  if (const auto* info = publication.info.get()) {
    bytes +=
        info->client.size() + info->user.size() + info->conn_info.size() + info->chan_info.size();
  }
  return bytes;
}

std::size_t size_in_bytes(const Publications& publications) {
  std::size_t bytes = 0;
  for (const PublicationPtr& publication : publications) bytes += size_in_bytes(*publication);
  return bytes;
}

bool needs_history(const NamespaceOptions& options, const RecoveryWish& wish) {
  return options.has_history() && (options.has_position() || wish.from_start);
}

HistoryQuery recovery_query(const NamespaceOptions& options, const RecoveryWish& wish,
                            const RecoveryLimits& limits) {
  if (options.gives_newest()) return {.limit = 1, .reverse = true};
  if (wish.since) {
    HistoryQuery query{.limit = limits.publications_max};
    if (!is_beginning(*wish.since)) query.since = wish.since;
    return query;
  }
  return {.limit = wish.from_start ? kNoLimit : 0};
}

Subscribed recovered(const NamespaceOptions& options, const RecoveryWish& wish, HistoryPage page,
                     std::uint64_t lost_offset, const RecoveryLimits& limits) {
  if (options.gives_newest()) return with_newest(wish, std::move(page), lost_offset, limits);
  if (wish.since && !options.recovery) {
    Subscribed subscribed = not_recoverable(wish);
    subscribed.positioned = options.has_position();
    subscribed.position = std::move(page.position);
    return subscribed;
  }
  Subscribed subscribed{.recoverable = options.recovery,
                        .positioned = options.has_position(),
                        .was_recovering = wish.since.has_value()};
  if (wish.since) {
    subscribed.gap = gap_of(wish, page, lost_offset, limits);
    subscribed.recovered = subscribed.gap == wire::RecoveryGap::none;
    if (subscribed.recovered) subscribed.publications = std::move(page.publications);
  } else if (wish.from_start && lost_offset <= page.position.offset) {
    keep_newest(page.publications, limits);
    subscribed.publications = std::move(page.publications);
  }
  subscribed.position = std::move(page.position);
  subscribed.position.offset = std::max(subscribed.position.offset, lost_offset);
  return subscribed;
}

bool must_refuse(const NamespaceOptions& options, const RecoveryWish& wish,
                 const Subscribed& subscribed) {
  const bool can_have_gaps = options.recovery && options.recovery_mode == RecoveryMode::stream;
  return wish.refuse_gap && can_have_gaps && subscribed.was_recovering && !subscribed.recovered;
}

Subscribed not_recoverable(const RecoveryWish& wish) {
  Subscribed subscribed{.was_recovering = wish.since.has_value()};
  if (wish.since) subscribed.gap = wire::RecoveryGap::epoch_changed;
  return subscribed;
}

}  // namespace usher::hub
