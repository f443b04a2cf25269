#include "bench/load/ticket_desk.h"

#include <utility>

namespace usher::bench {

std::string make_post(const Target& target, std::string_view path, std::string_view fields,
                      std::string_view body) {
  std::string request = "POST ";
  request.append(path).append(" HTTP/1.1\r\nHost: ").append(target.authority).append("\r\n");
  request.append(target.fields).append(fields);
  if (!body.empty()) request.append("Content-Type: application/json\r\n");
  request.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return request.append(body);
}

TicketDesk::TicketDesk(Loop& loop, const Target& target, std::size_t lines)
    : loop_(loop), target_(target) {
  for (std::size_t i = 0; i < lines; ++i) {
    lines_.push_back(std::make_unique<HttpLine>(loop, target.address, i));
    free_.push_back(lines_.back().get());
  }
}

std::string TicketDesk::request_to(std::string_view call, std::string_view token,
                                   std::string_view body) const {
  std::string fields;
  if (!token.empty()) fields.append("Authorization: Bearer ").append(token).append("\r\n");
  return make_post(target_, target_.path + std::string(call), fields, body);
}

std::string TicketDesk::ticket_request(std::size_t index) const {
  return request_to("/auth/ticket", token_of(index), target_.subscriptions);
}

void TicketDesk::ask(std::size_t index, std::string_view wish, Done done) {
  start({request_to("/auth/ticket", token_of(index), wish), "ticket", std::move(done)});
}

void TicketDesk::start(Call call) {
  if (free_.empty()) {
    waiting_.push_back(std::move(call));
    return;
  }
  HttpLine& line = *free_.back();
  free_.pop_back();
  const std::string request = std::move(call.request);
  line.ask(request, [this, &line, member = call.member,
                     done = std::move(call.done)](const HttpAnswer& answer) {
    free_.push_back(&line);
    std::string text(answer.body);
    if (answer.status == 200) {
      const auto parsed = json_.parse(answer.body);
      const auto value = parsed ? parsed->find(member).string() : std::nullopt;
      text = value ? std::string(*value) : "";
    }
    done(answer.status, text, answer);
    start_waiting();
  });
}

void TicketDesk::start_waiting() {
  while (!free_.empty() && !waiting_.empty()) {
    Call call = std::move(waiting_.front());
    waiting_.pop_front();
    start(std::move(call));
  }
}

bool TicketDesk::prepare_tokens(Share clients, std::string& problem) {
  const auto [first, count] = clients;
  first_ = first;
  const std::size_t have = tokens_.size();
  if (have >= count) return true;
  tokens_.resize(count);
  if (target_.token) {
    for (std::size_t i = have; i < count; ++i) tokens_[i] = target_.token(first + i);
    return true;
  }
  std::size_t left = count - have;
  for (std::size_t i = have; i < count; ++i) {
    const auto take = [this, i, &left, &problem](int status, std::string_view text,
                                                 const HttpAnswer&) {
      loop_.progress();
      --left;
      if (status == 200) {
        tokens_[i] = text;
      } else if (problem.empty()) {
        problem = "POST " + target_.path + "/auth/token: " + std::to_string(status) + " " +
                  std::string(text.substr(0, 200)) +
                  " (with --secret-file, tokens are signed here instead)";
      }
    };
    start({request_to("/auth/token", "", ""), "token", take});
  }
  const bool answered = loop_.run([&] { return left == 0 || !problem.empty(); }, target_.patience);
  if (!problem.empty()) waiting_.clear();
  if (!answered) problem = "POST " + target_.path + "/auth/token: no answer";
  return problem.empty();
}

}  // namespace usher::bench
