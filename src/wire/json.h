// Reads JSON (RFC 8259): a text is checked to its last token, and read as slices of itself.
//
// parse() walks every token. The values that the caller asks to open become nodes. Every other
// value stays a raw slice, known to be valid, never converted and never re-serialised. So a payload
// is passed on byte for byte, numbers of any size included. simdjson finds the structure. Each
// token, the depth and the end of the text are checked here, because simdjson's on-demand front end
// skips values that are not read (`{"x":tru, 1 2}` would pass).
//
// Refused: text that RFC 8259 does not allow, invalid UTF-8, half of a surrogate pair (it could not
// be passed on as UTF-8), more than kJsonDepthMax levels, and a repeated name in an opened object.
//
// Threads: a reader belongs to one shard. Owns: the text, a parser, nodes, unescaped strings; all
// reused by the next parse().
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/json_text.h"

namespace usher::wire {

// The number of nested brackets that pass. Opened levels and each closed value are counted apart,
// so that a payload may be as deep whatever object contains it.
inline constexpr int kJsonDepthMax = 64;
inline constexpr std::size_t kJsonTextBytesMax = 16 << 20;

enum class JsonError : std::uint8_t {
  malformed,
  too_deep,
  duplicate_member,
  too_many_nodes,
  too_long,
};

enum class JsonType : std::uint8_t { absent, null, boolean, number, string, array, object };

// Which containers become nodes whose members can be looked at.
struct JsonShape {
  // Containers on levels 1 to `open_levels` are opened; 1 is the text's own. 0: only validate.
  int open_levels = 1;

  // Members of this name stay closed on every level: payloads, of any size. "": no such members.
  // Not for objects whose names the peer chooses.
  std::string_view closed_member = {};

  // Members and elements of opened containers, together.
  std::size_t nodes_max = 4096;
};

class JsonReader;

// One value of a parsed text; absent if no member has the name. The node and all views that it
// returns are valid until the reader's next parse().
class JsonNode {
 public:
  class Iterator;

  JsonNode() = default;

  JsonType type() const;
  explicit operator bool() const { return reader_ != nullptr; }  // present, `null` included
  bool is_object() const { return type() == JsonType::object; }
  bool is_array() const { return type() == JsonType::array; }

  // The value's own bytes, without white space around it; "" when absent.
  std::string_view raw() const;

  // The member's name, unescaped; "" for elements of an array.
  std::string_view name() const;

  // Return the value, or nullopt if it has another type. Integers are plain digits in range, with
  // no fraction or exponent. A string is unescaped, and may hold NUL and any other character.
  std::optional<std::string_view> string() const;
  std::optional<bool> boolean() const;
  std::optional<std::uint64_t> unsigned_integer() const;
  std::optional<std::int64_t> integer() const;
  std::optional<double> number() const;  // nullopt if out of a double's range

  // Members of an opened object or elements of an opened array, in order; none for everything else.
  JsonNode find(std::string_view name) const;
  Iterator begin() const;
  Iterator end() const;
  std::size_t size() const;
  bool is_opened() const;

 private:
  friend class JsonReader;
  JsonNode(const JsonReader* reader, std::uint32_t index) : reader_(reader), index_(index) {}

  const JsonReader* reader_ = nullptr;
  std::uint32_t index_ = 0;
};

class JsonReader {
 public:
  JsonReader();
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  // Returns the text's root, opened as `shape` says. Nodes point into a copy of the text: simdjson
  // may read past the end of a text, and must find zeros there.
  Result<JsonNode, JsonError> parse(std::string_view text, const JsonShape& shape = {});

  // Returns true if `text` is one valid JSON value of any type.
  bool is_valid(std::string_view text) { return parse(text, {.open_levels = 0}).has_value(); }

 private:
  friend class JsonNode;
  friend class JsonNode::Iterator;
  struct Node {
    JsonType type = JsonType::null;
    bool opened = false;
    std::uint32_t next = 0;      // index of the next sibling; 0: none
    std::uint32_t children = 0;  // index of the first; 0: none, or closed
    std::string_view name;
    std::string_view raw;
    std::string_view text;  // of a string: unescaped
  };
  struct Walk;

  std::unique_ptr<Walk> walk_;  // keeps simdjson out of this header
  std::vector<Node> nodes_;
  std::string copy_;
};

class JsonNode::Iterator {
 public:
  Iterator(const JsonReader* reader, std::uint32_t index) : reader_(reader), index_(index) {}
  JsonNode operator*() const { return JsonNode(reader_, index_); }
  Iterator& operator++();
  friend bool operator==(const Iterator& a, const Iterator& b) { return a.index_ == b.index_; }

 private:
  const JsonReader* reader_;
  std::uint32_t index_;  // 0: the end (the root is never a child)
};

}  // namespace usher::wire
