#include "apps/demo_switches.h"

namespace usher::apps {
namespace {

constexpr std::int64_t kTokenLife_s = 60;

std::optional<auth::JwtSigner> make_signer(const Config& config,
                                           const std::optional<DevSecrets>& dev) {
  if (!config.jwt.secret_file.empty()) return auth::JwtSigner(signing_key(config));
  const bool others_sign = !config.jwt.public_key_file.empty() || !config.jwt.jwks_file.empty();
  if (others_sign || !dev) return {};
  return auth::JwtSigner(auth::secret_key(dev->jwt_secret));
}

}  // namespace

DemoSwitches::DemoSwitches(const Config& config, const std::optional<DevSecrets>& dev,
                           TicketSwitch& tickets, Snapshot<auth::OriginPolicy>& origins)
    : tickets_(tickets),
      origins_(origins),
      policy_(origins.get()),
      issuer_(config.jwt.issuer),
      audience_(config.jwt.audience),
      signer_(make_signer(config, dev)) {}

gateway::DevSwitches::Faults DemoSwitches::faults() const {
  const std::lock_guard lock(mutex_);
  return {.store_down = !tickets_.available(), .origin_blocked = origin_blocked_};
}

void DemoSwitches::set(Faults faults) {
  const std::lock_guard lock(mutex_);
  tickets_.set_available(!faults.store_down);
  if (faults.origin_blocked == origin_blocked_) return;
  origin_blocked_ = faults.origin_blocked;
  // Without `dev` and with an empty list, every page is a foreign one.
  origins_.set(origin_blocked_
                   ? std::make_shared<const auth::OriginPolicy>(auth::OriginPolicyOptions{})
                   : policy_);
}

std::optional<std::string> DemoSwitches::token_without_session(WallTime now) const {
  if (!signer_) return {};
  const std::int64_t now_s = unix_seconds(now);
  auth::JwtPayload payload;
  payload.set("sub", "somebody").set_number("iat", now_s).set_number("exp", now_s + kTokenLife_s);
  if (!issuer_.empty()) payload.set("iss", issuer_);
  if (!audience_.empty()) payload.set("aud", audience_);
  return signer_->sign(payload);
}

bool DemoSwitches::restart() {
  if (!restart_) return false;
  restart_();
  return true;
}

}  // namespace usher::apps
