// What is asked of the database of an Open vSwitch (RFC 7047, ovs-vswitchd.conf.db(5)): its bridges
// and what they do without a controller. OpenFlow has no word for it.
//
// A bridge is fail-secure if it then forwards by the flow entries that it has. One that says
// nothing, or "standalone", becomes a learning switch instead.
//
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace fabrix::openflow {

struct OvsdbBridge {
  std::string name;
  std::uint64_t datapath_id = 0;  // 0: the switch has not begun with it
  bool is_secure = false;

  friend bool operator==(const OvsdbBridge&, const OvsdbBridge&) = default;
};

// A request (RFC 7047 §4.1.3) that makes the bridges of these names fail-secure, and then asks for
// all bridges.
std::string bridges_request(const std::vector<std::string>& to_secure);

// Finds the answer among what the server sends, however it is split. Other messages, such as its
// "echo", are passed over.
class BridgesAnswer {
 public:
  static constexpr std::size_t kMostOctets = std::size_t{4} << 20U;  // of all it sends

  BridgesAnswer();
  ~BridgesAnswer();
  BridgesAnswer(const BridgesAnswer&) = delete;
  BridgesAnswer& operator=(const BridgesAnswer&) = delete;
  BridgesAnswer(BridgesAnswer&&) = delete;
  BridgesAnswer& operator=(BridgesAnswer&&) = delete;

  // The octets that come next; none: more are needed. An error: the server refuses, what it sends
  // is no such message, or it is too much. Not to be called again then, nor after the answer.
  using Bridges = std::vector<OvsdbBridge>;
  std::optional<Result<Bridges>> take(std::span<const std::byte> octets);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fabrix::openflow
