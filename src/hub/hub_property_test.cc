// A hundred clients do random things at random times, over shards whose mailboxes are emptied in
// random order. Each client's view of a channel is always a run of its publications without a gap,
// or the client was told of the gap; and no client ever sees a publication for another one.
//
// USHER_PROPERTY_SEED starts at another seed, USHER_PROPERTY_RUNS says how many follow. A failure
// names its seed.
#include <cstdlib>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "support/channel_views.h"
#include "support/hub_cluster.h"
#include "support/print_result.h"
#include "support/publication_ledger.h"

namespace usher::hub {
namespace {

using namespace std::chrono_literals;
using test::ChannelView;
using test::ChannelViews;
using test::HubCluster;
using test::PublicationLedger;
using test::TestSubscriber;

constexpr std::size_t kShards = 3;

std::uint64_t environment(const char* name, std::uint64_t otherwise) {
  const char* const value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

struct Client {
  std::string session;
  ChannelViews views;
  std::unique_ptr<TestSubscriber> connection{};
  std::size_t shard = 0;
  bool joined = false;  // the join has been answered
};

class World {
 public:
  explicit World(std::uint64_t seed)
      : random(seed),
        cluster({.namespaces = {{.name = "news",
                                 .subscribe = Audience::anyone,
                                 .publish = Audience::anyone,
                                 .history_size = 12,
                                 .history_ttl = 20s,
                                 .recovery = true},
                                {.name = "live", .subscribe = Audience::anyone},
                                {.name = "room",
                                 .subscribe = Audience::anyone,
                                 .history_size = 12,
                                 .history_ttl = 20s,
                                 .recovery = true,
                                 .presence = true,
                                 .join_leave = true},
                                {.name = "job",
                                 .subscribe = Audience::owner,
                                 .history_size = 8,
                                 .history_ttl = 20s,
                                 .recovery = true}}},
                kShards, seed,
                {.recovery_publications_max = 8,
                 .held_back_max = 4,
                 .pending_max = 50,
                 .pending_timeout = 10s},
                {.connections_per_session_max = 3, .position_ttl = 15s}) {
    for (int i = 0; i < 8; ++i) {
      channels.push_back("news:" + std::to_string(i));
      if (i < 4) channels.push_back("live:" + std::to_string(i));
      if (i < 4) channels.push_back("room:" + std::to_string(i));
      if (i < 4) channels.push_back("job:" + std::to_string(i));
    }
    for (int i = 0; i < 100; ++i) {
      const std::string session = "s" + std::to_string(i % 40);  // some share a session
      clients.push_back({.session = session, .views = ChannelViews(session, ledger)});
    }
    // A subscriber that is always there sees the order of which every live run must be a part.
    witness.leave = [this] { cluster.hub(0).leave(witness); };
    std::vector<SubscribeWish> wishes;
    for (int i = 0; i < 4; ++i) wishes.push_back({"live:" + std::to_string(i)});
    cluster.hub(0).join(witness, wishes, [](const Joined&) {});
    cluster.mail.run_all();
  }

  void run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
      act();
      for (auto n = random() % 5; n > 0; --n) cluster.mail.run_one();
      read_everything();
    }
    cluster.mail.run_all();
    read_everything();
    check_the_end();
    for (Client& client : clients) disconnect(client);
    cluster.mail.run_all();
  }

  std::uint64_t total(std::uint64_t ChannelViews::*count) const {
    std::uint64_t sum = 0;
    for (const Client& client : clients) sum += client.views.*count;
    return sum;
  }

 private:
  struct Job {  // how a careful backend uses an owner channel: one owner at a time
    int waiting = 0;
    std::size_t owner = 0;
    bool bound = false;
    TimePoint until{};  // the binding holds
  };

  std::size_t any_shard() { return random() % kShards; }
  Client& any_client() { return clients[random() % clients.size()]; }
  const std::string& any_channel() { return channels[random() % channels.size()]; }

