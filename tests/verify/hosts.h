// Conditions on hosts, of which policies may name many.
#pragma once

#include <utility>
#include <vector>

#include "tests/compiler/world.h"

namespace fabrix::verify {

inline policy::PredicatePtr from_any(std::vector<policy::Interval> hosts) {
  return compiler::all_of({compiler::ether_type(net::kEthTypeIpv4),
                           compiler::test(net::Field::kSrcIp4, std::move(hosts))});
}

}  // namespace fabrix::verify
