// usher checkconfig: checks a configuration without starting, and compares it with a running node.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "apps/arguments.h"
#include "apps/command_line.h"
#include "apps/load_or_explain.h"
#include "base/system.h"
#include "config/config_values.h"
#include "engine/engine.h"
#include "http_client/call.h"
#include "net/listen_address.h"
#include "node/keys.h"
#include "wire/json.h"

namespace usher::apps {
namespace {

constexpr Duration kTimeout = std::chrono::seconds(10);
constexpr std::size_t kAnswerBytesMax = 4 << 20;

// Throws a sentence if a file that the configuration names can't be used.
void check_files(const config::Config& config) {
  SystemEntropy entropy;
  SystemWallClock clock;
  const node::Keys keys = node::load_keys(config, std::nullopt, entropy);
  for (const issuer::IssuerParts& issuer : keys.parts.issuers) {
    for (const std::string& sentence : issuer.skipped) {
      std::fprintf(stderr, "usher checkconfig: a key of %s can't be used: %s\n",
                   issuer.file_name().c_str(), sentence.c_str());
    }
  }
  if (keys.certificate) {
    for (const std::string& concern : keys.certificate->concerns(clock.now())) {
      std::fprintf(stderr, "usher checkconfig: warning: %s\n", concern.c_str());
    }
  }
  engine::check_engine_files(config);
  net::check_unix_group(config.server.unix_group);
}

http_client::Answer ask(const http_client::Endpoint& endpoint) {
  boost::asio::io_context loop;
  http_client::Answer answer;
  http_client::start_call(loop.get_executor(), nullptr,
                          {.method = http_client::Method::get,
                           .endpoint = endpoint,
                           .fields = {{"Accept", "application/json"}},
                           .body = {},
                           .answer_bytes_max = kAnswerBytesMax,
                           .timeout = kTimeout},
                          [&](http_client::Answer got) { answer = std::move(got); });
  loop.run();
  return answer;
}

// Returns nothing if `body` is no answer of GET /admin/config.
std::vector<config::ConfigValue> read_values(const std::string& body) {
  wire::JsonReader json;
  const auto root = json.parse(body, {.open_levels = 3, .nodes_max = 1 << 20});
  std::vector<config::ConfigValue> values;
  if (!root) return values;
  for (const wire::JsonNode& each : root->find("config")) {
    const auto key = each.find("key").string();
    const auto value = each.find("value").string();
    if (key && value) {
      values.push_back({.key = std::string(*key),
                        .value = std::string(*value),
                        .section = config::section_of(*key)});
    }
  }
  return values;
}

void print(const config::ConfigChange& change) {
  std::printf("  %s: %s -> %s\n", change.key.c_str(), change.from.c_str(), change.to.c_str());
}

// What a reload with this configuration would change at the node behind `admin`.
int compare(const config::Config& config, const std::string& admin) {
  const auto endpoint = http_client::parse_url(admin + "/admin/config");
  if (!endpoint || endpoint->tls) {
    return fail(
        "checkconfig",
        "--against: '" + admin + "' is no URL of an admin listener, as http://127.0.0.1:8081 is",
        kBadUsage);
  }
  const http_client::Answer answer = ask(*endpoint);
  if (!answer.status) {
    return fail("checkconfig", "--against: " + admin + " did not answer: " + answer.detail);
  }
  const std::vector<config::ConfigValue> running = read_values(answer.body);
  if (*answer.status != 200 || running.empty()) {
    return fail("checkconfig", "--against: " + admin + " answered with status " +
                                   std::to_string(*answer.status) +
                                   " and no configuration; name the address of admin.listen");
  }
  std::vector<config::ConfigValue> wanted = config::values_of(config);
  for (config::ConfigValue& value : wanted) value.value = config::shown_value(value.value);
  const auto changes = config::changes_between(running, wanted);
  const auto print_those = [&](bool needs_restart, const char* title) {
    bool is_first = true;
    for (const config::ConfigChange& change : changes) {
      if (change.needs_restart != needs_restart) continue;
      if (std::exchange(is_first, false)) std::puts(title);
      print(change);
    }
  };
  print_those(false, "a reload would change:");
  print_those(true, "these need a restart:");
  if (changes.empty()) std::puts("the running node has the same configuration");
  std::puts("not compared: what files hold, and credentials and queries of URLs");
  return kDone;
}

}  // namespace

int run_checkconfig(int argc, char** argv) {
  ConfigRequest request;
  std::string against;
  Arguments app(
      "Checks a configuration without starting the gateway. Prints each error and how to mend it.",
      "usher checkconfig");
  app.text("file", request.file, "configuration file (TOML)").required();
  app.texts("--set", request.settings, "one key, as key=value");
  app.text("--against", against,
           "the admin listener of a running node, as http://127.0.0.1:8081: prints what a reload "
           "would change there, and what needs a restart");
  app.footer("Example: usher checkconfig /etc/usher/usher.toml --against http://127.0.0.1:8081");
  if (const Parsed parsed = app.parse(argc, argv); !parsed.go_on) return parsed.exit_code;
  const auto config = load_or_explain("checkconfig", request);
  if (!config) return kFailed;
  check_files(*config);
  std::printf("%s is fine\n", request.file.c_str());
  return against.empty() ? kDone : compare(*config, against);
}

}  // namespace usher::apps
