#include "client/subscribe_queue.h"

#include <algorithm>
#include <utility>

#include "client/json_fields.h"

namespace usher::client {

bool is_temporary(const json::object& error) {
  if (const auto said = bool_field(error, "temporary")) return *said;
  const double code = number_field(error, "code").value_or(0);
  return code == 100 || code == SubscribeQueue::kTooManyRequests;
}

void SubscribeQueue::begin() {
  commands_.clear();
  last_id_ = 0;
  retry_delay_ = kRetryMin;
}

void SubscribeQueue::lost() {
  for (Channel* channel : queue_) channel->queued = false;
  queue_.clear();
  later_.clear();
  due_.reset();
  paused_ = false;
}

bool SubscribeQueue::tick() {
  if (!due_ || *due_ > now_) return false;
  due_.reset();
  paused_ = false;
  for (Channel* channel : std::exchange(later_, {})) add(*channel);
  return true;
}

void SubscribeQueue::add(Channel& channel) {
  if (!std::exchange(channel.queued, true)) queue_.push_back(&channel);
}

void SubscribeQueue::put_off(Channel& channel, const json::object& error) {
  later_.push_back(&channel);
  if (number_field(error, "code") == kTooManyRequests) paused_ = true;
  if (due_) return;
  due_ = now_ + retry_delay_;
  retry_delay_ = std::min(2 * retry_delay_, kRetryMax);
}

void SubscribeQueue::clear_put_off() {
  later_.clear();
  if (!paused_) due_.reset();
}

void SubscribeQueue::ask_on(Output& out) {
  while (!queue_.empty() && !paused_ && commands_.size() < kUnderWayMax) {
    Channel& channel = *queue_.front();
    queue_.pop_front();
    channel.queued = false;
    if (!channel.requested) ask(channel, out);
  }
}

void SubscribeQueue::ask(Channel& channel, Output& out) {
  channel.requested = true;
  json::object body{{"channel", channel.name}};
  for (auto& [key, value] : channel.since()) body.emplace(key, std::move(value));
  send("subscribe", std::move(body), out);
  commands_.emplace(last_id_, &channel);
}

std::uint64_t SubscribeQueue::send(std::string_view command, json::object body, Output& out) {
  json::object data;
  data.emplace("id", ++last_id_);
  data.emplace(command, std::move(body));
  out.effects.push_back(Send{std::move(data)});
  return last_id_;
}

Channel* SubscribeQueue::asked_with(std::uint64_t id) const {
  const auto found = commands_.find(id);
  return found == commands_.end() ? nullptr : found->second;
}

void SubscribeQueue::forget(const Channel& channel) {
  std::erase_if(commands_, [&](const auto& command) { return command.second == &channel; });
  if (channel.queued) std::erase(queue_, &channel);
  std::erase(later_, &channel);
}

}  // namespace usher::client
