#include "config/issuer_check.h"

#include <algorithm>

#include "auth/jwt_algorithm.h"
#include "auth/jwt_options.h"
#include "config/config_table.h"
#include "config/url_check.h"
#include "wire/utf8.h"

namespace usher::config {
namespace {

using Strings = std::vector<std::string>;

constexpr std::size_t kPrefixBytesMax = 64;

bool is_printable(std::string_view text) {
  return wire::is_valid_utf8(text) && std::ranges::none_of(text, [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

bool is_claim_name(std::string_view name) {
  return !name.empty() && name.size() <= auth::kClaimBytesMax && wire::is_valid_utf8(name);
}

// One issuer: the plain keys, or an entry.
class IssuerCheck {
 public:
  // `section`: `jwt`, or `jwt.issuers[0]`: with a member behind it, the key.
  IssuerCheck(const IssuerConfig& issuer, std::string section, std::string shown,
              ConfigReport& report)
      : issuer_(issuer), section_(std::move(section)), shown_(std::move(shown)), report_(report) {}

  void run() {
    report_.files(key("secret_file"), issuer_.secret_file, FileUse::secret);
    report_.files(key("public_key_file"), issuer_.public_key_file, FileUse::published);
    if (!issuer_.jwks_file.empty()) {
      report_.file(key("jwks_file"), issuer_.jwks_file, FileUse::published);
    }
    check_algorithms();
    check_url();
    check_names();
    check_logout();
    const bool has_audience = std::ranges::any_of(
        issuer_.audience, [](const std::string& audience) { return !audience.empty(); });
    if (issuer_.has_foreign_keys() && (issuer_.issuer.empty() || !has_audience)) {
      report_.error(shown_ + ".issuer and " + shown_ +
                    ".audience must be set with a public key or key set: without them a token that "
                    "the issuer made for somebody else opens this gateway");
    }
    if (issuer_.issuer == auth::kGuestIssuer) {
      fault("issuer", "must not be 'usher': that is the issuer of guests' tokens");
    }
  }

 private:
  std::string key(std::string_view member) const { return section_ + "." + std::string(member); }

  void fault(std::string_view member, const std::string& sentence) {
    report_.error_at(key(member), shown_ + "." + std::string(member) + " " + sentence);
  }

  void check_algorithms() {
    for (std::size_t i = 0; i < issuer_.algorithms.size(); ++i) {
      const std::string& name = issuer_.algorithms[i];
      if (auth::algorithm_from(name)) continue;
      report_.error(key("algorithms") + ": '" + name +
                        "' is none that usher accepts; HS256, RS256, PS256, ES256, "
                        "their 384 and 512 forms, and EdDSA are",
                    i);
    }
  }

  void check_url() {
    if (issuer_.jwks_url.empty()) return;
    const auto endpoint = check_http_url(report_, key("jwks_url"), issuer_.jwks_url);
    if (endpoint && is_open_to_others(*endpoint)) {
      report_.error(key("jwks_url") + " must be https, not '" + shown_url(issuer_.jwks_url) +
                    "': who is on the way could hand out keys of their own");
    }
  }

  void check_logout() {
    if (issuer_.logout_by != "session" && issuer_.logout_by != "user") {
      fault("logout_by", "must be 'session' or 'user', not '" + issuer_.logout_by + "'");
    }
    if (issuer_.logout_audience.empty()) return;
    if (std::ranges::find(issuer_.logout_audience, "") != issuer_.logout_audience.end()) {
      fault("logout_audience",
            "has an empty text: leave the list empty if the issuer may not end "
            "sessions");
    }
    if (issuer_.issuer.empty()) {
      fault("logout_audience", "needs " + shown_ + ".issuer: only a named issuer may end sessions");
    }
    if (issuer_.logout_by == "user" && issuer_.user_claim != "sub") {
      fault("logout_by", "can be 'user' only if " + shown_ +
                             ".user_claim is 'sub': a logout token names its user by sub alone");
    }
  }

  void check_names() {
    const std::pair<const char*, const std::string&> claims[] = {
        {"audience_claim", issuer_.audience_claim},
        {"user_claim", issuer_.user_claim},
        {"channels_claim", issuer_.channels_claim},
        {"info_claim", issuer_.info_claim}};
    for (const auto& [member, name] : claims) {
      if (!is_claim_name(name)) fault(member, "must name a claim, in at most 255 bytes");
    }
    if (!std::ranges::all_of(issuer_.session_claim, is_claim_name)) {
      fault("session_claim", "must name claims, each in at most 255 bytes");
    }
    if (issuer_.issuer.size() > auth::kClaimBytesMax || !is_printable(issuer_.issuer)) {
      fault("issuer", "must be printable, and have at most 255 bytes");
    }
    if (issuer_.user_prefix.size() > kPrefixBytesMax || !is_printable(issuer_.user_prefix)) {
      fault("user_prefix", "must be printable, and have at most 64 bytes");
    }
    const std::string& typ = issuer_.typ;
    if (!typ.empty() && typ != "at+jwt" && typ != "JWT") {
      fault("typ", "must be \"at+jwt\" or \"JWT\", or empty");
    }
  }

  const IssuerConfig& issuer_;
  const std::string section_;
  const std::string shown_;  // `jwt`, or `jwt.issuers 'https://b.example'`
  ConfigReport& report_;
};

std::string shown(const IssuerConfig& issuer) {
  return std::string(kIssuers) + " '" + issuer.issuer + "'";
}

// All issuers beside each other: those of the entries, and the plain one if it is one.
struct Listed {
  const IssuerConfig* issuer;
  std::string section;
};

void check_two(const Listed& first, const Listed& second, ConfigReport& report) {
  const IssuerConfig& a = *first.issuer;
  const IssuerConfig& b = *second.issuer;
  if (a.issuer == b.issuer) {
    return report.error_at(
        second.section + ".issuer",
        "jwt.issuers '" + b.issuer + "' is there twice: a token's iss must say whose it is");
  }
  const auto both = "the issuers '" + a.issuer + "' and '" + b.issuer + "'";
  for (const std::string& path : a.secret_file) {
    if (std::ranges::find(b.secret_file, path) == b.secret_file.end()) continue;
    report.warn_at(
        second.section + ".secret_file",
        both + " have the secret '" + path + "': who signs for one of them can sign for the other");
  }
  if (a.user_prefix == b.user_prefix) {
    report.warn_at(second.section + ".user_prefix",
                   both + " can name the same user and session: give " +
                       (a.user_prefix.empty() ? "one of them a user_prefix, as in \"b:\""
                                              : "each a user_prefix of its own"));
    return;
  }
  const bool a_is_short = b.user_prefix.starts_with(a.user_prefix);
  if (!a_is_short && !a.user_prefix.starts_with(b.user_prefix)) return;
  const IssuerConfig& shorter = a_is_short ? a : b;
  const IssuerConfig& longer = a_is_short ? b : a;
  report.warn_at(second.section + ".user_prefix",
                 both + " could name the same user and session, because '" + longer.user_prefix +
                     "' begins with the user_prefix '" + shorter.user_prefix + "': tokens of '" +
                     shorter.issuer + "' whose user or session then begins with '" +
                     longer.user_prefix + "' are refused");
}

// What the plain keys say holds for the plain issuer alone, and there is none.
void check_idle_keys(const Config& config, ConfigReport& report) {
  const Config defaults;
  for (const auto& key : config_keys()) {
    if (!key.name.starts_with("jwt.") || key.name == "jwt.leeway") continue;
    if (key.get(config) == key.get(defaults)) continue;
    report.error(std::string(key.name) +
                 " has no effect: [jwt] names no key, and [[jwt.issuers]] have settings of their "
                 "own; write it there");
  }
}

}  // namespace

void check_issuers(const Config& config, ConfigReport& report) {
  const JwtConfig& jwt = config.jwt;
  std::vector<Listed> all;
  IssuerCheck(jwt, "jwt", "jwt", report).run();
  if (jwt.has_keys()) all.push_back({&jwt, "jwt"});
  for (std::size_t i = 0; i < jwt.issuers.size(); ++i) {
    const IssuerConfig& issuer = jwt.issuers[i];
    const std::string section = ConfigPlaces::entry_key(kIssuers, i);
    IssuerCheck(issuer, section, shown(issuer), report).run();
    if (!issuer.has_keys()) {
      report.error_at(section, shown(issuer) +
                                   " has no key: set secret_file, public_key_file, jwks_file or "
                                   "jwks_url");
    }
    all.push_back({&issuer, section});
  }
  if (!jwt.issuers.empty()) {
    if (!jwt.has_keys()) {
      check_idle_keys(config, report);
    } else if (jwt.issuer.empty()) {
      report.error("jwt.issuer must be set beside [[jwt.issuers]]: a token's iss says whose it is");
    }
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = i + 1; j < all.size(); ++j) check_two(all[i], all[j], report);
  }
  const bool guests_only = config.guest.enabled && !config.guest.secret_file.empty();
  const bool backend_decides = !config.hooks.ticket_url.empty();
  if (all.empty() && !guests_only && !backend_decides && !config.dev) {
    report.error(
        "no key says whose tokens to accept: set jwt.secret_file (make one with 'openssl rand "
        "-hex 32'), jwt.public_key_file or jwt.jwks_file; or hooks.ticket_url, if your backend "
        "knows its users by cookies");
  }
}

}  // namespace usher::config
