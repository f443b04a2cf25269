#include "auth/origin_policy.h"

#include <algorithm>

#include "auth/origin.h"

namespace usher::auth {
namespace {

constexpr std::string_view kStar = "*.";

[[noreturn]] void refuse(std::string_view entry, const std::string& advice) {
  throw OriginPolicyError("'" + std::string(entry) + "' is no origin to allow: " + advice);
}

std::string advice_for(std::string_view entry) {
  if (entry.find("://") == std::string_view::npos) {
    return "write the scheme too, as in 'https://app.example.com'";
  }
  if (entry.find('*') != std::string_view::npos) {
    return "'*' stands for the first label of the host only, as in 'https://*.example.com', or for "
           "the whole one of a browser's extensions, as in 'moz-extension://*'";
  }
  if (std::ranges::any_of(entry, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    return "browsers send international names in their ASCII form, as in "
           "'https://xn--bcher-kva.example'";
  }
  if (entry.ends_with('/')) return "leave out the '/' at its end";
  return "an origin is scheme, host and port only, as in 'https://app.example.com:8443'";
}

}  // namespace

OriginPolicy::OriginPolicy(const OriginPolicyOptions& options)
    : require_(options.require), dev_(options.dev) {
  for (const std::string& entry : options.allowed) add(entry);
}

void OriginPolicy::add(std::string_view entry) {
  if (entry == "null") {
    null_ = true;
  } else if (entry == "*") {
    if (!dev_) refuse(entry, "it would let every web page in; list the ones that are yours");
    any_ = true;
  } else if (entry.find('*') != std::string_view::npos) {
    add_pattern(entry);
  } else if (const auto origin = parse_origin(entry)) {
    exact_.insert(origin->text());
  } else {
    refuse(entry, advice_for(entry));
  }
}

void OriginPolicy::add_pattern(std::string_view entry) {
  const std::size_t mark = entry.find("://");
  if (mark == std::string_view::npos) refuse(entry, advice_for(entry));
  const std::string_view host = entry.substr(mark + 3);
  if (host == "*") return add_scheme(entry, entry.substr(0, mark));
  if (!host.starts_with(kStar)) refuse(entry, advice_for(entry));

  // What is left without the star is an origin itself; it gives us scheme, suffix and port in their
  // normal form.
  const std::string bare = std::string(entry.substr(0, mark + 3)).append(host.substr(kStar.size()));
  const auto origin = parse_origin(bare);
  if (!origin || origin->host.starts_with('[')) refuse(entry, advice_for(entry));
  if (origin->host.find('.') == std::string::npos) {
    refuse(entry, "it would let a whole top-level domain in; name at least two labels after '*.'");
  }
  patterns_.push_back({origin->scheme + "://", "." + origin->host_text()});
}

// An extension's host is a new random one with each installation (Firefox); hosts of the web are
// names that anybody can register.
void OriginPolicy::add_scheme(std::string_view entry, std::string_view scheme) {
  const auto origin = parse_origin(std::string(scheme) + "://x");
  if (!origin || is_web_scheme(origin->scheme)) refuse(entry, advice_for(entry));
  if (origin->scheme == "file") refuse(entry, "files have no host; write 'file://'");
  schemes_.insert(origin->scheme);
}

bool OriginPolicy::allows(std::optional<std::string_view> origin) const {
  if (!origin) return !require_;
  if (any_) return true;
  if (*origin == "null") return null_;
  const auto parsed = parse_origin(*origin);
  if (!parsed) return false;
  if (is_named(*parsed) || matches(parsed->text())) return true;
  return !parsed->host.empty() && parsed->port == 0 && schemes_.contains(parsed->scheme);
}

bool OriginPolicy::allows_cookies(std::string_view origin) const {
  const auto parsed = parse_origin(origin);
  return parsed && is_named(*parsed);
}

bool OriginPolicy::is_named(const Origin& origin) const {
  return (dev_ && is_loopback_page(origin)) || exact_.contains(origin.text());
}

bool OriginPolicy::matches(const std::string& text) const {
  return std::ranges::any_of(patterns_, [&](const Pattern& pattern) {
    if (!text.starts_with(pattern.before) || !text.ends_with(pattern.after)) return false;
    const std::size_t around = pattern.before.size() + pattern.after.size();
    return text.size() > around && is_host_label(std::string_view(text).substr(
                                       pattern.before.size(), text.size() - around));
  });
}

}  // namespace usher::auth
