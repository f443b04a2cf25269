#include "http_client/outbound.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "http_client/tls_trust.h"

namespace usher::http_client {

Outbound::Outbound(std::string ca_file)
    : ca_file_(std::move(ca_file)), io_(1), work_(io_.get_executor()) {}

Outbound::~Outbound() { stop(); }

void Outbound::load_trust() {
  if (!trust_) trust_ = make_tls_trust(ca_file_);
}

void Outbound::start() {
  thread_ = std::thread([this] { io_.run(); });
}

void Outbound::stop() {
  io_.stop();
  join();
}

void Outbound::join() {
  if (thread_.joinable()) thread_.join();
}

void Outbound::post(UniqueFunction<void()> task) {
  boost::asio::post(io_, [task = std::move(task)]() mutable { task(); });
}

}  // namespace usher::http_client
