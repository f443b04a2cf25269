// The names of usher's keys and pub/sub channels in Redis (docs/operations.md, "What Redis
// holds").
//
// The kind comes first, and the channel, session or user last, in braces. So no name can be
// mistaken for another, and all keys of one channel share a hash tag.
//
// Threads: immutable; shared.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace usher::redis {

class Names {
 public:
  explicit Names(std::string prefix) : prefix_(std::move(prefix)) {}

  const std::string& prefix() const { return prefix_; }

  // Keys of a channel.
  std::string channel(std::string_view channel) const { return of("channel", channel); }
  std::string stream(std::string_view channel) const { return of("stream", channel); }
  std::string owner(std::string_view channel) const { return of("owner", channel); }
  std::string present(std::string_view channel) const { return of("present", channel); }
  std::string present_until(std::string_view channel) const { return of("present-until", channel); }
  // Contains the SHA-256 of the backend's key, which may have any length and any bytes.
  std::string once(std::string_view channel, std::string_view idempotency_key) const;

  // Keys of connections.
  std::string connections_of_session(std::string_view session) const {
    return of("session", session);
  }
  std::string connections_of_user(std::string_view user) const { return of("user", user); }

  // The current life of Redis (broker_scripts.h).
  std::string life() const { return prefix_ + "life"; }
  // The nodes that are alive.
  std::string nodes() const { return prefix_ + "nodes"; }

  // The stream of recent orders for all nodes, for nodes that were cut off.
  std::string orders() const { return prefix_ + "orders"; }
  // Written once a second, to learn whether Redis takes writes. Named like a ticket.
  std::string write_check() const { return prefix_ + "ticket:check"; }

  // Pub/sub channels.
  std::string messages(std::string_view channel) const { return of("messages", channel); }
  // Returns the channel whose messages() is `name`, or `nullopt` if `name` is anything else.
  std::optional<std::string_view> channel_of_messages(std::string_view name) const;
  std::string to_all_nodes() const { return prefix_ + "to-all"; }
  std::string to_node() const { return prefix_ + "to:"; }  // the node's name follows

 private:
  std::string of(std::string_view kind, std::string_view name) const;

  std::string prefix_;
};

}  // namespace usher::redis
