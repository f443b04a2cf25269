#include "redis/broker/stream_checks.h"

#include <utility>

namespace usher::redis {

StreamChecks::StreamChecks(StreamChecksOptions options, StreamChecksDependencies dependencies,
                           FeedChannels& channels, Listener& listener)
    : options_(options), dependencies_(dependencies), channels_(channels), listener_(listener) {}

void StreamChecks::ask_page(const FeedChannel& channel, const hub::HistoryQuery& query,
                            Commands::Handler done) {
  auto arguments = position_arguments(dependencies_.commands.run_id(), *channel.options,
                                      options_.position_ttl, dependencies_.entropy);
  add_page_arguments(arguments, *channel.options, query);
  dependencies_.commands.run(dependencies_.scripts.page,
                             page_keys(dependencies_.names, *channel.name), std::move(arguments),
                             std::move(done));
}

void StreamChecks::begin(const FeedChannel& channel) {
  ask_page(channel, {.limit = 0},
           [this, ref = channel.ref()](const Result<Reply, LinkError>& reply) {
             on_position(ref, reply);
           });
}

void StreamChecks::on_position(const FeedChannel::Ref& ref, const Result<Reply, LinkError>& reply) {
  FeedChannel* const channel = channels_.find(ref);
  if (channel == nullptr) return;
  auto page = reply ? parse_page(*reply) : std::nullopt;
  if (!page) return listener_.on_begun(*channel, false);
  channel->tracker.begin(std::move(page->page.position));
  rounds_.push_back(ref);
  if (channel->suspect) queue(*channel);
  listener_.on_begun(*channel, true);
  run();
}

void StreamChecks::queue(FeedChannel& channel) {
  if (channel.check != FeedChannel::Check::none) return;
  channel.check = FeedChannel::Check::queued;
  queue_.push_back(channel.ref());
}

void StreamChecks::run() {
  while (!is_paused_ && running_ < options_.checks_max && !queue_.empty()) {
    const FeedChannel::Ref ref = std::move(queue_.front());
    queue_.pop_front();
    FeedChannel* const channel = channels_.find(ref);
    if (channel == nullptr) continue;
    channel->check = FeedChannel::Check::running;
    channel->bound_since = false;
    ++running_;
    ask_page(*channel, {.limit = options_.page_max, .since = channel->tracker.last()},
             [this, ref](const Result<Reply, LinkError>& reply) { on_answer(ref, reply); });
  }
}

void StreamChecks::on_answer(const FeedChannel::Ref& ref, const Result<Reply, LinkError>& reply) {
  --running_;
  if (FeedChannel* const channel = channels_.find(ref)) {
    channel->check = FeedChannel::Check::none;
    if (auto page = reply ? parse_page(*reply) : std::nullopt) {
      take_page(*channel, std::move(*page));
    } else {
      is_paused_ = true;
      queue(*channel);
    }
  }
  run();
}

void StreamChecks::take_page(FeedChannel& channel, StreamPage page) {
  // The page may name the owner from before the binding: it is asked for again.
  if (channel.bound_since) return queue(channel);
  // An entry that can't be read counts as gone.
  if (!page.readable) page.page.gap = wire::RecoveryGap::trimmed;
  StreamTracker::Caught caught = channel.tracker.on_page(std::move(page.page));
  if (caught.again) queue(channel);
  listener_.on_compared(channel, std::move(caught), page.owner);
}

void StreamChecks::tick() {
  resume();
  const std::size_t due =
      (rounds_.size() + options_.checked_in_rounds - 1) / options_.checked_in_rounds;
  for (std::size_t i = 0; i < due; ++i) {
    FeedChannel::Ref ref = std::move(rounds_.front());
    rounds_.pop_front();
    FeedChannel* const channel = channels_.find(ref);
    if (channel == nullptr) continue;
    queue(*channel);
    rounds_.push_back(std::move(ref));
  }
}

}  // namespace usher::redis
