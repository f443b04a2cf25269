// Where the frames of both directions of a tunnel stand, and the close frames among them: those of
// the two ends, for the log, and usher's own, which must stand between two frames.
//
// Threads: none of its own; belongs to one tunnel.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "edge/session.h"
#include "wire/close_code.h"
#include "wire/frame_boundary.h"

namespace usher::net {

class TunnelFrames {
 public:
  // Follows bytes of the client.
  void follow_client(std::span<const char> bytes);
  // Follows bytes of the upstream. Returns how many of them go to the client: all; once a close is
  // ordered, those up to the end of the frame that is under way.
  std::size_t follow_upstream(std::span<const char> bytes);

  bool client_has_closed() const { return client_.has_closed(); }
  bool both_have_closed() const { return client_.has_closed() && upstream_.has_closed(); }

  // usher ends the tunnel, with a close frame for each end.
  void order_close(const wire::CloseReason& reason);
  void drop_order() { ordered_.reset(); }
  bool is_ordered() const { return ordered_ != nullptr; }

  // Returns whether the client's close frame may be sent now: no frame of the upstream is under way.
  bool may_tell_client() const { return upstream_.is_between_frames(); }
  // Returns that frame, and forgets the order. Empty behind the upstream's own close frame: none may
  // follow. Requires: is_ordered(), may_tell_client().
  std::string take_frame_for_client();
  // Returns the close frame for the upstream. Empty if the client is in the middle of a frame, or has
  // sent a close frame itself. Requires: is_ordered().
  std::string frame_for_upstream() const;

  // Code and reason of the first close frame of the two ends; 1006 if there was none. Good until the
  // next call of this object.
  edge::Ending ending() const;

 private:
  using Reason = std::pair<std::uint16_t, std::string>;

  void note_close(wire::FrameBoundary& frames);

  wire::FrameBoundary client_;
  wire::FrameBoundary upstream_;
  std::unique_ptr<Reason> seen_;
  std::unique_ptr<Reason> ordered_;
};

}  // namespace usher::net
