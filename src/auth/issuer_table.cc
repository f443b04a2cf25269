#include "auth/issuer_table.h"

#include <algorithm>

#include "auth/jwt_json.h"
#include "base/bytes.h"
#include "base/check.h"

namespace usher::auth {
namespace {

constexpr std::size_t kNameBytesMax = 64;  // of what a token says, in explain()

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view input;  // what is signed: header, dot, payload
};

Result<Parts, TokenError> split(std::string_view token) {
  if (token.size() > kTokenBytesMax) return TokenError::too_long;
  const auto first = token.find('.');
  if (first == std::string_view::npos) return TokenError::not_three_parts;
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos) return TokenError::not_three_parts;
  if (token.find('.', second + 1) != std::string_view::npos) return TokenError::not_three_parts;
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
               token.substr(second + 1), token.substr(0, second)};
}

Result<std::string, TokenError> decode(std::string_view part) {
  auto bytes = from_base64url(part);
  if (!bytes || bytes->empty()) return TokenError::not_base64url;
  return std::move(*bytes);
}

// A name out of a token, fit for a terminal.
std::string printable(std::string_view name) {
  std::string text(name.substr(0, kNameBytesMax));
  for (char& c : text) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  return text;
}

// "'a' or 'b'"
std::string one_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "'" : " or '") + name + "'";
  return text;
}

bool same_material(const Key& a, const Key& b) {
  return a.algorithm == b.algorithm && a.material->same_as(*b.material);
}

bool holds(const KeySet& set, const Key& key) {
  return std::any_of(set.keys().begin(), set.keys().end(),
                     [&](const Key& other) { return same_material(key, other); });
}

Result<std::string, TokenError> read_issuer(std::string_view payload_json) {
  wire::JsonReader reader;
  const auto root = parse_json_object(reader, payload_json, kJsonNodesMax);
  if (!root) return root.error();
  return std::string(root->find("iss").string().value_or(""));
}

}  // namespace

IssuerTable::IssuerTable(std::vector<Issuer> issuers, const KeySet& guest_keys,
                         JwtOptions guest_options) {
  const bool is_single = issuers.size() == 1;
  for (Issuer& issuer : issuers) {
    USHER_CHECK(issuer.options.leeway >= std::chrono::seconds::zero());
    USHER_CHECK(is_single || issuer.options.issuer);
    for (const Issuer& other : issuers) {
      const std::string& prefix = other.options.user_prefix;
      if (prefix.size() > issuer.options.user_prefix.size() &&
          prefix.starts_with(issuer.options.user_prefix)) {
        issuer.options.foreign_prefixes.push_back(prefix);
      }
    }
    Entry& entry = issuers_.emplace_back(Entry{issuer.options, {}});
    add_keys(entry, issuer.keys, is_single ? guest_keys : KeySet());
  }
  guests_.options = std::move(guest_options);
  add_keys(guests_, {}, guest_keys);
}

void IssuerTable::add_keys(Entry& entry, const KeySet& issuer_keys, const KeySet& guest_keys) {
  for (const KeySet* set : {&issuer_keys, &guest_keys}) {
    for (const Key& key : set->keys()) {
      const bool known =
          std::any_of(entry.keys.begin(), entry.keys.end(), [&](const TrustedKey& trusted) {
            return trusted.key.kid == key.kid && same_material(trusted.key, key);
          });
      // Roles go by what the key is, not by the name or the set that it was found under.
      if (!known) entry.keys.push_back({key, holds(issuer_keys, key), holds(guest_keys, key)});
    }
  }
}

Result<const IssuerTable::Entry*, TokenError> IssuerTable::entry_for(
    std::string_view payload_json) const {
  if (issuers_.size() == 1) return &issuers_.front();
  const auto name = read_issuer(payload_json);
  if (!name) return name.error();
  if (*name == kGuestIssuer) return &guests_;
  const auto found = std::ranges::find_if(
      issuers_, [&](const Entry& entry) { return entry.options.issuer == *name; });
  if (found == issuers_.end()) return TokenError::wrong_issuer;
  return &*found;
}

