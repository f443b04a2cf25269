#include "redis/broker/message.h"

#include <charconv>
#include <utility>

#include "redis/broker/order_codec.h"
#include "redis/link/packing.h"

namespace usher::redis {
namespace {

constexpr char kPublished = 'P';
constexpr char kJoined = 'J';
constexpr char kLeft = 'L';
constexpr char kBound = 'B';
constexpr char kOrder = 'O';
constexpr char kAnswered = 'A';
constexpr char kOverLimit = 'X';
constexpr char kSession = 's';
constexpr char kUser = 'u';

void put_info(Packer& packer, const hub::ClientInfo& info) {
  packer.text(info.client).text(info.user).text(info.conn_info).text(info.chan_info);
}

hub::ClientInfo take_info(Unpacker& unpacker) {
  hub::ClientInfo info;
  info.client = unpacker.text();
  info.user = unpacker.text();
  info.conn_info = unpacker.text();
  info.chan_info = unpacker.text();
  return info;
}

std::optional<std::uint64_t> decimal(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

// Returns the text up to the next space, and removes both from `text`.
std::optional<std::string_view> word(std::string_view& text) {
  const auto space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const std::string_view found = text.substr(0, space);
  text.remove_prefix(space + 1);
  return found;
}

std::optional<ChannelMessage> decode_published(std::string_view rest) {
  const auto digits = word(rest);
  if (!digits) return std::nullopt;
  const auto epoch = word(rest);
  const auto offset = decimal(*digits);
  if (!epoch || !offset || (*offset == 0) != epoch->empty()) return std::nullopt;
  auto publication = decode_publication(rest);
  if (!publication) return std::nullopt;
  publication->offset = *offset;
  return Published{std::move(*publication), std::string(*epoch)};
}

std::optional<NodesMessage> decode_bound(std::string_view packed) {
  Unpacker unpacker(packed);
  Bound bound{.channel = std::string(unpacker.text()), .owner = {}};
  auto owner = decode_owner(unpacker.text());
  if (!unpacker.done() || !owner) return std::nullopt;
  bound.owner = std::move(*owner);
  return bound;
}

std::optional<NodesMessage> decode_order(std::string_view packed) {
  Unpacker unpacker(packed);
  OrderMessage message{.node = std::string(unpacker.text()),
                       .shard = unpacker.number(),
                       .id = unpacker.number(),
                       .order = {}};
  auto order = take_order(unpacker);
  if (!unpacker.done() || !order) return std::nullopt;
  message.order = std::move(*order);
  return message;
}

std::optional<NodeMessage> decode_answered(std::string_view packed) {
  Unpacker unpacker(packed);
  Answered answered{
      .shard = unpacker.number(), .id = unpacker.number(), .answer = take_answer(unpacker)};
  if (!unpacker.done()) return std::nullopt;
  return answered;
}

std::optional<NodeMessage> decode_over_limit(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto client = hub::ClientId::parse(text.substr(0, colon));
  const auto shard = decimal(text.substr(colon + 1));
  if (!client || !shard) return std::nullopt;
  return OverLimit{*client, *shard};
}

}  // namespace

std::string encode_publication(const hub::PublishRequest& request) {
  Packer packer;
  packer.text(request.data).text(request.tags).number(request.info ? 1 : 0);
  if (request.info) put_info(packer, *request.info);
  return packer.take();
}

std::optional<hub::Publication> decode_publication(std::string_view body) {
  Unpacker unpacker(body);
  hub::Publication publication;
  publication.data = unpacker.text();
  publication.tags = unpacker.text();
  const std::uint64_t has_info = unpacker.number();
  if (has_info > 1) return std::nullopt;
  if (has_info == 1) {
    publication.info = std::make_unique<const hub::ClientInfo>(take_info(unpacker));
  }
  // Empty data would break the frame around it.
  if (!unpacker.done() || publication.data.empty()) return std::nullopt;
  return publication;
}

std::string encode_info(const hub::ClientInfo& info) {
  Packer packer;
  put_info(packer, info);
  return packer.take();
}

std::optional<hub::ClientInfo> decode_info(std::string_view packed) {
  Unpacker unpacker(packed);
  hub::ClientInfo info = take_info(unpacker);
  if (!unpacker.done()) return std::nullopt;
  return info;
}

std::string encode_owner(const hub::Owner& owner) {
  return owner.session.empty() ? kUser + owner.user : kSession + owner.session;
}

std::optional<hub::Owner> decode_owner(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const std::string name(text.substr(1));
  if (text.front() == kSession) return hub::Owner{.session = name, .user = {}};
  if (text.front() == kUser) return hub::Owner{.session = {}, .user = name};
  return std::nullopt;
}

std::optional<ChannelMessage> decode_channel_message(std::string_view message) {
  if (message.empty()) return std::nullopt;
  const std::string_view rest = message.substr(1);
  if (message.front() == kPublished) return decode_published(rest);
  if (message.front() != kJoined && message.front() != kLeft) return std::nullopt;
  auto info = decode_info(rest);
  if (!info) return std::nullopt;
  if (message.front() == kJoined) return Joined{std::move(*info)};
  return Left{std::move(*info)};
}

std::string encode(const Bound& bound) {
  Packer packer;
  packer.text(bound.channel).text(encode_owner(bound.owner));
  return kBound + packer.take();
}

std::string encode(const OrderMessage& message) {
  Packer packer;
  packer.text(message.node).number(message.shard).number(message.id);
  put_order(packer, message.order);
  return kOrder + packer.take();
}

std::optional<NodesMessage> decode_nodes_message(std::string_view message) {
  if (message.empty()) return std::nullopt;
  if (message.front() == kBound) return decode_bound(message.substr(1));
  if (message.front() == kOrder) return decode_order(message.substr(1));
  return std::nullopt;
}

std::string encode(const Answered& answered) {
  Packer packer;
  packer.number(answered.shard).number(answered.id);
  put_answer(packer, answered.answer);
  return kAnswered + packer.take();
}

std::optional<NodeMessage> decode_node_message(std::string_view message) {
  if (message.empty()) return std::nullopt;
  if (message.front() == kAnswered) return decode_answered(message.substr(1));
  if (message.front() == kOverLimit) return decode_over_limit(message.substr(1));
  return std::nullopt;
}

}  // namespace usher::redis
