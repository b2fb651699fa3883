// PortLocks: what becomes of ports where frames with a foreign source MAC keep coming in: the key
// `port_security.mac_lock` of exchange.yaml, of the exchange and of a router. Such frames are
// dropped and counted whatever it says (program/drop.h).
//
// It is kept apart from the Exchange: nothing of it concerns the tables. Values; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/reload.h"
#include "exchange/yaml_reader.h"

namespace fabrix::exchange {

enum class LockAction : std::uint8_t { kNone, kQuarantine, kShutdown };
std::string_view name_of(LockAction action);  // none, quarantine, shutdown

struct MacLock {
  LockAction action = LockAction::kShutdown;
  std::uint32_t per_second = 100;  // so many such frames, at least 1,
  std::uint32_t seconds = 10;      // for so long, at least 1

  friend bool operator==(const MacLock&, const MacLock&) = default;
};

struct PortLocks {
  MacLock all;                                      // of ports that say nothing else
  std::map<std::string, MacLock, std::less<>> own;  // by router

  const MacLock& of(std::string_view router) const;
  friend bool operator==(const PortLocks&, const PortLocks&) = default;
};

// `node` is the value of port_security. What is written of the lock takes the place of what is in
// `lock`; read_source_rule() reads the rest.
void read_port_security(YamlReader& reader, const YamlNode& node, MacLock& lock);

// What a text says that load() takes; of another one the defaults.
PortLocks port_locks_of(std::string_view text);

// For people, as of a reload (reload.h).
std::vector<Change> differences(const PortLocks& was, const PortLocks& is);

}  // namespace fabrix::exchange
