// Converts text frames to the JSON values that the client's session works on, and commands to text.
//
// A payload (`data`) keeps the bytes that its publisher wrote. In the session's values it is a JSON
// string that holds the raw text; in a command the text of that string is put back. The session
// never looks into it. So 12345678901234567890123 and 1.0 arrive byte for byte, which no JSON value
// type could do.
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
  // Returns the newline-separated JSON values of one text frame. A malformed one becomes null: it
  // says nothing, but proves that the server is alive.
  std::vector<boost::json::value> read(std::string_view text);

  bool is_valid(std::string_view json) { return reader_.is_valid(json); }

 private:
  boost::json::value read_one(std::string_view line);

  wire::JsonReader reader_;
};

// Returns one command as text. A string member `data` is raw JSON.
std::string command_text(const boost::json::object& command);

// Returns the raw text behind a `data` value.
std::string raw_data(const boost::json::value& data);

}  // namespace usher::client_net
