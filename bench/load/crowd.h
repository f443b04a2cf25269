// Many clients that connect and stay connected. The number that connect at a time is limited.
//
// Threads: its loop's.  Borrows: everything in Setting.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/load/client.h"

namespace usher::bench {

// How many clients of all threads together connect at a time. A gateway accepts so many from one
// address without reaching a limit.
inline constexpr std::size_t kAtTheDoor = 64;

class Crowd final : private Client::Listener {
 public:
  using OnOut = std::function<void(const std::string& why)>;
  using OnMessage = std::function<void(Client&, std::string_view)>;

  // The clients of a run are numbered across all threads. This crowd's begin with `first`.
  Crowd(const Setting& setting, std::size_t at_the_door_max, std::size_t first = 0)
      : setting_(setting), at_the_door_max_(at_the_door_max), first_(first) {}

  // Adds clients until there are `count`, and turns the loop until all are in. Each connect push
  // must contain `must_contain`, which may be "". Returns false on failure; failure() then says
  // why.
  bool grow_to(std::size_t count, std::string_view must_contain = {});

  void set_on_message(OnMessage on_message) { on_message_ = std::move(on_message); }
  void set_on_out(OnOut on_out) { on_out_ = std::move(on_out); }

  Client& operator[](std::size_t i) { return *clients_[i]; }
  std::size_t size() const { return clients_.size(); }

  // Why the first client that failed did not get in, or was disconnected; "" if none failed.
  const std::string& failure() const { return failure_; }
  std::size_t out() const { return out_; }

 private:
  void let_more_in();
  void on_in(Client& client, std::string_view first) override;
  void on_message(Client& client, std::string_view payload) override;
  void on_out(Client& client, std::uint16_t code, std::string_view why) override;

  const Setting& setting_;
  const std::size_t at_the_door_max_;
  const std::size_t first_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::size_t wanted_ = 0;
  std::size_t in_ = 0;
  std::size_t out_ = 0;
  std::string must_contain_;
  OnMessage on_message_;
  OnOut on_out_;
  std::string failure_;
};

}  // namespace usher::bench
