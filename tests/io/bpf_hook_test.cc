#include "io/bpf_hook.h"

#include <optional>

#include "io/command.h"
#include "tests/io/bpf_world.h"
#include "tests/io/world.h"

namespace fabrix::io {
namespace {

// Two ends of a cable in a namespace, which the test is in.
class BpfHookTest : public testing::BpfTest {
 protected:
  void SetUp() override {
    testing::BpfTest::SetUp();
    if (IsSkipped()) return;
    home_.emplace();
    auto netlink = home_->netlink();
    ASSERT_TRUE(create_veth(netlink, {.name = "a"}, {.name = "b"}));
    auto scope = NamespaceScope::enter(home_->name());
    ASSERT_TRUE(scope);
    scope_.emplace(*std::move(scope));
    index_ = find_link(netlink, "a").value().index;
  }

  // What tc(8) lists at the hook.
  std::string filters(const std::string& where) const {
    CommandOptions options;
    options.process.argv = {"tc", "filter", "show", "dev", "a", where};
    options.process.network_namespace = home_->name();
    const auto shown = run_checked(options);
    EXPECT_TRUE(shown) << shown.error().message;
    return shown.value_or("");
  }

  std::optional<testing::TestNamespace> home_;
  std::optional<NamespaceScope> scope_;
  std::uint32_t index_ = 0;
};

constexpr std::int32_t kGoOn = -1;  // TC_ACT_UNSPEC

TEST_F(BpfHookTest, IsThereAsLongAsItLives) {
  const auto program = program_returning(kGoOn);
  for (const TcHook where : {TcHook::kIngress, TcHook::kEgress}) {
    auto hook = BpfHook::attach(*program, index_, where);
    ASSERT_TRUE(hook) << hook.error().message;
    // Others may be there too.
    EXPECT_TRUE(BpfHook::attach(*program_returning(kGoOn), index_, where));
  }
}

TEST_F(BpfHookTest, AsAFilterTcSeesIt) {
  const auto program = program_returning(kGoOn);
  {
    auto hook = BpfHook::attach_filter(*program, index_, TcHook::kEgress);
    ASSERT_TRUE(hook) << hook.error().message;
    EXPECT_NE(filters("egress").find("0xfab"), std::string::npos);
    EXPECT_EQ(filters("ingress"), "");
    // After a process that did not come to take its own away.
    auto again = BpfHook::attach_filter(*program, index_, TcHook::kEgress);
    ASSERT_TRUE(again);
    BpfHook moved = *std::move(again);
    EXPECT_NE(filters("egress").find("0xfab"), std::string::npos);
  }
  EXPECT_EQ(filters("egress"), "");
}

TEST_F(BpfHookTest, AnInterfaceThatIsGoneTakesItAlong) {
  const auto program = program_returning(kGoOn);
  auto netlink = home_->netlink();
  const auto hook = BpfHook::attach(*program, index_, TcHook::kIngress);
  const auto filter = BpfHook::attach_filter(*program, index_, TcHook::kEgress);
  ASSERT_TRUE(delete_link(netlink, "a"));
  EXPECT_FALSE(BpfHook::attach(*program, index_, TcHook::kIngress));
  EXPECT_FALSE(BpfHook::attach_filter(*program, index_, TcHook::kIngress));
}

}  // namespace
}  // namespace fabrix::io
