// The publications that a channel keeps, and the position of its stream.
//
// Offsets begin at 1 and have no holes. Publications are dropped at the front only, for their
// number, their age or lack of room. The position stays the same when they are dropped.
//
// Threads: none of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "hub/broker.h"
#include "hub/history_shares.h"

namespace usher::hub {

class Stream {
 public:
  explicit Stream(std::string epoch) : epoch_(std::move(epoch)) {}

  Position position() const { return {top_, epoch_}; }
  std::uint64_t next_offset() const { return top_ + 1; }

  // Requires: its offset is next_offset(), and `expires_at` is not before the last one's. `place`:
  // where it is counted; the stream only keeps it.
  void append(PublicationPtr publication, TimePoint expires_at, HistoryShares::Place place = {});

  // Returns false if `version` is not larger than the last one that was taken, and `epoch` is empty
  // or that of the last one. Otherwise takes it. Versions outlive the publications.
  bool take_version(std::uint64_t version, std::string_view epoch);

  // Requires: it is not empty.
  void drop_oldest();
  // Drops the publications that expire at or before `now`.
  void drop_expired(TimePoint now);
  void clear();

  // The caller must call drop_expired() first.
  HistoryPage page(const HistoryQuery& query) const;

  bool empty() const { return begin_ == items_.size(); }
  std::size_t size() const { return items_.size() - begin_; }
  std::size_t bytes() const { return bytes_; }
  // Requires: it is not empty.
  TimePoint oldest_expires_at() const { return items_[begin_].expires_at; }
  HistoryShares::Place oldest_place() const { return items_[begin_].place; }

 private:
  struct Item {
    PublicationPtr publication;
    TimePoint expires_at;
    HistoryShares::Place place;
  };

  struct Version {
    std::uint64_t number;
    std::string epoch;
  };

  std::string epoch_;
  std::uint64_t top_ = 0;
  std::unique_ptr<Version> version_;  // null: none was ever taken, as on most channels
  std::vector<Item> items_;           // the first `begin_` are dropped
  std::size_t begin_ = 0;
  std::size_t bytes_ = 0;
};

// Returns roughly how many bytes a history needs for it.
std::size_t kept_bytes(const Publication& publication);

}  // namespace usher::hub
