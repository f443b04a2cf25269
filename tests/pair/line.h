// One WebSocket of a pair test: a ServerSession at one end, a client at the other, and between them
// two directions that deliver in order, after a delay, or not at all.
//
// It does what the sockets of net/ and client_net/ do. A frame leaves when the session has released
// its connection. After a close frame nothing more leaves, and the session hears of the end when
// the peer has answered, or kLinger later.
//
// Threads: one. Borrows: time, network, the session's dependencies, the client's end.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/protocol.h"
#include "pair/virtual_time.h"
#include "session/server_session.h"

namespace usher::test {

// What the network does to all lines, from now on.
struct Network {
  Duration delay = std::chrono::milliseconds(10);  // one way
  // Frames vanish, and neither end is told. As TCP delivers nothing behind a gap, a line that has
  // lost a frame loses all later ones of that direction, too.
  bool loses_to_server = false;
  bool loses_to_client = false;
  bool is_down = false;  // no new connection and no HTTP call gets through
};

class Line final : private edge::Outlet {
 public:
  // The client's end. Called at most once after on_open(): on_closed().
  class Client {
   public:
    virtual void on_open(client::Attempt attempt) = 0;
    virtual void on_text(client::Attempt attempt, std::string_view text) = 0;
    virtual void on_closed(client::Attempt attempt, std::uint16_t code, const std::string& reason,
                           bool clean) = 0;

   protected:
    ~Client() = default;
  };

  // Dials: the upgrade with `ticket` reaches the server after a delay.
  Line(VirtualTime& time, const Network& network, session::SessionDependencies& dependencies,
       Client& client, client::Attempt attempt, std::string ticket);

  // --- the client's calls; it is told nothing after hang_up() and abandon() ---
  void send(std::string text);
  void hang_up(std::uint16_t code);
  void abandon() { hang_up(kNoCloseFrame); }

  // Both ends lose the connection at this moment.
  void cut();

  // --- the server's side ---
  void shut_down(Duration retry_after);
  std::optional<TimePoint> deadline() const { return deadline_; }
  void on_deadline();
  // Gives the session its turn if it has asked for one. Returns whether it had.
  bool run_turn();
  // The session is live or on its way.
  bool is_open() const { return session_ && !closing_; }
  // Both ends know that it is over.
  bool is_over() const { return client_over_ && server_over_; }

 private:
  static constexpr std::uint16_t kNoCloseFrame = 1006;
  static constexpr Duration kLinger = std::chrono::seconds(2);

  // edge::Outlet
  void send_text(std::string_view payload) override;
  void send_binary(std::string_view) override;
  void send_frame(const wire::SharedFrame& frame) override;
  void send_ping() override;
  void close(const wire::CloseReason& reason) override;
  void wake() override { awake_ = true; }
  void pause() override { paused_ = true; }
  bool has_room() override { return true; }
  std::size_t room_bytes() const override { return 1 << 20; }
  bool may_be_unread(TimePoint) override { return false; }
  void release() override;
  void set_deadline(std::optional<TimePoint> deadline) override { deadline_ = deadline; }

  void begin();
  void to_client(UniqueFunction<void()> event);
  void to_server(UniqueFunction<void()> event);
  void end_client(std::uint16_t code, const std::string& reason, bool clean);
  void end_server(std::uint16_t code, const std::string& reason);

  VirtualTime& time_;
  const Network& network_;
  session::SessionDependencies& dependencies_;
  Client& client_;
  const client::Attempt attempt_;
  const std::string ticket_;
  std::unique_ptr<session::ServerSession> session_;  // null before the upgrade has arrived
  bool released_ = false;
  bool awake_ = false;
  bool paused_ = false;
  bool closing_ = false;  // the server has sent its close frame
  bool client_over_ = false;
  bool server_over_ = false;
  std::vector<UniqueFunction<void()>> held_;  // until the session is released
  bool client_is_deaf_ = false;               // a frame to it was lost
  bool server_is_deaf_ = false;
  TimePoint client_hears_at_;  // a direction never overtakes itself
  TimePoint server_hears_at_;
  std::optional<TimePoint> deadline_;
};

}  // namespace usher::test
