// Report: what was checked on a lab, as lines for people and as JSON for programs.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "lab/checks.h"

namespace fabrix::lab {

struct Totals {
  std::size_t passed = 0;  // expectations
  std::size_t failed = 0;  // expectations and changes
};

Totals totals(std::span<const Outcome> outcomes);

// One line, and of a failure more, indented:
//
//     "  ok    a1: tcp 100.0.0.1 -> 140.0.0.1:80 arrives at b1 (65566 octets)"
//     "  FAIL  a1: tcp 100.0.0.1 -> 140.0.0.1:80 arrives at b1: expected b1, saw c1 (lab.yaml:23)"
std::string line_of(const Outcome& outcome);

// "7 passed, 0 failed\n".
std::string last_line(const Totals& totals);

// {"lab": ..., "passed": ..., "failed": ..., "checks": [...]}.
boost::json::object to_json(std::string_view lab, std::span<const Outcome> outcomes);

}  // namespace fabrix::lab
