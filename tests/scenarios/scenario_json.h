// The words of a scenario file, to and from the client's types.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>

#include "client/protocol.h"
#include "client/ticket_desk.h"

namespace usher::scenarios {

namespace json = boost::json;

// The file is not a valid scenario. Ends the run of that file.
class BadScenario : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// `{"connect": {}}`: an object with exactly one key, the input's name. Throws BadScenario.
client::Input read_input(const json::value& value);

// The same for a desk. Returns nullopt for an input of the platform, which a desk does not know.
std::optional<client::DeskInput> read_desk_input(const json::value& value);

json::value to_json(const client::Effect& effect);
json::value to_json(const client::Event& event);
json::value to_json(const client::DeskEvent& event);
json::value to_json(const client::StageChange& change);

}  // namespace usher::scenarios
