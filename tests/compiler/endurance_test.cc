// A long history: what is kept up to date must be what would be made anew.
#include <gtest/gtest.h>

#include "compiler/compiler.h"
#include "tests/compiler/random_world.h"

namespace fabrix::compiler {
namespace {

constexpr int kEvents = 100'000;
constexpr int kEventsToACheck = 2'500;

class Endurance {
 public:
  explicit Endurance(std::uint32_t seed)
      : random_(seed), world_(random_.world()), compiler_(world_.exchange, world_.routes) {}

  // A minute later.
  void happen() {
    now_ += std::chrono::minutes(1);
    const unsigned what = random_.below(400);
    if (what == 0) {
      const net::ParticipantId owner = random_.any_participant();
      set_policy(owner, random_.chance(20) ? nullptr : random_.any_policy(owner));
    } else if (what < 16) {
      const net::RouterId router = random_.any_router();
      const bool up = random_.chance(60);
      world_.port_up[router.index()] = up;
      compiler_.set_port(router, up);
    } else {
      const net::Prefix changed = random_.change_route();
      compiler_.routes_changed({&changed, 1});
    }
  }

  Output compile() { return compiler_.compile(now_); }

  // The tables, and which prefixes share a next hop or have none.
  void check(const Output& output) {
    Compiler fresh(world_.exchange, world_.routes);
    for (unsigned i = 0; i < world_.policies.size(); ++i) {
      ASSERT_TRUE(fresh.set_policy(participant(i), world_.policies[i], ""));
    }
    for (unsigned i = 0; i < world_.port_up.size(); ++i) {
      fresh.set_port(router(i), world_.port_up[i]);
    }
    const Output expected = fresh.compile(now_);
    ASSERT_EQ(output.program->tables, expected.program->tables);
    ASSERT_EQ(compiler_.classes().size(), fresh.classes().size());
    for (std::size_t i = 0; i < fresh.classes().size(); ++i) {
      const ClassInfo mine = compiler_.classes()[i];
      const ClassInfo theirs = fresh.classes()[i];
      ASSERT_EQ(mine.sender, theirs.sender);
      ASSERT_EQ(mine.tag, theirs.tag);
      ASSERT_EQ(mine.prefixes, theirs.prefixes);
    }
  }

 private:
  void set_policy(net::ParticipantId owner, const std::shared_ptr<const policy::Policy>& policy) {
    if (compiler_.set_policy(owner, policy, "")) world_.policies[owner.index()] = policy;
  }

  RandomWorld random_;
  World& world_;
  Compiler compiler_;
  Compiler::Clock::time_point now_{};
};

TEST(CompilerEndurance, AHundredThousandEventsLeadWhereAFreshStartDoes) {
  constexpr std::uint32_t kSeeds = 4;
  for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Endurance endurance(seed);
    for (int event = 1; event <= kEvents / static_cast<int>(kSeeds); ++event) {
      endurance.happen();
      if (event % 5 != 0) continue;
      const Output output = endurance.compile();
      if (event % kEventsToACheck == 0) endurance.check(output);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace fabrix::compiler
