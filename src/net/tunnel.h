// One client's socket and one upstream's, and the bytes between them. It takes the place of the
// Connection whose request it was, and carries out the orders of its TunnelSession.
//
// Bytes are passed on as they come, from the buffer of the shard to the other socket. What that does
// not take waits in its outbox; a source is read only while there is room, so each direction holds
// at most UpstreamTarget::buffer_bytes. An idle tunnel holds none.
//
// The end. usher's own close frame must stand between two frames of the upstream, so the tunnel goes
// on until the frame that is under way is whole, for kFrameTimeMax at most. The same towards the
// upstream: a client that is in the middle of a frame is cut off there, and the upstream gets no
// close frame. Whichever side ends first, the other gets the bytes that were on their way.
//
// The client's socket lives as lifecycle.h says, the upstream's as upstream_socket.h says; the tunnel
// retires when both are closed.
//
// Threads: belongs to its shard.  Owned by the shard's ConnectionTable.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "edge/tunnel.h"
#include "net/accepted_socket.h"
#include "net/put_by.h"
#include "net/tunnel_frames.h"
#include "net/upstream_dial.h"
#include "net/upstream_socket.h"

namespace usher::net {

class Tunnel final : public AcceptedSocket,
                     public edge::TunnelOutlet,
                     private UpstreamDial::Owner,
                     private UpstreamSocket::Owner {
 public:
  // How long a close frame of ours waits for the end of a frame.
  static constexpr Duration kFrameTimeMax = std::chrono::seconds(1);
  // How long a tunnel stays open when nothing passes, once one side has finished or is lost, or both
  // have sent a close frame.
  static constexpr Duration kLastSilenceMax = std::chrono::seconds(10);

  Tunnel(ShardContext& shard, Socket socket);

  // The socket is in the shard's epoll set. `first_bytes` came behind the request.
  void start(const edge::TunnelOpening& opening, std::span<const char> first_bytes);

  // ---- AcceptedSocket ----
  void run() override;
  bool awaits_goodbye() const override;
  void say_goodbye(Duration retry_after) override;

  // ---- edge::TunnelOutlet ----
  void dial(std::size_t upstream, std::string request) override;
  void open(std::string switching_protocols) override;
  void refuse(std::string switching_protocols, const wire::CloseReason& reason) override;
  void close(const wire::CloseReason& reason) override;
  void wake() override;
  void set_deadline(std::optional<TimePoint> deadline) override {
    AcceptedSocket::set_deadline(deadline);
  }

 private:
  void on_events(std::uint32_t events) override;
  void on_deadline(TimePoint now) override;
  void on_all_sent() override;
  void on_closed() override;

  // ---- UpstreamDial::Owner, UpstreamSocket::Owner ----
  void on_upstream_answer(const wire::HttpAnswer& answer) override;
  void on_upstream_unreachable(const edge::Unreachable& reason) override;
  void on_upstream_bytes(std::span<const char> bytes) override;
  std::size_t room_for_client() const override;
  void on_upstream_room() override;
  void on_upstream_lost() override;
  void on_upstream_end() override;
  void on_upstream_timer(TimePoint now) override;
  void on_upstream_closed() override;
  void break_off(const std::exception& broken) override;

  template <class Work>
  void guarded(Work work);
  edge::TunnelSession& session();

  void begin_passing();
  void handle_events(std::uint32_t events);
  void take_bytes(std::span<const char> bytes);
  void put_by(std::span<const char> bytes);
  void pass_to_upstream(std::span<const char> bytes);
  void pass_to_client(std::span<const char> bytes);
  void read_while_there_is_room();
  bool leaves_bytes(std::uint32_t events) const;
  void pass_last_bytes();
  void end_client();
  void lose_client();
  void tell_upstream();
  void say_close();
  void tell_session_closed();
  void limit_silence();

  std::unique_ptr<edge::TunnelSession> session_;  // until the end has been decided
  PutBy put_by_;                                  // of the client, until the tunnel is open
  std::unique_ptr<UpstreamDial> dial_;            // until bytes pass
  TunnelFrames frames_;
  UpstreamSocket upstream_;
  TimePoint last_passed_;
  bool session_waits_ = false;  // for on_turn()
  bool session_ended_ = false;  // it gets no call any more
  bool upstream_told_ = false;  // a close frame has been sent to the upstream
  bool half_open_ = false;      // the client has finished sending
  bool is_last_ = false;        // kLastSilenceMax holds
};

}  // namespace usher::net
