// A hundred clients do anything at any time, over shards whose mailboxes are emptied in any order.
// Whatever happens, each client's view of a channel is a gap-free run of its publications, or the
// client was told; and nobody ever sees what was published for another.
//
// USHER_PROPERTY_SEED starts at another seed, USHER_PROPERTY_RUNS says how many follow. A failure
// names its seed.
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "support/hub_cluster.h"
#include "support/print_result.h"

namespace usher::hub {
namespace {

using namespace std::chrono_literals;
using test::HubCluster;
using test::TestSubscriber;
using wire::RecoveryGap;

constexpr std::size_t kShards = 3;

std::uint64_t environment(const char* name, std::uint64_t otherwise) {
  const char* const value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

// The value behind `"name":` in one of our own pushes; "" if there is none.
std::string member(const std::string& text, const std::string& name) {
  const std::string key = '"' + name + "\":";
  const auto at = text.find(key);
  if (at == std::string::npos) return "";
  std::size_t begin = at + key.size();
  const bool quoted = text[begin] == '"';
  if (quoted) ++begin;
  return text.substr(begin, text.find_first_of(quoted ? "\"" : ",}", begin) - begin);
}

std::uint64_t number(const std::string& digits) { return digits.empty() ? 0 : std::stoull(digits); }

// What one client knows of one channel.
struct View {
  bool subscribed = false;
  bool pending = false;
  bool knows_position = false;   // of a channel that can be recovered
  Position position;             // of the last that it has seen
  std::vector<std::string> run;  // data seen since it last began afresh
};

struct Client {
  std::unique_ptr<TestSubscriber> connection;
  std::size_t shard = 0;
  bool joined = false;  // the join's answer is here
  std::map<std::string, View> views;
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
    clients.resize(100);
    // Who is always there sees the order that every live run must be a part of.
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

  std::uint64_t recovered = 0;
  std::uint64_t told_of_gap = 0;
  std::uint64_t seen = 0;

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
  std::string session_of(const Client& client) const {
    return "s" + std::to_string((&client - clients.data()) % 40);  // some share a session
  }

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
    // What a backend asks while a binding holds arrives while it holds.
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
    client.connection = std::make_unique<TestSubscriber>(session_of(client));
    client.shard = any_shard();
    client.joined = false;
    TestSubscriber& connection = *client.connection;
    connection.leave = [this, shard = client.shard, &connection] {
      cluster.hub(shard).leave(connection);
    };
    std::vector<SubscribeWish> wishes;
    for (auto& [channel, view] : client.views) {
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
    for (auto& [channel, view] : client.views) view.subscribed = view.pending = false;
  }

  void subscribe(Client& client, const std::string& channel) {
    if (!client.joined) return;
    const View& view = client.views[channel];
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
          if (position->offset > 0) truth[channel][position->epoch][position->offset] = data;
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
        .command(DisconnectOrder{.target = {.session = session_of(client)}}, [](auto) {});
  }

  void order_subscribe(Client& client, const std::string& channel) {
    cluster.broker(any_shard())
        .command(SubscribeOrder{{.session = session_of(client)}, channel, {}}, [](auto) {});
  }

  void remove_history(const std::string& channel) {
    cluster.broker(any_shard()).history_remove(channel, [](auto) {});
  }

  // --- what clients see ---

  void on_outcome(Client& client, const std::string& channel, const SubscribeOutcome& outcome) {
    if (personal_name(channel).kind != Personal::no) return;
    read(client);
    View& view = client.views[channel];
    if (!outcome) {
      // Already there: nothing changes. Everything else: it is not.
      if (outcome.error() != Error::already_subscribed) view.subscribed = view.pending = false;
      return;
    }
    view.pending = outcome->pending;
    if (outcome->pending) return;
    begin(client, channel, view, outcome->was_recovering, outcome->recovered, outcome->position,
          outcome->recoverable);
    EXPECT_EQ(outcome->gap != RecoveryGap::none, outcome->was_recovering && !outcome->recovered);
    // What comes with the answer leads up to its position.
    std::uint64_t offset = outcome->position.offset - outcome->publications.size();
    if (outcome->recovered && !outcome->publications.empty()) {
      EXPECT_EQ(offset, view.position.offset) << channel;
    }
    view.position.offset = offset;
    for (const PublicationPtr& publication : outcome->publications) {
      see(client, channel, publication->offset, publication->data);
    }
    EXPECT_EQ(view.position.offset, outcome->position.offset) << channel;
  }

  void begin(Client&, const std::string& channel, View& view, bool was_recovering,
             bool was_recovered, const Position& position, bool recoverable) {
    const bool goes_on = view.subscribed && view.position == position && !was_recovering;
    view.subscribed = true;
    view.pending = false;
    if (was_recovered) {
      ++recovered;
      EXPECT_EQ(view.position.epoch, position.epoch.empty() ? view.position.epoch : position.epoch)
          << channel;
    } else if (!goes_on) {
      EXPECT_FALSE(view.knows_position && view.position.epoch == position.epoch && was_recovering &&
                   view.position.offset == position.offset)
          << "told of a gap where there is none: " << channel;
      told_of_gap += was_recovering;
      view.run.clear();
    }
    view.knows_position = recoverable;
    view.position.epoch = position.epoch;
    if (!was_recovered) view.position.offset = position.offset;
  }

  void see(Client& client, const std::string& channel, std::uint64_t offset,
           const std::string& data) {
    View& view = client.views[channel];
    const std::string text = data.starts_with('"') ? data.substr(1, data.size() - 2) : data;
    ++seen;
    EXPECT_TRUE(view.subscribed) << channel << " was not subscribed and brought " << text;
    EXPECT_TRUE(text.starts_with(channel + '#')) << text;
    if (const auto at = text.find("-for-"); at != std::string::npos) {
      EXPECT_EQ(text.substr(at + 5), session_of(client))
          << "a message of another session's: " << text;
    }
    view.run.push_back(text);
    if (offset == 0) return;
    EXPECT_EQ(offset, view.position.offset + 1) << "a gap or a duplicate on " << channel;
    view.position.offset = offset;
    sightings[channel][view.position.epoch][offset].insert(text);
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
        on_push(client, frame.substr(begin, end - begin));
        begin = end + 1;
      }
    }
  }

