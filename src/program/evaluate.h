// evaluate(): what a Program does with a packet: the reference meaning of rows, used by the
// simulated fabric, by verify and by `fabrix trace`.
#pragma once

#include <optional>
#include <vector>

#include "net/packet.h"
#include "program/program.h"

namespace fabrix::program {

struct Step {
  TableId table = TableId::kAdmit;
  const Row* row = nullptr;  // into the Program; null: no row matched
};

struct Outcome {
  std::optional<net::PortNo> output;  // none: dropped, or sent to the controller
  bool to_controller = false;
  net::Packet packet;  // as it leaves, rewritten
  std::uint64_t metadata = 0;
  std::vector<Step> steps;  // at most one a table
};

bool matches(const Match& match, const net::Packet& packet, std::uint64_t metadata);

// `packet.in_port` says where it enters. The Program must outlive the Outcome's steps.
Outcome evaluate(const Program& program, const net::Packet& packet);

}  // namespace fabrix::program
