#include "telemetry/host_names.h"

#include <algorithm>
#include <utility>

namespace fabrix::telemetry {

HostNames::Entry& HostNames::entry_of(const net::IpAddress& address) {
  const auto found = entries_.find(address);
  if (found != entries_.end()) {
    order_.splice(order_.end(), order_, found->second.place);
    return found->second;
  }
  if (entries_.size() == kMaxNames) {
    entries_.erase(order_.front());
    order_.pop_front();
  }
  const auto place = order_.insert(order_.end(), address);
  return entries_.emplace(address, Entry{.name = {}, .ask_at = now_, .place = place}).first->second;
}

std::optional<std::string_view> HostNames::name_of(const net::IpAddress& address) {
  Entry& entry = entry_of(address);
  if (now_ >= entry.ask_at && wanted_.size() < kMaxWanted) {
    entry.ask_at = now_ + kAskAgain;
    wanted_.push_back(address);
  }
  return entry.name ? std::optional<std::string_view>(*entry.name) : std::nullopt;
}

std::optional<net::IpAddress> HostNames::take_wanted() {
  if (wanted_.empty()) return std::nullopt;
  const net::IpAddress address = wanted_.front();
  wanted_.pop_front();
  return address;
}

void HostNames::learn(const net::IpAddress& address, std::optional<std::string> name) {
  const auto found = entries_.find(address);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.ask_at = now_ + (name ? kGood : kGoodNone);
  entry.name = std::move(name);
  if (!entry.name) return;
  std::ranges::replace_if(
      *entry.name, [](char c) { return c <= ' ' || c > '~'; }, '?');
  entry.name->resize(std::min(entry.name->size(), kLongestName));
  if (!entry.name->ends_with('.')) *entry.name += '.';
}

}  // namespace fabrix::telemetry