  void on_push(Client& client, const std::string& push) {
    const std::string channel = member(push, "channel");
    if (push.find("\"pub\":") != std::string::npos) {
      return see(client, channel, number(member(push, "offset")), member(push, "data"));
    }
    View& view = client.views[channel];
    if (push.find("\"unsubscribe\":") != std::string::npos) {
      view.subscribed = view.pending = false;
    } else if (push.find("\"subscribe\":") != std::string::npos) {
      begin(client, channel, view, member(push, "was_recovering") == "true",
            member(push, "recovered") == "true",
            {number(member(push, "offset")), member(push, "epoch")},
            member(push, "recoverable") == "true");
    }
  }

  void witness_reads() {
    for (const std::string& push : witness.take()) {
      live_order[member(push, "channel")].push_back(member(push, "data"));
    }
  }

  // --- at the end, when everything has arrived ---

  void check_the_end() {
    for (const auto& [channel, epochs] : sightings) {
      for (const auto& [epoch, offsets] : epochs) {
        for (const auto& [offset, texts] : offsets) {
          EXPECT_EQ(texts, std::set<std::string>{truth[channel][epoch][offset]})
              << channel << ' ' << offset;
        }
      }
    }
    for (const Client& client : clients) {
      for (const auto& [channel, view] : client.views) {
        if (channel.starts_with("live:")) {
          check_live_run(channel, view);
        } else if (view.subscribed) {
          check_top(channel, view);
        }
      }
    }
  }

  void check_live_run(const std::string& channel, const View& view) {
    const auto& order = live_order[channel];
    if (view.run.empty()) return;
    const auto at = std::search(order.begin(), order.end(), view.run.begin(), view.run.end());
    EXPECT_NE(at, order.end()) << channel << ": what was seen is no run of what was published";
    if (!view.subscribed) return;
    EXPECT_EQ(order.back(), view.run.back()) << channel << ": the end is missing";
  }

  void check_top(const std::string& channel, const View& view) {
    std::optional<Position> top;
    cluster.broker(0).history(channel, {.limit = 0}, [&](auto page) { top = page->position; });
    cluster.mail.run_all();
    EXPECT_EQ(view.position.offset, top->offset) << channel << ": the end is missing";
    EXPECT_EQ(view.position.epoch, top->epoch) << channel;
  }

  std::mt19937_64 random;
  HubCluster cluster;
  std::vector<std::string> channels;
  std::vector<Client> clients;
  TestSubscriber witness{"witness"};
  std::map<std::string, Job> jobs;
  std::uint64_t published = 0;
  // channel → epoch → offset → data
  std::map<std::string, std::map<std::string, std::map<std::uint64_t, std::string>>> truth;
  std::map<std::string, std::map<std::string, std::map<std::uint64_t, std::set<std::string>>>>
      sightings;
  std::map<std::string, std::vector<std::string>> live_order;
};

TEST(HubPropertyTest, EveryViewIsAGapFreeRunOrTheClientWasTold) {
  const std::uint64_t first = environment("USHER_PROPERTY_SEED", 1);
  const std::uint64_t runs = environment("USHER_PROPERTY_RUNS", 12);
  std::uint64_t recovered = 0, told = 0, seen = 0;
  for (std::uint64_t seed = first; seed < first + runs; ++seed) {
    SCOPED_TRACE("USHER_PROPERTY_SEED=" + std::to_string(seed) + " USHER_PROPERTY_RUNS=1");
    World world(seed);
    world.run(3000);
    recovered += world.recovered;
    told += world.told_of_gap;
    seen += world.seen;
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
