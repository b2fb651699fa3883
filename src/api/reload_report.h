// ReloadReport: what came of reading the configuration again, for the local protocol, the command
// line and the log.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "base/diagnostic.h"
#include "exchange/reload.h"

namespace fabrix::api {

enum class ReloadMode : std::uint8_t {
  kApply,
  kCheck,  // says what would happen, and changes nothing
};

enum class ReloadOutcome : std::uint8_t {
  kApplied,
  kChecked,
  kRefused,  // the configuration before stays
};

struct ReloadReport {
  ReloadOutcome outcome = ReloadOutcome::kRefused;
  std::vector<exchange::Change> changes;
  std::vector<exchange::SessionChange> sessions;
  // With the file itself when it is refused; else with files that it names, whose last good content
  // stays in use. Warnings among them.
  std::vector<Diagnostic> problems;
  std::string problem_text;  // the same rendered
};

// {"outcome":"applied","changes":[{"subject":...,"what":...}],
//  "sessions":[{"address":...,"effect":"reset"}],"problems":[...],"text":"..."}
boost::json::value to_json(const ReloadReport& report);

// A line for each change and each session, after the problems.
std::string to_text(const ReloadReport& report);

}  // namespace fabrix::api
