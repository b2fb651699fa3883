// evaluate(): what a Program does with a packet: the reference meaning of rows, used by the
// simulated fabric, by verify and by `fabrix trace`.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "net/packet.h"
#include "program/program.h"

namespace fabrix::program {

struct Step {
  TableId table = TableId::kAdmit;
  const Row* row = nullptr;  // into the Program; null: no row matched
};

// What leaves the fabric besides Outcome::output.
struct Copy {
  net::PortNo port;
  net::Packet packet;  // as it leaves

  friend bool operator==(const Copy&, const Copy&) = default;
};

struct Outcome {
  std::optional<net::PortNo> output{};  // none: dropped, or sent to the controller
  bool to_controller = false;
  net::Packet packet{};  // as it leaves, rewritten
  std::uint64_t metadata = 0;
  std::vector<Step> steps{};  // at most one a table, or for each branch of a Fork
  // Mirrored, and of a Fork's branches all that leave but the first, which is the output.
  std::vector<Copy> copies{};
};

bool matches(const Match& match, const net::Packet& packet, std::uint64_t metadata);

// Whether the meter lets the packet pass.
using Gate = std::function<bool(const Meter&)>;

// `packet.in_port` says where it enters. The Program must outlive the Outcome's steps. Without a
// gate all meters let it pass.
Outcome evaluate(const Program& program, const net::Packet& packet, const Gate& gate = {});

}  // namespace fabrix::program
