// The upstreams of the proxy door: which one serves a path, and what its tunnels are told.
//
// Threads: immutable once made; shared by all shards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doors/identity_headers.h"

namespace usher::doors {

// Who may pass.
enum class Who : std::uint8_t { anyone, users };

struct Upstream {
  std::string name;          // in logs and metrics
  std::string path;          // "/board", or "/board/*" for everything below "/board/"
  std::string target = "/";  // path and query of its URL
  std::string authority;     // what Host says to it
  Who who = Who::anyone;
  bool end_with_token = false;  // a tunnel ends when its token does
  IdentityHeaders identity{{}};
};

class UpstreamTable {
 public:
  UpstreamTable() = default;
  explicit UpstreamTable(std::vector<Upstream> upstreams) : upstreams_(std::move(upstreams)) {}

  // `path`: of the request, without http.prefix. An exact path comes before one with "/*", and of
  // those the longest.
  std::optional<std::size_t> find(std::string_view path) const;

  const Upstream& operator[](std::size_t i) const { return upstreams_[i]; }
  std::size_t size() const { return upstreams_.size(); }

 private:
  std::vector<Upstream> upstreams_;
};

// Returns whether a segment of `path` is "." or "..", percent-encoded or not, with '/' or '\' between
// segments. Behind "/*" such a path could leave the part of the upstream that the door is for.
bool has_dot_segment(std::string_view path);

}  // namespace usher::doors
