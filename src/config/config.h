// The whole configuration of contract section 7, as values with their defaults.
//
// Only main sees a Config; it hands each class the small options that it needs. The keys, their
// limits and their descriptions are in config_table.cc, one line each; load_config()
// (config_load.h) fills a Config from file, environment and flags; check() (config_check.h) finds
// contradictions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/log_identity.h"
#include "config/config_places.h"
#include "doors/upstream_table.h"
#include "hub/channel_rules.h"
#include "limits/token_bucket.h"

namespace usher::config {

// The permissions of a file, as nine bits for chmod.
struct FileMode {
  std::uint32_t bits = 0;
};

struct ServerConfig {
  std::vector<std::string> listen{"127.0.0.1:8080"};
  std::uint64_t threads = 0;  // 0: one for each core
  std::vector<std::string> trusted_proxies;
  FileMode unix_mode{0666};
  std::string unix_group;  // "": the group of the process
  bool io_uring = true;    // where the kernel allows it
  Duration keep_alive = std::chrono::seconds(75);
};

struct TlsConfig {
  std::string certificate_file;  // both or none
  std::string key_file;
  std::string ca_file;                                // for outgoing calls, besides the system's
  std::vector<std::string> session_ticket_key_files;  // the first seals; empty: usher's own keys
  bool enabled() const { return !certificate_file.empty(); }
};

struct HttpConfig {
  std::string prefix;  // "" or "/something" without a slash at its end
};

struct AdminConfig {
  std::string listen = "127.0.0.1:8081";  // "": off
  std::vector<std::string> allowed_hosts;
};

struct ApiConfig {
  std::string key_file;  // "": the server API is off
  std::string listen;    // "": on the clients' listener
};

struct VerifyConfig {
  std::string listen;  // "": off
};

enum class EngineType : std::uint8_t { memory, redis };

struct EngineConfig {
  EngineType type = EngineType::memory;
};

struct RedisConfig {
  std::string url;                     // with sentinels, only credentials and database are used
  std::vector<std::string> sentinels;  // redis::parse_sentinel
  std::string master;                  // with sentinels
  std::string key_prefix = "usher:";
  std::string certificate_file;  // both or none; tls.ca_file is for Redis too
  std::string key_file;
  std::uint64_t orders_kept_max = 10'000;
};

// An issuer of tokens: what they must say, and the keys that verify them.
struct IssuerConfig {
  std::vector<std::string> secret_file;  // all accepted, the first signs
  std::vector<std::string> public_key_file;
  std::string jwks_file;
  std::string jwks_url;
  std::vector<std::string> algorithms;  // empty: the default of each key
  std::string issuer;                   // "": not asked for
  std::vector<std::string> audience;    // any of them; empty: not asked for
  std::string audience_claim = "aud";
  std::string typ;                                      // "": not asked for
  std::vector<std::string> session_claim{"sessionId"};  // the first that is there, or else `sid`
  std::string user_claim = "sub";
  std::string channels_claim = "channels";
  std::string info_claim = "info";
  std::string user_prefix;
  std::vector<std::string> logout_audience;  // empty: the issuer may not end sessions
  std::string logout_by = "session";         // or "user"
  Duration leeway = std::chrono::seconds(30);

