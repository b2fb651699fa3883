// read_policies(): the members' policies from the files that the configuration names.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "controller/controller.h"
#include "daemon/file_problem.h"

namespace fabrix::daemon {

struct PolicyFiles {
  std::vector<FileProblem> problems;  // warnings among them
  std::vector<std::string> refused;   // names of participants whose policy was not changed
};

// Sets every policy that the controller's configuration names, where it is another than in use. One
// that is wrong leaves that participant's present one, and everybody else, alone. `directory` is
// what names of files are relative to.
PolicyFiles read_policies(controller::Controller& controller,
                          const std::filesystem::path& directory);

}  // namespace fabrix::daemon
