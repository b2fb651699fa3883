// describe(ErrorMessage): what a switch complains about, for people.
//
//   OpenFlow 1.4.1 §7.5.4   error types and codes
#pragma once

#include <string>

#include "openflow/message.h"

namespace fabrix::openflow {

// "bad match: prerequisite missing", or the numbers where the standard has no name for them.
std::string describe(const ErrorMessage& error);

}  // namespace fabrix::openflow
