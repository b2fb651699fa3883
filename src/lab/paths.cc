#include "lab/paths.h"

#include <cstdlib>

namespace fabrix::lab {
namespace {

std::string in_directory(std::string_view lab, std::string_view file) {
  return lab_directory(lab).append("/").append(file);
}

}  // namespace

std::string lab_directory(std::string_view lab) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in Fabrix changes the environment.
  const char* const run = std::getenv("FABRIX_RUN");
  const bool given = run != nullptr && *run != '\0';
  return std::string(given ? run : "/run/fabrix").append("/labs/").append(lab);
}

std::string control_socket(std::string_view lab) {
  return in_directory(lab, "fabrixd.sock");
}

std::string openflow_socket(std::string_view lab) {
  return in_directory(lab, "openflow.sock");
}

std::string ovsdb_socket(std::string_view lab) {
  return in_directory(lab, "ovsdb.sock");
}

std::string pin_directory(std::string_view lab) {
  return in_directory(lab, "bpf");
}

std::string lock_directory() {
  return "/run/fabrix/locks";
}

std::string lock_file(std::string_view lab) {
  return lock_directory().append("/").append(lab);
}

std::string namespace_name(std::string_view lab, std::string_view node) {
  return namespace_prefix(lab).append(node);
}

std::string namespace_prefix(std::string_view lab) {
  return std::string("fx-").append(lab).append("-");
}

}  // namespace fabrix::lab
