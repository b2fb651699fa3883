// Small worlds, exhaustively: every policy of up to two clauses over a small vocabulary, under
// every choice of routes, and every packet of a small header space. The executable meaning
// (reference.h) judges both the compiler, whose Programs must do what it says, and the verifier,
// which must find these right, and must refuse a Program that does anything else to any of the
// packets.
#include <array>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "compiler/compiler.h"
#include "tests/compiler/oracle.h"
#include "tests/compiler/world.h"
#include "tests/verify/compiled_next_hops.h"
#include "verify/reference.h"
#include "verify/traffic.h"
#include "verify/verifier.h"

namespace fabrix::verify {
namespace {

using compiler::participant;
using compiler::prefix;
using compiler::router;

constexpr unsigned kA = 0;
constexpr unsigned kB = 1;
constexpr unsigned kC = 2;

const net::Prefix& first() {
  static const net::Prefix one = prefix("140.0.0.0/24");
  return one;
}
const net::Prefix& second() {
  static const net::Prefix one = prefix("140.0.0.128/25");
  return one;
}

std::vector<policy::Clause> vocabulary() {
  const auto web = compiler::dst_port(80);
  const std::vector<policy::PredicatePtr> conditions{web, all_of({is_ip(), negation(web)}),
                                                     is_for(second()), is_ip()};
  std::vector<policy::Clause> clauses;
  for (const auto& when : conditions) {
    clauses.push_back(compiler::clause(when, compiler::fwd(participant(kB))));
    clauses.push_back(compiler::clause(when, compiler::fwd(participant(kC))));
    clauses.push_back(compiler::clause(when, policy::Drop{}));
    clauses.push_back(compiler::clause(when, policy::UseDefault{}));
  }
  return clauses;
}

std::vector<std::shared_ptr<const policy::Policy>> policies() {
  const auto clauses = vocabulary();
  std::vector<std::shared_ptr<const policy::Policy>> all{nullptr};
  for (const auto& one : clauses) {
    all.push_back(compiler::policy_of(compiler::list_of({one})));
    for (const auto& other : clauses) {
      all.push_back(compiler::policy_of(compiler::list_of({one, other})));
    }
  }
  return all;
}

std::vector<net::Packet> packets() {
  std::vector<net::Packet> all;
  for (const char* destination : {"140.0.0.1", "140.0.0.129", "150.0.0.1"}) {
    for (const char* port : {":80", ":81"}) {
      all.push_back(*net::parse_packet(std::string("tcp 1.0.0.1:1 -> ") + destination + port));
    }
  }
  return all;
}

// Whose routes there are for each of the two prefixes, best first.
using Table = std::array<std::vector<unsigned>, 2>;

std::vector<Table> tables() {
  return {
      {{{kB}, {kC}}}, {{{kB, kC}, {kC}}}, {{{kC, kB}, {kB, kC}}}, {{{}, {kB, kC}}}, {{{kC}, {}}}};
}

class SmallWorld {
 public:
  explicit SmallWorld(const Table& table)
      : world_(std::vector<unsigned>(3, 1)), compiler_(world_.exchange, world_.routes) {
    const std::array prefixes{first(), second()};
    for (std::size_t i = 0; i < prefixes.size(); ++i) {
      int rank = 0;
      for (const unsigned member : table.at(i)) {
        world_.routes.announce(router(member), prefixes.at(i), rank++);
      }
    }
  }

  void set_policy(std::shared_ptr<const policy::Policy> policy) {
    world_.policies[kA] = std::move(policy);
    ASSERT_TRUE(compiler_.set_policy(participant(kA), world_.policies[kA], "A.policy"));
    output_ = compiler_.compile({});
  }
  // The Program, the next hops and the claims stay those of the policy before.
  void pretend(std::shared_ptr<const policy::Policy> policy) {
    world_.policies[kA] = std::move(policy);
  }

  std::vector<Violation> check(Verifier& verifier) const {
    const World world = view();
    const CompiledNextHops hops(compiler_, next_hops());
    const Terms terms{.shortfalls = output_.shortfalls, .meanings = output_.meanings};
    return verifier.check({world, output_.program, hops, terms}, Changes{});
  }

  std::optional<net::PortNo> meant(const net::Packet& packet) const {
    net::Packet sent = packet;
    sent.src_mac = world_.exchange.router(router(kA)).mac;
    const Delivery delivery = deliver(view(), router(kA), sent);
    if (!delivery.router) return std::nullopt;
    return world_.exchange.router(*delivery.router).port;
  }
  std::optional<net::PortNo> done(const net::Packet& packet) const {
    return compiler::send(world_, compiler_, *output_.program, router(kA), packet).port;
  }

 private:
  World view() const { return {&world_.exchange, &world_.routes, world_.policies, world_.port_up}; }
  NextHopOf next_hops() const {
    return [this](net::ParticipantId client, const net::Prefix& where) {
      if (const auto hop = compiler_.virtual_next_hop(client, where)) return *hop;
      return world_.exchange.router(world_.routes.routes(client, where).front()).addresses.front();
    };
  }

  compiler::World world_;
  compiler::Compiler compiler_;
  compiler::Output output_;
};

std::vector<std::optional<net::PortNo>> meanings_of(const SmallWorld& world) {
  std::vector<std::optional<net::PortNo>> ports;
  for (const net::Packet& packet : packets()) ports.push_back(world.meant(packet));
  return ports;
}

TEST(SmallWorldTest, EveryProgramDoesWhatThePolicyMeansAndIsFoundRight) {
  const auto all = policies();
  const auto headers = packets();
  std::size_t worlds = 0;
  for (const Table& table : tables()) {
    SmallWorld world(table);
    Verifier verifier;
    for (std::size_t i = 0; i < all.size(); ++i) {
      world.set_policy(all[i]);
      const auto found = world.check(verifier);
      ASSERT_TRUE(found.empty()) << i << ": " << found.front().message;
      for (const net::Packet& packet : headers) {
        ASSERT_EQ(world.done(packet), world.meant(packet)) << i << ": " << to_string(packet);
      }
      ++worlds;
    }
  }
  EXPECT_EQ(worlds, 5U * 273U);
}

TEST(SmallWorldTest, AProgramThatDoesAnythingElseIsRefused) {
  std::vector<std::shared_ptr<const policy::Policy>> single{nullptr};
  for (const auto& clause : vocabulary()) {
    single.push_back(compiler::policy_of(compiler::list_of({clause})));
  }
  std::size_t wrong = 0;
  SmallWorld world(Table{{{kB, kC}, {kC}}});
  for (const auto& compiled : single) {
    for (const auto& wanted : single) {
      world.set_policy(compiled);
      const auto done = meanings_of(world);
      world.pretend(wanted);
      if (meanings_of(world) == done) continue;
      Verifier verifier;
      EXPECT_FALSE(world.check(verifier).empty());
      ++wrong;
    }
  }
  EXPECT_GT(wrong, 100U);
}

}  // namespace
}  // namespace fabrix::verify
