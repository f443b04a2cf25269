// How a call of the server API fails: an error of the protocol, and words for people.
#pragma once

#include <string>

#include "hub/broker.h"

namespace usher::api {

struct ApiError {
  hub::Error code;
  std::string detail = {};  // our own words
};

}  // namespace usher::api
