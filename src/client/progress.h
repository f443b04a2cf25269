// Which stage a client is in, and what it has announced of that (StageChange).
//
// A step of an attempt, and a connection, is announced when it begins. A rest (idle, waiting) is
// announced when the input that led to it has been handled: only then is its end known. It is
// announced again when that end changes.
//
// Threads: none of its own; belongs to its ClientSession.
#pragma once

#include <optional>

#include "client/protocol.h"

namespace usher::client {

class Progress {
 public:
  Stage stage() const { return stage_; }

  // In one of the three steps of an attempt.
  bool is_attempting() const {
    return stage_ == Stage::token || stage_ == Stage::ticket || stage_ == Stage::socket;
  }

  // The next input is about to be handled: no failure has happened in it yet.
  void begin_input() { cause_.reset(); }

  // The stage ends by this failure. It is announced with the next stage, if that comes in the
  // present input. Returns it.
  const Failed& fail(Failed cause) { return cause_.emplace(std::move(cause)); }

  void move_to(Stage stage) { stage_ = stage; }

  // `failures`: as in StageChange::attempt.
  void announce(std::uint32_t failures, Output& out);

  // Does nothing unless the client rests and `due`, the end of the rest, is new. Nullopt: no end is
  // known.
  void announce_rest(std::uint32_t failures, std::optional<Instant> due, Instant now, Output& out);

 private:
  Stage stage_ = Stage::idle;
  std::optional<Failed> cause_;
  Stage announced_ = Stage::idle;
  std::optional<Instant> announced_due_;
};

}  // namespace usher::client
