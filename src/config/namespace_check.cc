#include "config/namespace_check.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "config/config_table.h"

namespace usher::config {
namespace {

using hub::Audience;
using hub::NamespaceOptions;
using hub::Onlookers;
using hub::RecoveryMode;
using hub::Unrecoverable;

// One namespace, and where its faults are reported.
class NamespaceCheck {
 public:
  NamespaceCheck(const NamespaceOptions& space, std::size_t index, ConfigReport& report)
      : space_(space), index_(index), report_(report) {}

  void run() const {
    check_streams();
    check_onlookers("allow_presence_for", space_.allow_presence_for);
    check_onlookers("allow_history_for", space_.allow_history_for);
    if (space_.allow_presence_for != Onlookers::subscribers && !space_.presence) {
      fault("allow_presence_for", "allow_presence_for needs presence = true");
    }
    if (space_.allow_history_for != Onlookers::subscribers && !space_.has_history()) {
      fault("allow_history_for", "allow_history_for needs history_size and history_ttl");
    }
  }

 private:
  void check_streams() const {
    if (space_.positioned && !space_.has_history()) {
      fault("positioned", "positioned needs history_size and history_ttl");
    }
    if (space_.recovery_mode == RecoveryMode::cache && !space_.recovery) {
      fault("recovery_mode", R"(recovery_mode = "cache" needs recovery = true, with a history)");
    }
    if (space_.unrecoverable == Unrecoverable::refuse && !space_.recovery) {
      fault("unrecoverable", R"(unrecoverable = "refuse" needs recovery = true, with a history)");
    } else if (space_.unrecoverable == Unrecoverable::refuse && space_.gives_newest()) {
      fault("unrecoverable",
            R"(unrecoverable = "refuse" contradicts recovery_mode = "cache", in which each )"
            "subscriber gets the newest publication and misses nothing: leave one of them out");
    }
  }

  // Such a channel belongs to one session or user, or is closed to clients that do not hold it.
  void check_onlookers(std::string_view key, Onlookers allowed) const {
    if (allowed == Onlookers::subscribers || allowed == Onlookers::nobody) return;
    const bool is_personal = space_.name == "session" || space_.name == "user";
    if (!is_personal && space_.subscribe != Audience::owner) return;
    fault(key, std::string(key) +
                   " must be \"subscribers\" or \"nobody\" here: a channel of this "
                   "namespace belongs to one session or user");
  }

  void fault(std::string_view key, const std::string& sentence) const {
    report_.error_at(ConfigPlaces::entry_key(kNamespaces, index_, key),
                     "channel.namespaces '" + space_.name + "': " + sentence);
  }

  const NamespaceOptions& space_;
  const std::size_t index_;
  ConfigReport& report_;
};

}  // namespace

void check_namespaces(const Config& config, ConfigReport& report) {
  const auto& spaces = config.channel.namespaces;
  for (std::size_t i = 0; i < spaces.size(); ++i) NamespaceCheck(spaces[i], i, report).run();
}

}  // namespace usher::config
