#include "config/config_docs.h"

#include "config/config.h"
#include "config/config_table.h"

namespace usher::config {
namespace {

constexpr std::string_view kIntroduction = R"(# Configuration

<!-- Made from src/config/config_table.cc; `config_test` fails when this page is not up to date. -->

`usher serve --config FILE` reads TOML, then environment variables, then flags. A later source overrides an earlier one. Each key
below, except those of `[[channel.namespaces]]`, `[[jwt.issuers]]` and `[[upstreams]]`, is also an environment variable: `client.allowed_origins` is
`USHER_CLIENT_ALLOWED_ORIGINS`; lists are comma-separated. On the command line it is
`--set client.allowed_origins=https://app.example.com`.

Unknown keys in the file are errors, and so are values of the wrong kind. Unknown `USHER_*` variables are a warning.
`usher checkconfig FILE` checks without starting. A duration is a number and `ms`, `s`, `m`, `h` or `d`. A size is a number of
bytes, or a number and `KiB`, `MiB` or `GiB`. A rate is `count/duration`; `"0"` means no limit.

The column *reload* says what [SIGHUP](operations.md#reload) does with a change: *yes*, it is taken over and drops no connection;
*restart*, it is named in the log and left as it was; *not on or off*, another file is taken over, but one where there was none (or
none where there was one) needs a restart.

```toml
[server]
listen = "127.0.0.1:8080"

[client]
allowed_origins = ["https://app.example.com"]

[jwt]
secret_file = "/etc/usher/jwt.secret"

[[channel.namespaces]]
name = "orders"
subscribe = "granted"
history_size = 100
history_ttl = "10m"
recovery = true
```
)";

constexpr std::string_view kNamespacesText = R"(
## [[channel.namespaces]]

One section for each namespace. Channels of other namespaces are refused (`channel.unconfigured`).

)";

constexpr std::string_view kIssuersText = R"(
## [[jwt.issuers]]

One section for each issuer, if there are several. The plain keys of `[jwt]` are the form for one; where they name a key beside
`[[jwt.issuers]]`, they are one more issuer, and `jwt.issuer` must be set. Where they name none, only `jwt.leeway` counts, for the
tokens of guests. A token's `iss` chooses the issuer, and so the keys. [Tokens](tokens.md) has an example for each of eight
providers.

)";

constexpr std::string_view kUpstreamsText = R"(
## [[upstreams]]

One section for each WebSocket server behind the proxy door. See [doors](doors.md).

)";

constexpr std::string_view kTableHead =
    "| key | default | kind | reload | meaning |\n|---|---|---|---|---|\n";

template <class Owner>
std::string row(const Key<Owner>& key, const Owner& defaults) {
  return "| `" + std::string(key.name) + "` | `" + key.get(defaults) + "` | " +
         key.kind(key.range) + " | " + std::string(to_string(key.reload)) + " | " +
         std::string(key.doc) + " |\n";
}

std::string_view section_of(std::string_view key) { return key.substr(0, key.find('.')); }

}  // namespace

std::string render_configuration_page() {
  std::string page(kIntroduction);
  std::string_view section;
  for (const auto& key : config_keys()) {
    if (section_of(key.name) != section) {
      section = section_of(key.name);
      page.append("\n## ").append(section).append("\n\n").append(kTableHead);
    }
    page += row(key, Config());
  }
  page.append(kNamespacesText).append(kTableHead);
  for (const auto& key : namespace_keys()) page += row(key, hub::NamespaceOptions());
  page.append(kIssuersText).append(kTableHead);
  for (const auto& key : issuer_keys()) page += row(key, IssuerConfig());
  page.append(kUpstreamsText).append(kTableHead);
  for (const auto& key : upstream_keys()) page += row(key, UpstreamConfig());
  return page;
}

}  // namespace usher::config