Result<VerifiedPayload, TokenError> IssuerTable::verify_signature(std::string_view token,
                                                                  TokenKind kind) const {
  const auto parts = split(token);
  if (!parts) return parts.error();
  const auto header_json = decode(parts->header);
  if (!header_json) return header_json.error();
  const auto signature = decode(parts->signature);
  if (!signature) return signature.error();
  auto payload_json = decode(parts->payload);
  if (!payload_json) return payload_json.error();

  auto header = read_header(*header_json, kind);
  if (!header) return header.error();
  const auto entry = entry_for(*payload_json);
  if (!entry) return entry.error();
  const auto signer = find_signer(**entry, parts->input, *signature, *header);
  if (!signer) return signer.error();
  return VerifiedPayload{(*entry)->options,
                         {(*signer)->issuer, (*signer)->guest},
                         std::move(header->typ),
                         std::move(*payload_json)};
}

Result<VerifiedPayload, TokenError> IssuerTable::verify_issued(std::string_view token,
                                                               TokenKind kind) const {
  auto payload = verify_signature(token, kind);
  if (!payload) return payload;
  const auto name = read_issuer(payload->json);
  if (!name) return name.error();
  if (!payload->signer.issuer || payload->options.issuer != *name) return TokenError::wrong_issuer;
  return payload;
}

bool IssuerTable::may_log_out() const {
  return std::ranges::any_of(
      issuers_, [](const Entry& entry) { return !entry.options.logout_audience.empty(); });
}

Result<const IssuerTable::TrustedKey*, TokenError> IssuerTable::find_signer(
    const Entry& entry, std::string_view input, std::string_view signature,
    const JwtHeader& header) {
  // A key of that name is the only candidate. Without one, keys without a name are: a PEM or a
  // secret has none to give.
  const bool named =
      header.kid && std::any_of(entry.keys.begin(), entry.keys.end(),
                                [&](const TrustedKey& k) { return k.key.kid == header.kid; });
  bool tried = false;
  for (const TrustedKey& trusted : entry.keys) {
    const bool candidate = !header.kid || trusted.key.kid == (named ? header.kid : std::nullopt);
    if (!candidate || trusted.key.algorithm != header.algorithm) continue;
    tried = true;
    if (trusted.key.material->verify(input, signature)) return &trusted;
  }
  if (!named && may_be_of_newer_key(entry, header)) return TokenError::unknown_key;
  return tried ? TokenError::signature : TokenError::algorithm;
}

// Of a token that names none of our keys. An issuer with one key need not name it (OpenID Connect
// Core, section 10.1); it is only asked for what public keys verify.
bool IssuerTable::may_be_of_newer_key(const Entry& entry, const JwtHeader& header) {
  const auto is_issuer = [](const TrustedKey& trusted) { return trusted.issuer; };
  const bool have_names =
      std::any_of(entry.keys.begin(), entry.keys.end(),
                  [](const TrustedKey& trusted) { return trusted.key.kid.has_value(); });
  if (header.kid) {
    return entry.options.may_have_newer_keys || have_names ||
           std::none_of(entry.keys.begin(), entry.keys.end(), is_issuer);
  }
  return entry.options.may_have_newer_keys && !have_names &&
         kind_of(header.algorithm) != KeyKind::secret;
}

bool IssuerTable::is_foreign(std::string_view token, TokenError error) const {
  switch (error) {
    case TokenError::too_long:
    case TokenError::not_three_parts:
    case TokenError::not_base64url:
    case TokenError::not_json:
    case TokenError::header_malformed:
      return true;
    case TokenError::header_refused:
    case TokenError::type_refused:
    case TokenError::algorithm:
    case TokenError::unknown_key:
    case TokenError::signature:
      return !may_have_made(token);
    case TokenError::wrong_issuer:
      // With one issuer, its key has signed the token.
      return issuers_.size() != 1 && !may_have_made(token);
    case TokenError::duplicate_member:
    case TokenError::claim_malformed:
    case TokenError::no_expiry:
    case TokenError::wrong_audience:
    case TokenError::not_yet_valid:
    case TokenError::not_a_guest:
    case TokenError::expired:
    case TokenError::missing_session:
    case TokenError::foreign_name:
    case TokenError::is_for_subscription:
    case TokenError::no_channel:
    case TokenError::override_refused:
      return false;
  }
  USHER_CHECK(false);
}

