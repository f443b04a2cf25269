#include "bench/load/publisher.h"

#include <utility>

#include "wire/json_text.h"

namespace usher::bench {

bool Publisher::start() {
  const std::size_t index = options_.subscribers;
  if (options_.publish_by != PublishBy::web_socket) return true;
  if (setting_.target.door == Door::ticket) {
    if (!desk_.prepare_tokens({index, 1}, failure_)) return false;
    client_.enter(index);
  } else {
    client_.enter_at(index, options_.publish_path);
  }
  const bool done = setting_.loop.run([&] { return client_.is_in() || !failure_.empty(); },
                                      setting_.target.patience);
  if (!done) failure_ = "the publisher did not get in";
  return failure_.empty();
}

void Publisher::publish(std::string message) {
  if (options_.publish_by == PublishBy::web_socket) return send(message);
  if (free_.empty() && lines_.size() < kLinesMax) {
    lines_.push_back(
        std::make_unique<HttpLine>(setting_.loop, setting_.target.address, lines_.size()));
    free_.push_back(lines_.back().get());
  }
  if (free_.empty()) {
    waiting_.push_back(std::move(message));
  } else {
    post(message);
  }
}

std::string Publisher::request_of(const std::string& message) const {
  if (options_.publish_by == PublishBy::http) {
    return make_post(setting_.target, options_.publish_path, {}, message);
  }
  std::string body = "{\"channel\":";
  wire::append_json_string(body, options_.channel);
  body.append(",\"data\":").append(message).append("}");
  return make_post(setting_.target, setting_.target.path + "/api/publish",
                   "X-API-Key: " + options_.api_key + "\r\n", body);
}

void Publisher::post(const std::string& message) {
  HttpLine& line = *free_.back();
  free_.pop_back();
  line.ask(request_of(message),
           [this, &line](const HttpAnswer& answer) { answered(line, answer); });
}

void Publisher::answered(HttpLine& line, const HttpAnswer& answer) {
  const bool good = options_.publish_by == PublishBy::api
                        ? answer.status == 200 && answer.body.starts_with("{\"result\"")
                        : answer.status >= 200 && answer.status < 300;
  if (!good && failure_.empty()) {
    failure_ =
        "publish: " + std::to_string(answer.status) + " " + std::string(answer.body.substr(0, 200));
  }
  free_.push_back(&line);
  if (waiting_.empty()) return;
  const std::string message = std::move(waiting_.front());
  waiting_.pop_front();
  post(message);
}

void Publisher::send(const std::string& message) {
  if (setting_.target.door == Door::bare) {
    client_.socket().hold_text(message);
  } else {
    std::string command = "{\"id\":" + std::to_string(++published_) + ",\"publish\":{\"channel\":";
    wire::append_json_string(command, options_.channel);
    command.append(",\"data\":").append(message).append("}}");
    client_.socket().hold_text(command);
  }
  if (std::exchange(flush_due_, true)) return;
  setting_.loop.at_end_of_turn([this] {
    flush_due_ = false;
    client_.socket().flush();
  });
}

void Publisher::on_message(Client&, std::string_view payload) {
  if (setting_.target.door == Door::ticket && failure_.empty() &&
      payload.find("\"error\"") != std::string_view::npos) {
    failure_ = "publish: " + std::string(payload.substr(0, 200));
  }
}

void Publisher::on_out(Client&, std::uint16_t code, std::string_view why) {
  if (failure_.empty()) {
    failure_ = "the publisher: " + std::to_string(code) + " " + std::string(why);
  }
}

}  // namespace usher::bench
