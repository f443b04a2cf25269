// One client of the load generator: a ticket where one is needed, the upgrade, then its messages.
//
// At an usher gateway a client is in when it has received its connect push; behind a tunnel, and at
// any other server, when it has received the 101.
//
// Threads: its loop's.  Borrows: everything in Setting, the listener.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/load/target.h"
#include "bench/load/ticket_desk.h"
#include "bench/load/web_socket.h"

namespace usher::bench {

struct Setting {
  Loop& loop;
  const Target& target;
  TicketDesk& desk;
  Numbers& numbers;
};

class Client final : private WebSocket::Listener {
 public:
  class Listener {
   public:
    // `first`: the connect push, or empty.
    virtual void on_in(Client& client, std::string_view first) = 0;
    virtual void on_message(Client& client, std::string_view payload) = 0;
    // The client did not get in, or is out. Not called after leave().
    virtual void on_out(Client& client, std::uint16_t code, std::string_view why) = 0;
    // The client got no ticket. Status 0: no answer.
    virtual void on_no_ticket(Client& client, const HttpAnswer& answer) {
      on_out(client, 0,
             "POST /auth/ticket: " + std::to_string(answer.status) + " " +
                 std::string(answer.body.substr(0, 200)));
    }

   protected:
    ~Listener() = default;
  };

  Client(const Setting& setting, Listener& listener)
      : setting_(setting),
        listener_(listener),
        socket_(setting.loop, setting.target.address, setting.numbers, *this) {}

  // `index` determines the client's token and its source address.
  void enter(std::size_t index);
  void enter(std::size_t index, std::string_view wish);  // the ticket call's body
  void enter_with(std::size_t index, std::string_view ticket);
  void enter_at(std::size_t index, std::string_view path);  // bare, at this path

  void leave(bool reset = false);
  void say_goodbye() { socket_.say_goodbye(); }

  WebSocket& socket() { return socket_; }
  std::size_t index() const { return index_; }
  bool is_in() const { return is_in_; }
  bool was_in() const { return was_in_; }     // before on_out()
  TimePoint began() const { return began_; }  // enter()
  TimePoint upgrade_began() const { return upgrade_began_; }

 private:
  void upgrade(std::string_view target);
  void on_open(WebSocket& socket) override;
  void on_text(WebSocket& socket, std::string_view payload) override;
  void on_ended(WebSocket& socket, std::uint16_t code, std::string_view why) override;

  const Setting& setting_;
  Listener& listener_;
  WebSocket socket_;
  std::size_t index_ = 0;
  std::uint32_t attempt_ = 0;
  bool is_in_ = false;
  bool was_in_ = false;
  TimePoint began_;
  TimePoint upgrade_began_;
};

}  // namespace usher::bench
