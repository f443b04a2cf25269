#include "dev/node_switches.h"

namespace usher::dev {
namespace {

constexpr std::int64_t kTokenLife_s = 60;

}  // namespace

NodeSwitches::NodeSwitches(DevTokens tokens, ticket::DevFault& store_fault,
                           Snapshot<auth::OriginPolicy>& origins, Log& log)
    : store_fault_(store_fault),
      origins_(origins),
      log_(log),
      tokens_(std::move(tokens)),
      policy_(origins.get()) {}

void NodeSwitches::use(std::shared_ptr<const auth::OriginPolicy> policy, DevTokens tokens) {
  const std::lock_guard lock(mutex_);
  policy_ = std::move(policy);
  tokens_ = std::move(tokens);
  if (!faults_.origin_blocked) origins_.set(policy_);
}

DevSwitches::Faults NodeSwitches::faults() const {
  const std::lock_guard lock(mutex_);
  return faults_;
}

void NodeSwitches::set(Faults faults, TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (faults.store_down) store_down_until_ = now + kLease;
  if (faults.origin_blocked) origin_blocked_until_ = now + kLease;
  change(faults, "page", now);
}

void NodeSwitches::renew(Faults which, TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (which.store_down) store_down_until_ = now + kLease;
  if (which.origin_blocked) origin_blocked_until_ = now + kLease;
}

void NodeSwitches::tick(TimePoint now) {
  const std::lock_guard lock(mutex_);
  Faults left = faults_;
  if (now >= store_down_until_) left.store_down = false;
  if (now >= origin_blocked_until_) left.origin_blocked = false;
  change(left, "the page that wanted it is gone", now);
  if (faults_ == Faults{} || now < next_reminder_) return;
  next_reminder_ = now + kReminder;
  log_.warn("[Dev] Broken on purpose, by a switch of the page",
            {{"storeDown", faults_.store_down}, {"originBlocked", faults_.origin_blocked}});
}

// Requires the mutex.
void NodeSwitches::change(Faults to, const char* why, TimePoint now) {
  if (to == faults_) return;
  const auto say = [&](const char* fault, bool before, bool after) {
    if (before == after) return;
    log_.warn(after ? "[Dev] Fault switched on" : "[Dev] Fault switched off",
              {{"fault", fault}, {"by", why}});
  };
  say("store_down", faults_.store_down, to.store_down);
  say("origin_blocked", faults_.origin_blocked, to.origin_blocked);
  if (faults_ == Faults{}) next_reminder_ = now + kReminder;
  if (to.origin_blocked != faults_.origin_blocked) {
    // Without `dev` and with an empty list, every page is a foreign one.
    origins_.set(to.origin_blocked
                     ? std::make_shared<const auth::OriginPolicy>(auth::OriginPolicyOptions{})
                     : policy_);
  }
  faults_ = to;
  store_fault_.set(to.store_down);
}

std::optional<std::string> NodeSwitches::token_without_session(WallTime now) const {
  const std::lock_guard lock(mutex_);
  if (!tokens_.signer) return {};
  const std::int64_t now_s = unix_seconds(now);
  auth::JwtPayload payload;
  payload.set("sub", "somebody").set_number("iat", now_s).set_number("exp", now_s + kTokenLife_s);
  if (!tokens_.issuer.empty()) payload.set("iss", tokens_.issuer);
  if (!tokens_.audience.empty()) payload.set("aud", tokens_.audience);
  return tokens_.signer->sign(payload);
}

bool NodeSwitches::restart() {
  if (!restart_) return false;
  restart_();
  return true;
}

}  // namespace usher::dev
