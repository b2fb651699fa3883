// What is loaded from a real object: tests/controller/linux_datapath_test.cc.
#include "io/bpf_object.h"

#include <array>
#include <filesystem>

#include <sys/mount.h>

#include "tests/io/bpf_world.h"
#include "tests/io/world.h"

namespace fabrix::io {
namespace {

class BpfObjectTest : public testing::BpfTest {};

TEST_F(BpfObjectTest, RefusesWhatIsNoObject) {
  const std::array<std::byte, 100> octets{};
  const auto object = BpfObject::load(octets, "");
  ASSERT_FALSE(object);
  EXPECT_NE(object.error().message.find("read eBPF object"), std::string::npos);
}

TEST_F(BpfObjectTest, PinnedThingsOutliveTheirDescriptors) {
  const testing::TemporaryDirectory base;
  const std::string directory = base / "pins";
  ASSERT_TRUE(prepare_bpf_directory(directory));
  ASSERT_TRUE(prepare_bpf_directory(directory));  // it is one already
  {
    const auto program = program_returning(7);
    ASSERT_TRUE(pin(program->get(), directory + "/program"));
    ASSERT_TRUE(pin(program->get(), directory + "/program"));  // in its own place
  }
  const auto found = open_pinned(directory + "/program");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(describe_bpf_program(*found).value().name, "test");
  EXPECT_FALSE(open_pinned(directory + "/nothing"));
  std::filesystem::remove(directory + "/program");
  EXPECT_EQ(umount2(directory.c_str(), MNT_DETACH), 0);
}

}  // namespace
}  // namespace fabrix::io
