// Patterns of channel names, as the server API's `channels` takes them: Centrifugo's
// (github.com/gobwas/glob without separators).
//
//     *  **        any run of characters      {a,b*}   either of these patterns; may nest
//     ?            any one character          \c       the character c itself
//     [abc] [a-z]  one of these               [!abc] [!a-z]  one that is none of these
//
// A class holds a list or one span, not both. Everything else stands for itself.
//
// Threads: immutable. Limits: kDepthMax braces in each other; callers refuse what is longer than
// kBytesMax. Matching takes time by the product of both lengths, whatever the pattern.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usher::api {

class ChannelPattern {
 public:
  static constexpr int kDepthMax = 16;
  static constexpr std::size_t kBytesMax = 128;

  // Nothing: a brace or class that does not end, an empty class, a span backwards, nothing behind
  // the last `\`, or too many braces in each other.
  static std::optional<ChannelPattern> parse(std::string_view text);

  bool matches(std::string_view name) const;

  // The cost of a match for each character of the name.
  std::size_t size() const { return steps_.size(); }

  // The beginning that all matching names share.
  const std::string& prefix() const { return prefix_; }

 private:
  friend class ChannelPatternParser;

  using Characters = std::bitset<256>;

  // Where a match may stand: a step takes one of some characters and goes on at `next`; a fork
  // takes none and goes on at both.
  struct Step {
    enum class Kind : std::uint8_t { take, fork, end };
    Kind kind = Kind::end;
    Characters characters{};
    std::uint32_t next = 0;
    std::uint32_t other = 0;  // of a fork
  };

  struct Reached;

  void reach(std::uint32_t step, Reached& reached) const;

  std::vector<Step> steps_;
  std::uint32_t first_ = 0;
  std::string prefix_;
};

}  // namespace usher::api
