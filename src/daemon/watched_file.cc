#include "daemon/watched_file.h"

#include <chrono>
#include <functional>
#include <system_error>

#include "io/file.h"

namespace fabrix::daemon {
namespace {

// More than any file system's times are apart.
constexpr std::chrono::seconds kYoung{3};

}  // namespace

std::optional<Result<std::string>> WatchedFile::read_if_changed() {
  std::error_code wrong;
  std::optional<Stamp> stamp;
  const auto modified = std::filesystem::last_write_time(path_, wrong);
  if (!wrong) {
    const auto size = std::filesystem::file_size(path_, wrong);
    if (!wrong) stamp = Stamp{.modified = modified, .size = size};
  }
  const bool same = looked_ && stamp == stamp_;
  if (same && !was_young_) return std::nullopt;
  looked_ = true;
  stamp_ = stamp;
  was_young_ = stamp && stamp->modified > std::filesystem::file_time_type::clock::now() - kYoung;
  auto text = io::read_file(path_.string(), limit_);
  const auto before = digest_;
  digest_ = text ? std::optional(std::hash<std::string>{}(*text)) : std::nullopt;
  if (same && digest_ == before) return std::nullopt;
  return text;
}

}  // namespace fabrix::daemon
