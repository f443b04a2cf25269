// What requests occupy in memory until they have arrived whole: a cap on what peers can make the
// node keep for nothing, for each address and in all.
//
// Clients and backends (requests that have shown an API key) have a room of the same size each, so
// that a crowd of unfinished logins keeps no publication out.
//
// Threads: shared by all shards.  Limits: BodyRoomOptions; the table holds only addresses that
// occupy something.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace usher::net {

enum class Caller : std::uint8_t { client, backend, count_ };

struct BodyRoomOptions {
  std::uint64_t bytes_max = 0;              // of each kind of caller; 0: no limit
  std::uint64_t bytes_per_address_max = 0;  // likewise
};

class BodyRoom {
 public:
  explicit BodyRoom(BodyRoomOptions options) : options_(options) {}

  // Occupies `to` bytes in place of `from`. False: there is no room for more, and `from` stays.
  // `address`: as limits::address_key() tells them apart; "" has no share of its own.
  bool resize(Caller caller, const std::string& address, std::uint64_t from, std::uint64_t to);

  std::uint64_t bytes(Caller caller) const;

 private:
  struct Room {
    std::uint64_t bytes = 0;
    std::unordered_map<std::string, std::uint64_t> by_address;
  };

  const BodyRoomOptions options_;
  mutable std::mutex mutex_;
  std::array<Room, static_cast<std::size_t>(Caller::count_)> rooms_;
};

// What one request occupies, until it is released or destroyed.
class BodyHold {
 public:
  // Null: there is no limit.
  explicit BodyHold(BodyRoom* room) : room_(room) {}
  ~BodyHold() { release(); }
  BodyHold(const BodyHold&) = delete;
  BodyHold& operator=(const BodyHold&) = delete;

  // Requires that it holds nothing.
  void set_owner(Caller caller, std::string address) {
    caller_ = caller;
    address_ = std::move(address);
  }

  bool is_empty() const { return bytes_ == 0; }

  // False: there is no room, and what it held stays held.
  bool resize(std::uint64_t bytes) {
    if (bytes == bytes_ || room_ == nullptr) return true;
    if (!room_->resize(caller_, address_, bytes_, bytes)) return false;
    bytes_ = bytes;
    return true;
  }
  void release() { (void)resize(0); }

 private:
  BodyRoom* room_;
  Caller caller_ = Caller::client;
  std::string address_;
  std::uint64_t bytes_ = 0;
};

}  // namespace usher::net
