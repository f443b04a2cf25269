// What other nodes may say through Redis, whatever their version.
#include <cstdint>
#include <string_view>

#include "redis/broker/message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  usher::redis::decode_channel_message(text);
  usher::redis::decode_nodes_message(text);
  usher::redis::decode_node_message(text);
  usher::redis::decode_publication(text);
  usher::redis::decode_owner(text);
  return 0;
}
