#include "redis/tickets/ticket_store.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "redis/tickets/grant_record.h"
#include "redis/tickets/ticket_scripts.h"

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
  if (outcome_of(*reply) == "full") return PutError::overloaded;
  // Before version 7, Redis wraps it into an ERR.
  const bool is_full = reply->is_error() && reply->text.find("OOM ") != std::string::npos;
  return is_full ? PutError::overloaded : PutError::unavailable;
}

Redeemed to_redeemed(const Reply& reply) {
  const std::string_view outcome = outcome_of(reply);
  if (outcome == "unknown") return Redeemed::unknown();
  if (outcome == "lost") return Redeemed::expired(std::nullopt);
  if (outcome == "expired") return Redeemed::expired(age_of(reply));
  if (outcome == "consumed") return Redeemed::consumed(age_of(reply));
  if (outcome == "ended") return Redeemed::ended(age_of(reply));
  if (outcome != "ok" || reply.items.size() != 3) return Redeemed::unavailable();
  auto grant = decode_grant(reply.items[1].text);
  if (!grant) return Redeemed::unavailable();
  grant->claims = reply.items[2].text;
  return Redeemed::ok(std::move(*grant));
}

std::string script(std::string_view body) {
  return std::string(kGenerationScript).append(kCountScript).append(body);
}

// A short name for the payer. It is no secret: the hash has no key, because all gateways must
// compute the same one. Anyone can try addresses until one fits.
std::string payer_text(std::string_view payer) {
  const std::uint64_t key = ticket::TicketShares::key_of(payer);
  if (key == 0) return {};
  std::string text(16, '0');
  char digits[17];
  const auto end = std::to_chars(digits, digits + sizeof digits, key, 16).ptr;
  std::copy(digits, end, text.end() - (end - digits));
  return text;
}

// The names of the two or three keys, Redis' own data about them, and the payer's counts.
constexpr std::size_t kOverheadBytes = 400;

}  // namespace

RedisTicketStore::RedisTicketStore(Commands& commands, Entropy& entropy, TicketStoreOptions options)
    : commands_(commands),
      entropy_(entropy),
      options_(std::move(options)),
      claim_script_(std::string(kClaimScript)),
      put_script_(script(kPutScript)),
      redeem_script_(script(kRedeemScript)),
      end_script_(std::string(kEndScript)) {}

Commands::Words RedisTicketStore::keys(const ticket::TicketHash& hash) const {
  return {options_.key_prefix + "ticket:" + to_hex(hash.bytes),
          options_.key_prefix + "tickets:memory", options_.key_prefix + "tickets:young"};
}

Commands::Words RedisTicketStore::counted_keys(const ticket::TicketHash& hash) const {
  auto names = keys(hash);
  names.push_back(options_.key_prefix + "grant:" + to_hex(hash.bytes));
  names.push_back(options_.key_prefix + "claims:" + to_hex(hash.bytes));
  names.push_back(options_.key_prefix + "tickets:outstanding");
  return names;
}

std::string RedisTicketStore::payer_key() const { return options_.key_prefix + "tickets:of:"; }

Commands::Words RedisTicketStore::generation_arguments() {
  return {std::string(commands_.run_id()), std::string(commands_.replication_id()),
          to_hex(entropy_.bytes<8>()), ms_text(options_.forgetful_for)};
}

// Later commands on this connection are carried out after it. So none has to wait for its answer.
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
  const std::string payer = payer_text(grant.payer);
  arguments.push_back(ms_text(ttl + ticket::kTombstoneFor));
  arguments.push_back(ms_text(ttl));
  arguments.push_back(encode_grant(grant));
  arguments.push_back(payer);
  for (const std::size_t number :
       {options_.outstanding_max, options_.outstanding_bytes_max, options_.shares.free_parts,
        options_.shares.tickets_min, options_.shares.bytes_min, kOverheadBytes}) {
    arguments.push_back(std::to_string(number));
  }
  arguments.push_back(std::move(grant.claims));
  auto names = counted_keys(hash);
  if (!payer.empty()) names.push_back(payer_key() + payer);
  commands_.run(put_script_, std::move(names), std::move(arguments),
                [done = std::move(done)](const Result<Reply, LinkError>& reply) mutable {
                  done(to_put_result(reply));
                });
}

void RedisTicketStore::redeem(const ticket::TicketHash& hash, RedeemHandler done) {
  claim();
  auto arguments = generation_arguments();
  arguments.push_back(ms_text(ticket::kTombstoneFor));
  arguments.push_back(payer_key());
  commands_.run(redeem_script_, counted_keys(hash), std::move(arguments),
                [this, done = std::move(done)](const Result<Reply, LinkError>& reply) mutable {
                  if (!reply) return done(Redeemed::unavailable());
                  if (outcome_of(*reply) == "unclaimed") claimed_connection_ = 0;
                  done(to_redeemed(*reply));
                });
}

// If Redis can't be told, another use of the ticket counts as a replay until its record expires.
void RedisTicketStore::connection_ended(const ticket::TicketHash& hash) {
  auto names = keys(hash);
  names.resize(1);
  commands_.run(end_script_, std::move(names), {}, [](const Result<Reply, LinkError>&) {});
}

}  // namespace usher::redis
