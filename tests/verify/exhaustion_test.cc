// What does not fit into tags or virtual next hops falls back to default forwarding and is declared
// (FABRIC): validate() excuses that much and nothing else.
#include <algorithm>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "program/evaluate.h"
#include "tests/compiler/oracle.h"
#include "tests/compiler/world.h"
#include "tests/verify/compiled_next_hops.h"
#include "verify/reference.h"
#include "verify/validate.h"
#include "verify/verifier.h"

namespace fabrix::verify {
namespace {

using compiler::fwd;
using compiler::participant;
using compiler::prefix;
using compiler::router;

// Counts what a verifier asks of groups.
class CountedNextHops : public CompiledNextHops {
 public:
  using CompiledNextHops::CompiledNextHops;
  std::optional<net::IpAddress> instead(Group group, net::Family family,
                                        net::ParticipantId client) const override {
    ++asked;
    return CompiledNextHops::instead(group, family, client);
  }
  mutable std::size_t asked = 0;
};

// A sends port 1000 + i to member i, of `targets`; the last member has the best route for all.
class Exhausted {
 public:
  Exhausted(unsigned targets, const char* range)
      : targets_(targets), world_(std::vector<unsigned>(targets + 2, 1)) {
    world_.exchange.virtual_next_hops = {prefix(range)};
    compiler_ = std::make_unique<compiler::Compiler>(world_.exchange, world_.routes);
    std::vector<policy::Clause> clauses;
    for (unsigned i = 1; i <= targets; ++i) clauses.push_back(clause_to(i));
    world_.policies[0] = compiler::policy_of(compiler::list_of(std::move(clauses)));
    load_policy();
  }

  static policy::Clause clause_to(unsigned i) {
    return compiler::clause(compiler::dst_port(static_cast<std::uint16_t>(1000 + i)),
                            fwd(participant(i)));
  }
  void set_policy(std::shared_ptr<const policy::Policy> policy) {
    world_.policies[0] = std::move(policy);
    load_policy();
  }
  void announce(const net::Prefix& where, const std::vector<unsigned>& members) {
    world_.routes.announce(router(targets_ + 1), where, 0);
    for (const unsigned member : members) world_.routes.announce(router(member), where, 1);
    compiler_->routes_changed({&where, 1});
  }
  void withdraw(const net::Prefix& where) {
    for (unsigned i = 1; i <= targets_ + 1; ++i) world_.routes.withdraw(router(i), where);
    compiler_->routes_changed({&where, 1});
  }
  const program::Program& program() const { return *output_.program; }
  const compiler::Output& compile(std::chrono::seconds at = {}) {
    return output_ = compiler_->compile(compiler::Compiler::Clock::time_point(at));
  }

  World world() const {
    return {&world_.exchange, &world_.routes, world_.policies, world_.port_up};
  }
  std::vector<Violation> check(const std::vector<policy::Shortfall>& shortfalls) const {
    return validate(world(), *output_.program, next_hops(),
                    {.shortfalls = shortfalls, .meanings = output_.meanings});
  }

  // What has changed since the last one, which must be right: how many groups were asked what they
  // say to somebody.
  std::size_t asked_by(Verifier& verifier, const std::vector<net::Prefix>& changed) const {
    const World all = world();
    const Terms terms{.meanings = output_.meanings};
    const auto placed = world_.routes.placed(changed);
    const CountedNextHops hops(*compiler_, next_hops());
    const Subject subject{all, output_.program, hops, terms};
    const Changes changes{.prefixes = placed, .renumbered = output_.renumbered};
    EXPECT_TRUE(verifier.check(subject, changes).empty());
    return hops.asked;
  }

  // To whom A's packet for that member's port goes.
  net::ParticipantId receiver(const net::Prefix& where, unsigned member) const {
    const auto arrival =
        compiler::send(world_, *compiler_, *output_.program, router(0), packet(where, member));
    return arrival.port ? world_.exchange.find_router(*arrival.port)->participant
                        : net::ParticipantId{};
  }
  net::ParticipantId default_receiver() const { return participant(targets_ + 1); }
  bool is_virtual(const net::Prefix& where) const {
    return compiler_->virtual_next_hop(participant(0), where).has_value();
  }

