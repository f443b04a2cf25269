#include "config/config_table.h"

#include <array>

#include "config/config.h"

namespace usher::config {
namespace {

using namespace std::chrono_literals;
using hub::NamespaceOptions;

constexpr std::int64_t kMiB = 1024 * 1024;

template <class Owner, auto Member>
Key<Owner> make(std::string_view name, Range range, std::string_view doc) {
  using T = std::remove_reference_t<decltype(Member(std::declval<Owner&>()))>;
  return {name,
          doc,
          range,
          [](Owner& owner, const Value& value, const Range& r) -> std::optional<std::string> {
            auto read = Codec<T>::read(value, r);
            if (!read) return Codec<T>::kind(r);
            Member(owner) = std::move(*read);
            return std::nullopt;
          },
          [](const Owner& owner) { return Codec<T>::write(Member(const_cast<Owner&>(owner))); },
          [](const Range& r) { return Codec<T>::kind(r); }};
}

// The key's name is the path of its member, so that the two can't drift apart.
#define KEY(path, range, doc) \
  make<Config, [](Config& c) -> auto& { return c.path; }>(#path, range, doc)
#define NAMESPACE_KEY(member, range, doc) \
  make<NamespaceOptions, [](NamespaceOptions& n) -> auto& { return n.member; }>(#member, range, doc)

const Range kAny{};

const std::array kConfigKeys{
    KEY(server.listen, kAny,
        "Where clients come in: `127.0.0.1:8080`, `[::1]:8080`, `0.0.0.0:443`, "
        "`unix:/run/usher.sock`. "
        "Port 0 lets the kernel choose."),
    KEY(server.threads, between(0, 1024), "Event loops, one thread each. 0: one for each core."),
    KEY(server.unix_mode, kAny,
        "Who may connect to unix sockets (of `api.listen` and `admin.listen`, too), as chmod has "
        "it. "
        "`\"0666\"`: whoever may enter the folder, as anybody on this machine may connect to a "
        "port "
        "on loopback."),
    KEY(server.unix_group, kAny,
        "The group that unix sockets belong to; usher's user must be in it. Empty: its own."),
    KEY(server.io_uring, kAny,
        "Whether what is to be sent to many sockets is handed to the kernel in one system call. "
        "Where "
        "it has no io_uring (Linux before 5.6) or allows none, it is one call each, and the log "
        "says "
        "why."),
    KEY(server.keep_alive, between(1s, 1h),
        "How long a connection is kept open between two requests. Longer than a proxy in front "
        "keeps its own to here (nginx and AWS ALB: 60 s), else the proxy sends a request into a "
        "connection that is just being closed, and its client gets a 502."),
    KEY(server.trusted_proxies, kAny,
        "Addresses and networks (`10.0.0.0/8`) of proxies in front, and `unix` for those on a unix "
        "socket. "
        "From them the rightmost untrusted address of X-Forwarded-For counts; without any, the "
        "peer's own."),
    KEY(tls.certificate_file, kAny,
        "PEM: the certificate and its chain, leaf first. Reloaded by SIGHUP."),
    KEY(tls.key_file, kAny, "PEM: the certificate's private key."),
    KEY(tls.session_ticket_key_files, kAny,
        "Files of 80 bytes (`usher tlskey FILE` makes one) that TLS sessions are resumed with, "
        "after "
        "a restart and on other nodes too: the first seals, all open. Read again on SIGHUP. Empty: "
        "one made up by the process, another every 12 h."),
    KEY(tls.ca_file, kAny,
        "PEM with more certificates to believe where usher itself calls somebody over https "
        "(hooks, "
        "`jwt.jwks_url`); the system's are believed anyway."),
    KEY(http.prefix, kAny, "Put before every path, as in `/realtime`."),
    KEY(admin.listen, kAny,
        "Where `/healthz`, `/readyz` and `/metrics` are. Not for the public. Empty: nowhere."),
    KEY(admin.allowed_hosts, kAny,
        "Names by which the admin listener may be asked, besides addresses, `localhost`, names "
        "without a dot and the host of `admin.listen`: `usher.monitoring.svc`. Others are refused, "
        "so that no page on "
        "the "
        "web can read it through a name of its own (DNS rebinding). `*`: every name."),
    KEY(api.key_file, kAny,
        "The keys that let backends use `/api/`, one a line. Empty: the server API is off."),
    KEY(api.listen, kAny,
        "A listener of its own for `/api/` (recommended). Empty: it shares `server.listen`."),
    KEY(engine.type, kAny,
        "Where tickets, channels and revocations live: in this process, or in a Redis that any "
        "number of gateways share."),
    KEY(redis.url, kAny,
        "`redis://[[user]:password@]host[:6379][/database]`, `rediss://` for TLS, "
        "`unix:///path[?db=N]`. With Sentinel, host and port are found through it."),
    KEY(redis.sentinels, kAny,
        "Redis Sentinels, as `host[:26379]` or a URL with a password. They are asked where the "
        "master is."),
    KEY(redis.master, kAny, "The name under which the Sentinels know the master."),
    KEY(redis.key_prefix, kAny,
        "Before every key and channel, so that several installations can share a Redis."),
    KEY(redis.certificate_file, kAny, "PEM: the certificate that we show to Redis. Empty: none."),
    KEY(redis.key_file, kAny, "PEM: its private key."),
    KEY(redis.orders_kept_max, between(1, 1'000'000),
        "Orders of the server API that take something away (`revoke`, `disconnect`, `unsubscribe`, "
        "`refresh` with `expired`) that wait to be told to the other gateways while Redis is away, "
        "and how many Redis remembers, 1000 at least; one counts once, and once more for each KiB. "
        "Beyond it they are carried out on this gateway alone, and the answer says so."),
    KEY(jwt.secret_file, kAny,
        "Files with a shared secret of at least 32 bytes (HS256; 48 for HS384, 64 for HS512). All "
        "are accepted, the first signs."),
    KEY(jwt.public_key_file, kAny, "PEM files with the public keys of your token issuer."),
    KEY(jwt.jwks_file, kAny, "A JWK set with the keys of your token issuer."),
    KEY(jwt.jwks_url, kAny,
        "Where your token issuer publishes its JWK set (64 KiB; 32 keys are used at most): https, "
        "or "
        "http on "
        "this machine. Fetched at the start, on SIGHUP, and when a token names an unknown key, at "
        "most once in 30 s; keys stay while it can't be reached."),
    KEY(jwt.algorithms, kAny,
        "Algorithms that keys may be used with (`HS256`, `RS256`, `ES256`, `EdDSA`, …); a public "
        "key "
        "that names none serves all that fit it. Empty: each key's own."),
    KEY(jwt.issuer, kAny,
        "The `iss` that tokens must have. Required with a public key or key set."),
    KEY(jwt.audience, kAny,
        "The `aud` that tokens must name. Required with a public key or key set."),
    KEY(jwt.session_claim, kAny,
        "The claim that names the session. `sid` counts where it is absent."),
    KEY(jwt.user_claim, kAny, "The claim that names the user."),
    KEY(jwt.leeway, seconds_between(0s, 10min),
        "How far clocks may differ when `exp` and `nbf` are checked, and `iat` is believed."),
    KEY(guest.enabled, kAny,
        "Whether `POST /auth/token` gives tokens to people who have not logged in."),
    KEY(guest.secret_file, kAny,
        "What guest tokens are signed with; several as for `jwt.secret_file`, which is used when "
        "this is empty."),
    KEY(guest.token_ttl, seconds_between(1min, 8760h), "How long a guest's token is good."),
    KEY(guest.renewal_window, seconds_between(0s, 87600h),
        "For how long after its expiry a guest's token can still be renewed."),
    KEY(guest.session_max, seconds_between(1min, 87600h),
        "How long a guest's session can last through renewals."),
    KEY(ticket.ttl, seconds_between(1s, 10min), "How long a ticket is good."),
    KEY(ticket.store_timeout, between(10ms, 10s), "How long the ticket store may take to answer."),
    KEY(ticket.outstanding_max, between(1, 100'000'000),
        "Live tickets at a time; on Redis, of all gateways that share it. At the limit new ones "
        "are "
        "refused with 503 `OVERLOADED`; a live one is never dropped."),
    KEY(ticket.outstanding_bytes, bytes_between(kMiB, 1024 * 1024 * kMiB),
        "What live tickets may occupy in memory, or in Redis; likewise."),
    KEY(ticket.outstanding_share, between(0, 1000),
        "One address (IPv6: /64) may hold one part in so many of what is still free of both, but "
        "16 tickets, and 2 KiB, in any case; beyond it 503 `OVERLOADED`. 0: all."),
    KEY(client.allowed_origins, kAny,
        "The origins of your web pages: `https://app.example.com`, `https://*.example.com` for "
        "exactly one label, "
        "`null`; of apps and browser extensions `app://bundle`, `file://`, "
        "`chrome-extension://<id>`, `moz-extension://*`. Guards sockets and CORS alike. Must be "
        "set; "
        "`[]`: no browsers."),
    KEY(client.require_origin, kAny,
        "Refuse clients that send no Origin, which all but browsers may do: at the sockets and the "
        "`/auth/` calls."),
    KEY(client.allowed_headers, kAny,
        "Headers that pages may send with the `/auth/` calls (CORS), besides `Authorization`, "
        "`Content-Type`, `X-Request-ID`, `X-Requested-With` and those of tracing libraries "
        "(`traceparent`, `tracestate`, `baggage`, `sentry-trace`, `newrelic`, `x-datadog-*`). "
        "`x-acme-*`: all that begin so."),
    KEY(client.ping_interval, between(1s, 10min),
        "How often a silent connection is asked whether it is alive."),
    KEY(client.reconnect_spread, between(0s, 1h),
        "The window over which clients of a lost node come back, told to them when they connect."),
    KEY(client.accept_jwt, kAny,
        "Accept a JWT where a ticket is expected on `/connection/websocket`."),
    KEY(limits.connections, between(0, 100'000'000),
        "Connections of this node. 0: as many as its open files allow."),
    KEY(limits.connections_per_session, between(0, 1'000'000),
        "Beyond it the oldest is closed with 3504. 0: no limit."),
    KEY(limits.connections_per_user, between(0, 1'000'000),
        "Likewise, over all sessions of a user. 0: no limit."),
    KEY(limits.half_open_per_address, between(0, 1'000'000),
        "Sockets of one address (IPv6: /64) that have not yet sent a whole request. 0: no limit."),
    KEY(limits.channels_per_connection, between(1, 10'000), "Subscriptions of one connection."),
    KEY(limits.channels_per_token, between(1, 2'000),
        "Entries of a token's `channels` claim, or of `channels` in `/api/ticket`. A token with "
        "more "
        "is refused (401 `INVALID_TOKEN`), a ticket with error 107."),
    KEY(limits.channels, between(1, 100'000'000),
        "Channels with a history, presence or an owner that the memory engine keeps, for each "
        "event "
        "loop; half of them in equal parts for sure for each namespace that has such. Beyond it an "
        "idle one of the same namespace is forgotten, or one of the client that keeps most there; "
        "where all are in use the new one gets error 106."),
    KEY(limits.channel_bytes, between(16, 1000),
        "Length of a channel's name; the alphabet is printable ASCII without space, `\"`, `\\` and "
        "`*`. Beyond it error 107."),
    KEY(limits.earlier_tokens_per_connection, between(1, 10'000),
        "Tokens that a connection had before its last refresh and that are still good: `revoke` by "
        "the `jti` of any of them closes it. Beyond it the one that ends first is forgotten."),
    KEY(limits.pending_subscriptions, between(1, 10'000'000),
        "Subscriptions of each event loop that wait for a channel to be bound. Beyond it the "
        "session that has most of them loses its newest (2103), or the new one gets error 106."),
    KEY(limits.pending_per_session, between(1, 1'000'000),
        "Of which one session's. Beyond it error 106."),
    KEY(limits.presence_per_channel, between(1, 1'000'000),
        "Clients listed on one channel of a namespace with `presence`. Beyond it subscribing is "
        "error 106."),
    KEY(limits.history_bytes, bytes_between(kMiB, 1024 * 1024 * kMiB),
        "What the memory engine keeps of all channels' histories, in equal parts for each event "
        "loop. Each namespace has a part of it (`history_bytes`). How many publications, "
        "`history_size` of the namespace says."),
    KEY(limits.head_bytes, bytes_between(1024, kMiB),
        "The head of a request: its first line and headers, cookies included. Beyond it 431."),
    KEY(limits.request_bytes, bytes_between(0, 1024 * 1024 * kMiB),
        "What requests that have not arrived whole may occupy in memory; for clients, and for "
        "backends that have shown a key, so much each. Beyond it 503 `OVERLOADED`. 0: no limit."),
    KEY(limits.request_bytes_per_address, bytes_between(0, 1024 * 1024 * kMiB),
        "The share of one address (IPv6: /64) in that. 0: no limit."),
    KEY(limits.message_bytes, bytes_between(64, 64 * kMiB),
        "The largest message, in either direction."),
    KEY(limits.outbox_bytes, bytes_between(1024, 1024 * kMiB),
        "What may wait for one slow connection before it is closed with 3008."),
    KEY(limits.commands, kAny, "Commands of one connection."),
    KEY(limits.tickets_per_session, kAny, "Tickets asked for by one session."),
    KEY(limits.tokens_per_address, kAny, "Guest tokens asked for from one address (IPv6: /64)."),
    KEY(limits.upgrades_per_address, kAny,
        "WebSockets opened from one address (IPv6: /64); as many tickets asked for, or JWTs shown "
        "on a socket."),
    KEY(limits.refusals_per_address, kAny,
        "Requests from one address (IPv6: /64) that are refused for a fault of their own (400, "
        "401, 403, 404, 405, …). Beyond it each gets 429 and the end of its connection; requests "
        "that are right pass. `OPTIONS` is counted apart, under the same limit. Not for the admin "
        "listener, unix sockets and proxies that name no client."),
    KEY(limits.upgrades_per_second, between(0, 10'000'000),
        "WebSockets opened on this node each second; those with a ticket in hand are let in "
        "regardless, but one that opens nothing is counted. 0: no limit."),
    KEY(limits.tickets_per_second, between(0, 10'000'000),
        "Tickets issued by this node each second; who must wait gets a place in a queue. "
        "0: no limit."),
    KEY(hooks.rpc_url, kAny,
        "Where your backend answers clients' `rpc`, and is told of their `send`. Empty: error 108. "
        "See [hooks](hooks.md)."),
    KEY(hooks.publish_url, kAny,
        "Where your backend permits, changes or refuses what clients publish, after the namespace "
        "has permitted it. Empty: the namespace decides alone."),
    KEY(hooks.connected_url, kAny, "Where your backend is told of each new connection."),
    KEY(hooks.disconnected_url, kAny, "Where your backend is told of each one that has ended."),
    KEY(hooks.secret_file, kAny,
        "Files with a secret of at least 32 bytes that requests are signed with; several: with "
        "each, while one is being replaced. Read again on SIGHUP."),
    KEY(hooks.timeout, between(10ms, 1min),
        "How long a hook may take, waiting for its turn included; then error 100."),
    KEY(hooks.concurrency, between(1, 10'000), "Requests under way to each hook."),
    KEY(hooks.queue, between(0, 1'000'000),
        "Requests to each hook that wait for their turn. Beyond it `rpc` and `publish` get error "
        "111, and notifications are dropped and counted."),
    KEY(hooks.queue_per_session, between(0, 1'000'000),
        "How many requests to each hook, waiting and under way, may be one session's (8 at most "
        "while more than half of the places are taken). Beyond it as beyond `hooks.queue`. 0: no "
        "limit."),
    KEY(hooks.attempts, between(1, 20),
        "How often a notification is sent until it is taken; `rpc` and `publish` are sent once."),
    KEY(hooks.calls_per_connection, between(1, 255),
        "`rpc` and `publish` of one connection that wait for an answer; beyond it error 111."),
    KEY(channel.unconfigured, kAny,
        "Channels of a namespace that has no section below. `refused`: there are none, error 102 "
        "for "
        "subscribers, publishers and the server API alike. `granted`: open to those whose token "
        "names them, without history."),
    KEY(log.level, kAny, "The least important lines to write."),
    KEY(log.format, kAny, "Lines for people, or one JSON object each."),
    KEY(log.events, kAny,
        "Lines of each kind about what went well (`websocket_connected`, `[WSTicket] Ticket "
        "generated`, …); the next one says how many were left out (`suppressed`). Lines about "
        "refusals are always limited."),
    KEY(log.identities, kAny,
        "How lines name sessions and users: by the first 12 digits of their SHA-256 "
        "(`printf %s ada | sha256sum | cut -c1-12`), as they are, or not at all."),
    KEY(shutdown.timeout, between(0s, 1h), "How long SIGTERM waits for connections to leave."),
};

const std::array kNamespaceKeys{
    NAMESPACE_KEY(
        name, kAny,
        "What stands before the `:` of its channels. Empty: channels without a namespace."),
    NAMESPACE_KEY(subscribe, kAny, "Who may subscribe."),
    NAMESPACE_KEY(publish, kAny, "Who may publish from a client; the server API always may."),
    NAMESPACE_KEY(history_size, between(0, 1'000'000),
                  "Publications kept for each channel. 0: none."),
    NAMESPACE_KEY(history_ttl, between(0s, 8760h), "How long they are kept."),
    NAMESPACE_KEY(
        history_bytes, bytes_between(0, 1024 * 1024 * kMiB),
        "Its part of `limits.history_bytes`: beyond it the namespace loses publications of "
        "its own, first of the client that keeps most there. 0: an equal part of what "
        "others have not been given."),
    NAMESPACE_KEY(recovery, kAny, "Whether clients get what they missed; needs a history."),
    NAMESPACE_KEY(presence, kAny, "Whether subscribers can be listed."),
    NAMESPACE_KEY(join_leave, kAny, "Whether subscribers are told who comes and goes."),
    NAMESPACE_KEY(publish_rate, kAny, "Publications of one connection to these channels."),
};

#undef KEY
#undef NAMESPACE_KEY

}  // namespace

std::span<const Key<Config>> config_keys() { return kConfigKeys; }
std::span<const Key<NamespaceOptions>> namespace_keys() { return kNamespaceKeys; }

std::string environment_name(std::string_view key) {
  std::string name = "USHER_";
  for (const char c : key) {
    name.push_back(c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return name;
}

}  // namespace usher::config
