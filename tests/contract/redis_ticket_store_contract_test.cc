#include <algorithm>

#include "contract/ticket_store_contract.h"
#include "redis/tickets/ticket_store.h"
#include "support/redis_loop.h"

namespace usher::test {
namespace {

using std::chrono_literals::operator""s;
using ticket::Redeemed;
using ticket::TicketHash;
using ticket::TicketStore;

// Counts what is under way, and tells ages in whole steps of the harness' time: the milliseconds
// that really pass in a test are not part of it.
class CountedStore final : public TicketStore {
 public:
  CountedStore(TicketStore& store, int& waiting) : store_(store), waiting_(waiting) {}

  void put(const TicketHash& hash, ticket::Grant grant, Duration ttl, PutHandler done) override {
    ++waiting_;
    store_.put(hash, std::move(grant), ttl, [this, done = std::move(done)](auto result) mutable {
      --waiting_;
      done(result);
    });
  }
  void connection_ended(const TicketHash& hash) override { store_.connection_ended(hash); }
  void redeem(const TicketHash& hash, RedeemHandler done) override {
    ++waiting_;
    store_.redeem(hash, [this, done = std::move(done)](Redeemed redeemed) mutable {
      --waiting_;
      if (redeemed.age) redeemed.age = std::chrono::floor<std::chrono::seconds>(*redeemed.age);
      done(std::move(redeemed));
    });
  }

 private:
  TicketStore& store_;
  int& waiting_;
};

class RedisHarness final : public TicketStoreHarness {
 public:
  RedisHarness() { wait_for_links(); }

  TicketStore& store() override { return clients_[0]->counted; }
  Duration resolution() const override { return 1s; }
  void settle() override {
    if (!loop_.run_until([this] { return waiting_ == 0; })) throw std::runtime_error("no answer");
  }
  void restart() override {
    server_.kill();
    loop_.run_until([this] { return !clients_[0]->link.is_up() && !clients_[1]->link.is_up(); });
    server_.start();
    wait_for_links();
  }

  // All keys grow older, beside the milliseconds that really pass: a second of them would fail the
  // suite.
  void advance(Duration by) override {
    const auto ms = std::chrono::round<std::chrono::milliseconds>(by).count();
    const redis::Reply aged = server_.call(
        {"EVAL",
         "for _, key in ipairs(redis.call('KEYS', '*')) do local left = redis.call('PTTL', key) "
         "if left >= 0 then redis.call('PEXPIRE', key, left - ARGV[1]) end end return 1",
         "0", std::to_string(ms)});
    if (aged.is_error()) throw std::runtime_error(aged.text);
  }

  void bound(std::size_t tickets_max, std::size_t bytes_max) override {
    options_.outstanding_max = tickets_max;
    options_.outstanding_bytes_max = bytes_max;
    options_.shares = kContractShares;
    for (auto& client : clients_) client = make_client();
    wait_for_links();
  }

  std::vector<ticket::RedeemOutcome> redeem_concurrently(const TicketHash& hash,
                                                         std::size_t count) override {
    std::vector<ticket::RedeemOutcome> outcomes;
    for (std::size_t i = 0; i < count; ++i) {
      clients_[i % 2]->counted.redeem(
          hash, [&outcomes](const Redeemed& r) { outcomes.push_back(r.outcome); });
    }
    settle();
    return outcomes;
  }

 private:
  // One gateway's share of it.
  struct Client {
    Client(RedisLoop& loop, const RedisServer& server, int& waiting,
           const redis::TicketStoreOptions& options)
        : link({.command_timeout = 5s}, destination(server.url()), loop.dependencies()),
          store(link, loop.entropy, options),
          counted(store, waiting) {
      link.start();
    }
    redis::Link link;
    redis::RedisTicketStore store;
    CountedStore counted;
  };

  std::unique_ptr<Client> make_client() {
    return std::make_unique<Client>(loop_, server_, waiting_, options_);
  }
  void wait_for_links() {
    if (!loop_.run_until(
            [this] { return clients_[0]->link.is_up() && clients_[1]->link.is_up(); })) {
      throw std::runtime_error("no link");
    }
    // Whoever comes first begins the generation.
    const auto ignore = [](const Redeemed&) {};
    clients_[0]->counted.redeem(ticket::hash("nobody's"), ignore);
    settle();
  }

  RedisLoop loop_;
  RedisServer server_;
  int waiting_ = 0;
  redis::TicketStoreOptions options_;
  std::unique_ptr<Client> clients_[2] = {make_client(), make_client()};
};

INSTANTIATE_TEST_SUITE_P(Redis, TicketStoreContract, testing::Values(TicketStoreFactory([] {
                           return std::make_unique<RedisHarness>();
                         })),
                         [](const auto&) { return std::string("RedisTicketStore"); });

}  // namespace
}  // namespace usher::test
