// One accepted socket from its first request to its end: hands its bytes and deadlines to the HTTP
// phase (http_connection.h), and after the upgrade to the session (edge/session.h). Its phases are
// in lifecycle.h, its outbox in accepted_socket.h.
//
// Turns. The peer's bytes are handled up to a share for each turn of the shard's loop: one request,
// or kMessagesPerTurn messages. The rest is put by, reading pauses, and the connection goes on in
// its next turn (docs/adr/0001-turns.md).
//
// A broken invariant (base/check.h) ends this connection with 1011, and no other.
//
// Threads: belongs to its shard.  Owned by the shard's ConnectionTable, from adopt() to retire().
// Limits: ShardOptions::message_bytes_max to receive; accepted_socket.h for the rest.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "edge/session.h"
#include "net/http_connection.h"
#include "net/http_socket.h"
#include "net/put_by.h"
#include "wire/ws_message.h"

namespace usher::net {

class Connection final : public HttpSocket, public edge::Outlet {
 public:
  static constexpr int kMessagesPerTurn = 64;

  Connection(ShardContext& shard, Socket socket, std::shared_ptr<HttpConnection> http);
  ~Connection() override;

  // Joins the shard's epoll set and begins with HTTP. False when the kernel refuses.
  bool start();

  // ---- AcceptedSocket ----
  void run() override;
  bool is_idle_http() const override { return http_ != nullptr && http_->is_idle(); }
  bool awaits_goodbye() const override { return session_ != nullptr && rules().sends; }
  void say_goodbye(Duration retry_after) override;

  // ---- HttpSocket ----
  void upgrade(const edge::Opening& opening, std::string switching_protocols,
               std::span<const char> first_bytes) override;
  void become_tunnel(const edge::TunnelOpening& opening,
                     std::span<const char> first_bytes) override;

  // ---- edge::Outlet ----
  void send_text(std::string_view payload) override { push(wire::Opcode::text, payload); }
  void send_binary(std::string_view payload) override { push(wire::Opcode::binary, payload); }
  void send_frame(const wire::SharedFrame& frame) override { push(frame); }
  void gather_frame(const wire::SharedFrame& frame, const wire::Gathering& how) override {
    push(frame, how);
  }
  void send_ping() override { push(wire::Opcode::ping, ""); }
  void close(const wire::CloseReason& reason) override;
  void wake() override;
  void pause() override { session_waits_ = true; }
  bool has_room() override;
  std::size_t room_bytes() const override { return outbox_room(); }
  bool may_be_unread(TimePoint since) override;
  void release() override;
  void set_deadline(std::optional<TimePoint> deadline) override {
    AcceptedSocket::set_deadline(deadline);
  }

 private:
  void on_events(std::uint32_t events) override;
  void on_deadline(TimePoint now) override;
  void on_all_sent() override;
  void on_closed() override;

  // Every way in goes through this: an invariant that `work` breaks costs this connection alone.
  template <class Work>
  void guarded(Work work);
  void break_off(const std::exception& broken);
  edge::Session& session();

  void handle_events(std::uint32_t events);
  void take_bytes(std::span<char> bytes);
  void take_held(std::span<const char> bytes);
  void take_open(std::span<char> bytes);
  void put_by(std::span<const char> bytes);
  void go_on_with_messages();
  std::span<char> take_messages(std::span<char> bytes);
  bool take_event(const wire::MessageEvent& event);
  void take_close(const wire::MessageEvent& event);
  void take_failure(wire::ReadError error);

  void run_session();
  void say_close(const wire::CloseReason& reason);
  void end_overflowed();
  void lose();

  // As in AcceptedSocket, small members fill the gaps.
  std::shared_ptr<HttpConnection> http_;    // until the upgrade
  std::unique_ptr<edge::Session> session_;  // from the upgrade to the end of its close frame
  PutBy put_by_;
  [[no_unique_address]] wire::MessageReader reader_;
  bool session_waits_ = false;  // for on_turn(): no message is handed to it meanwhile
};

}  // namespace usher::net
