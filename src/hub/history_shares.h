// How many bytes the histories of one namespace hold, and how many of each publisher.
//
// A namespace's histories share one limit in bytes. Above it, the publisher that fills them most
// loses publications, and publishers of few do not. Backend and clients have half each while the
// other side wants its half. Among the clients, the one that keeps most loses the oldest
// publication of the channel on which it has been quiet longest. So a client that makes up names of
// channels, or publishes without end, displaces its own publications.
//
// A stream loses publications at its front only. If other clients have published on that channel
// before, their publications go first; on no other channel do they lose any.
//
// Threads: its home's. Borrows: the channels.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace usher::hub {

class HomeChannel;

class HistoryShares {
 public:
  struct Publisher;
  // The publications of one publisher on one channel.
  struct Part {
    HomeChannel* channel = nullptr;
    Publisher* publisher = nullptr;
    std::size_t publications = 0;
  };
  using Place = std::list<Part>::iterator;

  struct Publisher {
    std::string_view name;  // the map's key; empty: the backend
    std::size_t bytes = 0;
    std::list<Part> parts;  // the channel that was quiet longest comes first
    std::unordered_map<const HomeChannel*, Place> by_channel;
  };

  explicit HistoryShares(std::size_t bytes_max) : bytes_max_(bytes_max), target_(bytes_max) {}
  HistoryShares(const HistoryShares&) = delete;
  HistoryShares& operator=(const HistoryShares&) = delete;

  // A smaller limit is reached step by step (approach()), so that no turn has to drop it all.
  void set_max(std::size_t bytes_max) {
    target_ = bytes_max;
    bytes_max_ = std::max(bytes_max, bytes_);
  }
  // Lowers the limit by at most `step` towards the one that was set.
  void approach(std::size_t step) {
    bytes_max_ = std::max(target_, bytes_max_ - std::min(bytes_max_, step));
  }

  // Counts a publication that the channel keeps from now on. `publisher` empty: the backend.
  Place add(std::string_view publisher, HomeChannel& channel, std::size_t bytes);
  void remove(Place place, std::size_t bytes);

  bool over() const { return bytes_ > bytes_max_; }
  // Returns the channel that has to lose its oldest publication. Requires over().
  HomeChannel& next_to_trim() const;
  // Returns null if that client keeps nothing.
  const Publisher* find(std::string_view client) const;
  // Returns the client that keeps most, or null if no client keeps any.
  const Publisher* most() const;

  std::size_t bytes() const { return bytes_; }
  std::size_t publishers() const { return publishers_.size(); }

 private:
  void count(Publisher& publisher, std::size_t before);

  std::size_t bytes_max_;
  std::size_t target_;  // what bytes_max_ becomes
  std::size_t bytes_ = 0;
  std::map<std::string, Publisher, std::less<>> publishers_;  // the clients
  std::set<std::pair<std::size_t, Publisher*>> by_bytes_;     // the same ones
  Publisher backend_;
};

}  // namespace usher::hub
