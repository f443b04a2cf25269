// The backend's hooks as one shard's sessions know them: builds the message on the shard, hands it
// to the HookSender, and brings the answer back.
//
// Threads: belongs to its shard. Borrows: both; must outlive it.
#pragma once

#include "net/hook_sender.h"
#include "session/hooks.h"

namespace usher::net {

class Shard;

class ShardHooks final : public session::Hooks {
 public:
  ShardHooks(HookSender& sender, Shard& shard) : sender_(sender), shard_(shard) {}

  bool has(session::Hook hook) const override { return sender_.has(hook); }
  void ask(const session::HookEvent& event,
           UniqueFunction<void(session::HookAnswer)> done) override;
  void tell(const session::HookEvent& event) override;

 private:
  // Nothing: there is no room.
  std::optional<gateway::HookRequest> make(const session::HookEvent& event);

  HookSender& sender_;
  Shard& shard_;
};

}  // namespace usher::net
