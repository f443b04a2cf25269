#include "redis/revocations/revocation_feed.h"

namespace usher::redis {
namespace {

constexpr const char* kPageSize = "500";

}  // namespace

RevocationFeed::RevocationFeed(Commands& commands, PubSub& pub_sub, const WallClock& clock,
                               RevocationOptions options, Apply apply, std::function<void()> loaded)
    : commands_(commands),
      pub_sub_(pub_sub),
      clock_(clock),
      options_(std::move(options)),
      key_(revocations_key(options_)),
      apply_(std::move(apply)),
      loaded_now_(std::move(loaded)) {}

void RevocationFeed::apply(const std::optional<Revocation>& revocation) {
  if (revocation && revocation->until_ms > clock_.now().time_since_epoch().count()) {
    apply_(*revocation);
  }
}

bool RevocationFeed::on_message(std::string_view channel, std::string_view payload) {
  if (channel != key_) return false;
  apply(decode_revocation_message(payload));
  return true;
}

void RevocationFeed::on_link_lost() {
  link_ready_ = false;
  loaded_ = false;
  step_ = Step::behind;
  ++round_;
}

void RevocationFeed::on_link_ready() {
  link_ready_ = true;
  catch_up();
}

void RevocationFeed::tick() {
  if (link_ready_ && step_ == Step::behind) catch_up();
}

void RevocationFeed::catch_up() {
  ++round_;
  if (!subscribed_) return subscribe();
  load("0");
}

void RevocationFeed::subscribe() {
  step_ = Step::subscribing;
  pub_sub_.subscribe(key_, [this, round = round_](const Result<void, LinkError>& subscribed) {
    if (subscribed) subscribed_ = true;
    if (round != round_) return;
    if (subscribed) return load("0");
    step_ = Step::behind;
  });
}

void RevocationFeed::load(const std::string& cursor) {
  step_ = Step::loading;
  commands_.call({"HSCAN", key_, cursor, "COUNT", kPageSize},
                 [this, round = round_](const Result<Reply, LinkError>& page) {
                   if (round != round_) return;
                   step_ = Step::behind;
                   if (page) on_page(*page);
                 });
}

// An answer of HSCAN: a cursor, then fields and values alternately.
void RevocationFeed::on_page(const Reply& page) {
  if (page.items.size() != 2) return;
  const auto& pairs = page.items[1].items;
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    apply(decode_revocation(pairs[i].text, pairs[i + 1].text));
  }
  const std::string& cursor = page.items[0].text;
  if (cursor != "0") return load(cursor);
  step_ = Step::current;
  loaded_ = true;
  loaded_now_();
}

}  // namespace usher::redis
