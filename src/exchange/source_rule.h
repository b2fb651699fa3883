// SourceRule: whether packets that come in at a port may come from addresses that its member does
// not announce: the key `port_security.source_check` of exchange.yaml, of the exchange and of a
// router.
//
//   RFC 3704 §2.3, RFC 8704 §3: feasible path reverse path forwarding
//
// Values; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "net/prefix.h"

namespace fabrix::exchange {

enum class SourceCheck : std::uint8_t { kOff, kCount, kDrop };

struct SourceRule {
  SourceCheck mode = SourceCheck::kOff;
  std::vector<net::Prefix> allowed;  // whatever the member announces
  // Blocks of addresses that the port's rules may have to tell apart; a member that announces more
  // is not checked.
  std::uint32_t max_prefixes = 1000;

  friend bool operator==(const SourceRule&, const SourceRule&) = default;
};

}  // namespace fabrix::exchange
