#include "hooks/shard_hooks.h"

#include <utility>

#include "base/bytes.h"
#include "hooks/hook_answer.h"

namespace usher::hooks {

std::optional<HookRequest> ShardHooks::make(const session::HookEvent& event) {
  const HookSenderDependencies& dependencies = sender_.dependencies();
  HookRequest request;
  request.kind = event.kind;
  request.message =
      write_hook_message(event, sender_.options().node, to_hex(dependencies.entropy.bytes<16>()),
                         dependencies.wall_clock.now());
  request.session = event.session;
  request.bytes = request.message.bytes() + request.session.size();
  request.deadline = dependencies.clock.now() + sender_.options().lane.timeout;
  if (sender_.room(hook_of(event.kind)).reserve(request.session, request.bytes)) {
    return request;
  }
  dependencies.metrics.count(event.kind, HookOutcome::no_room);
  return std::nullopt;
}

void ShardHooks::ask(const session::HookEvent& event,
                     UniqueFunction<void(session::HookAnswer)> done) {
  auto request = make(event);
  if (!request) return done(no_room());
  request->done = [&post = post_, done = std::move(done)](session::HookAnswer answer) mutable {
    post([done = std::move(done), answer = std::move(answer)]() mutable {
      done(std::move(answer));
    });
  };
  sender_.submit(std::move(*request));
}

void ShardHooks::tell(const session::HookEvent& event) {
  if (!has(hook_of(event.kind))) return;
  if (auto request = make(event)) sender_.submit(std::move(*request));
}

}  // namespace usher::hooks
