// Writes one JSON object or array, member by member.
//
//     JsonObjectWriter object(out);       // {
//     object.text("epoch", epoch);        //  "epoch":"qFhv"
//     object.count("offset", offset);     // ,"offset":44
//     object.end();                       // }
//
// Threads: none. Borrows: the string that it appends to. Requires: names that need no escape
// (except for escaped_member()), and values whose strings are valid UTF-8.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "wire/json_text.h"

namespace usher::wire {

class JsonObjectWriter {
 public:
  explicit JsonObjectWriter(std::string& out) : out_(out) { out_ += '{'; }

  // These four leave out a member whose value is "", false or zero.
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

  // These write the member with every value.
  void string(std::string_view name, std::string_view value) {
    append_json_string(member(name), value);
  }
  void number(std::string_view name, std::integral auto value) {
    member(name) += std::to_string(value);
  }
  void boolean(std::string_view name, bool value) { member(name) += value ? "true" : "false"; }

  // Begins a member. The caller must append its value to the returned string.
  std::string& member(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += name;
    out_ += "\":";
    return out_;
  }

  // The same for a name that may need escapes.
  std::string& escaped_member(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    append_json_string(out_, name);
    return out_ += ':';
  }

  void end() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

class JsonArrayWriter {
 public:
  explicit JsonArrayWriter(std::string& out) : out_(out) { out_ += '['; }

  // Begins an element. The caller must append it to the returned string.
  std::string& element() {
    if (!first_) out_ += ',';
    first_ = false;
    return out_;
  }

  void end() { out_ += ']'; }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace usher::wire
