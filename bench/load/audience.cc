#include "bench/load/audience.h"

#include <algorithm>
#include <utility>

#include "bench/load/fanout_message.h"

namespace usher::bench {

Audience::Audience(const Setting& setting, std::size_t at_the_door_max, Share subscribers,
                   const Schedule& schedule)
    : setting_(setting),
      subscribers_(subscribers),
      schedule_(schedule),
      crowd_(setting, at_the_door_max, subscribers.first) {}

void Audience::enter(std::string_view must_contain) {
  if (!crowd_.grow_to(subscribers_.count, must_contain)) tally_.fail(crowd_.failure());
}

void Audience::listen(OnReached on_reached, std::function<void()> on_out) {
  got_by_.assign(subscribers_.count, 0);
  on_reached_ = std::move(on_reached);
  crowd_.set_on_message(
      [this](Client& client, std::string_view payload) { take(client, payload); });
  const auto take_out = [this, on_out = std::move(on_out)](const std::string& why) {
    tally_.fail(why);
    on_out();
  };
  crowd_.set_on_out(take_out);
  if (crowd_.out() > 0) take_out(crowd_.failure());
}

void Audience::take(Client& client, std::string_view payload) {
  const auto number = read_message_number(payload);
  const auto due = number ? schedule_.due(*number) : std::nullopt;
  if (!due) return;  // a join, a status
  // Publications under way at the same time may come in any order, but in the same for all.
  const std::uint32_t place = got_by_[client.index() - subscribers_.first]++;
  if (place == order_.size()) order_.push_back(static_cast<std::uint32_t>(*number));
  if (order_[place] != *number) ++disordered_;
  ++tally_.done;
  if (schedule_.is_timed(*number)) tally_.times.record(setting_.loop.now() - *due);
  if (*number >= has_.size()) has_.resize(*number + 1);
  if (has_[*number] == subscribers_.count || ++has_[*number] != subscribers_.count) return;
  on_reached_(*number);
}

std::size_t differences(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) count += a[i] == b[i] ? 0 : 1;
  return count;
}

}  // namespace usher::bench
