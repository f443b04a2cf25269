#include "client_net/own_thread.h"

#include <optional>
#include <thread>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace usher::client_net {

namespace asio = boost::asio;

struct OwnThread::State {
  std::shared_ptr<asio::io_context> io;  // shared with the thread
  asio::any_io_executor executor;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> guard;
  std::thread thread;
};

OwnThread::OwnThread(const asio::any_io_executor* executor) : state_(std::make_unique<State>()) {
  if (executor) {
    state_->executor = *executor;
  } else {
    state_->io = std::make_shared<asio::io_context>(1);
    state_->executor = state_->io->get_executor();
  }
}

OwnThread::~OwnThread() {
  state_->guard.reset();
  std::thread& thread = state_->thread;
  if (!thread.joinable()) return;
  if (thread.get_id() == std::this_thread::get_id()) {
    thread.detach();
  } else {
    thread.join();
  }
}

const asio::any_io_executor& OwnThread::executor() const { return state_->executor; }

void OwnThread::start() {
  if (!state_->io) return;
  state_->guard.emplace(asio::make_work_guard(*state_->io));
  state_->thread = std::thread([io = state_->io] { io->run(); });
}

}  // namespace usher::client_net
