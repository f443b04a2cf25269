#include "scenarios/scenario.h"

#include <cmath>
#include <type_traits>

#include "client/json_fields.h"

namespace usher::scenarios {

namespace {

// A list that is missing is empty; anything else in its place is a mistake.
std::optional<json::array> list(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value) return std::nullopt;
  if (!value->is_array()) throw BadScenario("\"" + std::string(name) + "\" is not a list");
  return value->get_array();
}

client::Instant instant(const json::object& step) {
  const auto at = client::number_field(step, "at");
  if (!at || std::abs(*at) > 1e15) throw BadScenario("\"at\" is missing or no time");
  return client::Instant(client::Millis(static_cast<std::int64_t>(std::floor(*at))));
}

bool says_late(const json::object& step, const json::value& in) {
  const json::object* tick = client::object_field(in.get_object(), "tick");
  if (!tick) return false;
  return client::bool_field(step, "late").value_or(false) ||
         client::bool_field(*tick, "late").value_or(false);
}

AnyInput any_input(const json::value& in, bool desk) {
  if (!desk) return read_input(in);
  if (auto input = read_desk_input(in)) return *std::move(input);
  return {};
}

Step read_step(const json::value& value, bool desk) {
  const json::object* step = value.if_object();
  if (!step) throw BadScenario("is not an object");
  const json::value* in = step->if_contains("in");
  if (!in) throw BadScenario("\"in\" is missing");
  Step read{.at = instant(*step),
            .in = any_input(*in, desk),
            .name = std::string(in->get_object().begin()->key()),
            .late = says_late(*step, *in),
            .status = list(*step, "status").value_or(json::array()),
            .effects = list(*step, "do").value_or(json::array()),
            .events = list(*step, "event").value_or(json::array()),
            .log = list(*step, "log"),
            .stage = list(*step, "stage"),
            .on_event = {}};
  if (const json::value* call = step->if_contains("on_event"))
    read.on_event = any_input(*call, desk);
  return read;
}

void collect_secret(const AnyInput& input, std::vector<std::string>& secrets) {
  const auto collect = [&](const auto& one) {
    using Kind = std::decay_t<decltype(one)>;
    std::string secret;
    if constexpr (std::is_same_v<Kind, client::TokenReady>) secret = one.token;
    if constexpr (std::is_same_v<Kind, client::TicketReady>) secret = one.ticket;
    if (!secret.empty()) secrets.push_back(std::move(secret));
  };
  if (const auto* of_session = std::get_if<client::Input>(&input)) std::visit(collect, *of_session);
  if (const auto* of_desk = std::get_if<client::DeskInput>(&input)) std::visit(collect, *of_desk);
}

std::vector<double> read_random(const json::object& file) {
  std::vector<double> random;
  for (const json::value& r : list(file, "random").value_or(json::array())) {
    if (!r.is_number()) throw BadScenario("\"random\" is not a list of numbers");
    random.push_back(r.to_number<double>());
  }
  return random;
}

}  // namespace

std::optional<std::string> scenario_name(const json::value& file) {
  const json::object* object = file.if_object();
  const auto name = object ? client::string_field(*object, "name") : std::nullopt;
  if (!name) return std::nullopt;
  return std::string(*name);
}

Scenario read_scenario(const json::value& file) {
  const json::object* object = file.if_object();
  if (!object) throw BadScenario("a scenario is a JSON object");
  Scenario scenario{.name = scenario_name(file).value_or(""),
                    .desk = false,
                    .raw = false,
                    .credentials = false,
                    .url = "https://gw.example",
                    .random = read_random(*object),
                    .steps = {},
                    .secrets = {}};
  if (const json::object* options = client::object_field(*object, "options")) {
    if (const auto url = client::string_field(*options, "url")) scenario.url = std::string(*url);
    scenario.desk = client::bool_field(*options, "desk").value_or(false);
    scenario.raw = client::bool_field(*options, "raw").value_or(false);
    scenario.credentials = client::bool_field(*options, "credentials").value_or(false);
  }
  const auto steps = list(*object, "steps");
  if (!steps) throw BadScenario("\"steps\" is missing");
  for (const json::value& value : *steps) {
    try {
      scenario.steps.push_back(read_step(value, scenario.desk));
    } catch (const BadScenario& bad) {
      throw BadScenario("step " + std::to_string(scenario.steps.size() + 1) + ": " + bad.what());
    }
    const Step& step = scenario.steps.back();
    collect_secret(step.in, scenario.secrets);
    if (step.on_event) collect_secret(*step.on_event, scenario.secrets);
  }
  return scenario;
}

}  // namespace usher::scenarios
