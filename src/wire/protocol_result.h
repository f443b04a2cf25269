// The objects that replies and pushes are made of. Private to protocol_reply.cc and
// protocol_push.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "wire/json_writer.h"
#include "wire/protocol_reply.h"

namespace usher::wire {

// A LF, if another message stands before.
void begin_message(std::string& out);

void append_publications(JsonObjectWriter& object, std::span<const Publication> publications);
void append_subscribe_result(std::string& out, const SubscribeResult& result);
void append_connect_result(std::string& out, const ConnectResult& result);
void append_error(std::string& out, std::uint32_t code, std::string_view message, bool temporary);

}  // namespace usher::wire
