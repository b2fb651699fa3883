// WatchedFile: a file whose content is asked for again and again, and read only when it has
// changed: another size or another time of modification. Times are coarse, so a file that was
// written just before it was read is read again, and has changed if its text has. Blocking; any one
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"

namespace fabrix::daemon {

class WatchedFile {
 public:
  // A file of more than `limit` octets is an error.
  WatchedFile(std::filesystem::path path, std::size_t limit)
      : path_(std::move(path)), limit_(limit) {}

  // None: as at the last call. A file that is not there, or cannot be read, is told once too.
  std::optional<Result<std::string>> read_if_changed();

  const std::filesystem::path& path() const { return path_; }

 private:
  struct Stamp {
    std::filesystem::file_time_type modified;
    std::uintmax_t size = 0;

    friend bool operator==(const Stamp&, const Stamp&) = default;
  };

  std::filesystem::path path_;
  std::size_t limit_;
  bool looked_ = false;
  std::optional<Stamp> stamp_;         // none: there was no such file
  bool was_young_ = false;             // when it was read: it may have changed since, unseen
  std::optional<std::size_t> digest_;  // of the text; none: it could not be read
};

}  // namespace fabrix::daemon
