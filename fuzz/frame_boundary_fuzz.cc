// Any bytes as one direction of a tunnel: however they are cut, the places between two frames are
// those that a computation over the whole finds, and so is the first close frame.
//
// Input: a count n up to 7, n chunk sizes that repeat, the stream.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/check.h"
#include "wire/frame_boundary.h"

namespace {

using usher::wire::FrameBoundary;
using usher::wire::SeenClose;

constexpr std::size_t kCutsMax = 200;  // then the rest in one piece: speed

struct Expected {
  std::set<std::size_t> ends{0};         // the places between two frames
  std::optional<std::size_t> close_end;  // where the first close frame ends
  std::uint16_t code = 1005;             // of it
  std::string reason;
};

// RFC 6455 section 5.2, over the whole stream at once.
Expected expect_of(std::string_view stream) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(stream[i]); };
  Expected expected;
  bool close_began = false;
  for (std::size_t at = 0; stream.size() - at >= 2;) {
    const bool is_masked = byte(at + 1) >= 128;
    std::uint64_t length = byte(at + 1) % 128;
    const std::size_t more = length < 126 ? 0 : length == 126 ? 2 : 8;
    const std::size_t header = 2 + more + (is_masked ? 4 : 0);
    if (stream.size() - at < header) break;
    if (more > 0) length = 0;
    for (std::size_t i = 0; i < more; ++i) length = length * 256 + byte(at + 2 + i);
    const bool is_first_close = byte(at) % 16 == 8 && !close_began;
    close_began = close_began || is_first_close;
    if (length > stream.size() - at - header) break;
    const std::size_t payload = at + header;
    at = payload + static_cast<std::size_t>(length);
    expected.ends.insert(at);
    if (!is_first_close) continue;
    expected.close_end = at;
    std::string said(stream.substr(payload, std::min<std::uint64_t>(length, 125)));
    for (std::size_t i = 0; is_masked && i < said.size(); ++i) {
      said[i] = static_cast<char>(said[i] ^ stream[payload - 4 + i % 4]);
    }
    if (said.size() < 2) continue;
    expected.code = static_cast<std::uint16_t>(static_cast<std::uint8_t>(said[0]) * 256 +
                                               static_cast<std::uint8_t>(said[1]));
    expected.reason = said.substr(2);
  }
  return expected;
}

class Cuts {
 public:
  explicit Cuts(std::string_view sizes) : sizes_(sizes) {}
  std::size_t next(std::size_t left) {
    if (sizes_.empty() || turn_ >= kCutsMax) return left;
    const auto size = static_cast<std::uint8_t>(sizes_[turn_++ % sizes_.size()]);
    return std::min<std::size_t>(1 + size, left);
  }

 private:
  std::string_view sizes_;
  std::size_t turn_ = 0;
};

void check_close(const std::optional<SeenClose>& seen, const Expected& expected) {
  USHER_CHECK(seen && seen->code == expected.code && seen->reason == expected.reason);
}

void check_place(const FrameBoundary& boundary, const Expected& expected, std::size_t at) {
  USHER_CHECK(boundary.is_between_frames() == expected.ends.contains(at));
  USHER_CHECK(boundary.has_closed() == (expected.close_end && *expected.close_end <= at));
}

// `takes_early`: the close frame is taken as soon as it has passed, and not at the end.
void follow(std::string_view stream, const Expected& expected, Cuts cuts, bool takes_early) {
  FrameBoundary boundary;
  bool taken = false;
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t size = cuts.next(stream.size() - at);
    USHER_CHECK(boundary.follow({stream.data() + at, size}) == size);
    at += size;
    check_place(boundary, expected, at);
    if (!takes_early) continue;
    const auto seen = boundary.take_close();
    USHER_CHECK(seen.has_value() == (boundary.has_closed() && !taken));
    if (!seen) continue;
    taken = true;
    check_close(seen, expected);
  }
  if (expected.close_end && !takes_early) check_close(boundary.take_close(), expected);
  USHER_CHECK(!boundary.take_close());
}

// As at the end of a tunnel: from any place, up to the end of the frame and no further.
void finish(std::string_view stream, const Expected& expected, Cuts cuts) {
  FrameBoundary boundary;
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t size = cuts.next(stream.size() - at);
    const auto end = expected.ends.lower_bound(at);
    const std::size_t left = end == expected.ends.end() ? stream.size() - at : *end - at;
    const std::size_t followed = boundary.finish_frame({stream.data() + at, size});
    USHER_CHECK(followed == std::min(left, size));
    at += followed;
    check_place(boundary, expected, at);
    if (followed > 0 || at == stream.size()) continue;
    USHER_CHECK(boundary.follow({stream.data() + at, 1}) == 1);
    check_place(boundary, expected, ++at);
  }
  if (expected.close_end) check_close(boundary.take_close(), expected);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t count = std::min<std::size_t>(data[0] % 8, size - 1);
  const std::string_view sizes = input.substr(1, count), stream = input.substr(1 + count);
  const Expected expected = expect_of(stream);
  for (const Cuts cuts : {Cuts({}), Cuts(sizes), Cuts(std::string_view("\0", 1))}) {
    follow(stream, expected, cuts, false);
    follow(stream, expected, cuts, true);
    finish(stream, expected, cuts);
  }
  return 0;
}
