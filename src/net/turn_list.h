// Connections that wait for one step of the loop, in the order in which they were added, each at
// most once.
//
// Each member has a mark "is in the list" (Listed). Only the list sets and clears it, when the
// member is added and taken. So no member is in a list twice, or taken twice for one add().
//
// Threads: belongs to one shard.  Borrows: its members, which must live as long as is_listed()
// says.
#pragma once

#include <cstddef>
#include <deque>
#include <utility>

namespace usher::net {

template <class Step>
class TurnList;

// Base of a list's members. `Step` is the step that they wait for: one base for each list.
template <class Step>
class Listed {
 public:
  bool is_listed() const { return listed_; }

 private:
  friend class TurnList<Step>;
  bool listed_ = false;
};

template <class Step>
class TurnList {
 public:
  using Member = typename Step::Member;

  // Does nothing if `member` is in the list.
  void add(Member& member) {
    if (std::exchange(mark_of(member), true)) return;
    waiting_.push_back(&member);
  }

  // Takes and returns the member that has waited longest; null if there is none. It may be added
  // again at once.
  Member* take() {
    if (waiting_.empty()) return nullptr;
    Member* const member = waiting_.front();
    waiting_.pop_front();
    mark_of(*member) = false;
    return member;
  }

  bool empty() const { return waiting_.empty(); }
  std::size_t size() const { return waiting_.size(); }

 private:
  static bool& mark_of(Member& member) { return static_cast<Listed<Step>&>(member).listed_; }

  std::deque<Member*> waiting_;
};

// The two lists of a shard: sockets that have something to send, and connections that go on with
// the bytes that they had put by.
class AcceptedSocket;
struct FlushStep {
  using Member = AcceptedSocket;
};
struct RunStep {
  using Member = AcceptedSocket;
};
using FlushList = TurnList<FlushStep>;
using RunList = TurnList<RunStep>;

}  // namespace usher::net
