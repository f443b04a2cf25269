#include "redis/broker/stream_page.h"

#include <charconv>
#include <utility>

#include "base/bytes.h"
#include "redis/broker/message.h"

namespace usher::redis {
namespace {

using Kind = Reply::Kind;

std::string new_epoch(Entropy& entropy) {
  const auto bytes = entropy.bytes<6>();
  return to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::optional<wire::RecoveryGap> gap_of(std::string_view text) {
  using Gap = wire::RecoveryGap;
  for (const Gap gap : {Gap::epoch_changed, Gap::trimmed}) {
    if (text == wire::to_string(gap)) return gap;
  }
  if (text == "none") return Gap::none;
  return std::nullopt;
}

// `<offset>-<ms>`
std::uint64_t offset_of(std::string_view id) {
  std::uint64_t offset = 0;
  std::from_chars(id.data(), id.data() + id.size(), offset);
  return offset;
}

}  // namespace

std::string milliseconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

Commands::Words position_arguments(std::string_view run_id, const hub::NamespaceOptions& options,
                                   Duration position_ttl, Entropy& entropy) {
  return {std::string(run_id), new_epoch(entropy),
          milliseconds(options.has_history() ? options.history_ttl + position_ttl : position_ttl)};
}

Commands::Words page_keys(const Names& names, std::string_view channel) {
  return {names.channel(channel), names.stream(channel), names.owner(channel), names.life()};
}

void add_page_arguments(Commands::Words& arguments, const hub::NamespaceOptions& options,
                        const hub::HistoryQuery& query) {
  arguments.push_back(milliseconds(options.history_ttl));
  arguments.push_back(query.since ? query.since->epoch : "");
  arguments.push_back(query.since ? std::to_string(query.since->offset) : "");
  arguments.push_back(query.limit == hub::kNoLimit ? "-1" : std::to_string(query.limit));
  arguments.emplace_back(query.reverse ? "1" : "0");
}

std::optional<StreamPage> parse_page(const Reply& reply) {
  const auto& items = reply.items;
  if (reply.kind != Kind::array || items.size() != 6) return std::nullopt;
  if (items[0].kind != Kind::text || items[1].kind != Kind::integer || items[1].integer < 0 ||
      items[4].kind != Kind::array || items[4].items.size() % 2 != 0) {
    return std::nullopt;
  }
  const auto gap = gap_of(items[2].text);
  if (!gap) return std::nullopt;

  StreamPage page;
  page.page.position = {static_cast<std::uint64_t>(items[1].integer), items[0].text};
  page.page.gap = *gap;
  page.page.more = items[3].integer != 0;
  page.owner = decode_owner(items[5].text);
  const auto& entries = items[4].items;
  page.page.publications.reserve(entries.size() / 2);
  for (std::size_t i = 0; i < entries.size(); i += 2) {
    auto publication = decode_publication(entries[i + 1].text);
    const std::uint64_t offset = offset_of(entries[i].text);
    if (!publication || offset == 0) {
      page.page.publications.clear();
      page.readable = false;
      break;
    }
    publication->offset = offset;
    page.page.publications.push_back(
        std::make_shared<const hub::Publication>(std::move(*publication)));
  }
  return page;
}

std::optional<hub::Position> parse_position(const Reply& reply) {
  const auto& items = reply.items;
  if (reply.kind != Kind::array || items.size() != 2) return std::nullopt;
  if (items[0].kind != Kind::integer || items[0].integer < 0 || items[1].kind != Kind::text) {
    return std::nullopt;
  }
  return hub::Position{static_cast<std::uint64_t>(items[0].integer), items[1].text};
}

}  // namespace usher::redis
