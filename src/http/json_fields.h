// Reads the members of one JSON object, and remembers the first thing that was wrong.
//
//     JsonFields fields(node);
//     const std::string channel = fields.required_text("channel");
//     if (!fields.fault().empty()) …
//
// So a call is read in one straight run, and asked about once. Absent and `null` are the same.
// refuse_unread() at its end makes a fault of every member that has not been asked for: a call is
// done as it was asked, or refused.
//
// Threads: none of its own. Borrows: the node.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "wire/json.h"

namespace usher::http {

class JsonFields {
 public:
  JsonFields(wire::JsonNode object, std::size_t text_bytes_max);

  // Each gives the value, or an empty one where it is absent or wrong. Names are literals.
  std::string text(std::string_view name);
  std::string required_text(std::string_view name);  // present and not empty
  bool flag(std::string_view name);
  std::optional<std::int64_t> integer(std::string_view name);
  std::optional<std::uint64_t> unsigned_integer(std::string_view name);
  std::vector<std::string> texts(std::string_view name, std::size_t count_max);
  // The same, with elements that may be empty.
  std::vector<std::string> texts_or_empty(std::string_view name, std::size_t count_max);

  // Whole seconds, or text like "24h"; above zero, at most 100 years.
  std::optional<Duration> ttl(std::string_view name);

  // Raw JSON on one line; "" where it is absent.
  std::string raw(std::string_view name, std::size_t bytes_max);
  std::string raw_object_of_texts(std::string_view name, std::size_t bytes_max);

  // The object of that name; absent where there is none.
  wire::JsonNode object(std::string_view name);
  // The member itself, whatever its type.
  wire::JsonNode any(std::string_view name);

  // A fault if a member says something and has not been read. `null`, false, 0
  // and what is empty say nothing: SDKs send them for what their caller has left out. `within`: the
  // member that is this object, for the text.
  void refuse_unread(std::string_view within = {});

  // A fault, with `why`, if a member of that name says something: it is known, and not carried out.
  void refuse(std::string_view name, std::string_view why);
  // Whether the member is absent or says nothing, as in refuse_unread().
  bool is_silent(std::string_view name) const;

  // The first fault in our own words, and which member has it; "" while there is none.
  std::string_view fault() const { return fault_; }
  void set_fault(std::string_view fault);

 private:
  void set_fault(std::string_view name, std::string_view what);
  wire::JsonNode find(std::string_view name);

  wire::JsonNode object_;
  std::size_t text_bytes_max_;
  std::vector<std::string_view> read_;  // names that were asked for, in their order
  std::string fault_;
};

}  // namespace usher::http
