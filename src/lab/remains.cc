#include "lab/remains.h"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <sys/mount.h>
#include <unistd.h>

#include "exchange/policy_words.h"
#include "io/namespace.h"
#include "lab/paths.h"
#include "lab/processes.h"

namespace fabrix::lab {
namespace {

namespace fs = std::filesystem;

std::string record_path(std::string_view lab) {
  return lab_directory(lab) + "/namespaces";
}

std::string source_path(std::string_view lab) {
  return lab_directory(lab) + "/source";
}

std::string fabric_path(std::string_view lab) {
  return lab_directory(lab) + "/fabric";
}

Error cannot(std::string_view what, const std::string& path, const std::error_code& error) {
  return {fmt::format("{} {}: {}", what, path, error.message())};
}

}  // namespace

Result<Claim> Claim::take(std::string_view lab) {
  std::error_code error;
  fs::create_directories(lock_directory(), error);
  if (error) return fail(cannot("create", lock_directory(), error));
  const std::string path = lock_file(lab);
  // The file that we have locked may be one that its last holder has just removed. Whoever locked
  // the one that is there now has written its process id into it.
  constexpr int kAttempts = 10;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto lock = io::LockFile::acquire(path);
    if (!lock) {
      return fail(Error{fmt::format("lab {} is being used: {}", lab, lock.error().message)});
    }
    const std::string holder = io::read_file(path, 64).value_or("");
    if (holder == fmt::format("{}\n", getpid())) return Claim(path, *std::move(lock));
  }
  return fail(Error{fmt::format("lab {} is being used", lab)});
}

Claim::~Claim() {
  if (!path_.empty()) unlink(path_.c_str());
}

Result<void> make_directory(std::string_view lab, const std::vector<std::string>& namespaces) {
  const std::string directory = lab_directory(lab);
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return fail(cannot("create", directory, error));
  return io::write_file_atomically(record_path(lab),
                                   fmt::format("{}\n", fmt::join(namespaces, "\n")));
}

std::vector<std::string> recorded_namespaces(std::string_view lab) {
  std::vector<std::string> names;
  std::istringstream lines(io::read_file(record_path(lab)).value_or(""));
  const std::string prefix = namespace_prefix(lab);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(prefix)) names.push_back(line);
  }
  return names;
}

Result<void> record_source(std::string_view lab, const std::string& folder) {
  return io::write_file_atomically(source_path(lab), folder);
}

Result<std::string> recorded_source(std::string_view lab) {
  auto folder = io::read_file(source_path(lab));
  if (!folder) return fail(Error{fmt::format("lab {} is not running", lab)});
  return folder;
}

Result<void> record_fabric(std::string_view lab, exchange::FabricType fabric) {
  return io::write_file_atomically(fabric_path(lab), exchange::name_of(fabric));
}

exchange::FabricType recorded_fabric(std::string_view lab) {
  const std::string recorded = io::read_file(fabric_path(lab)).value_or("");
  return recorded == exchange::name_of(exchange::FabricType::kOpenFlow)
             ? exchange::FabricType::kOpenFlow
             : exchange::FabricType::kLinux;
}

Result<void> remove_remains(std::string_view lab, const std::vector<std::string>& also) {
  std::vector<std::string> names = recorded_namespaces(lab);
  names.insert(names.end(), also.begin(), also.end());
  const auto existing = io::list_namespaces();
  std::erase_if(
      names, [&](const std::string& name) { return !std::ranges::binary_search(existing, name); });
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (auto ended = end_processes_in(names); !ended) return ended;
  for (const std::string& name : names) {
    if (auto deleted = io::delete_namespace(name); !deleted) return deleted;
  }
  // What is pinned goes with its file system, which may be mounted more than once.
  while (umount2(pin_directory(lab).c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
  }
  std::error_code error;
  fs::remove_all(lab_directory(lab), error);
  if (error) return fail(cannot("remove", lab_directory(lab), error));
  return {};
}

std::vector<std::string> present_labs() {
  std::vector<std::string> names;
  std::error_code error;
  for (auto entry = fs::directory_iterator(lab_directory(""), error);
       !error && entry != fs::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace fabrix::lab
