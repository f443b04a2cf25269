#include "redis/broker/channel_feed.h"

#include <utility>

#include "wire/protocol_reply.h"

namespace usher::redis {

ChannelFeed::ChannelFeed(ChannelFeedOptions options, ChannelFeedDependencies dependencies,
                         AtShard at_shard)
    : options_(options),
      dependencies_(dependencies),
      at_shard_(std::move(at_shard)),
      channels_(SipKey::random(dependencies.entropy)),
      checks_(
          options.checks,
          {dependencies.names, dependencies.scripts, dependencies.commands, dependencies.entropy},
          channels_, *this) {}

// --- which shards want which channel ---

void ChannelFeed::subscribe(std::size_t shard, const std::string& name, hub::Handler<void> done) {
  const auto [channel, is_new] = channels_.add(name);
  if (is_new) {
    channel.options = dependencies_.rules.options(name);
    channel.wanted.resize(dependencies_.shards);
    channel.silent = lost_ && channel.is_owners();
  }
  if (!channel.wanted[shard]) ++channel.shards_wanting;
  channel.wanted[shard] = true;
  if (channel.reached) return done({});
  channel.waiting.push_back(std::move(done));
  if (is_new) reach(channel);
}

// The position is asked for when messages flow already: a message after it can't be missed without
// notice, and a message before it is in the history that subscribers ask for later.
void ChannelFeed::reach(const Channel& channel) {
  pub_sub_->subscribe(dependencies_.names.messages(*channel.name),
                      [this, ref = channel.ref()](Result<void, LinkError> answer) {
                        on_flowing(ref, answer.has_value());
                      });
}

void ChannelFeed::on_flowing(const Ref& ref, bool ok) {
  Channel* const channel = channels_.find(ref);
  if (channel == nullptr) return;
  if (!ok) return fail(*channel);
  if (!channel->options->has_history()) return reached(*channel);
  checks_.begin(*channel);
}

void ChannelFeed::on_begun(Channel& channel, bool ok) { ok ? reached(channel) : fail(channel); }

void ChannelFeed::reached(Channel& channel) {
  const Ref ref = channel.ref();
  channel.reached = true;
  for (auto& done : std::exchange(channel.waiting, {})) done({});
  Channel* const there = channels_.find(ref);
  if (there != nullptr && there->shards_wanting == 0) erase(*there);
}

void ChannelFeed::fail(Channel& channel) {
  auto waiting = std::move(channel.waiting);
  erase(channel);
  for (auto& done : waiting) done(hub::Error::internal);
}

void ChannelFeed::unsubscribe(std::size_t shard, const std::string& name) {
  Channel* const channel = channels_.find(name);
  if (channel == nullptr || !channel->wanted[shard]) return;
  channel->wanted[shard] = false;
  --channel->shards_wanting;
  if (channel->shards_wanting == 0 && channel->reached) erase(*channel);
}

void ChannelFeed::erase(Channel& channel) {
  auto delivered = std::move(channel.delivered);
  pub_sub_->unsubscribe(dependencies_.names.messages(*channel.name));
  channels_.erase(channel);
  for (Channel::Delivered& one : delivered) one.done({});
}

// --- messages ---

void ChannelFeed::on_message(std::string_view name, std::string_view message) {
  Channel* const channel = channels_.find(name);
  if (channel == nullptr) return;
  auto decoded = decode_channel_message(message);
  if (!decoded) {
    ++stats_.unreadable;
    return;
  }
  if (channel->silent) return keep_back(*channel, *decoded);
  if (auto* published = std::get_if<Published>(&*decoded)) {
    return publish(*channel, std::move(*published));
  }
  std::string text;
  if (const auto* joined = std::get_if<Joined>(&*decoded)) {
    wire::append_join_push(text, name, joined->info.view());
  } else {
    wire::append_leave_push(text, name, std::get<Left>(*decoded).info.view());
  }
  deliver(*channel, {0, wire::make_text_frame(text), true});
}

// A publication with an offset comes from history, as soon as the owner is known.
void ChannelFeed::keep_back(Channel& channel, const ChannelMessage& message) {
  const auto* published = std::get_if<Published>(&message);
  if (published == nullptr || published->publication.offset == 0) {
    channel.kept_back = true;
  } else {
    channel.tracker.on_kept_back(published->publication.offset, published->epoch);
  }
}

void ChannelFeed::on_bound(std::string_view name) {
  if (Channel* const channel = channels_.find(name)) channel->bound_since = true;
}

void ChannelFeed::publish(Channel& channel, Published published) {
  const hub::Publication& publication = published.publication;
  if (publication.offset == 0) return deliver(channel, publication);
  const Ref ref = channel.ref();
  switch (channel.tracker.on_live(publication.offset, published.epoch)) {
    case StreamTracker::Verdict::lost:
      tell_lost(channel);
      if (const Channel* const there = channels_.find(ref)) deliver(*there, publication);
      return;
    case StreamTracker::Verdict::deliver:
      deliver(channel, publication);
      if (Channel* const there = channels_.find(ref)) release(*there, false);
      return;
    case StreamTracker::Verdict::drop:
      return;
    case StreamTracker::Verdict::behind:
      checks_.queue(channel);
      return checks_.run();
  }
}

void ChannelFeed::deliver(const Channel& channel, const hub::Publication& publication) {
  deliver(channel, {publication.offset, hub::push_of(*channel.name, publication)});
}

void ChannelFeed::deliver(const Channel& channel, const hub::Delivery& delivery) {
  at_wanting(channel, [&] {
    return [name = channel.name, delivery](hub::BrokerSink& sink) {
      sink.on_delivery(*name, delivery);
    };
  });
}

void ChannelFeed::tell_lost(const Channel& channel) {
  ++stats_.lost;
  at_wanting(channel, [&] {
    return [name = channel.name](hub::BrokerSink& sink) { sink.on_deliveries_lost(*name); };
  });
}

// The first shard's own work runs at once and may erase the channel. So it comes last, and the
// channel is not used after it.
void ChannelFeed::at_wanting(const Channel& channel, const std::function<Work()>& work) {
  const bool here = channel.wanted[0];
  for (std::size_t shard = 1; shard < channel.wanted.size(); ++shard) {
    if (channel.wanted[shard]) at_shard_(shard, work());
  }
  if (here) at_shard_(0, work());
}

// --- what comparing a stream has found ---

void ChannelFeed::on_compared(Channel& channel, StreamTracker::Caught caught,
                              const std::optional<hub::Owner>& owner) {
  const Ref ref = channel.ref();
  if (channel.is_owners() && !take_owner(channel, owner)) return;
  for (const hub::PublicationPtr& publication : caught.publications) {
    Channel* const there = channels_.find(ref);
    if (there == nullptr) return;
    ++stats_.filled;
    deliver(*there, *publication);
  }
  Channel* const there = channels_.find(ref);
  if (there != nullptr && caught.lost) tell_lost(*there);
  Channel* const still = channels_.find(ref);
  if (still != nullptr && !caught.again) release(*still, true);
}

// Subscribers that do not own the channel leave it. Returns false if nothing of the page may be
// delivered, or the channel is gone.
bool ChannelFeed::take_owner(Channel& channel, const std::optional<hub::Owner>& owner) {
  const Ref ref = channel.ref();
  const bool was_silent = std::exchange(channel.silent, false);
  const bool has_gap = std::exchange(channel.kept_back, false);
  if (owner) {
    at_wanting(channel, [&] {
      return [name = channel.name, owner = *owner](hub::BrokerSink& sink) {
        sink.on_bound(*name, owner);
      };
    });
  }
  Channel* const there = channels_.find(ref);
  if (there == nullptr) return false;
  if (!was_silent || (owner && !has_gap)) return true;
  // The binding has run out, and may have been another owner's; or history lacks a message. A
  // subscriber that subscribes again asks for the owner, and then for the history.
  tell_lost(*there);
  if (Channel* const still = channels_.find(ref)) release(*still, true);
  return false;
}

// --- handlers that wait for a position ---

void ChannelFeed::when_delivered(const std::string& name, hub::Position position,
                                 hub::Handler<void> done) {
  Channel* const channel = channels_.find(name);
  if (channel == nullptr || !channel->reached) return done({});
  const hub::Position& last = channel->tracker.last();
  if (last.epoch == position.epoch && last.offset >= position.offset) return done({});
  // It is on its way, most likely.
  if (channel->delivered.empty()) awaited_.push_back(channel->ref());
  channel->delivered.push_back({std::move(position), std::move(done)});
}

// A position that was not reached although the stream was compared is of another epoch.
void ChannelFeed::release(Channel& channel, bool is_compared) {
  if (channel.delivered.empty()) return;
  auto waiting = std::exchange(channel.delivered, {});
  std::vector<std::pair<hub::Handler<void>, bool>> told;
  const hub::Position& last = channel.tracker.last();
  for (Channel::Delivered& one : waiting) {
    const bool come = last.epoch == one.position.epoch && last.offset >= one.position.offset;
    if (come || is_compared) {
      told.emplace_back(std::move(one.done), come);
    } else {
      channel.delivered.push_back(std::move(one));
    }
  }
  for (auto& [done, come] : told) {
    come ? done({}) : done(hub::Error::internal);
  }
}

void ChannelFeed::queue_awaited() {
  for (const Ref& ref : std::exchange(awaited_, {})) {
    Channel* const channel = channels_.find(ref);
    if (channel == nullptr || channel->delivered.empty()) continue;
    checks_.queue(*channel);
    awaited_.push_back(ref);
  }
}

// --- the link comes and goes ---

void ChannelFeed::on_lost() {
  lost_ = true;
  for (const Ref& ref : std::exchange(awaited_, {})) {
    Channel* const channel = channels_.find(ref);
    if (channel == nullptr) continue;
    for (auto& one : std::exchange(channel->delivered, {})) one.done(hub::Error::internal);
  }
  channels_.for_each([](Channel& channel) {
    if (channel.is_owners()) channel.silent = true;
  });
}

void ChannelFeed::on_restored() {
  lost_ = false;
  checks_.resume();
  channels_.for_each([this](Channel& channel) {
    if (!channel.reached) {
      channel.suspect = true;
      // The subscribers that wait for it ask for the owner when it is reached. With history, it is
      // compared then.
      if (!channel.options->has_history()) channel.silent = channel.kept_back = false;
    } else if (channel.options->has_history()) {
      checks_.queue(channel);
    } else if (!std::exchange(channel.untold, true)) {
      // Channels that are silent until then come first.
      channel.silent ? untold_.push_front(channel.ref()) : untold_.push_back(channel.ref());
    }
  });
  checks_.run();
}

void ChannelFeed::tick() {
  checks_.tick();
  queue_awaited();
  checks_.run();
  tell_untold();
}

void ChannelFeed::tell_untold() {
  for (std::size_t told = 0; told < options_.told_per_tick_max && !untold_.empty(); ++told) {
    const Ref ref = std::move(untold_.front());
    untold_.pop_front();
    Channel* const channel = channels_.find(ref);
    if (channel == nullptr) continue;
    channel->untold = false;
    channel->silent = channel->kept_back = false;
    tell_lost(*channel);
  }
}

}  // namespace usher::redis
