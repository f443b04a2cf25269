// Reads a chunked body (RFC 9112 section 7.1), strictly. Extensions and trailer fields are skipped:
// nothing in them has a meaning here.
//
// Threads: none. Belongs to one request.
// Limits: kChunkLineBytesMax for a chunk's size and extensions, kTrailerLineBytesMax for a trailer
// field, kChunkOverheadBytesMax for all bytes outside the body, and `body_bytes_max` for the body.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace usher::wire {

inline constexpr std::size_t kChunkLineBytesMax = 256;
inline constexpr std::size_t kTrailerLineBytesMax = 4096;
inline constexpr std::size_t kChunkOverheadBytesMax = 16384;

class ChunkReader {
 public:
  enum class State : std::uint8_t { need_more, complete, malformed, too_large };

  explicit ChunkReader(std::size_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

  // `bytes`: all bytes received since the head; each call passes the same bytes and more. Only the
  // bytes of an unfinished line are examined twice. Requires: an earlier call, if there was one,
  // returned need_more.
  State read(std::string_view bytes);

  const std::string& body() const { return body_; }
  std::size_t consumed() const { return at_; }

 private:
  enum class Step : std::uint8_t { size, data, data_end, trailer };

  State read_size(std::string_view rest);
  State read_data(std::string_view rest);
  State read_line_end(std::string_view rest);
  State read_trailer(std::string_view rest);

  const std::size_t body_bytes_max_;
  Step step_ = Step::size;
  std::size_t at_ = 0;
  std::size_t left_ = 0;  // of the chunk's data
  std::string body_;
};

}  // namespace usher::wire