 private:
  NextHopOf next_hops() const {
    return [this](net::ParticipantId client, const net::Prefix& where) {
      if (const auto hop = compiler_->virtual_next_hop(client, where)) return *hop;
      const auto best = world_.routes.routes(client, where).front();
      return world_.exchange.router(best).addresses.front();
    };
  }
  void load_policy() {
    ASSERT_TRUE(compiler_->set_policy(participant(0), world_.policies[0], "A.policy"));
  }
  static net::Packet packet(const net::Prefix& where, unsigned member) {
    net::Packet packet =
        *net::parse_packet("tcp 1.0.0.1:1 -> 1.0.0.2:" + std::to_string(1000 + member));
    packet.dst_ip = where.address();
    return packet;
  }

  unsigned targets_;
  compiler::World world_;
  std::unique_ptr<compiler::Compiler> compiler_;
  compiler::Output output_;
};

net::Prefix block(unsigned i) {
  return prefix("140." + std::to_string(i / 250) + "." + std::to_string(i % 250) + ".0/24");
}

TEST(ExhaustionTest, ClassesWithoutVirtualNextHopGoByDefault) {
  Exhausted exchange(6, "172.0.128.0/30");  // two addresses
  for (unsigned i = 1; i <= 2; ++i) exchange.announce(block(i), {i});
  const auto before = exchange.compile();
  EXPECT_TRUE(before.problems.empty());
  EXPECT_TRUE(before.shortfalls.empty());
  EXPECT_TRUE(exchange.check({}).empty());

  for (unsigned i = 3; i <= 6; ++i) exchange.announce(block(i), {i});
  const auto& crowded = exchange.compile();
  ASSERT_EQ(crowded.problems.size(), 1U);
  EXPECT_EQ(crowded.problems[0].code, "K0102");
  EXPECT_NE(crowded.problems[0].message.find("sender A"), std::string::npos);
  const policy::Shortfall expected{.owner = participant(0), .short_of_next_hops4 = true};
  EXPECT_EQ(crowded.shortfalls, std::vector{expected});
  EXPECT_TRUE(exchange.check(crowded.shortfalls).empty());
  for (unsigned i = 1; i <= 6; ++i) {
    EXPECT_EQ(exchange.is_virtual(block(i)), i <= 2);
    EXPECT_EQ(exchange.receiver(block(i), i),
              i <= 2 ? participant(i) : exchange.default_receiver());
  }

  for (unsigned i = 3; i <= 6; ++i) exchange.withdraw(block(i));
  const auto& after = exchange.compile();
  EXPECT_EQ(*after.program, *before.program);
  EXPECT_TRUE(after.problems.empty());
  EXPECT_TRUE(after.shortfalls.empty());
}

std::shared_ptr<const policy::Policy> first_targets(unsigned count) {
  std::vector<policy::Clause> clauses;
  for (unsigned i = 1; i <= count; ++i) clauses.push_back(Exhausted::clause_to(i));
  return compiler::policy_of(compiler::list_of(std::move(clauses)));
}

// Though nothing else changes.
TEST(ExhaustionTest, WhatLacksANextHopFindsOneWhenAQuarantineIsOver) {
  using std::chrono::hours;
  using std::chrono::seconds;
  Exhausted exchange(3, "172.0.128.0/30");
  for (unsigned i = 1; i <= 3; ++i) exchange.announce(block(i), {i});
  ASSERT_FALSE(exchange.compile().shortfalls.empty());
  const auto lacking = [&] {
    std::vector<unsigned> found;
    for (unsigned i = 1; i <= 3; ++i) {
      if (!exchange.is_virtual(block(i))) found.push_back(i);
    }
    return found;
  };
  ASSERT_EQ(lacking().size(), 1U);
  const unsigned last = lacking().front();
  const unsigned gone = last == 1 ? 2 : 1;
  exchange.withdraw(block(gone));
  const auto released = exchange.compile(hours(1));
  EXPECT_FALSE(released.shortfalls.empty());
  const auto before = exchange.compile(hours(5) - seconds(1));
  EXPECT_EQ(before.program, released.program);
  EXPECT_FALSE(before.shortfalls.empty());
  EXPECT_FALSE(exchange.is_virtual(block(last)));

  const auto& after = exchange.compile(hours(5));
  EXPECT_TRUE(exchange.is_virtual(block(last)));
  EXPECT_EQ(after.renumbered, std::vector{participant(0)});
  EXPECT_TRUE(after.shortfalls.empty());
  EXPECT_TRUE(after.problems.empty());
  EXPECT_EQ(exchange.receiver(block(last), last), participant(last));
  EXPECT_TRUE(exchange.check({}).empty());
}

TEST(ExhaustionTest, OnlyTheDeclaredSenderAndFamilyAreExcused) {
  Exhausted exchange(6, "172.0.128.0/30");
  for (unsigned i = 1; i <= 6; ++i) exchange.announce(block(i), {i});
  exchange.compile();
  for (const policy::Shortfall& wrong :
       {policy::Shortfall{.owner = participant(1), .short_of_next_hops4 = true},
        policy::Shortfall{.owner = participant(0), .short_of_next_hops6 = true},
        policy::Shortfall{.owner = participant(0), .no_inbound = true}}) {
    const auto violations = exchange.check({wrong});
    ASSERT_FALSE(violations.empty());
    EXPECT_EQ(violations[0].invariant, "I3");
  }
}

// Of many groups of routes that A's policy has nothing to do with.
TEST(ExhaustionTest, WhatIsForgottenTakesALookAtWhatItsSenderIsToldAndNoMore) {
  constexpr unsigned kTargets = 60;
  constexpr unsigned kOthers = 200;
  Exhausted exchange(kTargets, "172.0.128.0/24");
  exchange.set_policy(first_targets(3));
  for (unsigned i = 0; i < kOthers; ++i) exchange.announce(block(i), {4 + i % 28, 32 + i % 29});
  exchange.compile();
  Verifier verifier;
  exchange.asked_by(verifier, {});
  ASSERT_TRUE(verifier.coverage().full);

  exchange.announce(block(kOthers), {1});
  exchange.compile();
  exchange.asked_by(verifier, {block(kOthers)});
  exchange.withdraw(block(kOthers));
  exchange.compile();
  exchange.asked_by(verifier, {block(kOthers)});
  const auto address_count = [&exchange] { return exchange.program().neighbors.size(); };
  ASSERT_EQ(address_count(), 1U);

  exchange.announce(block(kOthers + 1), {2});
  exchange.compile(std::chrono::hours(5));
  EXPECT_EQ(address_count(), 1U) << "one is forgotten, another one is new";
  EXPECT_LT(exchange.asked_by(verifier, {block(kOthers + 1)}), 10U);
  EXPECT_FALSE(verifier.coverage().full);
}

// Each class reaches a dozen of the targets, so that each target would need a bit of its own, and
// there are too many classes to number them.
void announce_mixtures(Exhausted& exchange, unsigned targets) {
  constexpr unsigned kClasses = 1100;
  std::mt19937 random(1);
  for (unsigned i = 0; i < kClasses; ++i) {
    std::vector<unsigned> members{1 + i % targets};
    for (unsigned k = 1; k < 12; ++k)
      members.push_back(1 + static_cast<unsigned>(random() % targets));
    exchange.announce(block(i), members);
  }
}

// More than 32 targets, as many as scenario 16 has.
class CrowdedTags : public testing::TestWithParam<unsigned> {};

TEST_P(CrowdedTags, TargetsWithoutRoomGoByDefault) {
  const unsigned targets = GetParam();
  Exhausted exchange(targets, "172.0.128.0/17");
  announce_mixtures(exchange, targets);
  exchange.set_policy(first_targets(4));
  const auto before = exchange.compile();
  EXPECT_TRUE(before.shortfalls.empty());

  exchange.set_policy(first_targets(targets));
  const auto& crowded = exchange.compile();
  ASSERT_EQ(crowded.problems.size(), 1U);
  EXPECT_EQ(crowded.problems[0].code, "K0101");
  ASSERT_EQ(crowded.shortfalls.size(), 1U);
  EXPECT_FALSE(crowded.shortfalls[0].short_of_next_hops4);
  const auto& untold = crowded.shortfalls[0].untold;
  EXPECT_FALSE(untold.empty());
  EXPECT_LT(untold.size(), 2U * targets);
  EXPECT_TRUE(exchange.check(crowded.shortfalls).empty());
  EXPECT_FALSE(exchange.check({}).empty());
  for (unsigned i = 1; i <= targets; ++i) {
    const bool fits =
        std::ranges::find(untold, participant(i), &policy::Target::participant) == untold.end();
    // Class i - 1 reaches member i.
    EXPECT_EQ(exchange.receiver(block(i - 1), i),
              fits ? participant(i) : exchange.default_receiver());
  }

  exchange.set_policy(first_targets(4));
  const auto& after = exchange.compile();
  EXPECT_EQ(after.program->tables, before.program->tables);
  EXPECT_TRUE(after.shortfalls.empty());
}

INSTANTIATE_TEST_SUITE_P(Targets, CrowdedTags, testing::Values(40, 99));

}  // namespace
}  // namespace fabrix::verify