  bool has_keys() const {
    return !secret_file.empty() || !public_key_file.empty() || !jwks_file.empty() ||
           !jwks_url.empty();
  }
  // Whether others hold the keys that sign: then tokens for other audiences are signed by them, too.
  bool has_foreign_keys() const {
    return !public_key_file.empty() || !jwks_file.empty() || !jwks_url.empty();
  }
};

// The plain keys of [jwt] are one issuer, if a key of it is named there or `issuers` is empty.
struct JwtConfig : IssuerConfig {
  std::vector<IssuerConfig> issuers;
};

struct GuestConfig {
  bool enabled = false;
  std::vector<std::string> secret_file;  // empty: jwt.secret_file
  Duration token_ttl = std::chrono::hours(24);
  Duration renewal_window = std::chrono::hours(720);
  Duration session_max = std::chrono::hours(8760);
};

struct TicketConfig {
  Duration ttl = std::chrono::seconds(30);
  Duration store_timeout = std::chrono::milliseconds(500);
  std::uint64_t outstanding_max = 500'000;
  std::uint64_t outstanding_bytes = 256 * 1048576;
  std::uint64_t outstanding_share = 4;
  std::vector<std::string> claims;  // of the token, kept with the ticket and shown by the doors
  std::uint64_t claims_bytes = 4096;
};

struct ClientConfig {
  std::optional<std::vector<std::string>> allowed_origins;  // nullopt: not configured
  bool require_origin = false;
  std::vector<std::string> allowed_headers;  // http::is_header_pattern()
  Duration ping_interval = std::chrono::seconds(25);
  Duration reconnect_spread{};
  bool accept_jwt = false;
};

struct LimitsConfig {
  std::uint64_t connections = 0;  // 0: as many as the process may have open files
  std::uint64_t connections_per_session = 20;
  std::uint64_t connections_per_user = 50;
  std::uint64_t half_open_per_address = 1024;
  std::uint64_t channels_per_connection = 128;
  std::uint64_t channels_per_token = 128;
  std::uint64_t info_bytes = 1024;
  std::uint64_t channels = 200'000;
  std::uint64_t channel_bytes = 255;
  std::uint64_t earlier_tokens_per_connection = 64;
  std::uint64_t pending_subscriptions = 10'000;
  std::uint64_t pending_per_session = 128;
  std::uint64_t presence_per_channel = 10'000;
  std::uint64_t history_bytes = 256 * 1048576;
  std::uint64_t head_bytes = 16384;
  std::uint64_t request_bytes = 256 * 1048576;
  std::uint64_t request_bytes_per_address = 64 * 1048576;
  std::uint64_t message_bytes = 65536;
  std::uint64_t outbox_bytes = 1048576;
  limits::RateLimit commands{100, std::chrono::seconds(1)};
  limits::RateLimit tickets_per_session{30, std::chrono::seconds(10)};
  limits::RateLimit tokens_per_address{300, std::chrono::minutes(1)};
  limits::RateLimit upgrades_per_address{200, std::chrono::seconds(1)};
  limits::RateLimit logout_failures_per_address{60, std::chrono::minutes(1)};
  limits::RateLimit refusals_per_address{1000, std::chrono::seconds(1)};
  std::uint64_t upgrades_per_second = 0;
  std::uint64_t tickets_per_second = 0;
};

enum class Unconfigured : std::uint8_t { refused, granted };

struct ChannelConfig {
  Unconfigured unconfigured = Unconfigured::refused;
  std::vector<hub::NamespaceOptions> namespaces;
};

struct HooksConfig {
  std::string rpc_url;
  std::string publish_url;
  std::string connected_url;
  std::string disconnected_url;
  std::string subscribe_url;
  std::string ticket_url;
  std::vector<std::string> ticket_headers;
  std::vector<std::string> secret_file;  // all sign
  Duration timeout = std::chrono::seconds(5);
  std::uint64_t concurrency = 64;
  std::uint64_t queue = 1024;
  std::uint64_t queue_per_session = 32;
  std::uint64_t attempts = 5;
  std::uint64_t calls_per_connection = 16;
  bool any() const {
    return !rpc_url.empty() || !publish_url.empty() || !connected_url.empty() ||
           !disconnected_url.empty() || !subscribe_url.empty() || !ticket_url.empty();
  }
};

enum class LogFormat : std::uint8_t { text, json };

struct LogConfig {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
  limits::RateLimit events{1000, std::chrono::seconds(1)};  // lines of each kind
  Identities identities = Identities::hash;
};

// One [[upstreams]]: a WebSocket server behind the proxy door.
struct UpstreamConfig {
  std::string name;
  std::string path;
  std::string url;
  doors::Who who = doors::Who::anyone;
  std::vector<std::string> claims;
  std::string identity_secret_file;  // "": no X-Usher-Identity
  Duration connect_timeout = std::chrono::seconds(5);
  Duration idle_timeout{};  // 0: none
  std::uint64_t buffer_bytes = 64 * 1024;
  bool end_with_token = false;
};

struct ShutdownConfig {
  Duration timeout = std::chrono::seconds(30);
};

struct Config {
  // What limits.connections = 0 means: how many connections the limit of open files allows. Set by
  // the program, no key.
  std::uint64_t connections_possible = 0;
  bool dev = false;  // --dev: no file needed, localhost origins, a random secret, guests on
  ServerConfig server;
  TlsConfig tls;
  HttpConfig http;
  AdminConfig admin;
  ApiConfig api;
  VerifyConfig verify;
  EngineConfig engine;
  RedisConfig redis;
  JwtConfig jwt;
  GuestConfig guest;
  TicketConfig ticket;
  ClientConfig client;
  LimitsConfig limits;
  ChannelConfig channel;
  HooksConfig hooks;
  std::vector<UpstreamConfig> upstreams;
  LogConfig log;
  ShutdownConfig shutdown;
  ConfigPlaces places;  // where each key was set, for error messages
};

}  // namespace usher::config
