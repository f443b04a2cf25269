#include "config/config_check.h"

#include <algorithm>
#include <cstring>

#include "auth/key.h"
#include "auth/origin_policy.h"
#include "config/config_report.h"
#include "config/config_table.h"
#include "config/issuer_check.h"
#include "config/loopback.h"
#include "config/namespace_check.h"
#include "config/ticket_hook_check.h"
#include "config/upstream_check.h"
#include "config/url_check.h"
#include "http/cors.h"
#include "net/listen_address.h"
#include "net/proxied_address.h"
#include "net/tls_ticket_keys.h"
#include "redis/link/url.h"
#include "wire/utf8.h"

namespace usher::config {
namespace {

using Strings = std::vector<std::string>;

// As long as a secret that signs tokens.
constexpr std::size_t kApiKeyBytesMin = auth::kSecretBytesMin;

void check_listener(const Config& config, ConfigReport& report, std::string_view key,
                    const std::string& text, std::vector<net::ListenAddress>& seen,
                    ConfigReport::Item item = {}) {
  try {
    const auto address = net::parse_listen_address(text);
    const bool taken = std::ranges::any_of(seen, [&](const net::ListenAddress& other) {
      return address.size == other.size &&
             std::memcmp(&address.address, &other.address, address.size) == 0;
    });
    if (taken && (address.is_unix() || address.port() != 0)) {
      report.error(std::string(key) + ": " + text +
                       " is used twice; give each listener an address of its own",
                   item);
    }
    if (config.dev && !is_loopback(address)) {
      report.warn(std::string(key) + ": " + text +
                      " can be reached from other machines, and --dev lets anybody in",
                  item);
    }
    seen.push_back(address);
  } catch (const net::ListenError& fault) {
    report.error(std::string(key) + ": " + fault.what(), item);
  }
}

void check_verify(const Config& config, ConfigReport& report,
                  std::vector<net::ListenAddress>& seen) {
  const std::string& listen = config.verify.listen;
  if (listen.empty()) return;
  const std::size_t before = seen.size();
  check_listener(config, report, "verify.listen", listen, seen);
  // Who reaches it can spend the tickets that it knows, and learns whose they are.
  if (seen.size() > before && !is_loopback(seen.back())) {
    report.warn("verify.listen: " + listen +
                " can be reached from other machines: only your proxy should reach it");
  }
  if (config.server.trusted_proxies.empty()) {
    report.warn(
        "verify.listen without server.trusted_proxies: all clients behind your proxy count as one "
        "address; list the proxy's address there, or \"unix\"");
  }
}

void check_listeners(const Config& config, ConfigReport& report) {
  if (config.server.listen.empty())
    report.error("server.listen is empty: name at least one address");
  std::vector<net::ListenAddress> seen;
  const Strings& listen = config.server.listen;
  for (std::size_t i = 0; i < listen.size(); ++i)
    check_listener(config, report, "server.listen", listen[i], seen, i);
  if (!config.api.listen.empty())
    check_listener(config, report, "api.listen", config.api.listen, seen);
  if (!config.admin.listen.empty())
    check_listener(config, report, "admin.listen", config.admin.listen, seen);
  check_verify(config, report, seen);
}

void check_session_ticket_keys(const Config& config, ConfigReport& report) {
  const Strings& files = config.tls.session_ticket_key_files;
  constexpr std::string_view kKey = "tls.session_ticket_key_files";
  if (files.size() > net::TlsTicketKeys::kFileKeysMax) {
    report.error(std::string(kKey) + " names more than " +
                 std::to_string(net::TlsTicketKeys::kFileKeysMax) +
                 " files; two or three are enough");
  }
  if (!files.empty() && !config.tls.enabled()) {
    report.warn(std::string(kKey) +
                " is of no use without tls.certificate_file: usher ends no TLS");
  }
  for (const std::string& path : files) {
    report.file(kKey, path, FileUse::secrets);
    const FileFact* const known = report.fact_of(path);
    if (known == nullptr || !known->readable) continue;
    if (known->bytes == net::TlsTicketKey::kBytes) continue;
    report.error(std::string(kKey) + " '" + path + "' has " + std::to_string(known->bytes) +
                 " bytes, and must have 80: make one with 'usher tlskey FILE'");
  }
}

void check_tls(const Config& config, ConfigReport& report) {
  const TlsConfig& tls = config.tls;
  if (tls.certificate_file.empty() != tls.key_file.empty()) {
    report.error("tls.certificate_file and tls.key_file belong together: set both, or none");
  }
  if (!tls.certificate_file.empty()) {
    report.file("tls.certificate_file", tls.certificate_file, FileUse::published);
  }
  if (!tls.key_file.empty()) report.file("tls.key_file", tls.key_file, FileUse::secrets);
  check_session_ticket_keys(config, report);
}

void check_admin_hosts(const Config& config, ConfigReport& report) {
  const Strings& hosts = config.admin.allowed_hosts;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const bool good = !hosts[i].empty() && std::ranges::all_of(hosts[i], [](char c) {
      return c > 0x20 && c < 0x7f && std::string_view(":/*@[]").find(c) == std::string_view::npos;
    });
    if (good || hosts[i] == "*") continue;
    report.error(
        "admin.allowed_hosts: '" + hosts[i] +
            "' must be a host's name without a port, as in 'usher.monitoring.svc', or '*' for "
            "every name",
        i);
  }
}

void check_paths_and_proxies(const Config& config, ConfigReport& report) {
  const std::string& prefix = config.http.prefix;
  const bool plain = std::ranges::all_of(prefix, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/-._~").find(c) != std::string_view::npos;
  });
  const bool framed = prefix.starts_with('/') && !prefix.ends_with('/');
  if (!prefix.empty() && (!framed || !plain || prefix.find("//") != std::string::npos)) {
    report.error(
        "http.prefix '" + prefix +
        "' must be empty or look like '/realtime': a slash before each part, none at the end");
  }
  const Strings& proxies = config.server.trusted_proxies;
  for (std::size_t i = 0; i < proxies.size(); ++i) {
    try {
      const net::TrustedProxies proxy({proxies[i]});
    } catch (const std::invalid_argument& fault) {
      report.error(fault.what(), i);
    }
  }
  check_admin_hosts(config, report);
}

