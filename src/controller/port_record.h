// PortRecord: a file with the ports that are in quarantine or shut down, for the next process,
// however this one ended: what an operator has closed stays closed.
//
// The file is replaced as a whole when an order changes. A port is known by its router's name.
//
//     fabrix ports 1
//     quarantined 1764000000000 B1 loops
//
// The standing, since when in milliseconds since 1970, the router, and the reason, perhaps none; in
// it line ends are blanks. A file of another form, or larger than kMostOctets, is left aside, and
// people are told. Loop's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/controller.h"

namespace fabrix::controller {

struct RecordedPort {
  exchange::Standing standing = exchange::Standing::kOpen;
  std::int64_t since = 0;
  std::string router;
  std::string reason;

  friend bool operator==(const RecordedPort&, const RecordedPort&) = default;
};

std::string format_ports(const std::vector<RecordedPort>& all);
// None: that is no such file.
std::optional<std::vector<RecordedPort>> parse_ports(std::string_view text);

class PortRecord {
 public:
  static constexpr std::size_t kMostOctets = std::size_t{4} << 20U;

  // The controller must outlive it.
  PortRecord(Controller& controller, std::string path);
  ~PortRecord();
  PortRecord(const PortRecord&) = delete;
  PortRecord& operator=(const PortRecord&) = delete;
  PortRecord(PortRecord&&) = delete;
  PortRecord& operator=(PortRecord&&) = delete;

  // Closes the ports that the file says. Returns what could not be taken over, in words.
  std::vector<std::string> restore();
  // From now on the file says which ports are closed.
  void keep();

 private:
  void write() const;

  Controller& controller_;
  std::string path_;
  bool keeps_ = false;
};

}  // namespace fabrix::controller
