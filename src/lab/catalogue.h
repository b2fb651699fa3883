// Catalogue: the labs there are: folders with an exchange.yaml and a lab.yaml.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lab/definition.h"

namespace fabrix::lab {

// Where labs are looked for, in this order: $FABRIX_LABS (folders, separated by ':'); ./labs; the
// folder `labs` next to the program or above it (a source tree); share/fabrix/labs of an
// installation.
std::vector<std::filesystem::path> catalogue_folders();

struct Listed {
  std::string name;
  std::filesystem::path folder;
};

// Of labs with the same name, the first found.
std::vector<Listed> list_labs(std::span<const std::filesystem::path> folders);

// The folder of a lab. The error names the nearest lab, or all.
Result<std::filesystem::path> find_lab(std::string_view name,
                                       std::span<const std::filesystem::path> folders);

// Reads both files. The error is the rendered diagnostics, several lines.
Result<Definition> read_lab(const std::filesystem::path& folder);

}  // namespace fabrix::lab