void check_origins(const Config& config, ConfigReport& report) {
  const auto& allowed = config.client.allowed_origins;
  if (!allowed) {
    return report.error(
        "client.allowed_origins is not set: list the origins of your web pages, as in "
        "[\"https://app.example.com\"], or write [] if no browser is to connect");
  }
  for (std::size_t i = 0; i < allowed->size(); ++i) {
    try {
      const auth::OriginPolicy policy(
          {.allowed = {(*allowed)[i]}, .require = false, .dev = config.dev});
    } catch (const auth::OriginPolicyError& fault) {
      report.error(std::string("client.allowed_origins: ") + fault.what(), i);
    }
  }
  const Strings& headers = config.client.allowed_headers;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (http::is_header_pattern(headers[i])) continue;
    report.error(
        "client.allowed_headers: '" + headers[i] +
            "' must be a header's name, as in 'x-acme-trace', or the beginning of some, as in "
            "'x-acme-*'",
        i);
  }
}

void check_claims(const Config& config, ConfigReport& report) {
  const Strings& names = config.ticket.claims;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) report.error("ticket.claims holds an empty name", i);
    if (!wire::is_valid_utf8(names[i]))
      report.error("ticket.claims holds a name that is not UTF-8", i);
  }
}

void check_guests(const Config& config, ConfigReport& report) {
  const GuestConfig& guest = config.guest;
  report.files("guest.secret_file", guest.secret_file, FileUse::secret);
  if (!guest.enabled) return;
  if (guest.secret_file.empty() && config.jwt.secret_file.empty() && !config.dev) {
    report.error("guest.enabled needs a secret to sign with: set guest.secret_file");
  }
  if (config.limits.tokens_per_address.unlimited() && !config.dev) {
    report.error(
        "guest.enabled without limits.tokens_per_address lets anybody make sessions without end: "
        "set it, as in \"300/1m\"");
  }
  if (guest.session_max < guest.token_ttl) {
    report.error("guest.session_max must be at least guest.token_ttl");
  }
}

