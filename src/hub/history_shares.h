// What the histories of one namespace hold, and whose publications they are.
//
// A namespace's histories share one number of bytes. When they are over it, whoever fills them
// gives way, never those who publish little: backend and clients have half each while the other
// half is wanted, and among the clients the one that keeps most gives way. Its quietest channel, by
// its own publications, loses its oldest. So a client that makes up names of channels, or publishes
// without end, pushes out its own publications.
//
// A stream loses from its front only. Where others have published on such a channel before, theirs
// go first: there, and nowhere else.
//
// Threads: its home's. Borrows: the channels.
#pragma once

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
  // What one publisher keeps on one channel.
  struct Part {
    HomeChannel* channel = nullptr;
    Publisher* publisher = nullptr;
    std::size_t publications = 0;
  };
  using Place = std::list<Part>::iterator;

  struct Publisher {
    std::string_view name;  // the map's key; empty: the backend
    std::size_t bytes = 0;
    std::list<Part> parts;  // the one that was quiet longest first
    std::unordered_map<const HomeChannel*, Place> by_channel;
  };

  explicit HistoryShares(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  HistoryShares(const HistoryShares&) = delete;
  HistoryShares& operator=(const HistoryShares&) = delete;

  // A publication that the channel keeps from now on. `publisher` empty: the backend.
  Place add(std::string_view publisher, HomeChannel& channel, std::size_t bytes);
  void remove(Place place, std::size_t bytes);

  bool over() const { return bytes_ > bytes_max_; }
  // The channel that has to lose its oldest publication. Requires over().
  HomeChannel& next_to_trim() const;
  // Null: that client keeps nothing.
  const Publisher* find(std::string_view client) const;
  // The client that keeps most. Null: no client keeps any.
  const Publisher* most() const;

  std::size_t bytes() const { return bytes_; }
  std::size_t publishers() const { return publishers_.size(); }

 private:
  void count(Publisher& publisher, std::size_t before);

  const std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::map<std::string, Publisher, std::less<>> publishers_;  // the clients
  std::set<std::pair<std::size_t, Publisher*>> by_bytes_;     // the same ones
  Publisher backend_;
};

}  // namespace usher::hub
