#include "auth/jwt_signer.h"

#include <algorithm>

#include "auth/jwt_error.h"
#include "auth/jwt_json.h"
#include "base/bytes.h"
#include "wire/json.h"
#include "wire/utf8.h"

namespace usher::auth {
namespace {

std::string quote(std::string_view text) {
  if (!wire::is_valid_utf8(text)) throw PayloadError("a claim is not UTF-8");
  std::string json;
  wire::append_json_string(json, text);
  return json;
}

}  // namespace

JwtPayload& JwtPayload::set(std::string_view name, std::string_view text) {
  return put(name, quote(text));
}

JwtPayload& JwtPayload::set(std::string_view name, std::span<const std::string> texts) {
  std::string json = "[";
  for (const std::string& text : texts) json.append(json.size() > 1 ? "," : "").append(quote(text));
  return put(name, json + "]");
}

JwtPayload& JwtPayload::set_number(std::string_view name, std::int64_t number) {
  return put(name, std::to_string(number));
}

JwtPayload& JwtPayload::set_flag(std::string_view name, bool value) {
  return put(name, value ? "true" : "false");
}

JwtPayload& JwtPayload::set_json(std::string_view name, std::string_view json) {
  wire::JsonReader reader;
  const auto parsed = parse_json_object(reader, "{\"\":" + std::string(json) + "}", kJsonNodesMax);
  // The one member must be all there is: `1,"exp":2` would smuggle in another.
  if (!parsed || parsed->size() != 1) {
    throw PayloadError("the value of claim " + std::string(name) + " is not JSON");
  }
  return put(name, std::string(json));
}

JwtPayload& JwtPayload::put(std::string_view name, std::string json) {
  std::string quoted = quote(name);
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [&](const auto& member) { return member.first == quoted; });
  if (found != members_.end()) {
    found->second = std::move(json);
  } else {
    members_.emplace_back(std::move(quoted), std::move(json));
  }
  return *this;
}

std::string JwtPayload::json() const {
  std::string json = "{";
  for (const auto& [name, value] : members_) {
    json.append(json.size() > 1 ? "," : "").append(name).append(":").append(value);
  }
  return json + "}";
}

JwtSigner::JwtSigner(Key key) : key_(std::move(key)) {
  if (!key_.material->can_sign()) throw KeyError("this key is public: it verifies, but can't sign");
  JwtPayload header;
  header.set("alg", to_string(key_.algorithm)).set("typ", "JWT");
  if (key_.kid) header.set("kid", *key_.kid);
  header_json_ = header.json();
}

std::string JwtSigner::sign(const JwtPayload& payload) const {
  return sign_raw(header_json_, payload.json());
}

std::string JwtSigner::sign_raw(std::string_view header_json, std::string_view payload_json) const {
  const std::string input = to_base64url(header_json) + "." + to_base64url(payload_json);
  return input + "." + to_base64url(key_.material->sign(input));
}

}  // namespace usher::auth
