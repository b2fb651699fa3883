// The commands on sFlow: `fabrix sflow ...`, one function each.
#pragma once

#include "app/commands.h"

namespace fabrix::app {

ExitCode sflow_decode(Words words);   // fabrix sflow decode FILE|--listen ADDRESS
ExitCode sflow_flows(Words words);    // fabrix sflow flows FILE --keys KEYS
ExitCode sflow_analyze(Words words);  // fabrix sflow analyze
ExitCode sflow_replay(Words words);   // fabrix sflow replay FILE --to ADDRESS
ExitCode sflow_forward(Words words);  // fabrix sflow forward --listen ADDRESS --to ADDRESS

}  // namespace fabrix::app
