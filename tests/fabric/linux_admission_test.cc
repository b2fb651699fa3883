// What ports let in is entries of maps, however many ports there are: code of the same size for ten
// ports and for as many as an exchange can have.
#include <algorithm>
#include <cstddef>
#include <iostream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "exchange/participants.h"
#include "fabric/linux_image.h"
#include "program/drop.h"
#include "tests/fabric/many_ports.h"

namespace fabrix::fabric {
namespace {

struct Size {
  std::size_t instructions = 0;
  std::size_t entries = 0;
  std::size_t arrays = 0;  // of one program
  std::size_t counters = 0;
};

Size size_of(std::uint32_t ports) {
  LinuxCompiler compiler;
  const auto image = compiler.compile(ports_program(many_ports(ports)));
  EXPECT_TRUE(image) << image.error().message;
  Size size;
  if (!image) return size;
  size.entries = image->entry_count();
  for (const auto& [slot, unit] : image->programs) {
    size.instructions += unit->code.size();
    for (const auto& each : unit->arrays) size.entries += each->size();
    size.arrays = std::max(size.arrays, unit->arrays.size());
    size.counters += unit->counters.size();
  }
  std::cout << fmt::format("{} ports: {} instructions, {} entries, {} arrays, {} counters\n", ports,
                           size.instructions, size.entries, size.arrays, size.counters);
  return size;
}

TEST(LinuxAdmission, AsManyPortsAsThereCanBeAreEntriesOfMaps) {
  const Size some = size_of(400);
  const Size most = size_of(exchange::kMaxRouters);
  EXPECT_LT(most.instructions, some.instructions + some.instructions / 10);
  EXPECT_GT(most.entries, 10 * some.entries - some.entries / 2);
  EXPECT_LE(most.arrays + kLinuxMapCount, 64U);  // MAX_USED_MAPS (linux/bpf.h)
  EXPECT_GT(most.counters, exchange::kMaxRouters * std::size_t{10});
  EXPECT_LE(2 * most.counters, std::size_t{FABRIX_MAX_COUNTERS});
}

// A row for each reason that a port can have fits too.
TEST(LinuxAdmission, ThereIsACounterForEachReasonAtEachPort) {
  EXPECT_LE(2 * program::kDropReasonCount * FABRIX_MAX_PORTS, std::size_t{FABRIX_MAX_COUNTERS});
}

}  // namespace
}  // namespace fabrix::fabric
