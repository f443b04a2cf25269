// A record of all publications and of all sightings by clients. A test compares them at its end.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "hub/publication.h"

namespace usher::test {

class PublicationLedger {
 public:
  // Records a publication. One without an offset has no position that could be checked.
  void published(const std::string& channel, const hub::Position& at, const std::string& text) {
    if (at.offset > 0) truth_[channel][at.epoch][at.offset] = text;
  }

  // Records that a client, no matter which, saw `text` at this position.
  void seen(const std::string& channel, const hub::Position& at, const std::string& text) {
    sightings_[channel][at.epoch][at.offset].insert(text);
  }

  // Records the next message of `channel`, as seen by a subscriber that was present from the
  // beginning to the end.
  void witnessed(const std::string& channel, const std::string& text) {
    live_order_[channel].push_back(text);
  }

  void check_sightings() const {
    for (const auto& [channel, epochs] : sightings_) {
      for (const auto& [epoch, offsets] : epochs) {
        for (const auto& [offset, texts] : offsets) {
          EXPECT_EQ(texts, std::set<std::string>{truth(channel, epoch, offset)})
              << channel << ' ' << offset;
        }
      }
    }
  }

  // `run`: the messages that a client saw on a channel without positions since its subscription
  // last began.
  void check_live_run(const std::string& channel, const std::vector<std::string>& run,
                      bool is_still_subscribed) const {
    if (run.empty()) return;
    const auto& order = live_order_.at(channel);
    const auto at = std::search(order.begin(), order.end(), run.begin(), run.end());
    EXPECT_NE(at, order.end()) << channel << ": what was seen is no run of what was published";
    if (!is_still_subscribed) return;
    EXPECT_EQ(order.back(), run.back()) << channel << ": the end is missing";
  }

 private:
  // channel → epoch → offset → …
  template <class T>
  using ByPosition = std::map<std::string, std::map<std::string, std::map<std::uint64_t, T>>>;

  std::string truth(const std::string& channel, const std::string& epoch,
                    std::uint64_t offset) const {
    const auto& offsets = truth_.at(channel).at(epoch);
    const auto found = offsets.find(offset);
    return found == offsets.end() ? "never published" : found->second;
  }

  ByPosition<std::string> truth_;
  ByPosition<std::set<std::string>> sightings_;
  std::map<std::string, std::vector<std::string>> live_order_;
};

}  // namespace usher::test
