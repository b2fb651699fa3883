// LinuxDatapath: what the kernel has of a Linux fabric, and how to make it another: programs in
// their slots, entries of rows, counters, virtual next hops, ports.
//
// Two versions have slots of their own, and packets go by one of them. install() writes to the
// other's, after those packets are through that might still be there, and makes it the one in force
// by the write of a number. For these packets a thread waits from that moment on, so that only an
// install that follows at once has to. What both versions need is there once. A failure on the way
// leaves what is in force as it was.
//
// What was pinned before is taken over with all it has: programs are known by their names, which
// say what they do (fabric/linux_unit.h), and what nobody needs goes at the next install().
//
// Blocks the caller, for milliseconds as a rule. Control thread only.
#pragma once

#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "controller/linux_counters.h"
#include "controller/linux_neighbors.h"
#include "controller/linux_programs.h"
#include "controller/linux_reading.h"
#include "exchange/fabric_attach.h"
#include "fabric/fabric.h"
#include "fabric/linux_image.h"
#include "io/bpf_object.h"

namespace fabrix::controller {

class LinuxDatapath {
 public:
  // `directory` is on a bpffs, or empty: nothing is pinned.
  static Result<std::unique_ptr<LinuxDatapath>> open(const std::string& directory);

  Result<void> install(const fabric::LinuxImage& image);

  // With kXdp, from the next install() on, the programs are at XDP too. Until then what comes there
  // goes on to tc.
  void attach(exchange::FabricAttach how) { attach_ = how; }
  exchange::FabricAttach attached() const { return attach_; }

  // What the kernel should have, for read_datapath(): all but the ports, and the meters, which are
  // the Program's.
  LinuxExpectation expectation() const;
  // What is wrong there, and has been mended: looks again first. None: it is right by now, or of
  // what no packet meets. Of ports: LinuxPorts::mend().
  Result<std::optional<LinuxFault>> mend(const LinuxSuspect& suspect);

  // Since the last time.
  Result<std::vector<LinuxCounters::Counted>> take_counts();

  const io::FileDescriptor& entrance() const { return at_tc_.entrance(); }
  const io::FileDescriptor& xdp_entrance() const { return at_xdp_.entrance(); }
  const io::BpfMap& map(const std::string& name) const { return object_.maps.at(name); }
  const std::map<std::string, io::BpfMap>& maps() const { return object_.maps; }
  std::uint64_t installs() const { return state_.installs; }
  // Of both versions; those that are at XDP too are one.
  std::size_t program_count() const;
  // How many programs the last install() gave to the kernel.
  std::size_t loaded() const { return loaded_; }

 private:
  using Unit = fabric::LinuxUnitPtr;

  Result<void> start(const std::string& directory);
  void let_packets_through();
  Result<void> take_over();
  Result<void> put_programs(const fabric::LinuxImage& image, std::uint32_t version);
  Result<void> put_entries(const fabric::LinuxImage& image);
  std::optional<std::set<std::uint64_t>> needed_entries(const fabric::LinuxImage& image) const;
  Result<void> put_unit(const Unit& unit);
  Result<void> drop_unused(const fabric::LinuxImage& image);
  Result<void> drop_entries(const std::set<std::uint64_t>& kept);
  template <typename Key>
  Result<std::optional<LinuxFault>> mend_row(const LinuxSuspect& suspect, const char* name);
  Result<std::optional<LinuxFault>> mend_neighbor(const LinuxSuspect& suspect);
  Result<std::optional<LinuxFault>> mend_counter(const LinuxSuspect& suspect);
  Result<std::optional<LinuxFault>> mend_meter(const LinuxSuspect& suspect) const;
  Result<std::optional<LinuxFault>> mend_state();
  Result<std::optional<LinuxFault>> mend_pin(const LinuxSuspect& suspect) const;
  std::uint32_t slot_of_entries(std::uint64_t id) const;
  Result<void> flip(const fabric::LinuxImage& image, std::uint32_t version);
  Result<void> put_state();

  std::string directory_;  // where all is pinned; empty: nowhere
  io::BpfObject object_;
  fabrix_state state_{};
  LinuxPrograms at_tc_{io::BpfKind::kTc};
  LinuxPrograms at_xdp_{io::BpfKind::kXdp};
  exchange::FabricAttach attach_ = exchange::FabricAttach::kTc;
  LinuxNeighbors neighbors_;
  std::map<std::uint64_t, Unit> units_;  // of this process, in one of the versions
  std::map<std::uint64_t, fabric::LinuxEntriesPtr> entries_;  // that are there
  LinuxCounters counters_;
  bool foreign_entries_ = false;  // there may be some
  std::size_t loaded_ = 0;
  std::future<void> grace_;  // ends when no packet is in the version that was in force before
};

}  // namespace fabrix::controller
