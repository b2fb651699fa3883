// A middlebox of a lab: a firewall in the wire (definition.h), made of Linux's bridge and nftables.
//
// The bridge has the one port `ix0`, which is a hairpin: what comes in goes out there again, with
// its MAC addresses as they were. The kernel does all that: no process is left running.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace fabrix::lab {

struct MiddleboxPlan {
  std::vector<std::string> drops;
  std::string network_namespace;
  std::string directory;  // exists, ours
};

// What nft reads. Each drop counts, for `nft list ruleset`.
std::string firewall_ruleset(const std::vector<std::string>& drops);

// The namespace has ix0. Fails with what a program said, as nft does of a drop it does not know.
Result<void> start_middlebox(const MiddleboxPlan& plan);

}  // namespace fabrix::lab
