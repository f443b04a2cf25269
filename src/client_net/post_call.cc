#include "client_net/post_call.h"

#include <utility>

namespace usher::client_net {

std::shared_ptr<http_client::Call> start_post(
    const boost::asio::any_io_executor& executor,
    const std::shared_ptr<boost::asio::ssl::context>& trust, PostRequest post,
    std::function<void(HttpAnswer)> done) {
  http_client::Request request;
  request.endpoint = std::move(post.endpoint);
  auto& fields = request.fields;
  fields = {{"User-Agent", "usher-client"}, {"Accept", "application/json"}};
  if (post.bearer) fields.emplace_back("Authorization", "Bearer " + *post.bearer);
  if (post.api_key) fields.emplace_back("X-API-Key", *post.api_key);
  if (post.origin) fields.emplace_back("Origin", *post.origin);
  for (auto& field : post.fields) fields.push_back(std::move(field));
  if (!post.body.empty()) fields.emplace_back("Content-Type", "application/json");
  request.body = std::move(post.body);
  return http_client::start_call(executor, trust, std::move(request), std::move(done));
}

}  // namespace usher::client_net
