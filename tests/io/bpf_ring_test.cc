// Records that a program leaves: tests/controller/linux_fabric_test.cc.
#include "io/bpf_ring.h"

#include "tests/io/bpf_world.h"

namespace fabrix::io {
namespace {

class BpfRingTest : public testing::BpfTest {};

TEST_F(BpfRingTest, OnlyRingBuffersCanBeWatched) {
  EventLoop loop;
  const BpfMap map = make_map(BPF_MAP_TYPE_HASH, 1);
  EXPECT_FALSE(BpfRing::watch(loop, map, [](std::span<const std::byte>) {}));
}

TEST_F(BpfRingTest, MayBeDestroyedBeforeTheLoopRuns) {
  EventLoop loop;
  FileDescriptor fd(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ring", 0, 0, 4096, nullptr));
  ASSERT_TRUE(fd.valid());
  const auto map = BpfMap::adopt(std::move(fd), "ring");
  {
    const auto ring = BpfRing::watch(loop, *map, [](std::span<const std::byte>) { FAIL(); });
  }
  bool ran = false;
  loop.post([&ran] { ran = true; });
  EXPECT_TRUE(loop.run_until([&ran] { return ran; }, std::chrono::seconds(5)));
}

}  // namespace
}  // namespace fabrix::io
