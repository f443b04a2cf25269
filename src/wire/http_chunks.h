// Takes a chunked body apart (RFC 9112 section 7.1), strictly. Extensions and trailer fields are
// passed over: nothing in them has a meaning here.
//
// Threads: none. Belongs to one request.
// Limits: kChunkLineBytesMax for a chunk's size and extensions, kTrailerLineBytesMax for a trailer
// field, kChunkOverheadBytesMax for all that is not body, and what the caller says for the body.
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

  // `bytes`: what has come since the head, the same and more at each call. No byte but those of an
  // unfinished line is looked at twice. Not to be called after anything but need_more.
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
