#include "io/bpf_program.h"

#include <array>
#include <random>
#include <span>
#include <vector>

#include "io/links.h"
#include "tests/io/bpf_world.h"
#include "tests/io/world.h"

namespace fabrix::io {
namespace {

class BpfProgramTest : public testing::BpfTest {};

constexpr std::array<std::byte, 60> kFrame{};

TEST_F(BpfProgramTest, RunsAndIsKnownByItsName) {
  const auto program = program_returning(2);
  ASSERT_TRUE(program) << program.error().message;
  const auto run = run_bpf_program(*program, kFrame, {.interface = 0, .repeat = 1});
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->action, 2U);
  EXPECT_EQ(run->frame.size(), kFrame.size());
  const auto info = describe_bpf_program(*program).value();
  EXPECT_EQ(info.name, "test");
  const auto again = open_bpf_program(info.id);
  ASSERT_TRUE(again);
  EXPECT_EQ(describe_bpf_program(*again).value().id, info.id);
}

TEST_F(BpfProgramTest, SaysWhatTheVerifierSaid) {
  ebpf::Assembler out;
  out.exit();  // without a result in r0
  const auto program = load_bpf_program("wrong", out.finish().value());
  ASSERT_FALSE(program);
  EXPECT_NE(program.error().message.find("R0 !read_ok"), std::string::npos)
      << program.error().message;
}

TEST_F(BpfProgramTest, SaysOfALongProgramThatItIsTooLong) {
  ebpf::Assembler out;
  const auto end = out.new_label();
  out.move(ebpf::Register::r0, 0);
  constexpr int kMoreThanWait = 9000;  // BPF_COMPLEXITY_LIMIT_JMP_SEQ is 8192
  for (int i = 0; i < kMoreThanWait; ++i) {
    out.load(ebpf::Width::k32, ebpf::Register::r2, {ebpf::Register::r1, 0});
    out.jump_if(ebpf::Condition::kEqual, ebpf::Register::r2, i, end);
  }
  out.bind(end);
  out.exit();
  const auto program = load_bpf_program("long", out.finish().value());
  ASSERT_FALSE(program);
  EXPECT_NE(program.error().message.find("more ways through it"), std::string::npos)
      << program.error().message;
}

// Some hundred ways through it, by the length of the frame.
ebpf::Assembler random_program(std::uint32_t seed) {
  using ebpf::Register;
  constexpr std::uint32_t kBlocks = 60;
  std::mt19937 random(seed);
  ebpf::Assembler out;
  std::vector<ebpf::Assembler::Label> blocks;
  for (std::uint32_t i = 0; i <= kBlocks; ++i) blocks.push_back(out.new_label());
  const auto later = [&](std::uint32_t i) { return blocks[i + 1 + random() % (kBlocks - i)]; };
  out.load(ebpf::Width::k32, Register::r0, {Register::r1, 0});
  for (std::uint32_t i = 0; i < kBlocks; ++i) {
    out.bind(blocks[i]);
    out.calculate32(ebpf::Operation::kMultiply, Register::r0, static_cast<int>(random() % 7));
    out.calculate32(ebpf::Operation::kAdd, Register::r0, static_cast<int>(random() % 99));
    out.calculate32(ebpf::Operation::kAnd, Register::r0, 1023);
    out.jump_if(ebpf::Condition::kGreater, Register::r0, static_cast<int>(random() % 1024),
                later(i));
    if (random() % 2 == 0) out.is_likely();
    if (random() % 3 == 0) out.jump(later(i));
  }
  out.bind(blocks.back());
  out.exit();
  return out;
}

TEST_F(BpfProgramTest, TheOrderOfCodeMakesNoDifference) {
  constexpr std::uint32_t kSeeds = 20;
  for (std::uint32_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    const ebpf::Code code = random_program(seed).finish().value();
    const auto program = load_bpf_program("one", code);
    const auto forward = load_bpf_program(
        "forward", ebpf::Assembler::reopen(code).finish(ebpf::Assembler::Order::kForward).value());
    ASSERT_TRUE(program) << program.error().message;
    ASSERT_TRUE(forward) << forward.error().message;
    const std::vector<std::byte> octets(200);
    for (std::size_t length = kFrame.size(); length < octets.size(); ++length) {
      const auto frame = std::span(octets).first(length);
      const auto one = run_bpf_program(*program, frame, {.interface = 0, .repeat = 1});
      const auto other = run_bpf_program(*forward, frame, {.interface = 0, .repeat = 1});
      ASSERT_TRUE(one && other);
      EXPECT_EQ(one->action, other->action) << length;
    }
  }
}

TEST_F(BpfProgramTest, IsTiedToAnInterfaceAndReplaced) {
  const testing::TestNamespace home;
  auto netlink = home.netlink();
  ASSERT_TRUE(create_veth(netlink, {.name = "a"}, {.name = "b"}));
  const auto scope = NamespaceScope::enter(home.name());
  const std::uint32_t index = find_link(netlink, "a").value().index;
  const auto first = program_returning(2);
  const auto second = program_returning(0);
  const auto link = attach_to_ingress(*first, index);
  ASSERT_TRUE(link) << link.error().message;
  EXPECT_EQ(interface_of(*link).value(), index);
  EXPECT_TRUE(replace_program(*link, *second));
  EXPECT_TRUE(detach(*link));
  EXPECT_EQ(interface_of(*link).value(), 0U);
  const auto other = attach_to_ingress(*first, index);
  ASSERT_TRUE(delete_link(netlink, "a"));
  EXPECT_EQ(interface_of(*other).value(), 0U);
  EXPECT_FALSE(attach_to_ingress(*first, index));
}

}  // namespace
}  // namespace fabrix::io