// An issuer without a name may have made any token, if it has a key or may get one.
bool IssuerTable::may_have_made(std::string_view token) const {
  const auto parts = split(token);
  const auto json = parts ? decode(parts->payload) : parts.error();
  const auto name = json ? read_issuer(*json) : json.error();
  if (!name || *name == kGuestIssuer) return true;
  return std::ranges::any_of(issuers_, [&](const Entry& entry) {
    if (entry.options.issuer) return *entry.options.issuer == *name;
    return entry.options.may_have_newer_keys ||
           std::ranges::any_of(entry.keys, [](const TrustedKey& key) { return key.issuer; });
  });
}

std::string IssuerTable::explain(std::string_view token, TokenError error) const {
  const std::string reason(reason_of(error));
  const auto parts = split(token);
  const auto header_json = parts ? decode(parts->header) : parts.error();
  if (!header_json) return reason;
  const auto payload_json = decode(parts->payload);
  if (!payload_json) return reason;
  const auto entry = entry_for(*payload_json);
  if (!entry) {
    const auto name = read_issuer(*payload_json);
    return name ? "no issuer of the configuration is named '" + printable(*name) +
                      "', as the token's iss says"
                : reason;
  }
  const JwtOptions& options = (*entry)->options;
  switch (error) {
    case TokenError::algorithm:
      return explain_algorithm(**entry, *header_json);
    case TokenError::unknown_key: {
      const auto header = read_header(*header_json);
      return header && header->kid ? "no key has the token's kid '" + printable(*header->kid) + "'"
                                   : std::string(reason_of(TokenError::signature));
    }
    case TokenError::type_refused:
      return options.typ.empty() ? reason : "the token's typ is not '" + options.typ + "'";
    case TokenError::wrong_issuer:
      return "the token's iss is not '" + options.issuer.value_or("") + "'";
    case TokenError::wrong_audience:
      return "the token's " + options.audience_claim + " does not hold " + one_of(options.audience);
    case TokenError::missing_session: {
      std::string names;
      for (const std::string& name : options.session_claim) {
        names += (names.empty() ? "" : " or ") + name;
      }
      return "the token has no claim " + names + " (and no sid), or an empty one";
    }
    case TokenError::claim_malformed: {
      const std::string_view name = malformed_claim_in(*payload_json, options);
      return name.empty() ? reason
                          : "the claim " + std::string(name) +
                                " has the wrong type, or is too long or out of range";
    }
    default:
      return reason;
  }
}

std::string IssuerTable::explain_algorithm(const Entry& entry, std::string_view header_json) {
  const auto header = read_header(header_json);
  if (!header) return "the token's algorithm is not one that is supported here";
  std::string known;
  for (const TrustedKey& trusted : entry.keys) {
    const std::string_view name = to_string(trusted.key.algorithm);
    if (header->kid && trusted.key.kid && trusted.key.kid != header->kid) continue;
    if (known.find(name) != std::string::npos) continue;
    known.append(known.empty() ? "" : " or ").append(name);
  }
  return "algorithm " + std::string(to_string(header->algorithm)) + " is not the key's algorithm" +
         (known.empty() ? "" : " ") + known;
}

std::string unverified_issuer(std::string_view token) {
  const auto parts = split(token);
  if (!parts) return {};
  const auto payload_json = decode(parts->payload);
  if (!payload_json) return {};
  auto name = read_issuer(*payload_json);
  return name ? std::move(*name) : std::string();
}

std::string payload_of(std::string_view verified_token) {
  const auto parts = split(verified_token);
  USHER_CHECK(parts.has_value());
  auto json = decode(parts->payload);
  USHER_CHECK(json.has_value());
  return std::move(*json);
}

}  // namespace usher::auth
