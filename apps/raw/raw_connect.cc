#include "apps/raw/raw_connect.h"

#include <unistd.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstdio>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "apps/client_log.h"
#include "apps/raw/input.h"
#include "apps/raw/line_splitter.h"
#include "apps/raw/output.h"
#include "client/socket_url.h"
#include "client_net/client_connection.h"
#include "http_client/tls_trust.h"
#include "wire/utf8.h"

namespace usher::apps {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kMessageBytesMax = std::size_t{16} << 20;
constexpr std::size_t kUnsentBytesMax = 1 << 20;     // beyond it stdin is not read
constexpr std::size_t kUnprintedBytesMax = 1 << 20;  // beyond it the connection is not read
constexpr std::uint16_t kNoCloseFrame = 1006;

// Everything runs on one loop, in one thread; nothing blocks it.
class RawRun {
 public:
  explicit RawRun(const ConnectArguments& arguments)
      : arguments_(arguments),
        signals_(loop_, SIGINT, SIGTERM),
        wait_(loop_),
        log_(arguments.verbose),
        lines_({.end = line_end(), .line_bytes_max = kMessageBytesMax}),
        input_(loop_, STDIN_FILENO,
               {.on_bytes = [this](std::string_view bytes) { read(bytes); },
                .on_end = [this](const std::string& error) { input_ended(error); }}),
        output_(loop_, STDOUT_FILENO,
                {.on_drained = [this] { drained(); }, .on_failed = [this] { finish(kFailed); }}),
        connection_(connect()) {}

  int run() {
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      output_.abandon();
      finish(kDone);
    });
    connection_->call(client::Connect{});
    loop_.run();
    return exit_code_;
  }

 private:
  char line_end() const { return arguments_.null_ends ? '\0' : '\n'; }

  std::shared_ptr<client_net::ClientConnection> connect() {
    client_net::ConnectionOptions options{.url = arguments_.url,
                                          .origin = {},
                                          .message_bytes_max = kMessageBytesMax,
                                          .trust = http_client::make_tls_trust(arguments_.ca_file),
                                          .guest_file = arguments_.guest_file};
    if (!arguments_.origin.empty()) options.origin = arguments_.origin;
    const bool elsewhere = !arguments_.gateway.empty();
    options.raw = client_net::RawOptions{
        .gateway =
            elsewhere ? arguments_.gateway : client::root_url(arguments_.url) + arguments_.prefix,
        .subprotocols = arguments_.subprotocols};
    client_net::Listeners listeners{
        .log = [this](const client::LogLine& line) { log_.line(line.text); },
        .status = [this](client::Status status) { became(status); },
        .event =
            [this](const client::Event&) { finish(kHardFailure); },  // of a raw session: failed
        .detail = [this](const std::string& text) { log_.cause(text); },
        .stage = [this](const client::StageChange& change) { note_end(change); },
        .message = [this](std::string_view data, bool binary) { print(data, binary); },
        .sent = [this] { sent(); }};
    std::unique_ptr<client_net::TokenProvider> provider;
    if (!arguments_.token.empty())
      provider = std::make_unique<client_net::FixedTokenProvider>(arguments_.token);
    return client_net::ClientConnection::make(loop_.get_executor(), std::move(options),
                                              std::move(listeners), std::move(provider));
  }

  bool is_connected() const { return connection_->status() == client::Status::connected; }

  // The code of the last close; the status that follows from it comes after this.
  void note_end(const client::StageChange& change) {
    if (change.failure) end_code_ = change.failure->code.value_or(kNoCloseFrame);
  }

  void became(client::Status status) {
    if (status == client::Status::connected) {
      in_flight_ = 0;
      if (output_.waiting_bytes() > kUnprintedBytesMax) connection_->hold(true);
      return send_and_read_on();
    }
    // After the end of stdin there is nothing to come back for.
    const bool lost = status == client::Status::reconnecting && was_sent();
    if (lost && !arguments_.keep_open)
      finish(in_flight_ == 0 && end_code_ != kNoCloseFrame ? kDone : kFailed);
  }

  void read(std::string_view bytes) {
    std::vector<std::string> messages;
    if (arguments_.binary) {
      messages.emplace_back(bytes);
    } else if (!lines_.feed(bytes, messages)) {
      return fail_input("a line of stdin has more than " + std::to_string(kMessageBytesMax) +
                        " bytes");
    }
    take(std::move(messages));
  }

  void input_ended(const std::string& error) {
    if (!error.empty()) std::fprintf(stderr, "usher connect: stdin: %s\n", error.c_str());
    input_ended_ = true;
    std::vector<std::string> last;
    lines_.finish(last);
    take(std::move(last));
  }

  void take(std::vector<std::string> messages) {
    for (std::string& message : messages) {
      if (!arguments_.binary && !wire::is_valid_utf8(message))
        return fail_input("a line of stdin is not UTF-8; --binary sends bytes as they are");
      unsent_.push_back(std::move(message));
    }
    send_and_read_on();
  }

  void send_and_read_on() {
    while (!unsent_.empty() && is_connected()) {
      connection_->send_message(std::move(unsent_.front()), arguments_.binary);
      unsent_.pop_front();
      ++in_flight_;
    }
    if (was_sent() && in_flight_ == 0 && is_connected()) return close_after_wait();
    if (is_connected() && connection_->outbox_bytes() <= kUnsentBytesMax) input_.read();
  }

  void sent() {
    --in_flight_;
    send_and_read_on();
  }

  // All of stdin has been handed to a connection.
  bool was_sent() const { return input_ended_ && unsent_.empty(); }

  void close_after_wait() {
    if (arguments_.keep_open) return;
    wait_.expires_after(std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::duration<double>(arguments_.wait_seconds)));
    wait_.async_wait([this](const boost::system::error_code& error) {
      if (!error) finish(kDone);
    });
  }

  void print(std::string_view data, bool binary) {
    if (arguments_.binary) {
      output_.write(std::string(data));
    } else if (!binary) {
      output_.write(line_of(data, line_end()));
    } else if (!std::exchange(said_binary_, true)) {
      std::fprintf(stderr, "usher connect: binary messages are left out; --binary prints them\n");
    }
    if (output_.waiting_bytes() > kUnprintedBytesMax) connection_->hold(true);
  }

  void drained() {
    connection_->hold(false);
    if (finished_) let_go();
  }

  void fail_input(const std::string& sentence) { finish(fail("connect", sentence)); }

  // The loop ends after the close frame has left and all received messages are written to stdout.
  // Only the first call has an effect.
  void finish(int exit_code) {
    if (std::exchange(finished_, true)) return;
    exit_code_ = exit_code;
    input_.close();
    wait_.cancel();
    connection_->shut_down();
    if (output_.waiting_bytes() == 0) let_go();
  }

  // From now on a signal ends the process at once.
  void let_go() {
    signals_.clear();
    signals_.cancel();
  }

  const ConnectArguments& arguments_;
  asio::io_context loop_{1};
  asio::signal_set signals_;
  asio::steady_timer wait_;
  ClientLog log_;
  LineSplitter lines_;
  std::deque<std::string> unsent_;  // read, and not handed to a connection
  std::size_t in_flight_ = 0;       // handed to this connection, and not sent
  bool input_ended_ = false;
  bool said_binary_ = false;
  bool finished_ = false;
  std::uint16_t end_code_ = kNoCloseFrame;
  int exit_code_ = kDone;
  Input input_;
  Output output_;
  std::shared_ptr<client_net::ClientConnection> connection_;
};

}  // namespace

int run_raw_connect(const ConnectArguments& arguments) { return RawRun(arguments).run(); }

}  // namespace usher::apps
