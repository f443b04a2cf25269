// Any bytes as what Redis says: replies, whole and in pieces; and what usher reads in them: the
// handshake, a sentinel's answer, a ticket's grant, a revocation, a message. And any bytes as a
// URL.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "redis/broker/message.h"
#include "redis/broker/stream_page.h"
#include "redis/link/handshake.h"
#include "redis/link/reply_reader.h"
#include "redis/link/sentinel.h"
#include "redis/link/url.h"
#include "redis/revocations/revocation.h"
#include "redis/tickets/grant_record.h"

namespace {

using namespace usher::redis;

constexpr ReplyLimits kLimits{.bytes_max = 1 << 16, .values_max = 1000};

struct Read {
  std::vector<Reply> replies;
  bool broken = false;
};

Read read(std::string_view bytes, std::size_t piece) {
  ReplyReader reader(kLimits);
  Read result;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.feed(bytes.substr(at, piece));
    while (auto reply = reader.next()) result.replies.push_back(std::move(*reply));
  }
  result.broken = reader.is_broken();
  return result;
}

std::size_t values_in(const Reply& reply) {
  std::size_t count = 1;
  for (const Reply& item : reply.items) count += values_in(item);
  return count;
}

void understand(const Reply& reply) {
  USHER_CHECK(values_in(reply) <= kLimits.values_max);
  (void)reply.error_code();
  (void)master_address(reply);
  (void)parse_page(reply);
  (void)parse_position(reply);
  const auto judged = Handshake(Address{.password = "p"}).judge(std::vector(4, reply));
  USHER_CHECK(judged.has_value() || !to_string(judged.error()).empty());
}

void decode(std::string_view bytes) {
  if (const auto grant = decode_grant(bytes)) {
    USHER_CHECK(decode_grant(encode_grant(*grant)) == grant);
  }
  if (const auto revocation = decode_revocation_message(bytes)) {
    USHER_CHECK(decode_revocation_message(message_of(*revocation)) == revocation);
  }
  (void)decode_channel_message(bytes);
  (void)decode_nodes_message(bytes);
  (void)decode_node_message(bytes);
  const std::string url(bytes);
  if (const auto address = parse_url(url)) {
    USHER_CHECK(!address->host.empty());
    USHER_CHECK((address->kind == Address::Kind::unix_socket) == address->port.empty());
  } else {
    USHER_CHECK(!to_string(address.error()).empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Read whole = read(bytes, size + 1);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}}) {
    const Read pieces = read(bytes, piece);
    USHER_CHECK(pieces.replies == whole.replies);
    USHER_CHECK(pieces.broken == whole.broken);
  }
  for (const Reply& reply : whole.replies) understand(reply);
  decode(bytes);
  return 0;
}
