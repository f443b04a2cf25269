// A broker for tests: it answers as the test tells it, and records the calls.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "hub/broker.h"

namespace usher::gateway {

class FakeBroker final : public hub::Broker {
 public:
  // For the calls that finish() answers: `error`, if set, is their answer; with `late`, they wait
  // until answer_late().
  std::optional<hub::Error> error;
  bool late = false;
  std::string breaks_at;  // a publication to this channel breaks an invariant

  hub::Position position{.offset = 7, .epoch = "ep"};
  hub::HistoryPage page;
  std::vector<hub::ClientInfo> clients;
  hub::PresenceStats stats;
  hub::OrderAnswer order_answer;

  std::vector<hub::PublishRequest> published;
  std::vector<hub::Order> commands;
  std::vector<hub::Order> orders_here;
  std::vector<std::string> calls;  // `history news:1`
  std::optional<hub::HistoryQuery> query;
  std::optional<hub::Owner> bound_to;
  Duration bound_for{};

  void answer_late() {
    for (auto& answer : std::exchange(waiting_, {})) answer();
  }

  void attach(hub::BrokerSink&) override {}
  void publish(hub::PublishRequest request, hub::Handler<hub::Position> done) override {
    USHER_INVARIANT(breaks_at.empty() || request.channel != breaks_at);
    published.push_back(std::move(request));
    finish(std::move(done), position);
  }
  void subscribe(std::string_view, hub::Handler<void> done) override { done({}); }
  void unsubscribe(std::string_view) override {}
  void history(std::string_view channel, hub::HistoryQuery asked,
               hub::Handler<hub::HistoryPage> done) override {
    calls.push_back("history " + std::string(channel));
    query = asked;
    finish(std::move(done), page);
  }
  void history_remove(std::string_view channel, hub::Handler<void> done) override {
    calls.push_back("history_remove " + std::string(channel));
    finish(std::move(done));
  }
  void add_presence(std::string_view, hub::ClientInfo, hub::Handler<void> done) override {
    done({});
  }
  void remove_presence(std::string_view, hub::ClientInfo) override {}
  void presence(std::string_view channel,
                hub::Handler<std::vector<hub::ClientInfo>> done) override {
    calls.push_back("presence " + std::string(channel));
    finish(std::move(done), clients);
  }
  void presence_stats(std::string_view channel, hub::Handler<hub::PresenceStats> done) override {
    calls.push_back("presence_stats " + std::string(channel));
    finish(std::move(done), stats);
  }
  void bind(std::string_view channel, hub::Owner owner, Duration ttl,
            hub::Handler<void> done) override {
    calls.push_back("bind " + std::string(channel));
    bound_to = std::move(owner);
    bound_for = ttl;
    finish(std::move(done));
  }
  void owner(std::string_view, hub::Handler<std::optional<hub::Owner>> done) override {
    done(std::optional<hub::Owner>());
  }
  void connected(hub::ClientId, std::string_view, std::string_view) override {}
  void disconnected(hub::ClientId, std::string_view, std::string_view) override {}
  void order_here(hub::Order command) override { orders_here.push_back(std::move(command)); }
  void order(hub::Order command, hub::Handler<hub::OrderAnswer> done) override {
    commands.push_back(std::move(command));
    finish(std::move(done), order_answer);
  }
  void tick() override {}

 private:
  template <class T>
  void finish(hub::Handler<T> done, T value) {
    end([this, done = std::move(done), value = std::move(value)]() mutable {
      if (error) return done(*error);
      done(std::move(value));
    });
  }
  void finish(hub::Handler<void> done) {
    end([this, done = std::move(done)]() mutable {
      if (error) return done(*error);
      done({});
    });
  }
  void end(UniqueFunction<void()> answer) {
    if (!late) return answer();
    waiting_.push_back(std::move(answer));
  }

  std::vector<UniqueFunction<void()>> waiting_;
};

}  // namespace usher::gateway
