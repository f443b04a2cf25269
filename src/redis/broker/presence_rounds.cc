#include "redis/broker/presence_rounds.h"

namespace usher::redis {

bool PresenceRounds::add(std::string_view channel, std::string_view client, std::string info,
                         TimePoint now) {
  auto found = channels_.find(channel);
  if (found == channels_.end()) {
    found = channels_.try_emplace(std::string(channel)).first;
    found->second.next = now + every_;
    turns_.emplace_back(found->second.next, found->first);
  }
  return found->second.clients.insert_or_assign(std::string(client), std::move(info)).second;
}

void PresenceRounds::remove(std::string_view channel, std::string_view client) {
  const auto found = channels_.find(channel);
  if (found == channels_.end()) return;
  auto& clients = found->second.clients;
  if (const auto gone = clients.find(client); gone != clients.end()) clients.erase(gone);
  if (clients.empty()) channels_.erase(found);
}

void PresenceRounds::due(
    TimePoint now,
    const std::function<void(const std::string& channel, const Clients& clients)>& visit) {
  while (!turns_.empty() && turns_.front().first <= now) {
    const auto [at, name] = std::move(turns_.front());
    turns_.pop_front();
    const auto found = channels_.find(name);
    if (found == channels_.end() || found->second.next != at) continue;
    visit(name, found->second.clients);
    found->second.next = now + every_;
    turns_.emplace_back(found->second.next, name);
  }
}

}  // namespace usher::redis
