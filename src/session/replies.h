// The text that a session sends: the replies to the commands of one frame leave as one frame.
//
// While a Frame lives, it gathers replies. A delivery in between must not overtake them, so
// deliver() sends the gathered replies first. Without a Frame, each reply leaves at once.
//
// Threads: its session's. Borrows: the outlet.
// Limits: gathered replies leave when they reach kGatheredBytesMax, so that the outlet counts large
// answers before the next one is made.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "edge/session.h"

namespace usher::session {

class Replies {
 public:
  static constexpr std::size_t kGatheredBytesMax = 16 * 1024;

  explicit Replies(edge::Outlet& outlet) : outlet_(outlet) {}

  // Gathers replies while the commands of one frame are read. The caller must call flush() before
  // the Frame ends: its destructor drops replies that are not sent.
  class Frame {
   public:
    explicit Frame(Replies& replies) : replies_(replies) { replies_.gathered_ = &text_; }
    ~Frame() { replies_.gathered_ = nullptr; }
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;

   private:
    Replies& replies_;
    std::string text_;
  };

  void add(std::string_view reply) {
    if (gathered_ == nullptr) return outlet_.send_text(reply);
    if (!gathered_->empty()) gathered_->push_back('\n');
    gathered_->append(reply);
    if (gathered_->size() >= kGatheredBytesMax) flush();
  }

  void deliver(const wire::SharedFrame& frame) {
    flush();
    outlet_.send_frame(frame);
  }

  void gather(const wire::SharedFrame& frame, const wire::Gathering& how) {
    flush();
    outlet_.gather_frame(frame, how);
  }

  // Sends the gathered replies.
  void flush() {
    if (gathered_ == nullptr || gathered_->empty()) return;
    outlet_.send_text(*gathered_);
    gathered_->clear();
  }

  // Returns how many bytes more may wait for the peer. Gathered replies count as waiting.
  std::size_t room_bytes() const {
    const std::size_t room = outlet_.room_bytes();
    return room - std::min(room, gathered_ == nullptr ? 0 : gathered_->size());
  }

  edge::Outlet& outlet() const { return outlet_; }

 private:
  edge::Outlet& outlet_;
  std::string* gathered_ = nullptr;  // of the Frame that lives
};

}  // namespace usher::session
