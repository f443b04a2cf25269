#include "hub/grant_table.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace usher::hub {
namespace {

// Longer than any connection lasts, and within what every clock and client can count.
constexpr std::int64_t kLifeSecondsMax = std::numeric_limits<std::int32_t>::max();

}  // namespace

HeldGrants::HeldGrants(GrantTable& table, Subscriber& subscriber, const LocalChannel& channel)
    : table_(table), serial_(++table.last_serial_), subscriber_(subscriber), channel_(channel) {}

HeldGrants::~HeldGrants() {
  if (due_ != TimePoint::max()) table_.by_end_.erase({due_, serial_});
}

void HeldGrants::add(const SubscriptionGrant& grant) {
  Part part{
      .by = grant.by, .expire_at = grant.expire_at, .publish = grant.publish, .info = grant.info};
  if (grant.expire_at) {
    part.until =
        table_.now() + std::chrono::seconds(table_.seconds_left(*grant.expire_at)) + kGrantGrace;
  }
  backend_is_newer_ = grant.by == SubscriptionGrant::By::backend;
  (backend_is_newer_ ? backend_ : client_) = std::move(part);
  put_in_order();
}

// One side's info goes with its grant: it may speak of a user who is no longer this client's.
const std::string& HeldGrants::info() const {
  static const std::string kNone;
  const std::optional<Part>& newer = backend_is_newer_ ? backend_ : client_;
  const std::optional<Part>& older = backend_is_newer_ ? client_ : backend_;
  return newer ? newer->info : older ? older->info : kNone;
}

HeldGrants::Ended HeldGrants::take_ended(TimePoint now) {
  const auto take = [now](std::optional<Part>& part) {
    if (!part || part->until > now) return false;
    part.reset();
    return true;
  };
  const Ended ended{.client = take(client_), .backend = take(backend_)};
  put_in_order();
  return ended;
}

bool HeldGrants::drop_client() {
  const bool had = client_.has_value();
  client_.reset();
  put_in_order();
  return had;
}

void HeldGrants::put_in_order() {
  if (due_ != TimePoint::max()) table_.by_end_.erase({due_, serial_});
  due_ = std::min(client_ ? client_->until : TimePoint::max(),
                  backend_ ? backend_->until : TimePoint::max());
  if (due_ != TimePoint::max()) table_.by_end_.emplace(std::pair(due_, serial_), this);
}

GrantedBy HeldGrants::granted() const {
  return {.hook = client_ && client_->by == SubscriptionGrant::By::hook,
          .token = client_ && client_->by == SubscriptionGrant::By::token};
}

SubscriptionGrant HeldGrants::grant_of(const Part& part) const {
  return {.by = part.by, .info = part.info, .expire_at = part.expire_at, .publish = part.publish};
}

std::vector<SubscriptionGrant> HeldGrants::all() const {
  std::vector<SubscriptionGrant> grants;
  if (client_) grants.push_back(grant_of(*client_));
  if (backend_) grants.push_back(grant_of(*backend_));
  if (grants.size() == 2 && !backend_is_newer_) std::swap(grants[0], grants[1]);
  return grants;
}

// --- the table ---

// Negative values are cut too: a time point has a range.
std::int64_t GrantTable::seconds_left(std::int64_t expire_at) const {
  const std::int64_t now = unix_seconds(wall_clock_.now());
  if (expire_at <= now) return 0;
  return expire_at > now + kLifeSecondsMax ? kLifeSecondsMax : expire_at - now;
}

Result<GrantAnswer, Error> GrantTable::answer_of(const SubscriptionGrant& grant) const {
  GrantAnswer answer{.data = grant.data};
  if (!grant.expire_at) return answer;
  const std::int64_t left = seconds_left(*grant.expire_at);
  if (left == 0) return Error::expired;
  if (grant.by != SubscriptionGrant::By::token) return answer;
  answer.expires = true;
  answer.ttl_s = static_cast<std::uint32_t>(left);
  return answer;
}

HeldGrants* GrantTable::first_due(TimePoint now) const {
  if (by_end_.empty() || by_end_.begin()->first.first > now) return nullptr;
  return by_end_.begin()->second;
}

}  // namespace usher::hub
