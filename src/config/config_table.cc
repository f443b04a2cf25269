#include "config/config_table.h"

#include <array>

#include "config/config.h"
#include "config/config_key.h"
#include "config/issuer_docs.h"

namespace usher::config {
namespace {

using namespace std::chrono_literals;

// The key's name is the path of its member, so that the two can't drift apart.
#define KEY(path, range, doc) \
  make_key<Config, [](Config& c) -> auto& { return c.path; }>(#path, range, doc)
#define RESTART_KEY(path, range, doc) \
  make_key<Config, [](Config& c) -> auto& { return c.path; }>(#path, range, doc, Reload::restart)
// A file that a reload reads again; but it cannot switch on or off what the file is for.
#define ON_OFF_KEY(path, range, doc) \
  make_key<Config, [](Config& c) -> auto& { return c.path; }>(#path, range, doc, Reload::on_off)
const std::array kConfigKeys{
    RESTART_KEY(server.listen, kAny,
                "The addresses on which usher serves clients: `127.0.0.1:8080`, `[::1]:8080`, "
                "`0.0.0.0:443`, `unix:/run/usher.sock`. With port 0 the kernel chooses."),
    RESTART_KEY(server.threads, between(0, 1024),
                "Event loops, one thread each. 0: one for each core."),
    RESTART_KEY(
        server.unix_mode, kAny,
        "The mode of unix sockets (also of `api.listen` and `admin.listen`), as for chmod: it says "
        "which users may connect. With `\"0666\"`, every user that may enter the folder can "
        "connect, as with a port on loopback."),
    RESTART_KEY(
        server.unix_group, kAny,
        "The group that unix sockets belong to; usher's user must be a member of it. Empty: the "
        "group of usher's process."),
    RESTART_KEY(
        server.io_uring, kAny,
        "Sends to many sockets in one system call, with the kernel's io_uring. If the kernel has "
        "none (Linux before 5.6) or forbids it, usher makes one system call for each socket, and "
        "the log says why."),
    KEY(server.keep_alive, between(1s, 1h),
        "How long a connection stays open between two requests. It must be longer than the same "
        "time of a proxy in front (nginx and AWS ALB: 60 s); otherwise the proxy may send a "
        "request into a connection that is just closing, and its client gets a 502."),
    KEY(server.trusted_proxies, kAny,
        "Addresses and networks (`10.0.0.0/8`) of the proxies in front; `unix` stands for proxies "
        "on a unix socket. For requests from them, the client's address is the rightmost address "
        "in X-Forwarded-For that is not trusted; for all others it is the peer's own address."),
    ON_OFF_KEY(tls.certificate_file, kAny,
               "PEM file: the certificate and its chain, leaf first. SIGHUP reads it again."),
    ON_OFF_KEY(tls.key_file, kAny, "PEM file: the private key of the certificate."),
    KEY(tls.session_ticket_key_files, kAny,
        "Files of 80 bytes (`usher tlskey FILE` makes one) with the keys for resuming TLS "
        "sessions, also after a restart and on other nodes. The first key encrypts session "
        "tickets, all keys decrypt them. SIGHUP reads them again. Empty: the process makes a key "
        "and replaces it every 12 h."),
    RESTART_KEY(
        tls.ca_file, kAny,
        "PEM file with more certificates to trust when usher itself calls another server over "
        "https (hooks, `jwt.jwks_url`) or Redis over TLS. The system's certificates are always "
        "trusted."),
    RESTART_KEY(http.prefix, kAny, "A prefix of every path, for example `/realtime`."),
    RESTART_KEY(
        admin.listen, kAny,
        "The address of `/healthz`, `/readyz`, `/metrics`, `/admin/config` and `/admin/reload`. Do "
        "not make it public. Empty: there is no such listener."),
    KEY(admin.allowed_hosts, kAny,
        "Host names that requests to the admin listener may use, for example "
        "`usher.monitoring.svc`. Addresses, `localhost`, names without a dot and the host of "
        "`admin.listen` are always allowed. Other names are refused, so that a web page cannot "
        "read it through a name of its own (DNS rebinding). `*`: every name."),
    ON_OFF_KEY(
        api.key_file, kAny,
        "File with the keys with which backends may use `/api/`, one on each line. Empty: the "
        "server API is off."),
    RESTART_KEY(
        api.listen, kAny,
        "An address of its own for `/api/` (recommended). Empty: it shares `server.listen`."),
    RESTART_KEY(
        verify.listen, kAny,
        "An address of its own for `/auth/verify`, where a proxy in front asks whether a WebSocket "
        "may pass, as in `127.0.0.1:8082`. Do not make it public, and list the proxy in "
        "`server.trusted_proxies`. Empty: there is no such listener."),
    RESTART_KEY(
        engine.type, kAny,
        "Where tickets, channels and revocations are kept: in this process, or in a Redis that "
        "several gateways share."),
    RESTART_KEY(redis.url, kAny,
                "`redis://[[user]:password@]host[:6379][/database]`, `rediss://` for TLS, "
                "`unix:///path[?db=N]`. With Sentinel, the Sentinels give host and port."),
    RESTART_KEY(
        redis.sentinels, kAny,
        "The Redis Sentinels, as `host[:26379]` or as a URL with a password. usher asks them for "
        "the master's address."),
    RESTART_KEY(redis.master, kAny, "The name of the master in the Sentinels' configuration."),
    RESTART_KEY(
        redis.key_prefix, kAny,
        "A prefix of every key and channel, so that several installations can share a Redis."),
    RESTART_KEY(redis.certificate_file, kAny,
                "PEM file: usher's client certificate for Redis. Empty: none."),
    RESTART_KEY(redis.key_file, kAny, "PEM file: the private key of that certificate."),
    RESTART_KEY(
        redis.orders_kept_max, between(1, 1'000'000),
        "How many orders of the server API wait for the other gateways while Redis cannot be "
        "reached: orders that take something away (`revoke`, `disconnect`, `unsubscribe`, "
        "`refresh` with `expired`). Redis keeps as many, but at least 1000. An order counts once, "
        "and once more for each KiB. Beyond the limit, an order is carried out on this gateway "
        "only, and the answer says so."),
    KEY(jwt.secret_file, kAny, kSecretFileDoc),
    KEY(jwt.public_key_file, kAny, kPublicKeyFileDoc),
    KEY(jwt.jwks_file, kAny, kJwksFileDoc),
    KEY(jwt.jwks_url, kAny, kJwksUrlDoc),
    KEY(jwt.algorithms, kAny, kAlgorithmsDoc),
    KEY(jwt.issuer, kAny, kIssuerDoc),
    KEY(jwt.audience, kAny, kAudienceDoc),
    KEY(jwt.audience_claim, kAny, kAudienceClaimDoc),
    KEY(jwt.typ, kAny, kTypDoc),
    KEY(jwt.session_claim, kAny, kSessionClaimDoc),
    KEY(jwt.user_claim, kAny, kUserClaimDoc),
    KEY(jwt.channels_claim, kAny, kChannelsClaimDoc),
    KEY(jwt.info_claim, kAny, kInfoClaimDoc),
    KEY(jwt.user_prefix, kAny, kUserPrefixDoc),
    KEY(jwt.logout_audience, kAny, kLogoutAudienceDoc),
    KEY(jwt.logout_by, kAny, kLogoutByDoc),
    KEY(jwt.leeway, seconds_between(0s, 10min), kLeewayDoc),
    KEY(guest.enabled, kAny,
        "Whether `POST /auth/token` issues tokens to guests: clients that have not logged in."),
    KEY(guest.secret_file, kAny,
        "Files with the secret that signs guests' tokens; several files work as for "
        "`jwt.secret_file`. Empty: `jwt.secret_file` is used."),
    KEY(guest.token_ttl, seconds_between(1min, 8760h), "How long a guest's token is valid."),
    KEY(guest.renewal_window, seconds_between(0s, 87600h),
        "How long after its expiry a guest's token can still be renewed."),
    KEY(guest.session_max, seconds_between(1min, 87600h),
        "How long a guest's session can last, with all its renewals."),
    KEY(ticket.ttl, seconds_between(1s, 10min), "How long a ticket is valid."),
    KEY(ticket.store_timeout, between(10ms, 10s), "How long the ticket store may take to answer."),
    KEY(ticket.outstanding_max, between(1, 100'000'000),
        "How many tickets may be live at a time; on Redis, of all gateways that share it. At the "
        "limit, new tickets are refused with 503 `OVERLOADED`; a live ticket is never dropped."),
    KEY(ticket.outstanding_bytes, bytes_between(kMiB, 1024 * 1024 * kMiB),
        "How much memory live tickets may take, in this process or in Redis. At the limit, new "
        "tickets are refused with 503 `OVERLOADED`."),
    KEY(ticket.outstanding_share, between(0, 1000),
        "The share of one address (IPv6: /64) in both limits above: with N, one N-th of what is "
        "still free, but at least 16 tickets and 2 KiB. Beyond it 503 `OVERLOADED`. 0: no such "
        "limit."),
    KEY(ticket.claims, kAny,
        "Names of claims of the token that the ticket carries besides, as in `[\"org\", \"plan\"]`: "
        "members of the token's outermost object. `/api/redeem` and the verify door tell them to "
        "your server."),
    KEY(ticket.claims_bytes, bytes_between(2, 16 * 1024),
        "How long the claims of one ticket may be, as a JSON object. A token with longer ones gets "
        "no ticket: 413 `TOO_LARGE`. In a header field (`X-Usher-Claims`) they are a third longer, "
        "and many servers take no more than 8 KiB."),
    KEY(client.allowed_origins, kAny,
        "The Origins of your web pages: `https://app.example.com`; `https://*.example.com` for "
        "exactly one label; `null`. For apps and browser extensions: `app://bundle`, `file://`, "
        "`chrome-extension://<id>`, `moz-extension://*`. The list applies to sockets and to CORS. "
        "It must be set; `[]` means: no browsers."),
    KEY(client.require_origin, kAny,
        "Refuses clients that send no Origin, at the sockets and at the `/auth/` calls. Only "
        "browsers always send one."),
    KEY(client.allowed_headers, kAny,
        "Headers that pages may send with the `/auth/` calls (CORS). Always allowed are "
        "`Authorization`, `Content-Type`, `X-Request-ID`, `X-Requested-With` and those of tracing "
        "libraries (`traceparent`, `tracestate`, `baggage`, `sentry-trace`, `newrelic`, "
        "`x-datadog-*`). `x-acme-*` means: all headers with that beginning."),
    KEY(client.ping_interval, between(1s, 10min), "How often usher pings a silent connection."),
    KEY(client.reconnect_spread, between(0s, 1h),
        "The time over which the clients of a lost node spread their reconnects. Clients learn it "
        "when they connect."),
    KEY(client.accept_jwt, kAny, "Accepts a JWT in place of a ticket on `/connection/websocket`."),
    KEY(limits.connections, between(0, 100'000'000),
        "Connections of this node. 0: as many as its limit of open files allows; half as many with "
        "`[[upstreams]]`, because a tunnel has two sockets."),
    KEY(limits.connections_per_session, between(0, 1'000'000),
        "Connections of one session. Beyond it the oldest is closed with 3504. 0: no limit."),
    KEY(limits.connections_per_user, between(0, 1'000'000),
        "Connections of one user, over all sessions. Beyond it the oldest is closed with 3504. 0: "
        "no limit."),
    KEY(limits.half_open_per_address, between(0, 1'000'000),
        "Sockets of one address (IPv6: /64) that have not yet sent a whole request. 0: no limit."),
    KEY(limits.channels_per_connection, between(1, 10'000), "Subscriptions of one connection."),
    KEY(limits.channels_per_token, between(1, 2'000),
        "Entries of a token's `channels` claim, or of `channels` in `/api/ticket`. A token with "
        "more is refused (401 `INVALID_TOKEN`), a call of `/api/ticket` with error 107."),
    KEY(limits.info_bytes, between(1, 4'096),
        "Bytes of a token's `info` claim as JSON, or of `info` in `/api/ticket`: what other clients "
        "are shown as `conn_info`. A token with more is refused (401 `INVALID_TOKEN`), a call of "
        "`/api/ticket` with error 107."),
    KEY(limits.channels, between(1, 100'000'000),
        "Channels with a history, presence or an owner that the memory engine keeps, for each "
        "event loop. Half of them are reserved, in equal parts, for the namespaces that have such "
        "channels. Beyond the limit, an idle channel of the same namespace is forgotten, or a "
        "channel of the client that keeps most there. If all are in use, the new channel gets "
        "error 106."),
    RESTART_KEY(
        limits.channel_bytes, between(16, 1000),
        "Length of a channel's name. It consists of printable ASCII without space, `\"`, `\\` and "
        "`*`. Beyond it error 107."),
    KEY(limits.earlier_tokens_per_connection, between(1, 10'000),
        "Earlier tokens of a connection, from before its last refresh, that are still valid: a "
        "`revoke` by the `jti` of any of them closes the connection. Beyond it the token that "
        "expires first is forgotten."),
    KEY(limits.pending_subscriptions, between(1, 10'000'000),
        "Subscriptions of each event loop that wait for a channel to be bound. Beyond it the "
        "session that has most of them loses its newest (2103), or the new one gets error 106."),
    KEY(limits.pending_per_session, between(1, 1'000'000),
        "The same for one session. Beyond it error 106."),
    KEY(limits.presence_per_channel, between(1, 1'000'000),
        "Clients listed on one channel of a namespace with `presence`. Beyond it, subscribing gets "
        "error 106."),
    KEY(limits.history_bytes, bytes_between(kMiB, 1024 * 1024 * kMiB),
        "Memory for the histories of all channels in the memory engine, in equal parts for each "
        "event loop. Each namespace has a part of it (`history_bytes`). `history_size` of the "
        "namespace limits the number of publications."),
    KEY(limits.head_bytes, bytes_between(1024, kMiB),
        "The head of a request: its first line and headers, cookies included. Beyond it 431."),
    KEY(limits.request_bytes, bytes_between(0, 1024 * 1024 * kMiB),
        "Memory for requests that have not arrived completely. Clients have that much, and "
        "backends that have shown a key have that much too. Beyond it 503 `OVERLOADED`. 0: no "
        "limit."),
    KEY(limits.request_bytes_per_address, bytes_between(0, 1024 * 1024 * kMiB),
        "The share of one address (IPv6: /64) in that memory. 0: no limit."),
    KEY(limits.message_bytes, bytes_between(64, 64 * kMiB),
        "The largest message, in either direction."),
    KEY(limits.outbox_bytes, bytes_between(1024, 1024 * kMiB),
        "Bytes that may wait for one slow connection before it is closed with 3008."),
    KEY(limits.commands, kAny, "Commands of one connection."),
    KEY(limits.tickets_per_session, kAny, "Tickets that one session asks for."),
    KEY(limits.tokens_per_address, kAny, "Guest tokens that one address (IPv6: /64) asks for."),
    KEY(limits.upgrades_per_address, kAny,
        "WebSockets that one address (IPv6: /64) opens. The tickets that it asks for and the JWTs "
        "that it sends on sockets are counted together, separately from WebSockets, with the same "
        "limit."),
    KEY(limits.logout_failures_per_address, kAny,
        "Logout tokens and security events of one address that are refused. Beyond it, the address "
        "gets 429 before a signature is looked at. Good ones are not limited."),
    KEY(limits.refusals_per_address, kAny,
        "Requests of one address (IPv6: /64) that are refused for a fault of their own (400, 401, "
        "403, 404, 405, …). Beyond it each of them gets 429, and its connection ends; correct "
        "requests still pass. `OPTIONS` requests are counted separately, with the same limit. It "
        "does not apply to the admin listener, to unix sockets, and to proxies that name no "
        "client."),
    KEY(limits.upgrades_per_second, between(0, 10'000'000),
        "WebSockets opened on this node each second without a ticket in the request. A request "
        "with a ticket is let in regardless, but a ticket that opens nothing is counted. 0: no "
        "limit."),
    KEY(limits.tickets_per_second, between(0, 10'000'000),
        "Tickets issued by this node each second. A session that must wait gets a place in a "
        "queue. 0: no limit."),
    RESTART_KEY(
        hooks.rpc_url, kAny,
        "The URL at which your backend answers clients' `rpc` and receives their `send`. Empty: "
        "`rpc` gets error 108. See [hooks](hooks.md)."),
    RESTART_KEY(
        hooks.publish_url, kAny,
        "The URL at which your backend allows, changes or refuses clients' publications, after the "
        "namespace has allowed them. Empty: the namespace alone decides."),
    RESTART_KEY(hooks.connected_url, kAny,
                "The URL at which your backend is told of each new connection."),
    RESTART_KEY(hooks.disconnected_url, kAny,
                "The URL at which your backend is told of each connection that has ended."),
    RESTART_KEY(
        hooks.subscribe_url, kAny,
        "The URL at which your backend decides about subscriptions to channels of namespaces with "
        "`subscribe = \"hook\"`."),
    RESTART_KEY(
        hooks.ticket_url, kAny,
        "The URL at which your backend says whose ticket `POST /auth/ticket` is to give, by the "
        "request's cookies, where it has no token of ours. See [cookies](cookies.md). Empty: a "
        "token is needed."),
    RESTART_KEY(hooks.ticket_headers, kAny,
                "Names of header fields that go along to `hooks.ticket_url`, besides `Cookie` and "
                "`Authorization`. At most 16."),
    KEY(hooks.secret_file, kAny,
        "Files with a secret of at least 32 bytes that signs the requests. With several files, "
        "each secret signs, so that a secret can be replaced. SIGHUP reads them again."),
    RESTART_KEY(hooks.timeout, between(10ms, 1min),
                "How long a hook may take, including its time in the queue; then error 100."),
    RESTART_KEY(hooks.concurrency, between(1, 10'000), "Requests to each hook at the same time."),
    RESTART_KEY(
        hooks.queue, between(0, 1'000'000),
        "Requests to each hook that wait in the queue. Beyond it, `rpc` and `publish` get error "
        "111, and notifications are dropped and counted."),
    RESTART_KEY(
        hooks.queue_per_session, between(0, 1'000'000),
        "Requests of one session to each hook, waiting and under way (at most 8 while more than "
        "half of the places are taken). Beyond it the same happens as beyond `hooks.queue`. 0: no "
        "limit."),
    RESTART_KEY(
        hooks.attempts, between(1, 20),
        "How often a notification is sent until the backend accepts it. `rpc` and `publish` are "
        "sent once."),
    KEY(hooks.calls_per_connection, between(1, 255),
        "`rpc` and `publish` of one connection that wait for an answer. Beyond it error 111."),
    RESTART_KEY(
        channel.unconfigured, kAny,
        "What happens with channels of a namespace that has no section below. `refused`: they do "
        "not exist; subscribers, publishers and the server API get error 102. `granted`: they are "
        "open to clients whose token names them, without history."),
    KEY(log.level, kAny, "The lowest level of lines that are written."),
    KEY(log.format, kAny, "Lines for people, or one JSON object on each line."),
    KEY(log.events, kAny,
        "Lines of each kind about successes (`websocket_connected`, `[WSTicket] Ticket generated`, "
        "…). The next line says how many were left out (`suppressed`). Lines about refusals are "
        "always limited."),
    KEY(log.identities, kAny,
        "How lines name sessions and users: by the first 12 digits of their SHA-256 (`printf %s "
        "ada | sha256sum | cut -c1-12`), as they are, or not at all."),
    KEY(shutdown.timeout, between(0s, 1h),
        "How long a drain (SIGTERM) may take until all connections are closed."),
};

#undef KEY
#undef RESTART_KEY
#undef ON_OFF_KEY

}  // namespace

std::span<const Key<Config>> config_keys() { return kConfigKeys; }

std::string_view to_string(Reload reload) {
  switch (reload) {
    case Reload::live:
      return "yes";
    case Reload::on_off:
      return "not on or off";
    case Reload::restart:
      return "restart";
  }
  return {};
}

std::string environment_name(std::string_view key) {
  std::string name = "USHER_";
  for (const char c : key) {
    name.push_back(c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return name;
}

}  // namespace usher::config
