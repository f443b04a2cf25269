#include "wire/ws_handshake.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.h"
#include "base/digest.h"
#include "wire/field_list.h"

namespace usher::wire {
namespace {

constexpr std::string_view kAcceptGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t kTicketDigits = 32;

bool lists_token(const HttpRequest& request, std::string_view lowercase_name,
                 std::string_view lowercase_token) {
  bool found = false;
  for_each_element(request, lowercase_name, [&](std::string_view element) {
    found = found || equal_ignoring_case(element, lowercase_token);
  });
  return found;
}

// The value of the field, if there is exactly one.
std::optional<std::string_view> only_value(const HttpRequest& request,
                                           std::string_view lowercase_name) {
  std::optional<std::string_view> value;
  for (const HttpField& field : request.fields) {
    if (!equal_ignoring_case(field.name, lowercase_name)) continue;
    if (value) return std::nullopt;
    value = field.value;
  }
  return value;
}

bool is_base64_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

// 16 bytes in base64: 22 digits, of which the last carries two bits only, and the padding.
bool is_canonical_key(std::string_view key) {
  constexpr std::string_view kLastDigits = "AQgw";
  return key.size() == 24 && key.ends_with("==") &&
         std::all_of(key.begin(), key.begin() + 22, is_base64_digit) &&
         kLastDigits.find(key[21]) != std::string_view::npos;
}

bool is_ticket(std::string_view text) {
  return text.size() == kTicketDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// All tickets that a request brings, boiled down to what the caller must know.
class TicketOffers {
 public:
  void add(std::string_view ticket) {
    several_ = several_ || (first_ && *first_ != ticket);
    if (!first_) first_ = ticket;
  }
  void add_query(std::string_view query) {
    constexpr std::string_view kParameter = "ticket=";
    for_each_part(query, '&', [&](std::string_view parameter) {
      if (parameter.starts_with(kParameter)) add(parameter.substr(kParameter.size()));
    });
  }
  bool any() const { return first_.has_value(); }
  TicketOffer offer() const {
    if (several_) return TicketOffer::several;
    if (!first_ || first_->empty()) return TicketOffer::none;
    return is_ticket(*first_) ? TicketOffer::one : TicketOffer::malformed;
  }
  std::string_view ticket() const { return several_ ? std::string_view() : first_.value_or(""); }

 private:
  std::optional<std::string_view> first_;
  bool several_ = false;
};

// False: a ticket as subprotocol, and none beside it that can be answered.
bool read_offers(const HttpRequest& request, Subprotocols answers, Upgrade& upgrade) {
  TicketOffers offers;
  bool answered = false;
  for_each_element(request, "sec-websocket-protocol", [&](std::string_view protocol) {
    if (protocol == kSubprotocol) upgrade.subprotocol_offered = true;
    if (!protocol.starts_with(kTicketSubprotocolPrefix)) {
      answered = answered || protocol == kSubprotocol ||
                 (answers == Subprotocols::any && !protocol.empty());
      return;
    }
    offers.add(protocol.substr(kTicketSubprotocolPrefix.size()));
  });
  if (offers.any() && !answered) return false;

  offers.add_query(request.query());
  upgrade.ticket_offer = offers.offer();
  upgrade.ticket = offers.ticket();
  return true;
}

}  // namespace

Upgrade read_upgrade(const HttpRequest& request, Subprotocols answers) {
  Upgrade upgrade;
  if (!lists_token(request, "upgrade", "websocket")) return upgrade;

  upgrade.outcome = UpgradeOutcome::bad_request;
  if (request.method != "GET" || request.minor_version < 1 || !request.body.empty()) return upgrade;
  // An empty Host names no server (RFC 6455 section 4.2.1).
  const auto host = only_value(request, "host");
  if (!host || host->empty() || !lists_token(request, "connection", "upgrade")) {
    return upgrade;
  }
  const auto version = only_value(request, "sec-websocket-version");
  if (!version) return upgrade;
  if (*version != "13") {
    upgrade.outcome = UpgradeOutcome::wrong_version;
    return upgrade;
  }
  const auto key = only_value(request, "sec-websocket-key");
  if (!key || !is_canonical_key(*key)) return upgrade;
  upgrade.key = *key;
  upgrade.outcome =
      read_offers(request, answers, upgrade) ? UpgradeOutcome::ok : UpgradeOutcome::lone_ticket;
  return upgrade;
}

std::vector<std::string_view> offered_subprotocols(const HttpRequest& request) {
  std::vector<std::string_view> offered;
  for_each_element(request, "sec-websocket-protocol", [&](std::string_view protocol) {
    if (protocol.empty() || protocol.starts_with(kTicketSubprotocolPrefix)) return;
    offered.push_back(protocol);
  });
  return offered;
}

OfferedTicket read_offered_ticket(const HttpRequest& request,
                                  std::span<const std::string_view> uri_fields) {
  TicketOffers offers;
  offers.add_query(request.query());
  for (const HttpField& field : request.fields) {
    const bool is_uri =
        std::any_of(uri_fields.begin(), uri_fields.end(),
                    [&](std::string_view name) { return equal_ignoring_case(field.name, name); });
    const auto mark = field.value.find('?');
    if (!is_uri || mark == std::string_view::npos) continue;
    const std::string_view query = field.value.substr(mark + 1);
    offers.add_query(query.substr(0, query.find('#')));
  }
  for_each_element(request, "sec-websocket-protocol", [&](std::string_view protocol) {
    if (!protocol.starts_with(kTicketSubprotocolPrefix)) return;
    offers.add(protocol.substr(kTicketSubprotocolPrefix.size()));
  });
  return {offers.offer(), offers.ticket()};
}

std::string accept_key(std::string_view key) {
  std::string salted(key);
  salted.append(kAcceptGuid);
  thread_local Digest sha1("SHA1");
  std::array<std::byte, 20> digest;
  sha1.compute(salted, digest);
  std::array<unsigned char, 29> base64;  // 28 digits and a NUL
  const int size = EVP_EncodeBlock(
      base64.data(), reinterpret_cast<const unsigned char*>(digest.data()), digest.size());
  return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(size)};
}

void append_switching_protocols(std::string& out, std::string_view key, const Agreed& agreed) {
  out.append(
      "HTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\n"
      "Connection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ");
  out.append(accept_key(key)).append("\r\n");
  if (!agreed.subprotocol.empty()) {
    out.append("Sec-WebSocket-Protocol: ").append(agreed.subprotocol).append("\r\n");
  }
  if (!agreed.extensions.empty()) {
    out.append("Sec-WebSocket-Extensions: ").append(agreed.extensions).append("\r\n");
  }
  out.append("\r\n");
}

}  // namespace usher::wire
