#include "bench/load/client.h"

#include <utility>

namespace usher::bench {

void Client::enter(std::size_t index) { enter(index, setting_.target.subscriptions); }

void Client::enter(std::size_t index, std::string_view wish) {
  index_ = index;
  began_ = setting_.loop.now();
  if (!setting_.target.has_tickets()) return upgrade(setting_.target.path);
  setting_.desk.ask(
      index, wish,
      [this, attempt = ++attempt_](int status, std::string_view ticket, const HttpAnswer& answer) {
        if (attempt != attempt_) return;
        if (status != 200) return listener_.on_no_ticket(*this, answer);
        upgrade(setting_.target.upgrade_with(ticket));
      });
}

void Client::enter_with(std::size_t index, std::string_view ticket) {
  index_ = index;
  began_ = setting_.loop.now();
  upgrade(setting_.target.upgrade_with(ticket));
}

void Client::enter_at(std::size_t index, std::string_view path) {
  index_ = index;
  began_ = setting_.loop.now();
  upgrade(path);
}

void Client::upgrade(std::string_view target) {
  upgrade_began_ = setting_.loop.now();
  is_in_ = false;
  socket_.open(target, setting_.target.authority, setting_.target.fields, index_);
}

void Client::leave(bool reset) {
  ++attempt_;
  is_in_ = false;
  socket_.close(reset);
}

void Client::on_open(WebSocket&) {
  if (setting_.target.door == Door::ticket) return;
  is_in_ = true;
  listener_.on_in(*this, {});
}

void Client::on_text(WebSocket&, std::string_view payload) {
  if (is_in_) return listener_.on_message(*this, payload);
  if (!payload.starts_with("{\"push\":{\"connect\":")) {
    leave();
    was_in_ = false;
    return listener_.on_out(*this, 0, "the first frame is not the connect push");
  }
  is_in_ = true;
  listener_.on_in(*this, payload);
}

void Client::on_ended(WebSocket&, std::uint16_t code, std::string_view why) {
  was_in_ = std::exchange(is_in_, false);
  listener_.on_out(*this, code, why);
}

}  // namespace usher::bench