  void act() {
    const auto dice = random() % 100;
    Client& client = any_client();
    if (dice < 30) return publish(any_channel());
    if (dice < 50) return client.connection ? subscribe(client, any_channel()) : connect(client);
    if (dice < 58) return unsubscribe(client, any_channel());
    if (dice < 70) return connect(client);
    if (dice < 78) return disconnect(client);
    if (dice < 88) return bind("job:" + std::to_string(random() % 4));
    if (dice < 90) return kick(client);
    if (dice < 91) return remove_history(any_channel());
    if (dice < 93) return order_subscribe(client, any_channel());
    // A call that a backend makes while a binding holds arrives while it holds.
    if (std::any_of(jobs.begin(), jobs.end(),
                    [](const auto& job) { return job.second.waiting > 0; })) {
      cluster.mail.run_all();
    }
    cluster.clock.advance(std::chrono::milliseconds(random() % 2000));
    for (std::size_t shard = 0; shard < kShards; ++shard) cluster.hub(shard).tick();
  }

  // --- what clients do ---

  void connect(Client& client) {
    if (client.connection) return;
    client.connection = std::make_unique<TestSubscriber>(client.session);
    client.shard = any_shard();
    client.joined = false;
    TestSubscriber& connection = *client.connection;
    connection.leave = [this, shard = client.shard, &connection] {
      cluster.hub(shard).leave(connection);
    };
    std::vector<SubscribeWish> wishes;
    for (auto& [channel, view] : client.views.all()) {
      if (random() % 4 == 0) view.knows_position = false;  // wants it afresh
      wishes.push_back(
          {channel, view.knows_position ? std::optional(view.position) : std::nullopt});
    }
    cluster.hub(client.shard)
        .join(connection, std::move(wishes), [this, &client](const Joined& joined) {
          EXPECT_TRUE(client.connection->told.empty())
              << "something was pushed before the join was done";
          client.joined = true;
          for (const JoinedChannel& one : joined) on_outcome(client, one.channel, one.outcome);
        });
  }

  void disconnect(Client& client) {
    if (!client.connection) return;
    read(client);
    client.connection = nullptr;
    client.views.on_disconnected();
  }

  void subscribe(Client& client, const std::string& channel) {
    if (!client.joined) return;
    const ChannelView& view = client.views[channel];
    const bool recover = view.knows_position && !view.subscribed && random() % 3 > 0;
    cluster.hub(client.shard)
        .subscribe(*client.connection,
                   {channel, recover ? std::optional(view.position) : std::nullopt},
                   [this, &client, channel](const SubscribeOutcome& outcome) {
                     on_outcome(client, channel, outcome);
                   });
  }

  void unsubscribe(Client& client, const std::string& channel) {
    if (!client.joined || !client.connection) return;
    read(client);
    EXPECT_TRUE(cluster.hub(client.shard).unsubscribe(*client.connection, channel));
    client.views[channel].subscribed = client.views[channel].pending = false;
  }

  // --- what backends do ---

  void publish(const std::string& channel) {
    const bool is_job = channel.starts_with("job:");
    Job* const job = is_job ? &jobs[channel] : nullptr;
    if (is_job && (!job->bound || cluster.clock.now() >= job->until)) return;
    const std::string owner = is_job ? "-for-s" + std::to_string(job->owner) : "";
    const std::string data = channel + '#' + std::to_string(++published) + owner;
    if (is_job) ++job->waiting;
    PublishRequest request{.channel = channel, .data = '"' + data + '"'};
    cluster.broker(any_shard())
        .publish(std::move(request), [this, channel, data, job](auto position) {
          ASSERT_TRUE(position);
          if (job != nullptr) --job->waiting;
          ledger.published(channel, *position, data);
        });
  }

  void bind(const std::string& channel) {
    Job& job = jobs[channel];
    if (job.waiting > 0) return;
    ++job.waiting;
    job.bound = false;
    const std::size_t next = random() % 40;
    const TimePoint until = cluster.clock.now() + 8s;
    cluster.broker(any_shard())
        .bind(channel, {.session = "s" + std::to_string(next), .user = ""}, 8s,
              [&job, next, until](auto told) {
                ASSERT_TRUE(told);
                job = {.waiting = 0, .owner = next, .bound = true, .until = until};
              });
  }

