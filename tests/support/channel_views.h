// One client's view of its channels, built from answers and pushes. It fails the test if the client
// sees a gap, a duplicate, another session's message, or a report of a gap where there is none.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "hub/hub.h"
#include "support/publication_ledger.h"

namespace usher::test {

struct ChannelView {
  bool subscribed = false;
  bool pending = false;
  bool knows_position = false;   // the channel can be recovered
  hub::Position position;        // of the last publication seen
  std::vector<std::string> run;  // data seen since the last start without recovery
};

class ChannelViews {
 public:
  ChannelViews(std::string session, PublicationLedger& ledger)
      : session_(std::move(session)), ledger_(ledger) {}

  ChannelView& operator[](const std::string& channel) { return views_[channel]; }
  std::map<std::string, ChannelView>& all() { return views_; }

  void on_disconnected() {
    for (auto& [channel, view] : views_) view.subscribed = view.pending = false;
  }

  void on_outcome(const std::string& channel, const hub::SubscribeOutcome& outcome) {
    ChannelView& view = views_[channel];
    if (!outcome) {
      // Already subscribed: nothing changes. Any other error: not subscribed.
      if (outcome.error() != hub::Error::already_subscribed) view.subscribed = view.pending = false;
      return;
    }
    view.pending = outcome->pending;
    if (outcome->pending) return;
    begin(channel, view, outcome->was_recovering, outcome->recovered, outcome->position,
          outcome->recoverable);
    EXPECT_EQ(outcome->gap != wire::RecoveryGap::none,
              outcome->was_recovering && !outcome->recovered);
    // The answer's publications lead up to its position.
    const std::uint64_t offset = outcome->position.offset - outcome->publications.size();
    if (outcome->recovered && !outcome->publications.empty()) {
      EXPECT_EQ(offset, view.position.offset) << channel;
    }
    view.position.offset = offset;
    for (const hub::PublicationPtr& publication : outcome->publications) {
      see(channel, publication->offset, publication->data);
    }
    EXPECT_EQ(view.position.offset, outcome->position.offset) << channel;
  }

  // `push` is the text of a push to this client.
  void on_push(const std::string& push) {
    const std::string channel = member(push, "channel");
    if (push.find("\"pub\":") != std::string::npos) {
      return see(channel, number(member(push, "offset")), member(push, "data"));
    }
    ChannelView& view = views_[channel];
    if (push.find("\"unsubscribe\":") != std::string::npos) {
      view.subscribed = view.pending = false;
    } else if (push.find("\"subscribe\":") != std::string::npos) {
      begin(channel, view, member(push, "was_recovering") == "true",
            member(push, "recovered") == "true",
            {number(member(push, "offset")), member(push, "epoch")},
            member(push, "recoverable") == "true");
    }
  }

  // Returns the value after `"name":` in a push, or "" if there is none.
  static std::string member(const std::string& text, const std::string& name) {
    const std::string key = '"' + name + "\":";
    const auto at = text.find(key);
    if (at == std::string::npos) return "";
    std::size_t begin = at + key.size();
    const bool quoted = text[begin] == '"';
    if (quoted) ++begin;
    return text.substr(begin, text.find_first_of(quoted ? "\"" : ",}", begin) - begin);
  }

  std::uint64_t recovered = 0;
  std::uint64_t told_of_gap = 0;
  std::uint64_t seen = 0;

 private:
  static std::uint64_t number(const std::string& digits) {
    return digits.empty() ? 0 : std::stoull(digits);
  }

  void begin(const std::string& channel, ChannelView& view, bool was_recovering, bool was_recovered,
             const hub::Position& position, bool recoverable) {
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

  void see(const std::string& channel, std::uint64_t offset, const std::string& data) {
    ChannelView& view = views_[channel];
    const std::string text = data.starts_with('"') ? data.substr(1, data.size() - 2) : data;
    ++seen;
    EXPECT_TRUE(view.subscribed) << channel << " was not subscribed and brought " << text;
    EXPECT_TRUE(text.starts_with(channel + '#')) << text;
    if (const auto at = text.find("-for-"); at != std::string::npos) {
      EXPECT_EQ(text.substr(at + 5), session_) << "a message of another session's: " << text;
    }
    view.run.push_back(text);
    if (offset == 0) return;
    EXPECT_EQ(offset, view.position.offset + 1) << "a gap or a duplicate on " << channel;
    view.position.offset = offset;
    ledger_.seen(channel, view.position, text);
  }

  const std::string session_;
  PublicationLedger& ledger_;
  std::map<std::string, ChannelView> views_;
};

}  // namespace usher::test
