#include "net/upstream_addresses.h"

#include <sys/un.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "http_client/endpoint.h"

namespace usher::net {
namespace {

using boost::asio::ip::tcp;

SocketAddress unix_address(const std::string& path) {
  SocketAddress address;
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  std::memcpy(where.sun_path, path.c_str(), std::min(path.size(), sizeof where.sun_path - 1));
  std::memcpy(&address.storage, &where, sizeof where);
  address.size = sizeof where;
  address.text = "unix:" + path;
  return address;
}

SocketAddress tcp_address(const tcp::endpoint& endpoint) {
  SocketAddress address;
  std::memcpy(&address.storage, endpoint.data(), endpoint.size());
  address.size = static_cast<socklen_t>(endpoint.size());
  const std::string host = endpoint.address().to_string();
  address.text = (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" +
                 std::to_string(endpoint.port());
  return address;
}

}  // namespace

UpstreamAddresses::UpstreamAddresses(std::vector<UpstreamTarget> targets, SSL_CTX* trust,
                                     boost::asio::io_context& io,
                                     std::function<void(Mailbox::Task)> run_turn,
                                     const Clock& clock)
    : trust_(trust), resolver_(io), run_turn_(std::move(run_turn)), clock_(clock) {
  for (UpstreamTarget& target : targets) {
    Name name{.target = std::move(target), .addresses = {}, .waiting = {}};
    const UpstreamTarget& where = name.target;
    boost::system::error_code no_address;
    const auto literal = boost::asio::ip::make_address(where.host, no_address);
    if (!where.unix_path.empty()) {
      name.addresses = {unix_address(where.unix_path)};
    } else if (!no_address) {
      const auto port = static_cast<std::uint16_t>(std::stoul(where.port));
      name.addresses = {tcp_address({literal, port})};
    }
    if (!name.addresses.empty()) name.fresh_until = TimePoint::max();
    names_.push_back(std::move(name));
  }
}

void UpstreamAddresses::resolve(std::size_t upstream, Done done) {
  Name& name = names_[upstream];
  const TimePoint now = clock_.now();
  if (now < name.fresh_until) return done(name.addresses, "");
  if (!std::exchange(name.is_asked, true)) ask(upstream);
  if (now < name.serves_until) return done(name.addresses, "");
  name.waiting.push_back(std::move(done));
}

void UpstreamAddresses::prefer(std::size_t upstream, const SocketAddress& address) {
  auto& addresses = names_[upstream].addresses;
  const auto found = std::ranges::find(addresses, address.text, &SocketAddress::text);
  if (found != addresses.end()) std::iter_swap(addresses.begin(), found);
}

void UpstreamAddresses::ask(std::size_t upstream) {
  const UpstreamTarget& where = names_[upstream].target;
  resolver_.async_resolve(
      where.host, where.port,
      [this, upstream](const boost::system::error_code& error,
                       const tcp::resolver::results_type& results) {
        run_turn_([this, upstream, error, results] { on_answer(upstream, error, results); });
      });
}

void UpstreamAddresses::on_answer(std::size_t upstream, const boost::system::error_code& error,
                                  const tcp::resolver::results_type& results) {
  Name& name = names_[upstream];
  const TimePoint now = clock_.now();
  name.is_asked = false;
  if (error) {
    if (now >= name.serves_until) name.addresses.clear();
  } else {
    name.serves_until = now + kFreshFor + kServesOnFor;
    const std::string preferred = name.addresses.empty() ? "" : name.addresses.front().text;
    name.addresses.clear();
    for (const auto& result : results) name.addresses.push_back(tcp_address(result.endpoint()));
    const auto same = std::ranges::find(name.addresses, preferred, &SocketAddress::text);
    if (same != name.addresses.end()) std::iter_swap(name.addresses.begin(), same);
  }
  name.fresh_until = std::min(now + kFreshFor, name.serves_until);
  const std::string why =
      error ? "resolving the name " + name.target.host + ": " + error.message() : "";
  // A copy: what is called may change the list.
  const std::vector<SocketAddress> addresses = name.addresses;
  for (Done& done : std::exchange(name.waiting, {})) done(addresses, why);
}

}  // namespace usher::net
