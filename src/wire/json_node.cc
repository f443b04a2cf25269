#include <charconv>

#include "base/check.h"
#include "wire/json.h"

namespace usher::wire {
namespace {

template <class T>
std::optional<T> parse_whole(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

JsonType JsonNode::type() const {
  return reader_ == nullptr ? JsonType::absent : reader_->nodes_[index_].type;
}

std::string_view JsonNode::raw() const {
  return reader_ == nullptr ? std::string_view() : reader_->nodes_[index_].raw;
}

std::string_view JsonNode::name() const {
  return reader_ == nullptr ? std::string_view() : reader_->nodes_[index_].name;
}

std::optional<std::string_view> JsonNode::string() const {
  if (type() != JsonType::string) return std::nullopt;
  return reader_->nodes_[index_].text;
}

std::optional<bool> JsonNode::boolean() const {
  if (type() != JsonType::boolean) return std::nullopt;
  return raw() == "true";
}

std::optional<std::uint64_t> JsonNode::unsigned_integer() const {
  return type() == JsonType::number ? parse_whole<std::uint64_t>(raw()) : std::nullopt;
}

std::optional<std::int64_t> JsonNode::integer() const {
  return type() == JsonType::number ? parse_whole<std::int64_t>(raw()) : std::nullopt;
}

std::optional<double> JsonNode::number() const {
  return type() == JsonType::number ? parse_whole<double>(raw()) : std::nullopt;
}

JsonNode JsonNode::find(std::string_view name) const {
  if (!is_object()) return {};
  for (const JsonNode member : *this) {
    if (member.name() == name) return member;
  }
  return {};
}

bool JsonNode::is_opened() const { return reader_ != nullptr && reader_->nodes_[index_].opened; }

JsonNode::Iterator JsonNode::begin() const {
  return {reader_, reader_ == nullptr ? 0 : reader_->nodes_[index_].children};
}

JsonNode::Iterator JsonNode::end() const { return {reader_, 0}; }

std::size_t JsonNode::size() const {
  std::size_t count = 0;
  for (auto at = begin(); at != end(); ++at) ++count;
  return count;
}

JsonNode::Iterator& JsonNode::Iterator::operator++() {
  USHER_INVARIANT(index_ != 0);
  index_ = reader_->nodes_[index_].next;
  return *this;
}

}  // namespace usher::wire
