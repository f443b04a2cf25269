#include "bench/load/crowd.h"

namespace usher::bench {

bool Crowd::grow_to(std::size_t count, std::string_view must_contain) {
  wanted_ = count;
  must_contain_ = must_contain;
  clients_.reserve(count);
  if (setting_.target.has_tickets() && !setting_.desk.prepare_tokens({first_, count}, failure_)) {
    return false;
  }
  let_more_in();
  const bool done = setting_.loop.run([&] { return in_ == wanted_ || !failure_.empty(); },
                                      setting_.target.patience);
  if (!done) {
    failure_ = "only " + std::to_string(in_) + " of " + std::to_string(wanted_) +
               " got in, then nothing happened any more";
  }
  return failure_.empty();
}

void Crowd::let_more_in() {
  while (clients_.size() < wanted_ && clients_.size() - in_ < at_the_door_max_) {
    clients_.push_back(std::make_unique<Client>(setting_, static_cast<Client::Listener&>(*this)));
    clients_.back()->enter(first_ + clients_.size() - 1);
  }
}

void Crowd::on_in(Client&, std::string_view first) {
  setting_.loop.progress();
  ++in_;
  if (!must_contain_.empty() && first.find(must_contain_) == std::string_view::npos &&
      failure_.empty()) {
    failure_ = "a client is in, but not subscribed: " + std::string(first.substr(0, 400));
  }
  let_more_in();
}

void Crowd::on_message(Client& client, std::string_view payload) {
  if (on_message_) on_message_(client, payload);
}

void Crowd::on_out(Client& client, std::uint16_t code, std::string_view why) {
  ++out_;
  if (failure_.empty()) {
    failure_ = "client " + std::to_string(client.index()) + ": ";
    if (code != 0) failure_ += std::to_string(code) + " ";
    failure_ += why;
  }
  if (on_out_) on_out_(failure_);
}

}  // namespace usher::bench
