#include "node/reload_outcome.h"

#include "wire/json_writer.h"

namespace usher::node {
namespace {

std::string keys_of(const std::vector<config::ConfigChange>& changes, bool needs_restart) {
  std::string keys;
  for (const config::ConfigChange& change : changes) {
    if (change.needs_restart != needs_restart) continue;
    keys += (keys.empty() ? "" : ", ") + change.key;
  }
  return keys;
}

void append_changes(std::string& json, const std::vector<config::ConfigChange>& changes,
                    bool needs_restart) {
  wire::JsonArrayWriter array(json);
  for (const config::ConfigChange& change : changes) {
    if (change.needs_restart != needs_restart) continue;
    wire::JsonObjectWriter object(array.element());
    object.string("key", change.key);
    object.string("from", change.from);
    object.string("to", change.to);
    object.end();
  }
  array.end();
}

}  // namespace

void log_outcome(const ReloadOutcome& outcome, Log& log) {
  for (const std::string& fault : outcome.faults) {
    log.error("reload failed, nothing was changed", {LogField::whole("reason", fault)});
  }
  if (!outcome.ok()) return;
  for (const std::string& warning : outcome.warnings) {
    log.warn("configuration", {LogField::whole("reason", warning)});
  }
  const std::string changed = keys_of(outcome.changes, false);
  const std::string left = keys_of(outcome.changes, true);
  if (!left.empty()) {
    log.warn("a restart is needed to change these keys; they were left as they were",
             {LogField::whole("keys", left)});
  }
  if (changed.empty()) return log.info("configuration, keys and certificate reloaded");
  log.info("configuration, keys and certificate reloaded", {LogField::whole("changed", changed)});
}

gateway::NodeControl::Answer to_answer(const ReloadOutcome& outcome) {
  gateway::NodeControl::Answer answer{.ok = outcome.ok(), .text = {}};
  if (!outcome.ok()) {
    for (const std::string& fault : outcome.faults) {
      answer.text += (answer.text.empty() ? "" : "; ") + fault;
    }
    return answer;
  }
  wire::JsonObjectWriter object(answer.text);
  append_changes(object.member("changed"), outcome.changes, false);
  append_changes(object.member("needs_restart"), outcome.changes, true);
  wire::JsonArrayWriter warnings(object.member("warnings"));
  for (const std::string& warning : outcome.warnings) {
    wire::append_json_string(warnings.element(), warning);
  }
  warnings.end();
  object.end();
  return answer;
}

std::string to_json(const std::vector<config::ConfigValue>& values) {
  std::string json;
  wire::JsonObjectWriter object(json);
  wire::JsonArrayWriter array(object.member("config"));
  for (const config::ConfigValue& value : values) {
    wire::JsonObjectWriter one(array.element());
    one.string("key", value.key);
    one.string("value", config::shown_value(value.value));
    one.string("reload", config::to_string(value.reload));
    one.end();
  }
  array.end();
  object.end();
  return json;
}

}  // namespace usher::node
