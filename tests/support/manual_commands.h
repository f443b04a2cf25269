// Redis commands that wait until the test answers them.
//
// Answers may be given in any order; a command that is never answered stays open, as on a link that
// hangs.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "redis/link/commands.h"

namespace usher::test {

class ManualCommands final : public redis::Commands {
 public:
  struct Call {
    const redis::Script* script = nullptr;  // null: a plain command
    Words keys;
    Words words;  // the script's arguments, or the whole command
    Handler done;
  };

  void call(Words words, Handler done) override {
    calls.push_back({nullptr, {}, std::move(words), std::move(done)});
  }
  void run(const redis::Script& script, Words keys, Words arguments, Handler done) override {
    calls.push_back({&script, std::move(keys), std::move(arguments), std::move(done)});
  }
  std::string_view run_id() const override { return "run"; }
  std::string_view replication_id() const override { return "replication"; }
  std::uint64_t connection() const override { return 1; }

  // Removes and returns the oldest call, for the test to check and answer. Requires: there is one.
  Call take() {
    USHER_CHECK(!calls.empty());
    Call call = std::move(calls.front());
    calls.pop_front();
    return call;
  }
  void answer(redis::Reply reply) { take().done(std::move(reply)); }
  void fail() { take().done(redis::LinkError::no_answer); }

  std::deque<Call> calls;  // waiting, the oldest first
};

}  // namespace usher::test
