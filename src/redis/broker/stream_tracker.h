// How far the deliveries of a channel have come on this node, and what to do with the next message.
// Pure.
//
// Live messages may be missing, because Redis' pub/sub promises nothing, and history may be asked
// for at any time. Messages from both sources are delivered once and in order; otherwise the
// channel is lost, and its subscribers must be told.
//
//     unknown ──begin()──► following ◄──on_page()── behind: history must be asked for the
//                              └──────on_live()───────►     publications after last()
//
// Threads: its owner's.
#pragma once

#include <cstdint>
#include <string_view>

#include "hub/broker.h"

namespace usher::redis {

class StreamTracker {
 public:
  enum class Verdict : std::uint8_t {
    deliver,
    drop,    // it has been delivered, or is in the history that subscribers will ask for
    behind,  // a message before it is missing: history has both
    lost,    // the stream has another epoch: subscribers must be told, then get this one
  };

  // `position`: the stream's position, requested after the messages began to flow.
  void begin(hub::Position position);

  Verdict on_live(std::uint64_t offset, std::string_view epoch);

  // A message came that must not be delivered yet. The next page has it, or says that there is
  // more.
  void on_kept_back(std::uint64_t offset, std::string_view epoch);

  // Returns the last position that was delivered: history is asked for the publications after it.
  // Requires: begin() was called.
  const hub::Position& last() const { return last_; }

  struct Caught {
    bool lost = false;               // publications are gone for good
    bool again = false;              // history has more
    hub::Publications publications;  // to be delivered, in order
  };
  // Takes an answer of history. Live messages may have been delivered since it was asked for.
  Caught on_page(hub::HistoryPage page);

 private:
  bool known_ = false;
  hub::Position last_;
  hub::Position seen_;  // of the newest message that was not delivered
};

}  // namespace usher::redis
