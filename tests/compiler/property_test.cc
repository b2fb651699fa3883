// The compiler against the oracle on random worlds, and against itself on random histories.
#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "tests/compiler/oracle.h"
#include "tests/compiler/random_world.h"
#include "tests/compiler/symbols.h"
#include "tests/policy/random_policy.h"

namespace fabrix::compiler {
namespace {

void set_policy(RandomWorld& random, Compiler& compiler, net::ParticipantId owner,
                std::shared_ptr<const policy::Policy> policy) {
  random.world().policies[owner.index()] = policy;
  ASSERT_TRUE(compiler.set_policy(owner, std::move(policy), "test.policy"));
}

void expect_agreement(RandomWorld& random, const Compiler& compiler,
                      const program::Program& program, unsigned packets) {
  const Oracle oracle(random.world());
  for (unsigned i = 0; i < packets; ++i) {
    const net::RouterId from = random.any_router();
    const net::Packet packet = random.any_packet();
    SCOPED_TRACE("from router " + std::to_string(from.value) + " " + net::to_string(packet));
    ASSERT_EQ(send(random.world(), compiler, program, from, packet), oracle.deliver(from, packet));
  }
}

TEST(CompilerProperty, ProgramsTakePacketsWhereTheClausesSay) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomWorld random(seed);
    World& world = random.world();
    Compiler compiler(world.exchange, world.routes);
    for (const auto& each : world.exchange.participants) {
      if (random.chance(80)) set_policy(random, compiler, each.id, random.any_policy(each.id));
    }
    const Output output = compiler.compile(at(std::chrono::seconds(0)));
    ASSERT_TRUE(output.problems.empty()) << output.problems.front().message;
    expect_agreement(random, compiler, *output.program, 40);
    if (testing::Test::HasFailure()) return;
  }
}

std::shared_ptr<const policy::Policy> parsed_policy(const World& world, net::ParticipantId owner,
                                                    std::uint32_t seed) {
  const policy::SymbolTable names = symbols(world.exchange, owner);
  const std::string text = policy::RandomPolicy(seed, names, policy::Direction::kOutbound).text(6);
  auto parsed = policy::parse(text, "random.policy", names);
  EXPECT_TRUE(parsed) << text;
  if (!parsed) return nullptr;
  return std::make_shared<const policy::Policy>(std::move(parsed->policy));
}

TEST(CompilerProperty, PolicyTextsGoWhereTheirClausesSay) {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomWorld random(seed);
    World& world = random.world();
    const bool two = std::ranges::count_if(world.exchange.participants, [](const auto& each) {
                       return !each.routers.empty();
                     }) > 1;
    if (!two) continue;
    Compiler compiler(world.exchange, world.routes);
    world.policies[0] = parsed_policy(world, participant(0), seed);
    const auto set = compiler.set_policy(participant(0), world.policies[0], "random.policy");
    if (!set) {  // Some of these texts ask for very many rows.
      EXPECT_EQ(set.error().front().code, "P0405");
      continue;
    }
    const Output output = compiler.compile(at(std::chrono::seconds(0)));
    expect_agreement(random, compiler, *output.program, 40);
    if (testing::Test::HasFailure()) return;
  }
}

// One random event, told to world and compiler.
void happen(RandomWorld& random, Compiler& compiler) {
  World& world = random.world();
  switch (random.below(6)) {
    case 0: {
      const net::ParticipantId owner = random.any_participant();
      set_policy(random, compiler, owner, random.any_policy(owner));
      break;
    }
    case 1: {
      const net::ParticipantId owner = random.any_participant();
      if (random.chance(30)) set_policy(random, compiler, owner, nullptr);
      break;
    }
    case 2: {
      const net::RouterId router = random.any_router();
      world.port_up[router.index()] = random.chance(60);
      compiler.set_port(router, world.port_up[router.index()]);
      break;
    }
    default:
      const net::Prefix changed = random.change_route();
      compiler.routes_changed({&changed, 1});
  }
}

// Within a session no router may learn two meanings for one address.
class Memory {
 public:
  void check(const program::Program& program) {
    for (const auto& each : program.neighbors) {
      const auto known = tags_.emplace(std::pair{each.sender, each.address}, each.mac).first;
      ASSERT_EQ(known->second, each.mac) << each.address.to_string();
    }
  }

 private:
  std::map<std::pair<net::ParticipantId, net::IpAddress>, net::MacAddress> tags_;
};

TEST(CompilerProperty, AnyHistoryEndsInTheProgramOfItsFinalState) {
  for (std::uint32_t seed = 1; seed <= 25; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomWorld random(seed);
    World& world = random.world();
    Compiler compiler(world.exchange, world.routes);
    Memory memory;
    for (int step = 0; step < 30; ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      for (unsigned events = 1 + random.below(2); events > 0; --events) happen(random, compiler);
      const Output output = compiler.compile(at(std::chrono::seconds(step)));
      memory.check(*output.program);
      EXPECT_EQ(compiler.compile(at(std::chrono::seconds(step))).program, output.program);
      expect_agreement(random, compiler, *output.program, 8);

      Compiler fresh(world.exchange, world.routes);
      for (std::size_t i = 0; i < world.policies.size(); ++i) {
        ASSERT_TRUE(fresh.set_policy(participant(static_cast<unsigned>(i)), world.policies[i], ""));
      }
      for (std::size_t i = 0; i < world.port_up.size(); ++i) {
        fresh.set_port(router(static_cast<unsigned>(i)), world.port_up[i]);
      }
      const Output expected = fresh.compile(at(std::chrono::seconds(step)));
      ASSERT_EQ(output.program->tables, expected.program->tables);
      if (testing::Test::HasFailure()) return;
    }
  }
}

// The contract of program.h: rows of one table with equal priority never overlap.
bool may_overlap(const program::Match& a, const program::Match& b) {
  const std::uint64_t common = a.metadata.mask & b.metadata.mask;
  if (((a.metadata.bits ^ b.metadata.bits) & common) != 0) return false;
  return std::ranges::all_of(a.fields, [&b](const program::FieldMatch& test) {
    const auto same = std::ranges::find(b.fields, test.field, &program::FieldMatch::field);
    return same == b.fields.end() || ((test.bits ^ same->bits) & test.mask & same->mask) == 0;
  });
}

TEST(CompilerProperty, RowsOfEqualPriorityNeverOverlap) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomWorld random(seed);
    World& world = random.world();
    Compiler compiler(world.exchange, world.routes);
    for (const auto& each : world.exchange.participants) {
      set_policy(random, compiler, each.id, random.any_policy(each.id));
    }
    const Output output = compiler.compile(at(std::chrono::seconds(0)));
    program::Program program = *output.program;
    for (auto& table : program.tables) {
      std::vector<program::Row>& rows = table.edit();
      std::ranges::stable_sort(rows, std::ranges::greater{}, &program::Row::priority);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t j = i + 1; j < rows.size() && rows[j].priority == rows[i].priority; ++j) {
          ASSERT_FALSE(may_overlap(rows[i].match, rows[j].match)) << to_string(rows[i]) << "\n"
                                                                  << to_string(rows[j]);
        }
      }
    }
  }
}

}  // namespace
}  // namespace fabrix::compiler
