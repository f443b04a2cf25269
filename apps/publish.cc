// usher publish: one message to one channel, through the server API.
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <iostream>
#include <iterator>

#include "apps/arguments.h"
#include "apps/command_line.h"
#include "client_net/post_call.h"
#include "http_client/tls_trust.h"
#include "node/keys.h"
#include "wire/json.h"
#include "wire/json_text.h"

namespace usher::apps {
namespace {

namespace asio = boost::asio;

constexpr Duration kTimeout = std::chrono::seconds(10);

struct PublishArguments {
  std::string url = "http://127.0.0.1:8080";
  std::string channel;
  std::string data;
  std::string api_key;
  std::string api_key_file;
  std::string ca_file;
};

Parsed parse(PublishArguments& arguments, int argc, char** argv) {
  Arguments app("Publishes one message through the server API and prints the answer.",
                "usher publish");
  app.text("--url", arguments.url, "the gateway, http(s)://host[:port][/prefix]").shows_default();
  const auto file = app.text("--api-key-file", arguments.api_key_file,
                             "file with API keys; the first one is used");
  app.text("--api-key", arguments.api_key, "the key itself; `ps` shows it, so prefer a file")
      .excludes(file);
  app.text("--ca-file", arguments.ca_file, "trust these certificates too (PEM)");
  app.text("channel", arguments.channel, "the channel, for example session:sess_1 or orders:42")
      .required();
  app.text("data", arguments.data, "the message, any JSON; - reads it from standard input")
      .required();
  app.footer("Example: usher publish --api-key-file api.key orders:42 '{\"status\":\"cooking\"}'");
  return app.parse(argc, argv);
}

// The answer, or one without a status when none came in time.
client_net::HttpAnswer post(client_net::PostRequest request, const std::string& ca_file) {
  asio::io_context loop;
  client_net::HttpAnswer answer{.detail = "no answer within 10 s"};
  asio::steady_timer timeout(loop, kTimeout);
  const auto call =
      client_net::start_post(loop.get_executor(), http_client::make_tls_trust(ca_file),
                             std::move(request), [&](client_net::HttpAnswer got) {
                               answer = std::move(got);
                               timeout.cancel();
                             });
  timeout.async_wait([&](const boost::system::error_code& error) {
    if (!error) call->cancel();
  });
  loop.run();
  return answer;
}

}  // namespace

int run_publish(int argc, char** argv) {
  PublishArguments arguments;
  if (const Parsed parsed = parse(arguments, argc, argv); !parsed.go_on) return parsed.exit_code;
  if (!arguments.api_key_file.empty()) {
    arguments.api_key = node::first_api_key(arguments.api_key_file);
  }
  if (arguments.api_key.empty())
    return fail("publish", "give --api-key-file FILE or --api-key KEY", kBadUsage);
  if (arguments.data == "-") arguments.data.assign(std::istreambuf_iterator<char>(std::cin), {});
  if (wire::JsonReader json; !json.is_valid(arguments.data)) {
    return fail("publish", "the message is not JSON; a text needs quotes: '\"hello\"'", kBadUsage);
  }
  const auto endpoint = http_client::parse_url(arguments.url + "/api/publish");
  if (!endpoint) {
    return fail("publish", "--url: '" + arguments.url + "' is no http:// or https:// URL",
                kBadUsage);
  }
  client_net::PostRequest request;
  request.endpoint = *endpoint;
  request.api_key = arguments.api_key;
  request.body = "{\"channel\":";
  wire::append_json_string(request.body, arguments.channel);
  request.body.append(",\"data\":").append(arguments.data).append("}");

  const client_net::HttpAnswer answer = post(std::move(request), arguments.ca_file);
  if (!answer.status) return fail("publish", arguments.url + " did not answer: " + answer.detail);
  std::puts(answer.body.c_str());
  return *answer.status == 200 && answer.body.starts_with("{\"result\"") ? kDone : kFailed;
}

}  // namespace usher::apps
