#include "config/namespace_check.h"

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include "config/config_table.h"
#include "net/delayed_flushes.h"

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
    check_latest();
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

  // A publication that takes another's place leaves a gap between offsets.
  void check_latest() const {
    if (!space_.latest_only) return;
    if (space_.positioned) {
      fault("latest_only",
            "latest_only contradicts positioned: publications that are left out "
            "are gaps in the stream. Leave one of them out");
    }
    if (space_.recovery && !space_.gives_newest()) {
      fault("latest_only",
            "latest_only contradicts recovery, which gives a client all that it has missed: leave "
            R"(one of them out, or set recovery_mode = "cache")");
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

// Each event loop has a window for each delay.
void check_delays(const Config& config, ConfigReport& report) {
  std::set<Duration> delays;
  const auto& spaces = config.channel.namespaces;
  for (std::size_t i = 0; i < spaces.size(); ++i) {
    const Duration delay = spaces[i].write_delay;
    if (delay == Duration::zero() || !delays.insert(delay).second) continue;
    if (delays.size() != net::DelayedFlushes::kWindowsMax + 1) continue;
    report.error_at(ConfigPlaces::entry_key(kNamespaces, i, "write_delay"),
                    "channel.namespaces '" + spaces[i].name + "': write_delay has more than " +
                        std::to_string(net::DelayedFlushes::kWindowsMax) +
                        " different values in all namespaces: use one of the others");
  }
}

}  // namespace

void check_namespaces(const Config& config, ConfigReport& report) {
  const auto& spaces = config.channel.namespaces;
  for (std::size_t i = 0; i < spaces.size(); ++i) NamespaceCheck(spaces[i], i, report).run();
  check_delays(config, report);
}

}  // namespace usher::config
