// A limit on the memory of requests that have not arrived whole, for each address and in total.
// Without it, peers could fill the node's memory with unfinished requests.
//
// Clients and backends (requests with a valid API key) have a room of the same size each, so that
// many unfinished logins do not keep publications out.
//
// Threads: shared by all shards.  Limits: BodyRoomOptions; the table holds only addresses with
// bytes in it.
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

  // Requests that occupy more keep what they have.
  void set_options(BodyRoomOptions options);

  // Occupies `to` bytes in place of `from`. Returns false if there is no room for more; then `from`
  // stays occupied. `address` is a limits::address_key(); "" has no share of its own.
  bool resize(Caller caller, const std::string& address, std::uint64_t from, std::uint64_t to);

  std::uint64_t bytes(Caller caller) const;

 private:
  struct Room {
    std::uint64_t bytes = 0;
    std::unordered_map<std::string, std::uint64_t> by_address;
  };

  mutable std::mutex mutex_;
  BodyRoomOptions options_;  // guarded by mutex_, as rooms_
  std::array<Room, static_cast<std::size_t>(Caller::count_)> rooms_;
};

// The bytes that one request occupies, until they are released or this is destroyed.
class BodyHold {
 public:
  // `room` may be null: then there is no limit.
  explicit BodyHold(BodyRoom* room) : room_(room) {}
  ~BodyHold() { release(); }
  BodyHold(const BodyHold&) = delete;
  BodyHold& operator=(const BodyHold&) = delete;

  // Requires: is_empty().
  void set_owner(Caller caller, std::string address) {
    caller_ = caller;
    address_ = std::move(address);
  }

  bool is_empty() const { return bytes_ == 0; }

  // Returns false if there is no room; then it holds as much as before.
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