void check_api(const Config& config, ConfigReport& report) {
  const ApiConfig& api = config.api;
  if (!api.key_file.empty()) {
    report.file("api.key_file", api.key_file, FileUse::secrets);
    const FileFact* const known = report.fact_of(api.key_file);
    const std::size_t shortest = known == nullptr ? 0 : known->shortest_key_bytes;
    if (shortest > 0 && shortest < kApiKeyBytesMin) {
      report.warn(
          "api.key_file '" + api.key_file + "' holds a key of " + std::to_string(shortest) +
          " bytes, which can be guessed: make one of at least 32 with 'openssl rand -hex 32'");
    }
  }
  if (api.key_file.empty() && !api.listen.empty() && !config.dev) {
    report.error("api.listen needs api.key_file: without keys the server API is off");
  }
  if (api.key_file.empty() && config.dev && !api.listen.empty() &&
      !is_loopback_listener(api.listen)) {
    report.error(
        "api.listen: " + api.listen +
        " can be reached from other machines, and --dev makes up a key that everybody knows: set "
        "api.key_file, or listen on 127.0.0.1");
  }
}

void check_hook(ConfigReport& report, std::string_view key, const std::string& url,
                std::string_view danger = "read and change what is said") {
  if (url.empty()) return;
  const std::string name(key);
  const auto endpoint = check_http_url(report, name, url);
  if (endpoint && is_open_to_others(*endpoint)) {
    report.warn(name + " is not https: who is on the way can " + std::string(danger));
  }
}

void check_outgoing(const Config& config, ConfigReport& report) {
  const HooksConfig& hooks = config.hooks;
  if (!config.tls.ca_file.empty())
    report.file("tls.ca_file", config.tls.ca_file, FileUse::published);
  report.files("hooks.secret_file", hooks.secret_file, FileUse::secret);
  check_hook(report, "hooks.rpc_url", hooks.rpc_url);
  check_hook(report, "hooks.publish_url", hooks.publish_url);
  check_hook(report, "hooks.connected_url", hooks.connected_url);
  check_hook(report, "hooks.disconnected_url", hooks.disconnected_url);
  check_hook(report, "hooks.subscribe_url", hooks.subscribe_url);
  check_hook(report, "hooks.ticket_url", hooks.ticket_url,
             "steal your users' cookies, and say who they are");
  check_ticket_hook(config, report);
  if (hooks.any() && hooks.secret_file.empty()) {
    report.warn(
        "hooks without hooks.secret_file: your backend can't tell usher's requests from anybody "
        "else's");
  }
}

void check_redis_names_and_files(const Config& config, ConfigReport& report) {
  const RedisConfig& settings = config.redis;
  constexpr std::size_t kPrefixMax = 64;
  const bool good = std::ranges::all_of(settings.key_prefix, [](char c) {
    return c > 0x20 && c < 0x7f && std::string_view("*?[]\\\"").find(c) == std::string_view::npos;
  });
  if (!good || settings.key_prefix.empty() || settings.key_prefix.size() > kPrefixMax) {
    report.error(
        "redis.key_prefix must be 1 to 64 printable characters without spaces, quotes and "
        "*?[]\\");
  }
  if (settings.certificate_file.empty() != settings.key_file.empty()) {
    report.error("redis.certificate_file and redis.key_file belong together: set both, or none");
  }
  if (!settings.certificate_file.empty()) {
    report.file("redis.certificate_file", settings.certificate_file, FileUse::published);
  }
  if (!settings.key_file.empty())
    report.file("redis.key_file", settings.key_file, FileUse::secrets);
}

