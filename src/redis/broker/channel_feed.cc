#include "redis/broker/channel_feed.h"

#include <algorithm>
#include <utility>

#include "wire/protocol_reply.h"

namespace usher::redis {
ChannelFeed::ChannelFeed(ChannelFeedOptions options, Parts parts, AtShard at_shard)
    : options_(options),
      parts_(parts),
      at_shard_(std::move(at_shard)),
      channels_(0, NameHash{SipKey::random(parts.entropy)}) {}

ChannelFeed::Channel* ChannelFeed::find(const Ref& ref) {
  const auto found = channels_.find(*ref.name);
  const bool same = found != channels_.end() && found->second.serial == ref.serial;
  return same ? &found->second : nullptr;
}

// --- who wants what ---

void ChannelFeed::subscribe(std::size_t shard, const std::string& name, hub::Handler<void> done) {
  const auto [found, is_new] = channels_.try_emplace(name);
  Channel& channel = found->second;
  if (is_new) {
    channel.name = std::make_shared<const std::string>(name);
    channel.options = parts_.rules.options(name);
    channel.serial = ++last_serial_;
    channel.wanted.resize(parts_.shards);
    channel.silent = lost_ && channel.is_owners();
  }
  if (!channel.wanted[shard]) ++channel.shards_wanting;
  channel.wanted[shard] = true;
  if (channel.reached) return done({});
  channel.waiting.push_back(std::move(done));
  if (is_new) reach(channel);
}

// The position is asked for when messages flow already: what follows it can't be missed unseen, and
// what does not is in the history that subscribers ask for later.
void ChannelFeed::reach(Channel& channel) {
  const Ref ref{channel.name, channel.serial};
  pub_sub_->subscribe(
      parts_.names.messages(*channel.name),
      [this, ref](Result<void, LinkError> answer) { on_flowing(ref, answer.has_value()); });
}

void ChannelFeed::on_flowing(const Ref& ref, bool ok) {
  Channel* const channel = find(ref);
  if (channel == nullptr) return;
  if (!ok) return fail(*channel);
  if (!channel->options->has_history()) return reached(*channel);
  ask_page(*channel, {.limit = 0},
           [this, ref](const Result<Reply, LinkError>& reply) { on_position(ref, reply); });
}

void ChannelFeed::on_position(const Ref& ref, const Result<Reply, LinkError>& reply) {
  Channel* const channel = find(ref);
  if (channel == nullptr) return;
  auto page = reply ? parse_page(*reply) : std::nullopt;
  if (!page) return fail(*channel);
  channel->tracker.begin(std::move(page->page.position));
  rounds_.push_back(ref);
  if (channel->suspect) check(*channel);
  reached(*channel);
  run_checks();
}

void ChannelFeed::reached(Channel& channel) {
  const Ref ref{channel.name, channel.serial};
  channel.reached = true;
  for (auto& done : std::exchange(channel.waiting, {})) done({});
  Channel* const there = find(ref);
  if (there != nullptr && there->shards_wanting == 0) erase(*there);
}

void ChannelFeed::fail(Channel& channel) {
  auto waiting = std::move(channel.waiting);
  erase(channel);
  for (auto& done : waiting) done(hub::Error::internal);
}

void ChannelFeed::unsubscribe(std::size_t shard, const std::string& name) {
  const auto found = channels_.find(name);
  if (found == channels_.end() || !found->second.wanted[shard]) return;
  Channel& channel = found->second;
  channel.wanted[shard] = false;
  --channel.shards_wanting;
  if (channel.shards_wanting == 0 && channel.reached) erase(channel);
}

void ChannelFeed::erase(Channel& channel) {
  const auto delivered = std::make_shared<std::vector<Delivered>>(std::move(channel.delivered));
  pub_sub_->unsubscribe(parts_.names.messages(*channel.name));
  channels_.erase(*channel.name);
  for (Delivered& one : *delivered) one.done({});
}

// --- what comes live ---

void ChannelFeed::on_message(std::string_view name, std::string_view message) {
  const auto found = channels_.find(name);
  if (found == channels_.end()) return;
  Channel& channel = found->second;
  auto decoded = decode_channel_message(message);
  if (!decoded) {
    ++stats_.unreadable;
    return;
  }
  if (channel.silent) return keep_back(channel, *decoded);
  if (auto* published = std::get_if<Published>(&*decoded)) {
    return publish(channel, std::move(*published));
  }
  std::string text;
  if (const auto* entered = std::get_if<Entered>(&*decoded)) {
    wire::append_join_push(text, name, entered->info.view());
  } else {
    wire::append_leave_push(text, name, std::get<Left>(*decoded).info.view());
  }
  deliver(channel, {0, wire::make_text_frame(text)});
}

// What has an offset comes from history, as soon as the owner is known.
void ChannelFeed::keep_back(Channel& channel, const ChannelMessage& message) {
  const auto* published = std::get_if<Published>(&message);
  if (published == nullptr || published->publication.offset == 0) {
    channel.kept_back = true;
  } else {
    channel.tracker.on_kept_back(published->publication.offset, published->epoch);
  }
}

void ChannelFeed::on_bound(std::string_view name) {
  const auto found = channels_.find(name);
  if (found != channels_.end()) found->second.bound_since = true;
}

void ChannelFeed::publish(Channel& channel, Published published) {
  const hub::Publication& publication = published.publication;
  if (publication.offset == 0) return deliver(channel, publication);
  const Ref ref{channel.name, channel.serial};
  switch (channel.tracker.on_live(publication.offset, published.epoch)) {
    case StreamTracker::Verdict::lost:
      tell_lost(channel);
      if (const Channel* const there = find(ref)) deliver(*there, publication);
      return;
    case StreamTracker::Verdict::deliver:
      deliver(channel, publication);
      if (Channel* const there = find(ref)) release(*there, false);
      return;
    case StreamTracker::Verdict::drop:
      return;
    case StreamTracker::Verdict::behind:
      check(channel);
      return run_checks();
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

// The first shard's own work is done at once and may end the channel, so it comes last, and the
// channel is not touched after it.
void ChannelFeed::at_wanting(const Channel& channel, const std::function<Work()>& work) {
  const bool here = channel.wanted[0];
  for (std::size_t shard = 1; shard < channel.wanted.size(); ++shard) {
    if (channel.wanted[shard]) at_shard_(shard, work());
  }
  if (here) at_shard_(0, work());
}

}  // namespace usher::redis
