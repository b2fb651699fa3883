// Maps and programs for tests of eBPF: made by hand, without a compiler.
#pragma once

#include <cstdint>

#include <bpf/bpf.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "ebpf/assembler.h"
#include "io/bpf_map.h"
#include "io/bpf_program.h"

namespace fabrix::io::testing {

// Skips the test where eBPF is not allowed.
class BpfTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root: loads eBPF";
  }

  // Keys of 4 octets, values of 8.
  static BpfMap make_map(std::uint32_t type, std::uint32_t entries) {
    FileDescriptor fd(
        bpf_map_create(static_cast<bpf_map_type>(type), "test", 4, 8, entries, nullptr));
    EXPECT_TRUE(fd.valid());
    return BpfMap::adopt(std::move(fd), "test").value();
  }

  // Does nothing but return `action`.
  static Result<FileDescriptor> program_returning(std::int32_t action,
                                                  BpfKind kind = BpfKind::kTc) {
    ebpf::Assembler out;
    out.move(ebpf::Register::r0, action);
    out.exit();
    return load_bpf_program("test", out.finish().value(), kind);
  }
};

}  // namespace fabrix::io::testing
