
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "apps/arguments.h"
#include "apps/command_line.h"
#include "apps/load_or_explain.h"
#include "base/system.h"
#include "config/config_check.h"
#include "config/loopback.h"
#include "config/upstream_url.h"
#include "engine/engine.h"
#include "node/file_limit.h"
#include "node/log_writer.h"
#include "node/memory_return.h"
#include "node/node.h"
#include "node/node_options.h"
#include "node/signal_watch.h"
#include "node/supervisor.h"

namespace usher::apps {
namespace {

namespace asio = boost::asio;

constexpr std::uint64_t kDescriptorsForOurselves = 64;
constexpr Duration kInterruptWindow = std::chrono::seconds(1);

// What a drain may take beyond its window: the last word and the linger of a connection that does
// not leave (ShardOptions), and the last hooks. Then the process ends, whatever it waits for.
constexpr Duration kDrainTail = std::chrono::seconds(15);
constexpr Duration kThreadsTail = std::chrono::seconds(2);  // what threads may take to end
constexpr Duration kEndTail = std::chrono::seconds(4);
constexpr Duration kLastWords = std::chrono::milliseconds(200);
constexpr Duration kMemoryInterval = std::chrono::seconds(1);
constexpr Duration kFlush = std::chrono::seconds(2);

// When the page of --dev asks for a restart: time for the answer to leave, then nobody is there.
constexpr Duration kRestartNotice = std::chrono::milliseconds(100);
constexpr Duration kRestartDownFor = std::chrono::seconds(2);

std::int64_t count_ms(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

node::DevSecrets make_dev_secrets(const config::Config& config) {
  SystemEntropy entropy;
  // A key that everybody knows, so that the README's lines work as they stand: only where nobody
  // but this machine can use it. (A public api.listen is refused: config_check.)
  const bool local = std::ranges::all_of(config.server.listen, config::is_loopback_listener) &&
                     config.server.trusted_proxies.empty();
  return {.jwt_secret = to_hex(entropy.bytes<32>()),
          .api_key = local ? "dev" : to_hex(entropy.bytes<16>())};
}

// A name that leads to `address` from this machine.
std::string local_name(const std::string& address) {
  for (const auto& [any, local] : {std::pair("0.0.0.0:", "127.0.0.1:"), {"[::]:", "[::1]:"}}) {
    if (address.starts_with(any)) return local + address.substr(std::strlen(any));
  }
  return address;
}

// How to reach the last upstream, which is that of --upstream.
std::string tunnel_lines(const std::string& base,
                         const std::vector<config::UpstreamConfig>& upstreams) {
  if (upstreams.empty()) return {};
  std::string path = upstreams.back().path;
  if (path.ends_with('*')) path.pop_back();
  return "  Tunnel      " + std::string(program_invocation_name) + " connect --raw " + base + path +
         " --token \"$(jq -r .token /tmp/guest.json)\"\n              leads to " +
         config::shown_without_query(config::parse_upstream_url(upstreams.back().url).value()) +
         "; each line that you type is a message\n";
}

void print_what_to_try(const node::Node::Addresses& addresses, const node::DevSecrets& dev,
                       bool tls, const std::string& prefix, config::EngineType engine,
                       const std::vector<config::UpstreamConfig>& upstreams) {
  const std::string place = local_name(addresses.clients.front()) + prefix;
  const std::string base = (tls ? "https://" : "http://") + place;
  // Each line works as it stands, in another terminal in the same folder.
  std::printf(
      "\n"
      "usher " USHER_VERSION
      " is running for development: %s engine, guests on, localhost origins.\n\n"
      "  See it      %s/   (a page that shows all of it, with switches to break things)\n\n"
      "  Connect     curl -s -X POST %s/auth/token > /tmp/guest.json\n"
      "              %s connect %s --token \"$(jq -r .token /tmp/guest.json)\"\n"
      "  Publish     %s publish --url %s --api-key %s \\\n"
      "                \"session:$(jq -r .session_id /tmp/guest.json)\" '{\"hello\":\"world\"}'\n"
      "%s"
      "  Health      http://%s/readyz  /healthz  /metrics\n\n"
      "Stop with Ctrl-C. README.md has the same with curl and any WebSocket client.\n\n",
      engine == config::EngineType::redis ? "redis" : "memory", base.c_str(), base.c_str(),
      program_invocation_name, base.c_str(), program_invocation_name, base.c_str(),
      dev.api_key.c_str(), tunnel_lines(base, upstreams).c_str(), addresses.admin.c_str());
  std::fflush(stdout);
}

// Says what limits.connections = 0 means. A tunnel has two sockets.
void set_connections_possible(config::Config& config, std::uint64_t descriptors) {
  const std::uint64_t possible = descriptors > 2 * kDescriptorsForOurselves
                                     ? descriptors - kDescriptorsForOurselves
                                     : descriptors / 2;
  config.connections_possible = possible / (config.upstreams.empty() ? 1 : 2);
}

class Server {
 public:
  Server(config::Config config, std::optional<node::DevSecrets> dev, node::LoadConfig load)
      : config_(std::move(config)),
        shutdown_timeout_(config_.shutdown.timeout),
        dev_(std::move(dev)),
        load_(std::move(load)),
        log_({.level = config_.log.level, .format = config_.log.format}, wall_clock_,
             node::stderr_sink()),
        node_(make_node(config_)),
        memory_(node::shard_count(config_), clock_, log_),
        memory_timer_(loop_),
        restart_timer_(loop_) {}

  ~Server() { node::SignalWatch::start().stop_listening(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  const node::Node::Addresses& addresses() const { return node_->addresses(); }

  void run(std::uint64_t descriptors) {
    // First: after the next line clients may be connected, and a signal must let them be told
    // goodbye.
    node::SignalWatch::start().serve([this](int signal) { on_signal(signal); });
    node_->start();
    for (const std::string& address : addresses().clients)
      log_.info("listening", {{"address", address}});
    if (!addresses().api.empty())
      log_.info("listening", {{"address", addresses().api}, {"for", "api"}});
    if (!addresses().admin.empty())
      log_.info("listening", {{"address", addresses().admin}, {"for", "admin"}});
    if (!addresses().verify.empty())
      log_.info("listening", {{"address", addresses().verify}, {"for", "verify"}});
    log_.info("file limit",
              {{"descriptors", descriptors}, {"connections", node::connections_max(config_)}});
    node::tell_supervisor(std::getenv("NOTIFY_SOCKET"), node::kSupervisorReady);
    const auto work = asio::make_work_guard(loop_);
    look_after_memory();
    loop_.run();
    end();
  }

 private:
  std::unique_ptr<node::Node> make_node(const config::Config& config) {
    auto node = std::make_unique<node::Node>(
        config, dev_, log_, [this] { return log_.dropped(); },
        node::NodeReloads{load_, [this](const config::Config& fresh) { take_over(fresh); }});
    node->on_restart_asked([this] { asio::post(loop_, [this] { restart(); }); });
    return node;
  }

  // On the reload's thread.
  void take_over(const config::Config& fresh) {
    log_.set(fresh.log.level, fresh.log.format);
    shutdown_timeout_ = fresh.shutdown.timeout;
    asio::post(loop_, [this, fresh] { config_ = fresh; });
  }

  // Everything that a new process would not have is forgotten; ports and secrets stay.
  void restart() {
    if (draining_ || std::exchange(restarting_, true)) return;
    restart_timer_.expires_after(kRestartNotice);
    restart_timer_.async_wait([this](const boost::system::error_code& error) {
      if (error || draining_) return;
      config::Config same_ports = config_;
      same_ports.server.listen = addresses().clients;
      same_ports.api.listen = addresses().api;
      same_ports.admin.listen = addresses().admin;
      same_ports.verify.listen = addresses().verify;
      node_.reset();
      log_.info("restarting", {{"downMs", count_ms(kRestartDownFor)}});
      restart_timer_.expires_after(kRestartDownFor);
      restart_timer_.async_wait([this, same_ports](const boost::system::error_code& stopped) {
        if (stopped) return;
        node_ = make_node(same_ports);
        node_->start();
        restarting_ = false;
        log_.info("restarted");
      });
    });
  }

  // On the watch's thread: the deadline holds even while this one is held up.
  void on_signal(int signal) {
    if (signal == SIGHUP) {
      return asio::post(loop_, [this] {
        if (node_) node_->reload();
      });
    }
    const bool asked_twice = std::exchange(end_asked_, true);  // then at once
    const Duration window = asked_twice ? Duration::zero() : window_of(signal);
    const Duration tail = asked_twice ? kEndTail : kDrainTail;
    node::SignalWatch::start().end_within(window + tail, kFailed, [this] {
      log_.error("not stopped in time: ended without waiting for what still runs");
      log_.flush(kLastWords);
    });
    asio::post(loop_, [this, asked_twice, window] {
      if (asked_twice) return loop_.stop();
      draining_ = true;
      drain(window);
    });
  }

  // Connections have left. Names that are being looked up and files that are being read can't be
  // called back: what waits for them is left behind.
  void end() {
    const bool is_reloading = node_ && node_->is_reloading();
    node::SignalWatch::start().stop_listening();  // it ends soon enough by itself
    const Duration hooks = node_ ? node_->hooks_patience() : Duration::zero();
    node::SignalWatch::start().end_within(hooks + kThreadsTail, kDone, [this] {
      log_.warn("stopped without waiting for a name server, a disk or a hook");
      log_.flush(kLastWords);
    });
    node_.reset();
    log_.info("stopped");
    // A thread that reads a file would meet a process in parts; one that waits for the log's reader
    // holds what an orderly exit wants.
    const bool is_written = log_.flush(kFlush);
    if (is_reloading || !is_written) _exit(kDone);
    node::SignalWatch::start().end_within(kEndTail, kDone, nullptr);
  }

  void look_after_memory() {
    memory_timer_.expires_after(kMemoryInterval);
    memory_timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      memory_.tick();
      look_after_memory();
    });
  }

  // A person at a terminal does not want to wait for shutdown.timeout.
  Duration window_of(int signal) const {
    const Duration timeout = shutdown_timeout_;
    return signal == SIGINT ? std::min(timeout, kInterruptWindow) : timeout;
  }

  void drain(Duration window) {
    if (!node_) return loop_.stop();  // nobody is there to be told
    node::tell_supervisor(std::getenv("NOTIFY_SOCKET"), node::kSupervisorStopping);
    log_.info("draining", {{"windowMs", count_ms(window)}});
    node_->drain(window, [this] { asio::post(loop_, [this] { loop_.stop(); }); });
  }

  config::Config config_;  // in force
  std::atomic<Duration> shutdown_timeout_;
  const std::optional<node::DevSecrets> dev_;
  const node::LoadConfig load_;
  SystemClock clock_;
  SystemWallClock wall_clock_;
  node::LogWriter log_;
  asio::io_context loop_;
  std::unique_ptr<node::Node> node_;  // null: in the middle of a restart
  node::MemoryReturn memory_;
  asio::steady_timer memory_timer_;
  asio::steady_timer restart_timer_;
  bool end_asked_ = false;  // of the watch's thread
  bool draining_ = false;
  bool restarting_ = false;
};

}  // namespace

int run_serve(int argc, char** argv) {
  ConfigRequest request;
  std::vector<std::string> listen;
  Arguments app(
      "Runs the gateway until SIGTERM. SIGHUP reads the configuration, keys and the certificate again.",
      "usher serve");
  app.text("--config", request.file, "configuration file (TOML)");
  app.flag("--dev", request.dev,
           "for development: no file needed, guests on, localhost origins, random secret");
  app.texts("--set", request.settings,
            "sets one key, as key=value; overrides file and environment");
  app.text("--upstream", request.upstream,
           "with --dev: put a WebSocket server behind the proxy door, for example "
           "http://127.0.0.1:3000/socket");
  app.texts("--listen", listen, "same as --set server.listen=ADDRESS");
  app.footer("Example: usher serve --config /etc/usher/usher.toml --set log.level=debug");
  if (const Parsed parsed = app.parse(argc, argv); !parsed.go_on) return parsed.exit_code;
  if (request.file.empty() && !request.dev) {
    return fail("serve", "give --config FILE, or --dev to try it without one", kBadUsage);
  }
  if (!request.upstream.empty() && !request.dev) {
    return fail("serve",
                "--upstream is for --dev; in a configuration, write an [[upstreams]] section",
                kBadUsage);
  }
  std::string addresses;
  for (const std::string& address : listen) addresses += (addresses.empty() ? "" : ",") + address;
  if (!addresses.empty()) request.settings.push_back("server.listen=" + addresses);

  node::ignore_other_signals();
  node::SignalWatch::start();
  remember_pipe(request);
  auto config = load_or_explain("serve", request);
  if (!config) return kFailed;
  const std::uint64_t descriptors = node::raise_file_limit();
  set_connections_possible(*config, descriptors);

  std::optional<node::DevSecrets> dev;
  if (config->dev) dev = make_dev_secrets(*config);
  const bool tls = config->tls.enabled();
  const std::string prefix = config->http.prefix;
  const config::EngineType engine = config->engine.type;
  const std::vector<config::UpstreamConfig> upstreams = config->upstreams;
  Server server(std::move(*config), dev, [request, descriptors] {
    config::LoadedConfig loaded = load_checked(request, config::Pipes::refused);
    set_connections_possible(loaded.config, descriptors);
    return loaded;
  });
  if (dev) print_what_to_try(server.addresses(), *dev, tls, prefix, engine, upstreams);
  server.run(descriptors);
  return kDone;
}

}  // namespace usher::apps
