// An upstream's two shells without a tunnel: the test is their owner, and the upstream.
#pragma once

#include <optional>

#include "net/tunnel_fixture.h"
#include "net/upstream_dial.h"
#include "net/upstream_socket.h"

namespace usher::net {

// What they tell their owner.
class NotingOwner final : public UpstreamDial::Owner, public UpstreamSocket::Owner {
 public:
  std::vector<std::string> told;
  std::string bytes;
  std::size_t room = 64 * 1024;

 private:
  void on_upstream_answer(const wire::HttpAnswer& answer) override {
    told.push_back("answer:" + std::to_string(answer.status));
  }
  void on_upstream_unreachable(const edge::Unreachable& reason) override {
    told.push_back(text_of(reason));
  }
  void on_upstream_bytes(std::span<const char> more) override {
    bytes.append(more.data(), more.size());
  }
  std::size_t room_for_client() const override { return room; }
  void on_upstream_room() override { told.emplace_back("room"); }
  void on_upstream_lost() override { told.emplace_back("lost"); }
  void on_upstream_end() override { told.emplace_back("end"); }
  void on_upstream_timer(TimePoint) override { told.emplace_back("timer"); }
  void on_upstream_closed() override { told.emplace_back("closed"); }
  void break_off(const std::exception& broken) override { told.emplace_back(broken.what()); }
};

class UpstreamFixture : public TunnelFixture {
 protected:
  using TunnelFixture::TunnelFixture;

  // Begins to dial the listener.
  void begin_dial() {
    dial = std::make_unique<UpstreamDial>(context, owner, 0, kUpstreamRequest);
    dial->start();
  }
  // Dials the listener, up to the request.
  void connect_upstream() {
    begin_dial();
    turn();
    upstream = listener.accept();
    EXPECT_EQ(receive(upstream), kUpstreamRequest);
  }

  NotingOwner owner;
  std::unique_ptr<UpstreamDial> dial;
};

}  // namespace usher::net
