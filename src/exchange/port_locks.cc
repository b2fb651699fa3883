#include "exchange/port_locks.h"

#include <set>

#include <fmt/format.h>

namespace fabrix::exchange {
namespace {

constexpr std::uint64_t kMostPerSecond = 1'000'000'000;
constexpr std::uint64_t kLongest = 3600;  // seconds

void read_mac_lock(YamlReader& reader, const YamlNode& node, MacLock& lock) {
  static const std::vector<std::string> keys{"action", "per_second", "seconds"};
  if (!reader.expect_map(node, keys)) return;
  read_into(reader, node.find("action"),
            choice({LockAction::kNone, LockAction::kQuarantine, LockAction::kShutdown}),
            lock.action);
  read_into(reader, node.find("per_second"),
            whole_number<std::uint32_t>({.least = 1, .most = kMostPerSecond}), lock.per_second);
  read_into(reader, node.find("seconds"),
            whole_number<std::uint32_t>({.least = 1, .most = kLongest}), lock.seconds);
}

const YamlNode* find(const YamlNode& node, std::string_view key) {
  return node.kind == YamlNode::Kind::kMap ? node.find(key) : nullptr;
}

void read_routers(YamlReader& reader, const YamlNode& participant, PortLocks& locks) {
  const YamlNode* const routers = find(participant, "routers");
  if (routers == nullptr) return;
  for (const YamlNode& router : routers->items) {
    const YamlNode* const name = find(router, "name");
    const YamlNode* const security = find(router, "port_security");
    if (name == nullptr || security == nullptr) continue;
    MacLock own = locks.all;
    read_port_security(reader, *security, own);
    locks.own.emplace(name->scalar, own);
  }
}

void compare(const std::string& subject, const MacLock& was, const MacLock& is,
             std::vector<Change>& changes) {
  const auto add = [&](std::string_view key, auto before, auto now) {
    if (before == now) return;
    changes.push_back({subject, fmt::format("mac_lock.{} {} -> {}", key, before, now)});
  };
  add("action", name_of(was.action), name_of(is.action));
  add("per_second", was.per_second, is.per_second);
  add("seconds", was.seconds, is.seconds);
}

}  // namespace

std::string_view name_of(LockAction action) {
  switch (action) {
    case LockAction::kNone:
      return "none";
    case LockAction::kQuarantine:
      return "quarantine";
    case LockAction::kShutdown:
      return "shutdown";
  }
  return "unknown";
}

const MacLock& PortLocks::of(std::string_view router) const {
  const auto found = own.find(router);
  return found == own.end() ? all : found->second;
}

void read_port_security(YamlReader& reader, const YamlNode& node, MacLock& lock) {
  static const std::vector<std::string> keys{"mac_lock", "source_check"};
  if (!reader.expect_map(node, keys)) return;
  if (const YamlNode* const given = node.find("mac_lock")) read_mac_lock(reader, *given, lock);
}

PortLocks port_locks_of(std::string_view text) {
  const auto root = parse_yaml(text, "");
  PortLocks locks;
  if (!root) return locks;
  YamlReader reader("");
  const YamlNode* const section = find(*root, "exchange");
  const YamlNode* const security = section == nullptr ? nullptr : find(*section, "port_security");
  if (security != nullptr) read_port_security(reader, *security, locks.all);
  if (const YamlNode* const participants = find(*root, "participants")) {
    for (const YamlNode& each : participants->items) read_routers(reader, each, locks);
  }
  return reader.has_errors() ? PortLocks{} : locks;
}

std::vector<Change> differences(const PortLocks& was, const PortLocks& is) {
  std::vector<Change> changes;
  compare("port_security", was.all, is.all, changes);
  std::set<std::string> routers;
  for (const auto* const each : {&was, &is}) {
    for (const auto& [router, lock] : each->own) routers.insert(router);
  }
  for (const std::string& router : routers) {
    compare("router " + router, was.of(router), is.of(router), changes);
  }
  return changes;
}

}  // namespace fabrix::exchange
