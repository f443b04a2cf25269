#include "dev/dev_route.h"

#include <algorithm>
#include <limits>

#include "dev/dev_door.h"
#include "http/json_fields.h"
#include "hub/broker.h"
#include "wire/json_writer.h"

namespace usher::dev {
namespace {

constexpr std::string_view kFaults = "/dev/faults";
constexpr std::string_view kUpstreams = "/dev/upstreams";
constexpr std::string_view kToken = "/dev/token";
constexpr std::string_view kPublish = "/dev/publish";
constexpr std::string_view kRestart = "/dev/restart";
constexpr std::size_t kSessionBytesMax = 1024;

// Nothing from elsewhere, nothing inline, in nobody's frame, and no text that becomes markup.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'";

const PageFile* find_file(const DevPage& page, std::string_view path) {
  const auto found = std::ranges::find(page.files, path, &PageFile::path);
  return found == page.files.end() ? nullptr : &*found;
}

std::string to_json(DevSwitches::Faults faults) {
  const auto text = [](bool value) { return value ? "true" : "false"; };
  return std::string("{\"store_down\":") + text(faults.store_down) +
         ",\"origin_blocked\":" + text(faults.origin_blocked) + "}";
}

std::string to_json(const std::vector<DevUpstream>& upstreams) {
  std::string out;
  wire::JsonObjectWriter object(out);
  wire::JsonArrayWriter list(object.member("upstreams"));
  for (const DevUpstream& upstream : upstreams) {
    wire::JsonObjectWriter entry(list.element());
    entry.string("name", upstream.name);
    entry.string("path", upstream.path);
    entry.string("url", upstream.url);
    entry.end();
  }
  list.end();
  object.end();
  return out;
}

}  // namespace

bool DevRoute::serves(std::string_view path) const {
  if (dependencies_.dev_page == nullptr) return false;
  return path == kFaults || path == kUpstreams || path == kToken || path == kPublish ||
         path == kRestart || find_file(*dependencies_.dev_page, path) != nullptr;
}

void DevRoute::handle(const edge::RequestContext& context, std::string_view path,
                      http::Answer answer) {
  if (path == kFaults) return faults(context, std::move(answer));
  if (path == kUpstreams) return upstreams(context, std::move(answer));
  if (path == kToken) return token(context, std::move(answer));
  if (path == kPublish) return publish(context, std::move(answer));
  if (path == kRestart) return restart(context, std::move(answer));
  file(context, *find_file(*dependencies_.dev_page, path), std::move(answer));
}

void DevRoute::file(const edge::RequestContext& context, const PageFile& file,
                    http::Answer answer) {
  const auto method = context.request.method;
  if (method != "GET" && method != "HEAD") return answer.refuse_method("GET, HEAD");
  if (const auto refusal = check_dev_reader(context)) return answer.refuse(*refusal);
  wire::HttpResponse response;
  response.set("Content-Type", std::string(file.content_type));
  response.set("Content-Security-Policy", std::string(kPolicy));
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Referrer-Policy", "no-referrer");
  response.set("Cross-Origin-Opener-Policy", "same-origin");
  response.set("Cross-Origin-Resource-Policy", "same-origin");
  response.body = file.body;
  answer.send(std::move(response));
}

// Method, caller, size. False: refused already.
bool DevRoute::may_post(const edge::RequestContext& context, http::Answer& answer) {
  if (context.request.method != "POST") {
    answer.refuse_method("POST");
    return false;
  }
  if (const auto refusal = check_dev_caller(context)) {
    answer.refuse(*refusal);
    return false;
  }
  if (context.body_too_large) {
    answer.refuse({http::Problem::too_large});
    return false;
  }
  return true;
}

void DevRoute::faults(const edge::RequestContext& context, http::Answer answer) {
  DevSwitches& switches = dependencies_.dev_page->switches;
  if (context.request.method == "GET") {
    if (const auto refusal = check_dev_reader(context)) return answer.refuse(*refusal);
    return answer.json(to_json(switches.faults()));
  }
  if (context.request.method != "POST") return answer.refuse_method("GET, POST");
  if (!may_post(context, answer)) return;
  const auto root = json_.parse(context.request.body);
  if (!root || !root->is_object()) return answer.refuse({http::Problem::bad_request});
  http::JsonFields fields(*root, kSessionBytesMax);
  const bool renews = root->find("renew") && fields.flag("renew");
  DevSwitches::Faults faults = renews ? DevSwitches::Faults{} : switches.faults();
  if (root->find("store_down")) faults.store_down = fields.flag("store_down");
  if (root->find("origin_blocked")) faults.origin_blocked = fields.flag("origin_blocked");
  if (!fields.fault().empty()) return answer.refuse({http::Problem::bad_request, fields.fault()});
  if (renews) {
    switches.renew(faults, context.now);
  } else {
    switches.set(faults, context.now);
  }
  answer.json(to_json(switches.faults()));
}

void DevRoute::upstreams(const edge::RequestContext& context, http::Answer answer) {
  if (context.request.method != "GET") return answer.refuse_method("GET");
  if (const auto refusal = check_dev_reader(context)) return answer.refuse(*refusal);
  answer.json(to_json(dependencies_.dev_page->upstreams));
}

void DevRoute::token(const edge::RequestContext& context, http::Answer answer) {
  if (!may_post(context, answer)) return;
  const auto token = dependencies_.dev_page->switches.token_without_session(context.wall_now);
  if (!token) return answer.refuse({http::Problem::not_found, "Others sign the tokens here."});
  answer.json("{\"token\":\"" + *token + "\",\"expires_in\":60}");
}

void DevRoute::publish(const edge::RequestContext& context, http::Answer answer) {
  if (!may_post(context, answer)) return;
  const auto root = json_.parse(context.request.body, {.closed_member = "data"});
  if (!root || !root->is_object()) {
    return answer.refuse({http::Problem::bad_request, "The body is not a JSON object."});
  }
  http::JsonFields fields(*root, kSessionBytesMax);
  hub::PublishRequest request{.channel = "session:" + fields.required_text("session"),
                              .data = fields.raw("data", std::numeric_limits<std::size_t>::max())};
  if (request.data.empty()) fields.set_fault("'data' is missing");
  if (!fields.fault().empty()) return answer.refuse({http::Problem::bad_request, fields.fault()});
  if (request.data.size() > message_bytes_max_) return answer.refuse({http::Problem::too_large});
  dependencies_.broker.publish(
      std::move(request),
      [answer = std::move(answer)](Result<hub::Position, hub::Error> position) mutable {
        if (!position)
          return answer.refuse({http::Problem::internal_error, "It was not published."});
        answer.json("{}");
      });
}

void DevRoute::restart(const edge::RequestContext& context, http::Answer answer) {
  if (!may_post(context, answer)) return;
  if (!dependencies_.dev_page->switches.restart()) return answer.refuse({http::Problem::not_found});
  answer.json("{}");
}

}  // namespace usher::dev
