// A guard for debug builds: checks that code is not entered while other code is still running.
//
//     NotReentrant flushing;
//     { const NotReentrant::Scope scope(flushing); … }   // in the flush
//     flushing.require_idle();                            // where session code is entered
//
// Release builds keep no state and check nothing. The rule that it checks is in
// docs/adr/0001-turns.md.
//
// Threads: belongs to one thread.
#pragma once

#include "base/check.h"

namespace usher {

#ifdef USHER_GUARDS

class NotReentrant {
 public:
  class Scope {
   public:
    explicit Scope(NotReentrant& guard) : guard_(guard) { ++guard_.depth_; }
    ~Scope() { --guard_.depth_; }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    NotReentrant& guard_;
  };

  void require_idle() const { USHER_CHECK(depth_ == 0); }

 private:
  int depth_ = 0;
};

#else

class NotReentrant {
 public:
  struct Scope {
    explicit Scope(NotReentrant&) {}
    ~Scope() {}  // NOLINT(modernize-use-equals-default): a trivial one would be reported as unused
  };
  void require_idle() const {}
};

#endif

}  // namespace usher
