// Text frames to and from the values that the client's session works on.
//
// A payload (`data`) stays what its publisher wrote: here it becomes a JSON string that holds the
// raw text, and on the way out that string's text is put back. The session never looks into it. So
// 12345678901234567890123 and 1.0 arrive byte for byte, which no JSON value type would do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "wire/json.h"

namespace usher::client_net {

class FrameText {
 public:
  // The newline-separated JSON values of one text frame. One that is malformed is null: no command,
  // but a sign of life.
  std::vector<boost::json::value> read(std::string_view text);

  bool is_valid(std::string_view json) { return reader_.is_valid(json); }

 private:
  boost::json::value read_one(std::string_view line);

  wire::JsonReader reader_;
};

// One command. Strings under the name `data` are raw JSON.
std::string command_text(const boost::json::object& command);

// The raw text behind a `data` value.
std::string raw_data(const boost::json::value& data);

}  // namespace usher::client_net