void check_redis(const Config& config, ConfigReport& report) {
  const RedisConfig& settings = config.redis;
  if (config.engine.type != EngineType::redis) {
    if (!settings.url.empty() || !settings.sentinels.empty()) {
      report.warn("redis.* is set, but engine.type is \"memory\": Redis is not used");
    }
    return;
  }
  if (settings.url.empty() && settings.sentinels.empty()) {
    report.error(
        "engine.type = \"redis\" needs redis.url, as in \"redis://127.0.0.1:6379\", or "
        "redis.sentinels and redis.master");
  }
  if (settings.sentinels.empty() != settings.master.empty()) {
    report.error("redis.sentinels and redis.master belong together: set both, or none");
  }
  // No URL is repeated: it may hold a password.
  if (!settings.url.empty()) {
    const auto url = redis::parse_url(settings.url);
    if (!url) report.error("redis.url: " + std::string(to_string(url.error())));
    if (url && url->kind == redis::Address::Kind::unix_socket && !settings.sentinels.empty()) {
      report.error(
          "redis.url is a Unix socket, but redis.sentinels tell hosts: use one of the two");
    }
  }
  for (std::size_t i = 0; i < settings.sentinels.size(); ++i) {
    const auto url = redis::parse_sentinel(settings.sentinels[i]);
    if (url) continue;
    report.error("redis.sentinels, number " + std::to_string(i + 1) + ": " +
                     std::string(to_string(url.error())),
                 i);
  }
  check_redis_names_and_files(config, report);
}

void check_history_parts(const Config& config, ConfigReport& report) {
  std::uint64_t given = 0;
  bool others = config.dev;  // whatever has no section
  for (const hub::NamespaceOptions& space : config.channel.namespaces) {
    given += space.history_bytes;
    others = others || (space.has_history() && space.history_bytes == 0);
  }
  const std::uint64_t all = config.limits.history_bytes;
  if (given > all || (others && given == all)) {
    report.error("history_bytes of channel.namespaces are " + std::to_string(given) +
                 " together, and limits.history_bytes is " + std::to_string(all) +
                 (given > all ? ": give less, or raise that"
                              : ": that leaves nothing for the other namespaces with a history"));
  }
}

void check_channels(const Config& config, ConfigReport& report) {
  Strings seen;
  const auto& spaces = config.channel.namespaces;
  for (std::size_t i = 0; i < spaces.size(); ++i) {
    const hub::NamespaceOptions& space = spaces[i];
    const std::string name = "channel.namespaces '" + space.name + "'";
    const auto fault = [&](std::string_view member, const std::string& sentence) {
      report.error_at(ConfigPlaces::entry_key(kNamespaces, i, member), name + sentence);
    };
    const bool good = std::ranges::all_of(space.name, [](char c) {
      return c > 0x20 && c < 0x7f && std::string_view(":*\"\\").find(c) == std::string_view::npos;
    });
    if (!good) {
      fault("name", ": a name is printable ASCII without space, ':', '*', quotes and backslash");
    }
    if (std::ranges::find(seen, space.name) != seen.end()) {
      fault("name", " is there twice: give each a name of its own, or put their keys together");
    }
    seen.push_back(space.name);
    if (space.history_size > 0 && space.history_ttl == Duration::zero()) {
      fault("history_size", ": history_size needs history_ttl, as in \"10m\"");
    }
    if (space.publish == hub::Audience::hook || space.publish == hub::Audience::token) {
      fault("publish",
            std::string(": publish can't be \"") +
                (space.publish == hub::Audience::hook ? "hook" : "token") +
                "\", which is for subscribe. hooks.publish_url asks your backend about each "
                "publication, and the subscribe hook's answer can have \"publish\":true");
    }
    if (space.subscribe == hub::Audience::hook && config.hooks.subscribe_url.empty()) {
      fault("subscribe",
            ": subscribe = \"hook\" needs hooks.subscribe_url, the URL at which your backend "
            "decides");
    }
    if (space.recovery && !space.has_history()) {
      fault("recovery", ": recovery needs history_size and history_ttl");
    }
  }
  check_namespaces(config, report);
  check_history_parts(config, report);
}

