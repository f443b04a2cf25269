// The interface of one shard's sessions to the backend's hooks: builds the message on the shard,
// hands it to the HookSender, and brings the answer back to the shard.
//
// Threads: belongs to its shard.
// Borrows: the sender, which must outlive it. A ShardHooks must outlive the sender's calls, which
// end when the Outbound's thread has ended.
#pragma once

#include "hooks/hook_sender.h"
#include "session/hooks.h"

namespace usher::hooks {

class ShardHooks final : public session::Hooks {
 public:
  // `post` runs a task later, on the shard's thread.
  using Post = std::function<void(UniqueFunction<void()>)>;

  ShardHooks(HookSender& sender, Post post) : sender_(sender), post_(std::move(post)) {}

  bool has(session::Hook hook) const override { return sender_.has(hook); }
  void ask(const session::HookEvent& event,
           UniqueFunction<void(session::HookAnswer)> done) override;
  void tell(const session::HookEvent& event) override;

 private:
  // Returns `nullopt` if there is no room.
  std::optional<HookRequest> make(const session::HookEvent& event);

  HookSender& sender_;
  const Post post_;
};

}  // namespace usher::hooks
