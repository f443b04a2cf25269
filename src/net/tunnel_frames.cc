#include "net/tunnel_frames.h"

#include <string_view>

#include "wire/ws_frame.h"

namespace usher::net {
namespace {

// A client must mask its frames with random bytes so that no proxy on the way can be deceived by
// their content (RFC 6455 section 10.3). The content of a close frame is usher's own.
constexpr wire::MaskKey kMask{0x75, 0x73, 0x68, 0x72};

}  // namespace

void TunnelFrames::follow_client(std::span<const char> bytes) {
  client_.follow(bytes);
  note_close(client_);
}

std::size_t TunnelFrames::follow_upstream(std::span<const char> bytes) {
  const std::size_t count = is_ordered() ? upstream_.finish_frame(bytes) : upstream_.follow(bytes);
  note_close(upstream_);
  return count;
}

void TunnelFrames::note_close(wire::FrameBoundary& frames) {
  if (!frames.has_closed()) return;
  auto seen = frames.take_close();
  if (seen && seen_ == nullptr) {
    seen_ = std::make_unique<Reason>(seen->code, std::move(seen->reason));
  }
}

void TunnelFrames::order_close(const wire::CloseReason& reason) {
  ordered_ = std::make_unique<Reason>(reason.code, std::string(reason.reason));
}

std::string TunnelFrames::take_frame_for_client() {
  const std::unique_ptr<Reason> reason = std::move(ordered_);
  std::string frame;
  if (!upstream_.has_closed()) wire::append_close_frame(frame, {reason->first, reason->second});
  return frame;
}

std::string TunnelFrames::frame_for_upstream() const {
  if (client_.has_closed() || !client_.is_between_frames()) return {};
  std::string plain;
  wire::append_close_frame(plain, {ordered_->first, ordered_->second});
  std::string masked;
  wire::append_masked_frame(masked, wire::Opcode::close, std::string_view(plain).substr(2), kMask);
  return masked;
}

edge::Ending TunnelFrames::ending() const {
  return seen_ == nullptr ? edge::Ending{1006, ""} : edge::Ending{seen_->first, seen_->second};
}

}  // namespace usher::net
