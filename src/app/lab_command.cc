// `fabrix lab`: emulated exchanges with real routers.
#include "app/commands.h"

namespace fabrix::app {

ExitCode lab_command(Words /*words*/) {
  return complain(ExitCode::kFailed, "lab: not yet");
}

}  // namespace fabrix::app
