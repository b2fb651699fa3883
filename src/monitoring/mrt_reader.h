// MrtReader: the records of an MRT file, one after the other.
//
// Takes arbitrary bytes; fuzzed in fuzz/monitoring/mrt_reader_fuzz.cc. Strict: a record must be as
// long as what it holds. It views the caller's buffer, which must outlive it. Records of types that
// mrt.h does not have come as UnknownRecord.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/result.h"
#include "monitoring/mrt.h"

namespace fabrix::monitoring {

class MrtReader {
 public:
  explicit MrtReader(std::span<const std::byte> file) : rest_(file) {}

  // The next record; none at the end. After kTruncated and kTooLarge nothing more can be read; any
  // other error is of this record only, and the next call goes on after it.
  Result<std::optional<MrtRecord>, MrtError> next();

  // Octets before the record that next() will read, from the end of the file.
  std::size_t remaining() const { return rest_.size(); }

 private:
  std::span<const std::byte> rest_;
};

}  // namespace fabrix::monitoring
