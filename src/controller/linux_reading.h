// read_datapath(): what the kernel has of a Linux fabric, held against what it was told.
//
// Everything is read: programs in their slots, rows, virtual next hops, ports, meters, counters,
// what is in force, and the files that keep it beyond the process. Whatever is not as it was told
// is suspected, no more: it may have changed since
// the expectation was made, and who keeps it has to look again (LinuxDatapath::mend()).
//
// Takes as long as reading some hundred thousand entries takes: for a thread of its own, whatever
// happens to the datapath meanwhile. An expectation is values, and shares what cannot change.
// Fails with what the kernel said.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "controller/linux_neighbors.h"
#include "fabric/fabric.h"
#include "fabric/linux_layout.h"
#include "fabric/linux_unit.h"
#include "io/bpf_map.h"
#include "program/program.h"

namespace fabrix::controller {

// Kinds of what the kernel has.
enum class LinuxPlace : std::uint8_t {
  kSlot,      // key: the place in `programs`
  kXdpSlot,   // likewise, in `xdp_programs`
  kNarrow,    // a row
  kWide,      // a row
  kNeighbor,  // a virtual next hop
  kCounter,
  kMeter,
  kState,
  kPortIn,
  kPortOut,
  kNearIn,
  kNearOut,
  kLink,  // key: the port, which is not tied to its interface, or not at XDP as it should be, or
          // not pinned
  kPin,   // key: the name of a map whose file is gone
};

struct LinuxSuspect {
  LinuxPlace place{};
  std::vector<std::byte> key;
  std::uint64_t limit = 0;  // kMeter: how far in the future its time may be, ns
};

// Something that was not as it was told.
struct LinuxFault {
  LinuxPlace place{};
  fabric::Difference::Kind kind{};
  std::uint32_t slot = 0;  // of the program, or of one that has the row; 0: nobody's
  std::string is;          // what was there, for people
};

// A port, as the kernel should know it.
struct LinuxPortPlace {
  std::uint32_t port = 0;
  std::uint32_t interface = 0;
  std::uint32_t slot = 0;
  std::uint16_t flags = 0;
  std::uint16_t vlan = 0;  // that its frames carry; 0: none
  std::uint32_t sample_rate = 0;
  int link = -1;      // a descriptor of the datapath's; -1: there is none
  int xdp_link = -1;  // likewise; -1: it is not at XDP
};
bool is_of_port(const fabrix_in& is, const LinuxPortPlace& port);
bool is_of_port(const fabrix_out& is, const LinuxPortPlace& port);
bool is_of_port(const fabrix_near_in& is, const LinuxPortPlace& port);
bool is_of_port(const fabrix_near_out& is, const LinuxPortPlace& port);

// bpf_ktime_get_ns(), by which meters go.
std::uint64_t linux_meter_time();

using LinuxSlots = std::map<std::uint32_t, std::uint64_t>;  // ids of units, by slot of a version

// Of the programs at a hook.
struct LinuxHookExpectation {
  const char* map = nullptr;
  LinuxPlace place{};
  std::uint32_t finish = 0;  // the kernel's number of the program of FABRIX_SLOT_FINISH
  std::array<LinuxSlots, FABRIX_VERSIONS> slots;
};

struct LinuxExpectation {
  std::vector<LinuxHookExpectation> hooks;
  std::map<std::uint64_t, fabric::LinuxEntriesPtr> entries;
  LinuxNeighborsOfVersions neighbors;
  std::size_t neighbors_left_out = 0;
  std::vector<fabric::LinuxUnitPtr> units;  // whose counters are there
  program::ProgramPtr program;              // of the meters; null: none
  fabrix_state state{};
  std::vector<LinuxPortPlace> ports;
  std::string directory;  // where all is pinned; empty: nowhere
};

// A slot's unit; 0: somebody else's program. None: there is no program.
Result<std::optional<std::uint64_t>> read_slot(const io::BpfMap& programs, std::uint32_t place);

// Stops soon, without a meaning, when `stop` says so.
Result<std::vector<LinuxSuspect>> read_datapath(const std::map<std::string, io::BpfMap>& maps,
                                                const LinuxExpectation& expected,
                                                const std::atomic<bool>& stop);

}  // namespace fabrix::controller
