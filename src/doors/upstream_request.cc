#include "doors/upstream_request.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "doors/percent.h"
#include "wire/field_list.h"
#include "wire/ws_handshake.h"

namespace usher::doors {
namespace {

// Fields that usher writes itself, or that are for the hop to usher alone (RFC 9110 section 7.6.1).
constexpr std::array<std::string_view, 21> kNotPassedOn = {"host",
                                                           "connection",
                                                           "upgrade",
                                                           "keep-alive",
                                                           "te",
                                                           "trailer",
                                                           "transfer-encoding",
                                                           "content-length",
                                                           "expect",
                                                           "proxy-connection",
                                                           "proxy-authorization",
                                                           "proxy-authenticate",
                                                           "http2-settings",
                                                           "sec-websocket-key",
                                                           "sec-websocket-version",
                                                           "sec-websocket-protocol",
                                                           "sec-websocket-accept",
                                                           "forwarded",
                                                           "x-real-ip",
                                                           "x-rewrite-url",
                                                           "traceparent"};
// The way of the request, and who came by it, is usher's word, not the client's: there are many of
// these. Some name a user (X-Forwarded-User), and some frameworks route by X-Original-URL in place of
// the path, which would lead out of the part of the upstream that the door is for.
constexpr std::array<std::string_view, 2> kNotPassedOnPrefixes = {"x-forwarded-", "x-original-"};

// Servers that make variables of field names read '-', '_' and other signs alike (CGI, WSGI, Rack,
// PHP).
std::string as_variable(std::string_view name) {
  std::string variable = to_lower(name);
  std::ranges::replace_if(
      variable, [](char c) { return (c < 'a' || c > 'z') && (c < '0' || c > '9'); }, '-');
  return variable;
}

// The fields that the client has named as those of its hop.
std::vector<std::string> named_by_connection(const wire::HttpRequest& request) {
  std::vector<std::string> named;
  wire::for_each_element(request, "connection",
                         [&](std::string_view element) { named.push_back(to_lower(element)); });
  return named;
}

// Returns `query` without the ticket, however its name is encoded: the upstream could still redeem
// one that usher has not.
std::string without_ticket(std::string_view query) {
  std::string kept;
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view parameter = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    const std::string name = percent_decoded(parameter.substr(0, parameter.find('=')));
    if (name == "ticket" || parameter.empty()) continue;
    if (!kept.empty()) kept.push_back('&');
    kept.append(parameter);
  }
  return kept;
}

// The URL of the upstream with the rest of the path and the query of the request.
std::string target_of(const wire::HttpRequest& request, std::string_view path,
                      const Upstream& upstream) {
  const std::string_view own = upstream.target;
  const auto mark = own.find('?');
  std::string target(own.substr(0, mark));
  if (upstream.path.ends_with("/*")) {
    const std::string_view rest = path.substr(upstream.path.size() - 2);  // from its '/' on
    if (target.ends_with('/')) target.pop_back();
    target.append(rest);
    // Some parsers of URLs read a host behind "//".
    while (target.starts_with("//")) target.erase(0, 1);
  }
  std::string query(mark == std::string_view::npos ? std::string_view() : own.substr(mark + 1));
  const std::string clients = without_ticket(request.query());
  if (!query.empty() && !clients.empty()) query.push_back('&');
  query.append(clients);
  if (!query.empty()) target.append("?").append(query);
  return target;
}

bool is_passed_on(std::string_view name, const std::vector<std::string>& hop) {
  const std::string variable = as_variable(name);
  const auto is = [&](std::string_view other) { return variable == other; };
  const auto begins = [&](std::string_view other) { return variable.starts_with(other); };
  return std::ranges::none_of(kNotPassedOn, is) &&
         std::ranges::none_of(kNotPassedOnPrefixes, begins) && !is_identity_field(name) &&
         std::ranges::none_of(
             hop, [&](const std::string& other) { return equal_ignoring_case(name, other); });
}

void add(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& item : list) text.append(text.empty() ? "" : ", ").append(item);
  return text;
}

std::string switching(const Offer& offer, std::string_view protocol, std::string_view extensions) {
  std::string head;
  wire::append_switching_protocols(head, offer.key,
                                   {.subprotocol = protocol, .extensions = extensions});
  return head;
}

}  // namespace

Offer offer_of(const wire::HttpRequest& request, std::string_view key) {
  Offer offer{.key = std::string(key), .protocols = {}, .extensions = {}};
  for (const std::string_view protocol : wire::offered_subprotocols(request)) {
    if (protocol == kRefusedSubprotocol) {
      offer.knows_refused = true;
    } else if (protocol == kAcceptedSubprotocol) {
      offer.knows_accepted = true;
    } else {
      offer.protocols.emplace_back(protocol);
    }
  }
  for (const wire::HttpField& field : request.fields) {
    if (!equal_ignoring_case(field.name, "sec-websocket-extensions")) continue;
    offer.extensions.append(offer.extensions.empty() ? "" : ", ").append(field.value);
  }
  return offer;
}

std::string upstream_request(const wire::HttpRequest& request, std::string_view path,
                             const Upstream& upstream, const Offer& offer, const CameBy& came_by) {
  std::string head = "GET " + target_of(request, path, upstream) + " HTTP/1.1\r\n";
  add(head, "Host", upstream.authority);
  add(head, "Upgrade", "websocket");
  add(head, "Connection", "Upgrade");
  add(head, "Sec-WebSocket-Version", "13");
  add(head, "Sec-WebSocket-Key", offer.key);
  if (!offer.protocols.empty()) add(head, "Sec-WebSocket-Protocol", joined(offer.protocols));
  const std::vector<std::string> hop = named_by_connection(request);
  for (const wire::HttpField& field : request.fields) {
    if (is_passed_on(field.name, hop)) add(head, field.name, field.value);
  }
  if (came_by.client_address != "unix") add(head, "X-Forwarded-For", came_by.client_address);
  add(head, "X-Forwarded-Proto", came_by.secure ? "https" : "http");
  const auto named = came_by.proxy_is_trusted ? request.find("x-forwarded-host") : std::nullopt;
  add(head, "X-Forwarded-Host", named ? *named : request.find("host").value_or(""));
  add(head, "traceparent", came_by.traceparent);
  return head;
}

void finish_request(std::string& head, const IdentityHeaders::Fields& identity) {
  for (const auto& [name, value] : identity) add(head, name, value);
  head.append("\r\n");
}

std::string refusing_101(const Offer& offer) {
  if (offer.knows_refused) return switching(offer, kRefusedSubprotocol, "");
  if (!offer.protocols.empty()) return switching(offer, offer.protocols.front(), "");
  return switching(offer, offer.knows_accepted ? kAcceptedSubprotocol : "", "");
}

std::string accepting_101(const Offer& offer, std::string_view protocol,
                          std::string_view extensions) {
  if (protocol.empty() && offer.knows_accepted) protocol = kAcceptedSubprotocol;
  return switching(offer, protocol, extensions);
}

}  // namespace usher::doors
