// The work that a session has still to do: commands that wait, orders of the hub that wait for a
// turn of their own (docs/adr/0001-turns.md), and a refresh under way.
//
// A session has an Agenda only while something is on it, because most connections have nothing.
//
// Threads: its session's.
// Limits: the caller of WaitingCommands::add() names one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/subscribe_question.h"
#include "session/refresh.h"
#include "wire/ws_message.h"

namespace usher::session {

// Commands that have come and are not carried out yet, in their order.
class WaitingCommands {
 public:
  // Adds lines behind the others. Returns false, and adds nothing, if the text would be longer than
  // `bytes_max`; commands that have been read count until drop_all().
  [[nodiscard]] bool add(std::string_view commands, std::size_t bytes_max) {
    if (text_.size() + commands.size() > bytes_max) return false;
    if (!text_.empty()) text_.push_back('\n');
    text_.reserve(text_.size() + commands.size() + wire::kSpareBytes);
    text_.append(commands);
    return true;
  }

  // wire::kSpareBytes behind it are readable. Valid until add() or drop_all().
  std::string_view rest() const { return std::string_view(text_).substr(at_); }

  // All but the last `bytes` of rest() have been read.
  void keep(std::size_t bytes) { at_ = text_.size() - bytes; }

  bool empty() const { return text_.empty(); }
  void drop_all() {
    text_.clear();
    at_ = 0;
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

struct Agenda {
  // A new end of the credential, which the backend has ordered.
  struct NewEnd {
    std::optional<std::int64_t> at;  // Unix seconds; nullopt: never
  };

  // A question of the hub, with its answer.
  struct Decided {
    hub::SubscribeQuestion question;
    hub::SubscribeDecision decision;
  };

  bool is_empty() const {
    return commands.empty() && !close && !new_end && !engine_away && refresh == nullptr &&
           questions.empty() && decided.empty();
  }

  WaitingCommands commands;
  std::optional<std::pair<std::uint16_t, std::string>> close;  // code and reason
  std::optional<NewEnd> new_end;
  bool engine_away = false;  // the hub could not join the connection
  std::unique_ptr<Refresh> refresh;
  std::vector<hub::SubscribeQuestion> questions;  // not asked yet (subscribe_questions.h)
  std::vector<Decided> decided;                   // not told to the hub yet
};

}  // namespace usher::session