void check_limits(const Config& config, ConfigReport& report) {
  const LimitsConfig& limits = config.limits;
  for (const auto& [key, bytes] :
       {std::pair("limits.request_bytes", limits.request_bytes),
        std::pair("limits.request_bytes_per_address", limits.request_bytes_per_address)}) {
    if (bytes == 0 || bytes >= 2 * limits.message_bytes) continue;
    report.warn(std::string(key) + " = " + std::to_string(bytes) +
                " leaves no room for a message of limits.message_bytes (" +
                std::to_string(limits.message_bytes) + "): make it twice that, or more");
  }
  if (limits.outbox_bytes < limits.message_bytes) {
    report.warn(
        "limits.outbox_bytes is below limits.message_bytes: one large message can then close a "
        "connection that is not slow at all");
  }
}

}  // namespace

ConfigFindings check(const Config& config, const FileFacts& facts) {
  ConfigReport report(config.places, facts);
  check_listeners(config, report);
  check_tls(config, report);
  check_paths_and_proxies(config, report);
  check_origins(config, report);
  check_issuers(config, report);
  check_claims(config, report);
  check_guests(config, report);
  check_api(config, report);
  check_outgoing(config, report);
  check_redis(config, report);
  check_channels(config, report);
  check_upstreams(config, report);
  check_limits(config, report);
  return std::move(report).take();
}

std::string with_place(const Config& config, const std::string& sentence) {
  std::vector<std::pair<std::string, Strings>> files = {
      {"guest.secret_file", config.guest.secret_file},
      {"hooks.secret_file", config.hooks.secret_file},
      {"api.key_file", {config.api.key_file}}};
  const auto add = [&](const IssuerConfig& issuer, const std::string& section) {
    files.emplace_back(section + ".secret_file", issuer.secret_file);
    files.emplace_back(section + ".public_key_file", issuer.public_key_file);
    files.emplace_back(section + ".jwks_file", Strings{issuer.jwks_file});
  };
  add(config.jwt, "jwt");
  for (std::size_t i = 0; i < config.jwt.issuers.size(); ++i) {
    add(config.jwt.issuers[i], ConfigPlaces::entry_key(kIssuers, i));
  }
  for (const auto& [key, paths] : files) {
    for (std::size_t i = 0; i < paths.size(); ++i) {
      if (!sentence.starts_with("'" + paths[i] + "'")) continue;
      return behind_place(config.places.of(key, i), key + " " + sentence);
    }
  }
  return behind_place(config.places.of(ConfigPlaces::key_of(sentence)), sentence);
}

std::vector<std::string> files_of(const Config& config) {
  Strings files{config.tls.certificate_file, config.tls.key_file,           config.tls.ca_file,
                config.api.key_file,         config.redis.certificate_file, config.redis.key_file};
  std::vector<const Strings*> lists{&config.guest.secret_file, &config.hooks.secret_file,
                                    &config.tls.session_ticket_key_files};
  const auto add = [&](const IssuerConfig& issuer) {
    files.push_back(issuer.jwks_file);
    lists.push_back(&issuer.secret_file);
    lists.push_back(&issuer.public_key_file);
  };
  add(config.jwt);
  std::ranges::for_each(config.jwt.issuers, add);
  for (const Strings* list : lists) files.insert(files.end(), list->begin(), list->end());
  for (const UpstreamConfig& upstream : config.upstreams) {
    files.push_back(upstream.identity_secret_file);
  }
  std::erase(files, "");
  return files;
}

}  // namespace usher::config
