// Writes one JSON object member by member, leaving out what is zero, false or "".
//
//     JsonObjectWriter object(out);       // {
//     object.text("epoch", epoch);        //  "epoch":"qFhv"
//     object.count("offset", offset);     // ,"offset":44
//     object.end();                       // }
//
// Threads: none. Borrows: the string that it appends to. Names must need no escaping.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "wire/json_text.h"

namespace usher::wire {

class JsonObjectWriter {
 public:
  explicit JsonObjectWriter(std::string& out) : out_(out) { out_ += '{'; }

  void text(std::string_view name, std::string_view value) {
    if (!value.empty()) append_json_string(member(name), value);
  }
  void flag(std::string_view name, bool value) {
    if (value) member(name) += "true";
  }
  void count(std::string_view name, std::uint64_t value) {
    if (value != 0) member(name) += std::to_string(value);
  }
  void raw(std::string_view name, std::string_view json) {
    if (!json.empty()) member(name) += json;
  }

  // Begins a member whatever its value; the caller appends the value to what is given back.
  std::string& member(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += name;
    out_ += "\":";
    return out_;
  }

  void end() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace usher::wire
