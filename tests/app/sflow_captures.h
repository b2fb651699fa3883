// The captures that the tests of `fabrix sflow` read.
#pragma once

#include <string>

#include "tests/app/commands_world.h"

namespace fabrix::app::testing {

inline std::string sflow_capture(const std::string& name) {
  return source_file("fuzz/capture/corpus/capture_reader/" + name);
}

}  // namespace fabrix::app::testing
