// LinuxAudit: reads back what the kernel has of a Linux fabric, and mends what is not as it was
// told, and nothing else (SEMANTICS, "Change").
//
// The reading is a thread of its own, so that packets' and members' business does not wait for it;
// what it suspects is looked at again, and mended, on the control thread, for a millisecond a turn
// of the loop. Installs may happen meanwhile: what counts is what is right when it is looked at.
//
// Control thread only. Must not outlive the loop, the datapath and the ports.
#pragma once

#include <atomic>
#include <cstddef>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "controller/linux_datapath.h"
#include "controller/linux_ports.h"
#include "fabric/fabric.h"
#include "fabric/linux_image.h"
#include "io/event_loop.h"

namespace fabrix::controller {

// What was installed last.
struct LinuxInstalled {
  program::ProgramPtr program;
  fabric::LinuxImage image;
};

class LinuxAudit {
 public:
  LinuxAudit(io::EventLoop& loop, LinuxDatapath& datapath, LinuxPorts& ports)
      : loop_(loop), datapath_(datapath), ports_(ports) {}
  ~LinuxAudit();
  LinuxAudit(const LinuxAudit&) = delete;
  LinuxAudit& operator=(const LinuxAudit&) = delete;
  LinuxAudit(LinuxAudit&&) = delete;
  LinuxAudit& operator=(LinuxAudit&&) = delete;

  // `installed` is to outlive it, and may change. `done` comes from the loop; at once with a
  // failure if an audit is under way.
  void start(const LinuxInstalled& installed, fabric::Fabric::AuditDone done);

 private:
  using Suspects = Result<std::vector<LinuxSuspect>>;

  void take(Suspects found);
  void mend_some();
  Result<void> mend(const LinuxSuspect& suspect);
  void end(Result<void> outcome);

  io::EventLoop& loop_;
  LinuxDatapath& datapath_;
  LinuxPorts& ports_;
  const LinuxInstalled* installed_ = nullptr;
  fabric::Fabric::AuditDone done_;  // empty: no audit is under way
  std::vector<LinuxSuspect> suspects_;
  std::size_t mended_ = 0;  // of those that have been looked at
  std::vector<LinuxFault> faults_;
  std::atomic<bool> stop_ = false;
  // Shared with what was posted to the loop.
  std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
  std::future<void> reading_;
};

}  // namespace fabrix::controller
