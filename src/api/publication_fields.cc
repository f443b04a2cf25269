#include "api/publication_fields.h"

#include <limits>
#include <optional>

#include "base/bytes.h"
#include "wire/json_text.h"

namespace usher::api {
namespace {

constexpr std::size_t kKeyBytesMax = 256;  // of `idempotency_key` and `version_epoch`

std::string fault_of(std::string_view name, std::string_view what) {
  std::string fault = "'";
  return fault.append(name).append("' ").append(what);
}

std::string read_key(http::JsonFields& fields, std::string_view name) {
  std::string key = fields.text(name);
  if (key.size() > kKeyBytesMax) fields.set_fault(fault_of(name, "is longer than 256 bytes"));
  return key;
}

}  // namespace

std::string read_payload(http::JsonFields& fields, std::string_view name,
                         std::string_view base64_name) {
  std::string json = fields.raw(name, std::numeric_limits<std::size_t>::max());
  const wire::JsonNode encoded = fields.any(base64_name);
  if (fields.is_silent(base64_name) && (!encoded || encoded.string())) return json;
  if (!fields.is_silent(name)) {
    fields.set_fault(fault_of(base64_name, "and the same without 'b64' can't both be given"));
    return {};
  }
  const auto text = encoded.string();
  const auto bytes = text ? from_base64(*text) : std::nullopt;
  if (!bytes) {
    fields.set_fault(fault_of(base64_name, "must be a string of base64, with its padding"));
    return {};
  }
  // Not the reader of the call, whose nodes are still being read.
  if (!wire::JsonReader().is_valid(*bytes)) {
    fields.set_fault(fault_of(base64_name, "holds no JSON: all messages are JSON"));
    return {};
  }
  json.clear();
  const std::size_t begin = bytes->find_first_not_of(" \t\r\n");
  const std::size_t end = bytes->find_last_not_of(" \t\r\n");
  wire::append_single_line(json, std::string_view(*bytes).substr(begin, end + 1 - begin));
  return json;
}

hub::PublishRequest read_publication(http::JsonFields& fields, const ApiLimits& limits) {
  hub::PublishRequest publication;
  publication.data = read_payload(fields, "data", "b64data");
  publication.tags = fields.raw_object_of_texts("tags", limits.message_bytes_max);
  publication.idempotency_key = read_key(fields, "idempotency_key");
  publication.skip_history = fields.flag("skip_history");
  publication.version = fields.unsigned_integer("version").value_or(0);
  publication.version_epoch = read_key(fields, "version_epoch");
  if (publication.version == 0 && !publication.version_epoch.empty()) {
    fields.set_fault("'version_epoch' means nothing without 'version'");
  }
  if (publication.version > 0 && publication.skip_history) {
    fields.set_fault("'version' needs the history, which 'skip_history' leaves out");
  }
  fields.refuse("delta", "is not carried out: messages are sent whole");
  return publication;
}

}  // namespace usher::api
