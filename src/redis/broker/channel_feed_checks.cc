// Comparing streams with Redis, and filling what is missing (channel_feed.h).
#include <algorithm>
#include <utility>

#include "redis/broker/channel_feed.h"

namespace usher::redis {

void ChannelFeed::ask_page(const Channel& channel, const hub::HistoryQuery& query,
                           Commands::Handler done) {
  auto arguments = position_arguments(parts_.commands.run_id(), *channel.options,
                                      options_.position_ttl, parts_.entropy);
  add_page_arguments(arguments, *channel.options, query);
  parts_.commands.run(parts_.scripts.page, page_keys(parts_.names, *channel.name),
                      std::move(arguments), std::move(done));
}

void ChannelFeed::check(Channel& channel) {
  if (channel.check != Channel::Check::none) return;
  channel.check = Channel::Check::queued;
  checks_.push_back({channel.name, channel.serial});
}

void ChannelFeed::run_checks() {
  while (!checks_paused_ && checks_running_ < options_.checks_max && !checks_.empty()) {
    const Ref ref = std::move(checks_.front());
    checks_.pop_front();
    Channel* const channel = find(ref);
    if (channel == nullptr) continue;
    channel->check = Channel::Check::running;
    channel->bound_since = false;
    ++checks_running_;
    ask_page(*channel, {.limit = options_.page_max, .since = channel->tracker.last()},
             [this, ref](const Result<Reply, LinkError>& reply) { on_checked(ref, reply); });
  }
}

void ChannelFeed::on_checked(const Ref& ref, const Result<Reply, LinkError>& reply) {
  --checks_running_;
  if (Channel* const channel = find(ref)) {
    channel->check = Channel::Check::none;
    if (auto page = reply ? parse_page(*reply) : std::nullopt) {
      take_page(*channel, std::move(*page));
    } else {
      checks_paused_ = true;
      check(*channel);
    }
  }
  run_checks();
}

void ChannelFeed::take_page(Channel& channel, StreamPage page) {
  const Ref ref{channel.name, channel.serial};
  // The page may be another owner's, and from before the binding.
  if (channel.bound_since) return check(channel);
  // An entry that can't be read is as good as gone.
  if (!page.readable) page.page.gap = wire::RecoveryGap::trimmed;
  StreamTracker::Caught caught = channel.tracker.on_page(std::move(page.page));
  if (caught.again) check(channel);
  if (channel.is_owners() && !take_owner(channel, page.owner)) return;
  for (const hub::PublicationPtr& publication : caught.publications) {
    Channel* const there = find(ref);
    if (there == nullptr) return;
    ++stats_.filled;
    deliver(*there, *publication);
  }
  Channel* const there = find(ref);
  if (there != nullptr && caught.lost) tell_lost(*there);
  Channel* const still = find(ref);
  if (still != nullptr && !caught.again) release(*still, true);
}

// Those whom the channel does not belong to let go of it. False: nothing of the page may be
// delivered, or the channel is gone.
bool ChannelFeed::take_owner(Channel& channel, const std::optional<hub::Owner>& owner) {
  const Ref ref{channel.name, channel.serial};
  const bool was_silent = std::exchange(channel.silent, false);
  const bool has_gap = std::exchange(channel.kept_back, false);
  if (owner) {
    at_wanting(channel, [&] {
      return [name = channel.name, owner = *owner](hub::BrokerSink& sink) {
        sink.on_bound(*name, owner);
      };
    });
  }
  Channel* const there = find(ref);
  if (there == nullptr) return false;
  if (!was_silent || (owner && !has_gap)) return true;
  // Its binding has run out, and may have been another's; or a part is in no history. Whoever comes
  // again asks for the owner, and then for what is kept.
  tell_lost(*there);
  if (Channel* const still = find(ref)) release(*still, true);
  return false;
}

void ChannelFeed::when_delivered(const std::string& name, hub::Position position,
                                 hub::Handler<void> done) {
  const auto found = channels_.find(name);
  if (found == channels_.end() || !found->second.reached) return done({});
  Channel& channel = found->second;
  const hub::Position& last = channel.tracker.last();
  if (last.epoch == position.epoch && last.offset >= position.offset) return done({});
  // It is on its way, most likely.
  if (channel.delivered.empty()) awaited_.push_back({channel.name, channel.serial});
  channel.delivered.push_back({std::move(position), std::move(done)});
}

// What has not come although the stream was compared belongs to another epoch.
void ChannelFeed::release(Channel& channel, bool is_checked) {
  if (channel.delivered.empty()) return;
  std::vector<Delivered> waiting = std::exchange(channel.delivered, {});
  std::vector<std::pair<hub::Handler<void>, bool>> told;
  const hub::Position& last = channel.tracker.last();
  for (Delivered& one : waiting) {
    const bool come = last.epoch == one.position.epoch && last.offset >= one.position.offset;
    if (come || is_checked) {
      told.emplace_back(std::move(one.done), come);
    } else {
      channel.delivered.push_back(std::move(one));
    }
  }
  for (auto& [done, come] : told) {
    come ? done({}) : done(hub::Error::internal);
  }
}

void ChannelFeed::on_lost() {
  lost_ = true;
  for (const Ref& ref : std::exchange(awaited_, {})) {
    Channel* const channel = find(ref);
    if (channel == nullptr) continue;
    for (Delivered& one : std::exchange(channel->delivered, {})) one.done(hub::Error::internal);
  }
  for (auto& [name, channel] : channels_) {
    if (channel.is_owners()) channel.silent = true;
  }
}

void ChannelFeed::on_restored() {
  lost_ = false;
  checks_paused_ = false;
  for (auto& [name, channel] : channels_) {
    if (!channel.reached) {
      channel.suspect = true;
      // Whoever waits for it asks for the owner when it is reached. With history it is checked.
      if (!channel.options->has_history()) channel.silent = channel.kept_back = false;
    } else if (channel.options->has_history()) {
      check(channel);
    } else if (!std::exchange(channel.untold, true)) {
      // Those that are silent until then come first.
      Ref ref{channel.name, channel.serial};
      channel.silent ? untold_.push_front(std::move(ref)) : untold_.push_back(std::move(ref));
    }
  }
  run_checks();
}

void ChannelFeed::tick() {
  checks_paused_ = false;
  const std::size_t due =
      (rounds_.size() + options_.checked_in_rounds - 1) / options_.checked_in_rounds;
  for (std::size_t i = 0; i < due; ++i) {
    const Ref ref = std::move(rounds_.front());
    rounds_.pop_front();
    Channel* const channel = find(ref);
    if (channel == nullptr) continue;
    check(*channel);
    rounds_.push_back(ref);
  }
  for (const Ref& ref : std::exchange(awaited_, {})) {
    Channel* const channel = find(ref);
    if (channel == nullptr || channel->delivered.empty()) continue;
    check(*channel);
    awaited_.push_back(ref);
  }
  run_checks();
  for (std::size_t told = 0; told < options_.told_per_tick_max && !untold_.empty(); ++told) {
    const Ref ref = std::move(untold_.front());
    untold_.pop_front();
    Channel* const channel = find(ref);
    if (channel == nullptr) continue;
    channel->untold = false;
    channel->silent = channel->kept_back = false;
    tell_lost(*channel);
  }
}

}  // namespace usher::redis
