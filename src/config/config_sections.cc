// The keys of the sections that a configuration may have several of.
#include <array>

#include "config/config.h"
#include "config/config_key.h"
#include "config/config_table.h"
#include "config/issuer_docs.h"

namespace usher::config {
namespace {

using namespace std::chrono_literals;
using hub::NamespaceOptions;

#define NAMESPACE_KEY(member, range, doc)                                            \
  make_key<NamespaceOptions, [](NamespaceOptions& n) -> auto& { return n.member; }>( \
      #member, range, doc, Reload::restart)

#define ISSUER_KEY(member, range, doc) \
  make_key<IssuerConfig, [](IssuerConfig& i) -> auto& { return i.member; }>(#member, range, doc)
#define UPSTREAM_KEY(member, range, doc)                                         \
  make_key<UpstreamConfig, [](UpstreamConfig& u) -> auto& { return u.member; }>( \
      #member, range, doc, Reload::restart)

const std::array kNamespaceKeys{
    NAMESPACE_KEY(
        name, kAny,
        "The part before the `:` of its channels' names. Empty: channels without a namespace."),
    NAMESPACE_KEY(subscribe, kAny, "Which clients may subscribe."),
    NAMESPACE_KEY(publish, kAny, "Which clients may publish. The server API always may."),
    NAMESPACE_KEY(history_size, between(0, 1'000'000),
                  "Publications kept for each channel. 0: none."),
    NAMESPACE_KEY(history_ttl, between(0s, 8760h), "How long they are kept."),
    NAMESPACE_KEY(history_bytes, bytes_between(0, 1024 * 1024 * kMiB),
                  "The namespace's part of `limits.history_bytes`. Beyond it the namespace loses "
                  "its own publications, first those of the client that keeps most there. 0: an "
                  "equal part of what no other namespace has been given."),
    NAMESPACE_KEY(recovery, kAny,
                  "Whether clients can recover missed publications; needs a history."),
    NAMESPACE_KEY(recovery_mode, kAny,
                  "What is recovered. `stream`: all publications that the client has missed. "
                  "`cache`: only the newest publication, and each new subscriber gets it, too. "
                  "Needs `recovery`."),
    NAMESPACE_KEY(unrecoverable, kAny,
                  "What happens when a client asks for recovery and some of what it has missed is "
                  "no longer kept. `tell`: it is subscribed, without `recovered`. `refuse`: it "
                  "gets error 112, and loads its state before it subscribes again (`getState` of "
                  "the Centrifugo SDKs asks for this itself). Subscriptions of the token or the "
                  "server API are never refused. Needs `recovery`."),
    NAMESPACE_KEY(positioned, kAny,
                  "Whether subscribers learn the stream's position (`offset`, `epoch`), even "
                  "without `recovery`; needs a history. If publications are lost on the way from "
                  "Redis, subscribers are told with code 2500."),
    NAMESPACE_KEY(presence, kAny, "Whether the clients on a channel can be listed."),
    NAMESPACE_KEY(join_leave, kAny, "Whether subscribers are told when a client joins or leaves."),
    NAMESPACE_KEY(allow_presence_for, kAny,
                  "Which clients may ask for presence. `granted`: those whose token names the "
                  "channel. `nobody`: only the server API. Needs `presence`."),
    NAMESPACE_KEY(allow_history_for, kAny,
                  "Which clients may ask for history, in the same way; needs a history. It has no "
                  "influence on recovery."),
    NAMESPACE_KEY(latest_only, kAny,
                  "Whether a subscriber gets only the newest publication of those that wait for "
                  "its connection. For channels of which only the last state counts; not with "
                  "`positioned`, nor with `recovery` unless `recovery_mode` is `cache`."),
    NAMESPACE_KEY(write_delay, between(0s, 1s),
                  "How long a publication may wait for others to the same connection, so that "
                  "they leave together. It saves CPU on busy channels. At most 8 different values "
                  "in all namespaces."),
    NAMESPACE_KEY(publish_rate, kAny, "Publications of one connection to these channels."),
};

const std::array kIssuerKeys{
    ISSUER_KEY(issuer, kAny, kIssuerDoc),
    ISSUER_KEY(secret_file, kAny, kSecretFileDoc),
    ISSUER_KEY(public_key_file, kAny, kPublicKeyFileDoc),
    ISSUER_KEY(jwks_file, kAny, kJwksFileDoc),
    ISSUER_KEY(jwks_url, kAny, kJwksUrlDoc),
    ISSUER_KEY(algorithms, kAny, kAlgorithmsDoc),
    ISSUER_KEY(audience, kAny, kAudienceDoc),
    ISSUER_KEY(audience_claim, kAny, kAudienceClaimDoc),
    ISSUER_KEY(typ, kAny, kTypDoc),
    ISSUER_KEY(session_claim, kAny, kSessionClaimDoc),
    ISSUER_KEY(user_claim, kAny, kUserClaimDoc),
    ISSUER_KEY(channels_claim, kAny, kChannelsClaimDoc),
    ISSUER_KEY(info_claim, kAny, kInfoClaimDoc),
    ISSUER_KEY(user_prefix, kAny, kUserPrefixDoc),
    ISSUER_KEY(logout_audience, kAny, kLogoutAudienceDoc),
    ISSUER_KEY(logout_by, kAny, kLogoutByDoc),
    ISSUER_KEY(leeway, seconds_between(0s, 10min), kLeewayDoc),
};

const std::array kUpstreamKeys{
    UPSTREAM_KEY(name, kAny, "Its name in logs and metrics: a to z, 0 to 9, `_` and `-`."),
    UPSTREAM_KEY(
        path, kAny,
        "The path on this gateway, behind `http.prefix`: exact, as in `/board`, or `/board/*` "
        "for everything below `/board/`. An exact path comes before one with `/*`, and of "
        "those the longest."),
    UPSTREAM_KEY(
        url, kAny,
        "Where your WebSocket server listens: `http://127.0.0.1:3000/socket`, an `https` URL "
        "(trusted as `tls.ca_file` says), or `unix:/run/app.sock:/socket`; `ws` and `wss` mean the "
        "same as `http` and `https`. With `/*` in `path`, the rest of the path is appended."),
    UPSTREAM_KEY(
        who, kAny,
        "`anyone`: every client with a ticket may pass. `users`: only clients of a logged-in user "
        "may pass; guests get close code 1008 `NOT_AUTHORIZED`."),
    UPSTREAM_KEY(claims, kAny,
                 "Names of claims of the token that the upstream is told in `X-Usher-Claims`. They "
                 "travel with the ticket (`ticket.claims_bytes`)."),
    UPSTREAM_KEY(
        identity_secret_file, kAny,
        "A file with a secret of at least 32 bytes that signs `X-Usher-Identity`, a token "
        "(HS256) with which the upstream can check that a request came through usher. Read at "
        "the start. Empty: no such field."),
    UPSTREAM_KEY(connect_timeout, between(10ms, 1min),
                 "How long the upstream may take to accept: its name, its addresses, TLS and its "
                 "answer together. Then close code 1013 `UPSTREAM_UNAVAILABLE`."),
    UPSTREAM_KEY(idle_timeout, between(0s, 24h),
                 "A tunnel through which no byte has passed for so long ends with close code 1001 "
                 "`IDLE`. 0: never."),
    UPSTREAM_KEY(
        buffer_bytes, bytes_between(32 * 1024, 16 * kMiB),
        "How much of each direction of a tunnel may wait for its reader. An idle tunnel holds "
        "no buffer."),
    UPSTREAM_KEY(
        end_with_token, kAny,
        "Whether a tunnel ends with close code 3005 `TOKEN_EXPIRED` when the token's life is "
        "over, of which its ticket was. The client may come back with a new one."),
};

#undef ISSUER_KEY
#undef UPSTREAM_KEY
#undef NAMESPACE_KEY

}  // namespace

std::span<const Key<NamespaceOptions>> namespace_keys() { return kNamespaceKeys; }
std::span<const Key<IssuerConfig>> issuer_keys() { return kIssuerKeys; }
std::span<const Key<UpstreamConfig>> upstream_keys() { return kUpstreamKeys; }

}  // namespace usher::config
