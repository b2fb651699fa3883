// What leaves the fabric besides the delivery, in a form that can be compared: in one order, and
// with the destination MAC that the reference does not know of mirrored packets.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "program/evaluate.h"

namespace fabrix::verify {

// One line each. `dst_mac`: what the sender's router wrote.
inline std::vector<std::string> lines_of(std::vector<program::Copy> copies,
                                         net::MacAddress dst_mac) {
  std::vector<std::string> lines;
  for (program::Copy& copy : copies) {
    if (copy.packet.dst_mac == net::MacAddress{}) copy.packet.dst_mac = dst_mac;
    lines.push_back("port " + std::to_string(copy.port.value) + ": " + to_string(copy.packet) +
                    " dscp " + std::to_string(copy.packet.dscp) + " to " +
                    copy.packet.dst_mac.to_string());
  }
  std::ranges::sort(lines);
  return lines;
}

// The meters that limit a packet and its copies, sorted. Where a packet is discarded without a copy
// there is nothing to limit.
inline std::vector<program::Meter> meters_of(const program::Outcome& outcome) {
  std::vector<program::Meter> meters;
  for (const program::Step& step : outcome.steps) {
    if (step.row == nullptr || !step.row->meter) continue;
    const bool discards = std::holds_alternative<program::Discard>(step.row->next);
    if (!discards || !step.row->copies.empty()) meters.push_back(*step.row->meter);
  }
  std::ranges::sort(meters);
  return meters;
}

}  // namespace fabrix::verify
