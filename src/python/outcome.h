// Outcome: what a call from Python comes to: data as JSON, or a failure that becomes an exception
// there. The C++ side throws nothing (ADR 2).
//
// Values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/diagnostic.h"
#include "base/result.h"

namespace fabrix::python {

// Which exception it is.
enum class FailureKind : std::uint8_t {
  kPolicy,         // a policy is wrong
  kConfiguration,  // an exchange is
  kSimulation,     // what was asked of an exchange cannot be done
};
std::string_view name_of(FailureKind kind);

struct Failure {
  FailureKind kind = FailureKind::kSimulation;
  std::string message;                  // for failures without diagnostics
  std::vector<Diagnostic> diagnostics;  // what is wrong with `source`
  std::string source;
};

tl::unexpected<Failure> refused(std::string message);

using Outcome = Result<boost::json::value, Failure>;

// {"kind", "message", "diagnostics", "text"}: the text is for people, with source and caret.
boost::json::object to_json(const Failure& failure);

// {"ok": data} or {"failure": {...}}
std::string to_text(const Outcome& outcome);

}  // namespace fabrix::python
