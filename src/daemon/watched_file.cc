#include "daemon/watched_file.h"

#include <system_error>

#include "io/file.h"

namespace fabrix::daemon {

std::optional<Result<std::string>> WatchedFile::read_if_changed() {
  std::error_code wrong;
  std::optional<Stamp> stamp;
  const auto modified = std::filesystem::last_write_time(path_, wrong);
  if (!wrong) {
    const auto size = std::filesystem::file_size(path_, wrong);
    if (!wrong) stamp = Stamp{.modified = modified, .size = size};
  }
  if (looked_ && stamp == stamp_) return std::nullopt;
  looked_ = true;
  stamp_ = stamp;
  return io::read_file(path_.string(), limit_);
}

}  // namespace fabrix::daemon