  void kick(Client& client) {
    cluster.broker(any_shard())
        .order(DisconnectOrder{.target = {.session = client.session}}, [](auto) {});
  }

  void order_subscribe(Client& client, const std::string& channel) {
    cluster.broker(any_shard())
        .order(SubscribeOrder{{.session = client.session}, channel, {}}, [](auto) {});
  }

  void remove_history(const std::string& channel) {
    cluster.broker(any_shard()).history_remove(channel, [](auto) {});
  }

  // --- what clients see ---

  void on_outcome(Client& client, const std::string& channel, const SubscribeOutcome& outcome) {
    if (personal_name(channel).kind != Personal::no) return;
    read(client);
    client.views.on_outcome(channel, outcome);
  }

  void read_everything() {
    witness_reads();
    for (Client& client : clients) {
      if (!client.connection) continue;
      read(client);
      if (client.connection->closed) disconnect(client);
    }
  }

  void read(Client& client) {
    for (const std::string& frame : client.connection->take()) {
      std::size_t begin = 0;
      while (begin <= frame.size()) {
        const std::size_t end = std::min(frame.find('\n', begin), frame.size());
        client.views.on_push(frame.substr(begin, end - begin));
        begin = end + 1;
      }
    }
  }

  void witness_reads() {
    for (const std::string& push : witness.take()) {
      ledger.witnessed(ChannelViews::member(push, "channel"), ChannelViews::member(push, "data"));
    }
  }

  // --- at the end, when everything has arrived ---

  void check_the_end() {
    ledger.check_sightings();
    for (Client& client : clients) {
      for (const auto& [channel, view] : client.views.all()) {
        if (channel.starts_with("live:")) {
          ledger.check_live_run(channel, view.run, view.subscribed);
        } else if (view.subscribed) {
          check_top(channel, view);
        }
      }
    }
  }

  void check_top(const std::string& channel, const ChannelView& view) {
    std::optional<Position> top;
    cluster.broker(0).history(channel, {.limit = 0}, [&](auto page) { top = page->position; });
    cluster.mail.run_all();
    EXPECT_EQ(view.position.offset, top->offset) << channel << ": the end is missing";
    EXPECT_EQ(view.position.epoch, top->epoch) << channel;
  }

  std::mt19937_64 random;
  HubCluster cluster;
  std::vector<std::string> channels;
  PublicationLedger ledger;
  std::vector<Client> clients;
  TestSubscriber witness{"witness"};
  std::map<std::string, Job> jobs;
  std::uint64_t published = 0;
};

TEST(HubPropertyTest, EveryViewIsAGapFreeRunOrTheClientWasTold) {
  const std::uint64_t first = environment("USHER_PROPERTY_SEED", 1);
  const std::uint64_t runs = environment("USHER_PROPERTY_RUNS", 12);
  std::uint64_t recovered = 0, told = 0, seen = 0;
  for (std::uint64_t seed = first; seed < first + runs; ++seed) {
    SCOPED_TRACE("USHER_PROPERTY_SEED=" + std::to_string(seed) + " USHER_PROPERTY_RUNS=1");
    World world(seed);
    world.run(3000);
    recovered += world.total(&ChannelViews::recovered);
    told += world.total(&ChannelViews::told_of_gap);
    seen += world.total(&ChannelViews::seen);
    if (HasFailure()) break;
  }
  std::printf("seeds %llu to %llu: %llu publications seen, %llu recoveries, %llu gaps told\n",
              static_cast<unsigned long long>(first),
              static_cast<unsigned long long>(first + runs - 1),
              static_cast<unsigned long long>(seen), static_cast<unsigned long long>(recovered),
              static_cast<unsigned long long>(told));
  EXPECT_GT(recovered, 0u);
  EXPECT_GT(told, 0u);
}

}  // namespace
}  // namespace usher::hub
