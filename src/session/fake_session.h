// A session that only records what its parts ask of it, for their tests.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "session/session_fixture.h"
#include "session/session_view.h"

namespace usher::session {

class FakeSession final : public SessionView {
 public:
  FakeSession(edge::Outlet& outlet, SessionDependencies& dependencies)
      : SessionView(outlet, dependencies) {}
  ~FakeSession() override { hub().leave(*this); }

  void go_live() {
    life_.take(Event::admitted);
    hub().join(*this, {}, [this](const hub::Joined&) { life_.take(Event::joined); });
  }
  void fall_silent() { is_silent_ = true; }
  void ping() { heartbeat_.advance({Duration::zero(), Duration::zero()}, now_); }

  hub::Identity identity() const override { return {.session = "s1", .user = "ada"}; }
  void deliver(const wire::SharedFrame& frame) override { replies_.deliver(frame); }
  std::size_t room_bytes() const override { return replies_.room_bytes(); }
  void close(const wire::CloseReason&) override {}
  void refresh(bool, std::optional<std::int64_t>) override {}

  std::string_view address_key() const override { return "192.0.2.7"; }
  void end(const wire::CloseReason& reason) override {
    life_.take(Event::ended);
    hub().leave(*this);
    calls.push_back("end " + std::to_string(reason.code));
  }
  void on_protocol_pong() override { calls.emplace_back("pong"); }
  void start_refresh(std::uint32_t id, std::string_view token) override {
    calls.push_back("refresh " + std::to_string(id) + " " + std::string(token));
  }
  bool must_hold() const override { return holds; }
  void connect(std::uint32_t id, const wire::ConnectCommand& command) override {
    calls.push_back("connect " + std::to_string(id) + " " + std::string(command.token));
    holds = holds_after_connect;
  }

  std::vector<std::string> calls;
  bool holds = false;
  bool holds_after_connect = false;
};

}  // namespace usher::session
