// One HTTP call of the client to a gateway: a POST with its credential and Origin.
//
// It has no timeout of its own: the session's stages end it by cancel().
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client_net/call_answer.h"
#include "http_client/call.h"

namespace usher::client_net {

struct PostRequest {
  http_client::Endpoint endpoint;
  std::optional<std::string> bearer;
  std::optional<std::string> api_key;  // of the server API
  std::optional<std::string> origin;
  std::vector<std::pair<std::string, std::string>> fields{};  // of the user's own
  std::string body;                                           // JSON, or empty
};

// As http_client::start_call().
std::shared_ptr<http_client::Call> start_post(
    const boost::asio::any_io_executor& executor,
    const std::shared_ptr<boost::asio::ssl::context>& trust, PostRequest request,
    std::function<void(HttpAnswer)> done);

}  // namespace usher::client_net
