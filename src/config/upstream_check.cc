#include "config/upstream_check.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config_table.h"
#include "config/loopback.h"
#include "config/upstream_url.h"
#include "doors/upstream_table.h"

namespace usher::config {
namespace {

constexpr std::size_t kNameBytesMax = 64;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool is_path(std::string_view text) {
  std::string_view exact = text;
  if (exact.ends_with("/*")) exact.remove_suffix(1);
  return exact.starts_with('/') && !doors::has_dot_segment(exact) &&
         std::ranges::all_of(exact, [](char c) {
           return c > 0x20 && c < 0x7f &&
                  std::string_view("*?#%\\\"").find(c) == std::string_view::npos;
         });
}

class Checker {
 public:
  Checker(const Config& config, ConfigReport& report) : config_(config), report_(report) {}

  void check(std::size_t index) {
    index_ = index;
    const UpstreamConfig& upstream = config_.upstreams[index];
    check_name(upstream);
    check_path(upstream);
    check_url(upstream);
    if (!upstream.identity_secret_file.empty()) check_secret(upstream.identity_secret_file);
  }

 private:
  void fault(std::string_view member, const std::string& sentence) {
    const std::string name = "upstreams '" + config_.upstreams[index_].name + "'";
    report_.error_at(ConfigPlaces::entry_key(kUpstreams, index_, member), name + sentence);
  }

  template <class Member>
  bool is_there_before(Member member) const {
    const auto& all = config_.upstreams;
    const auto end = all.begin() + static_cast<std::ptrdiff_t>(index_);
    return std::any_of(all.begin(), end, [&](const UpstreamConfig& other) {
      return other.*member == all[index_].*member;
    });
  }

  void check_name(const UpstreamConfig& upstream) {
    if (!is_name(upstream.name)) {
      fault("name", ": a name is 1 to 64 characters of a to z, 0 to 9, '_' and '-'");
    } else if (is_there_before(&UpstreamConfig::name)) {
      fault("name", " is there twice: give each upstream a name of its own");
    }
  }

  void check_path(const UpstreamConfig& upstream) {
    if (!is_path(upstream.path)) {
      fault("path", ": path must be like \"/board\" or \"/board/*\", not '" + upstream.path + "'");
    } else if (is_ushers_own(upstream.path)) {
      fault("path", ": path " + upstream.path + " is usher's own; choose another");
    } else if (is_there_before(&UpstreamConfig::path)) {
      fault("path", ": path " + upstream.path + " is there twice: only the first would serve it");
    }
  }

  // What it signs is told to the upstream, and must not be a token that somebody lets in.
  void check_secret(const std::string& file) {
    report_.file(ConfigPlaces::entry_key(kUpstreams, index_, "identity_secret_file"), file,
                 FileUse::secret);
    std::vector<std::pair<const char*, const std::vector<std::string>*>> others{
        {"jwt.secret_file", &config_.jwt.secret_file},
        {"guest.secret_file", &config_.guest.secret_file}};
    for (const IssuerConfig& issuer : config_.jwt.issuers) {
      others.emplace_back("a secret_file of jwt.issuers", &issuer.secret_file);
    }
    for (const auto& [key, files] : others) {
      if (std::ranges::find(*files, file) == files->end()) continue;
      fault("identity_secret_file", std::string(": identity_secret_file ") + file + " is in " +
                                        key + ", too: make a secret of its own");
    }
  }

  void check_url(const UpstreamConfig& upstream) {
    const auto url = parse_upstream_url(upstream.url);
    if (!url) {
      return fault("url",
                   ": url must be like \"http://127.0.0.1:3000/socket\", an https URL without user "
                   "name and password, or \"unix:/run/app.sock:/socket\", not '" +
                       shown_url(upstream.url) + "'");
    }
    if (url->unix_path.empty() && !url->tls && !is_loopback_host(url->host)) {
      report_.warn_at(
          ConfigPlaces::entry_key(kUpstreams, index_, "url"),
          "upstreams '" + upstream.name +
              "': url is not https: who is on the way can read and change what is said");
    }
  }

  const Config& config_;
  ConfigReport& report_;
  std::size_t index_ = 0;
};

}  // namespace

void check_upstreams(const Config& config, ConfigReport& report) {
  Checker checker(config, report);
  for (std::size_t i = 0; i < config.upstreams.size(); ++i) checker.check(i);
}

}  // namespace usher::config
