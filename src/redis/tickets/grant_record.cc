#include "redis/tickets/grant_record.h"

#include <charconv>
#include <cstdint>

#include "wire/json.h"
#include "wire/utf8.h"

namespace usher::redis {
namespace {

constexpr char kVersion = '1';
constexpr char kVersionWithInfo = '2';  // `info` and `sid` follow

void write(std::string& out, std::string_view field) {
  out += std::to_string(field.size());
  out += ':';
  out += field;
}

template <class T>
void write_optional(std::string& out, const std::optional<T>& value) {
  write(out, value ? "1" : "0");
  if (!value) return;
  if constexpr (std::is_same_v<T, std::string>) {
    write(out, *value);
  } else {
    write(out, std::to_string(*value));
  }
}

// Reads fields from the front. After an error, every read fails.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : rest_(bytes) {}

  std::string text() {
    const auto colon = rest_.find(':');
    std::size_t size = 0;
    if (colon == std::string_view::npos || !parse(rest_.substr(0, colon), size) ||
        size > rest_.size() - colon - 1) {
      return fail();
    }
    std::string field(rest_.substr(colon + 1, size));
    rest_.remove_prefix(colon + 1 + size);
    return field;
  }

  std::int64_t number() {
    std::int64_t value = 0;
    if (!parse(text(), value)) fail();
    return value;
  }

  bool flag() {
    const std::string field = text();
    if (field != "0" && field != "1") fail();
    return field == "1";
  }

  bool good() const { return good_; }
  bool at_end() const { return good_ && rest_.empty(); }

 private:
  template <class T>
  static bool parse(std::string_view digits, T& value) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size();
  }
  std::string fail() {
    good_ = false;
    rest_ = {};
    return {};
  }

  std::string_view rest_;
  bool good_ = true;
};

// It is copied as it stands into frames of other clients.
bool is_one_line_of_json(std::string_view text) {
  wire::JsonReader reader;
  return text.find_first_of("\r\n") == std::string_view::npos && reader.is_valid(text);
}

}  // namespace

std::string encode_grant(const ticket::Grant& grant) {
  const bool has_info = !grant.info.empty() || !grant.sid.empty();
  std::string out(1, has_info ? kVersionWithInfo : kVersion);
  for (const auto* text : {&grant.session, &grant.user, &grant.jti, &grant.subs}) write(out, *text);
  write_optional(out, grant.iat);
  write(out, std::to_string(grant.token_exp));
  write_optional(out, grant.origin);
  write(out, std::to_string(grant.channels.size()));
  for (const std::string& channel : grant.channels) write(out, channel);
  if (has_info) {
    write(out, grant.info);
    write(out, grant.sid);
  }
  return out;
}

std::optional<ticket::Grant> decode_grant(std::string_view bytes) {
  const bool has_info = bytes.starts_with(kVersionWithInfo);
  if (!has_info && !bytes.starts_with(kVersion)) return std::nullopt;
  FieldReader fields(bytes.substr(1));
  ticket::Grant grant;
  for (auto* text : {&grant.session, &grant.user, &grant.jti, &grant.subs}) *text = fields.text();
  if (fields.flag()) grant.iat = fields.number();
  grant.token_exp = fields.number();
  if (fields.flag()) grant.origin = fields.text();
  // Each field takes at least two bytes, so a wrong count reaches the end before it can allocate.
  auto left = fields.number();
  if (left < 0) return std::nullopt;
  for (; left > 0 && fields.good(); --left) {
    grant.channels.push_back(fields.text());
  }
  if (has_info) {
    grant.info = fields.text();
    grant.sid = fields.text();
  }
  if (!fields.at_end()) return std::nullopt;
  if (!grant.info.empty() && !is_one_line_of_json(grant.info)) return std::nullopt;
  // They go into JSON and into tokens for servers behind usher.
  if (!wire::is_valid_utf8(grant.session) || !wire::is_valid_utf8(grant.user)) return std::nullopt;
  return grant;
}

}  // namespace usher::redis
