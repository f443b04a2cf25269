#include "auth/security_event.h"

#include <algorithm>
#include <array>

#include "auth/claim_values.h"
#include "auth/claims.h"
#include "auth/jwt_json.h"

namespace usher::auth {
namespace {

using wire::JsonNode;
using Named = Result<NamedByProvider, MessageFault>;

// What an `opaque` subject of the event is.
enum class Opaque : std::uint8_t { session, user };

struct EventType {
  std::string_view uri;
  Opaque opaque;
};

constexpr std::array kEventTypes{
    EventType{"https://schemas.openid.net/secevent/caep/event-type/session-revoked",
              Opaque::session},
    EventType{"https://schemas.openid.net/secevent/risc/event-type/account-disabled", Opaque::user},
    EventType{"https://schemas.openid.net/secevent/risc/event-type/account-purged", Opaque::user},
    EventType{"https://schemas.openid.net/secevent/risc/event-type/sessions-revoked", Opaque::user},
};

// Reads the subject of one event.
class SubjectReader {
 public:
  SubjectReader(const MessageFrame& frame, const JwtOptions& options, Opaque opaque,
                std::int64_t revoked_at)
      : frame_(frame), options_(options), opaque_(opaque), revoked_at_(revoked_at) {}

  // A complex subject has simple ones as members; the narrowest decides.
  Named read(const JsonNode& subject) const {
    if (!subject.is_object()) return MessageFault::no_subject;
    if (const JsonNode session = subject.find("session"); session.is_object()) {
      return read_simple(session, Opaque::session);
    }
    if (const JsonNode user = subject.find("user"); user.is_object()) {
      return read_simple(user, Opaque::user);
    }
    return read_simple(subject, opaque_);
  }

  // A SET from before RFC 9493 has its subject in the token's `sub`.
  Named read_sub(const JsonNode& sub) const {
    return with_name(sub, [&](const std::string& name) { return user("sub", name); });
  }

 private:
  template <class Use>
  Named with_name(const JsonNode& node, Use use) const {
    std::string name;
    if (!read_name(node, name)) return MessageFault::claim_malformed;
    if (name.empty()) return MessageFault::no_subject;
    return use(name);
  }
  Named user(std::string_view claim, std::string_view value) const {
    return user_of(options_, claim, value, revoked_at_);
  }
  bool is_of_issuer(const JsonNode& subject) const {
    return subject.find("iss").string() == frame_.issuer;
  }

  // Early versions wrote `subject_type` and hyphens.
  static std::string format_of(const JsonNode& subject) {
    const JsonNode format =
        subject.find("format") ? subject.find("format") : subject.find("subject_type");
    std::string name(format.string().value_or(""));
    std::ranges::replace(name, '-', '_');
    return name;
  }

  Named read_simple(const JsonNode& subject, Opaque opaque) const {
    const std::string format = format_of(subject);
    if (format == "iss_sub") {
      if (!is_of_issuer(subject)) return MessageFault::foreign_subject;
      return read_sub(subject.find("sub"));
    }
    if (format == "email") {
      return with_name(subject.find("email"),
                       [&](const std::string& name) { return user("email", name); });
    }
    if (format == "opaque") {
      return with_name(subject.find("id"), [&](const std::string& id) -> Named {
        return opaque == Opaque::session ? session_of(frame_, id) : user("sub", id);
      });
    }
    return MessageFault::subject_unknown;
  }

  const MessageFrame& frame_;
  const JwtOptions& options_;
  const Opaque opaque_;
  const std::int64_t revoked_at_;
};

// When it happened, as far as that is said and credible: logins after it are not meant.
std::int64_t happened_at(const JsonNode& event, const MessageFrame& frame) {
  const auto said = read_date(event.find("event_timestamp"));
  return said && said->floor <= frame.iat ? said->floor : frame.iat;
}

Named read_event(const EventType& type, const JsonNode& event, const JsonNode& root,
                 const MessageFrame& frame, const JwtOptions& options) {
  const SubjectReader subjects(frame, options, type.opaque, happened_at(event, frame));
  if (const JsonNode subject = event.find("subject")) return subjects.read(subject);
  if (const JsonNode subject = root.find("sub_id")) return subjects.read(subject);
  if (const JsonNode sub = root.find("sub")) return subjects.read_sub(sub);
  return MessageFault::no_subject;
}

}  // namespace

Result<ProviderMessage, MessageFault> read_security_event(std::string_view json,
                                                          std::string_view typ,
                                                          const JwtOptions& options, WallTime now) {
  if (!typ.empty() && typ != "secevent+jwt") return MessageFault::wrong_type;
  wire::JsonReader reader;
  const auto root = parse_json_object(reader, json, kJsonNodesMax);
  if (!root) return MessageFault::not_json;
  const auto frame = read_frame(*root, options, now);
  if (!frame) return frame.error();
  const JsonNode events = root->find("events");
  if (!events.is_object() || events.size() == 0) return MessageFault::no_event;

  ProviderMessage message;
  message.id = session_at(frame->issuer, frame->jti);
  message.until = known_until(*frame, options, now);
  for (const JsonNode& event : events) {
    if (!event.is_object()) return MessageFault::no_event;
    const auto type = std::ranges::find(kEventTypes, event.name(), &EventType::uri);
    if (type == kEventTypes.end()) {
      message.ignored.emplace_back(event.name());
      continue;
    }
    auto named = read_event(*type, event, *root, *frame, options);
    if (!named) return named.error();
    message.named.push_back(*std::move(named));
  }
  return message;
}

}  // namespace usher::auth
