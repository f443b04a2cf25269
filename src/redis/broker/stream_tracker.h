// How far a channel's deliveries have come on this node, and what to do with what comes next. Pure.
//
// Live messages may be missing (Redis' pub/sub promises nothing) and history may be asked at any
// time: whatever comes from either side is delivered once and in order, or the channel is lost, and
// its subscribers must be told.
//
//     unknown ──begin()──► following ◄──on_page()── behind: history is to be asked for what
//                              └──────on_live()───────►     follows last()
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
    drop,    // it has been delivered, or is in the history that subscribers are about to ask for
    behind,  // something is missing before it: history has both
    lost,    // another life of the stream: subscribers have to be told; this one is its first
  };

  // The stream's position since the messages flow.
  void begin(hub::Position position);

  Verdict on_live(std::uint64_t offset, std::string_view epoch);

  // It came, and must not be delivered yet: the next page has it, or says that there is more to ask
  // for.
  void on_kept_back(std::uint64_t offset, std::string_view epoch);

  // What has been delivered: history is asked for what follows. Requires begin().
  const hub::Position& last() const { return last_; }

  struct Caught {
    bool lost = false;               // a part is gone for good
    bool again = false;              // there is more to ask for
    hub::Publications publications;  // to be delivered, in order
  };
  // The answer; live messages may have been delivered since it was asked.
  Caught on_page(hub::HistoryPage page);

 private:
  bool known_ = false;
  hub::Position last_;
  hub::Position seen_;  // the newest that was not delivered
};

}  // namespace usher::redis
