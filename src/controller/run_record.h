// RunRecord: a file that says that this process runs, and who it had sessions with.
//
// One that is found at the start was left by a process that did not end in order, whose routes
// members may have kept: the next process has to wait for theirs, but only for those of members
// that were there (RFC 4724 §4.1). The file is replaced as a whole, at most once each
// kLeastBetween; it is not forced to the disk, since a machine that fails takes the members'
// sessions, and what they kept, with it long before it is back.
//
//     fabrix sessions 1
//     192.0.2.1
//     2001:db8::1
//
// A file of another form means: somebody ran, with whom is not known. Loop's thread only.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/event_loop.h"
#include "net/ip_address.h"

namespace fabrix::controller {

using Sessions = std::vector<net::IpAddress>;

std::string format_sessions(const Sessions& sessions);
// None: that is no such file.
std::optional<Sessions> parse_sessions(std::string_view text);

class RunRecord {
 public:
  static constexpr std::chrono::milliseconds kLeastBetween{50};

  // Looks at what is there and changes nothing yet.
  RunRecord(io::EventLoop& loop, std::string path);

  // Whether a process left it.
  bool found() const { return found_; }
  // Whom it had sessions with; none: it does not say.
  const std::optional<Sessions>& sessions_before() const { return before_; }

  // From now on the file says what `sessions` returns, as of now and of each changed().
  void keep(std::function<Sessions()> sessions);
  void changed();

  // This process ends in order. Whoever is destroyed without it leaves the file.
  void finish();

 private:
  void write();

  std::string path_;
  bool found_ = false;
  std::optional<Sessions> before_;
  std::function<Sessions()> sessions_;
  io::Clock::time_point written_;
  io::Timer timer_;
};

}  // namespace fabrix::controller
