#include "redis/ticket_store.h"

#include <algorithm>

#include "base/bytes.h"
#include "redis/grant_record.h"
#include "redis/ticket_scripts.h"

namespace usher::redis {
namespace {

using ticket::PutError;
using ticket::Redeemed;

std::string ms_text(Duration duration) {
  return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

Duration age_of(const Reply& reply) {
  const std::int64_t ms = reply.items.size() > 1 ? reply.items[1].integer : 0;
  return std::chrono::milliseconds(std::clamp<std::int64_t>(ms, 0, 86'400'000));
}

std::string_view outcome_of(const Reply& reply) {
  return reply.items.empty() ? std::string_view() : reply.items[0].text;
}

Result<void, PutError> to_put_result(const Result<Reply, LinkError>& reply) {
  if (!reply) return PutError::unavailable;
  if (outcome_of(*reply) == "ok") return {};
  // Redis before 7 wraps it into an ERR.
  const bool is_full = reply->is_error() && reply->text.find("OOM ") != std::string::npos;
  return is_full ? PutError::overloaded : PutError::unavailable;
}

Redeemed to_redeemed(const Reply& reply) {
  const std::string_view outcome = outcome_of(reply);
  if (outcome == "unknown") return Redeemed::unknown();
  if (outcome == "lost") return Redeemed::expired(std::nullopt);
  if (outcome == "expired") return Redeemed::expired(age_of(reply));
  if (outcome == "consumed") return Redeemed::consumed(age_of(reply));
  if (outcome != "ok" || reply.items.size() != 2) return Redeemed::unavailable();
  auto grant = decode_grant(reply.items[1].text);
  return grant ? Redeemed::ok(std::move(*grant)) : Redeemed::unavailable();
}

std::string script(std::string_view body) { return std::string(kGenerationScript).append(body); }

}  // namespace

RedisTicketStore::RedisTicketStore(Commands& commands, Entropy& entropy, TicketStoreOptions options)
    : commands_(commands),
      entropy_(entropy),
      options_(std::move(options)),
      claim_script_(std::string(kClaimScript)),
      put_script_(script(kPutScript)),
      redeem_script_(script(kRedeemScript)) {}

Commands::Words RedisTicketStore::keys(const ticket::TicketHash& hash) const {
  return {options_.key_prefix + "ticket:" + to_hex(hash.bytes),
          options_.key_prefix + "tickets:memory", options_.key_prefix + "tickets:young"};
}

Commands::Words RedisTicketStore::generation_arguments() {
  return {std::string(commands_.run_id()), std::string(commands_.replication_id()),
          to_hex(entropy_.bytes<8>()), ms_text(options_.forgetful_for)};
}

// What follows on this connection is carried out after it, so nothing waits for its answer.
void RedisTicketStore::claim() {
  const std::uint64_t connection = commands_.connection();
  if (connection == 0 || connection == claimed_connection_) return;
  claimed_connection_ = connection;
  auto words = keys({});
  words.erase(words.begin());
  commands_.run(claim_script_, std::move(words), generation_arguments(),
                [this, connection](const Result<Reply, LinkError>& reply) {
                  const bool claimed = reply && reply->kind == Reply::Kind::integer;
                  if (!claimed && claimed_connection_ == connection) claimed_connection_ = 0;
                });
}

void RedisTicketStore::put(const ticket::TicketHash& hash, ticket::Grant grant, Duration ttl,
                           PutHandler done) {
  claim();
  auto arguments = generation_arguments();
  arguments.push_back(ms_text(ttl + ticket::kTombstoneFor));
  arguments.push_back(encode_grant(grant));
  commands_.run(put_script_, keys(hash), std::move(arguments),
                [done = std::move(done)](const Result<Reply, LinkError>& reply) mutable {
                  done(to_put_result(reply));
                });
}

void RedisTicketStore::redeem(const ticket::TicketHash& hash, RedeemHandler done) {
  claim();
  auto arguments = generation_arguments();
  arguments.push_back(ms_text(ticket::kTombstoneFor));
  commands_.run(redeem_script_, keys(hash), std::move(arguments),
                [this, done = std::move(done)](const Result<Reply, LinkError>& reply) mutable {
                  if (!reply) return done(Redeemed::unavailable());
                  if (outcome_of(*reply) == "unclaimed") claimed_connection_ = 0;
                  done(to_redeemed(*reply));
                });
}

}  // namespace usher::redis
