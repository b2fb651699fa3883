#include "verify/few_packets.h"

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "compiler/clause_rows.h"
#include "tests/compiler/world.h"
#include "tests/verify/compiled_next_hops.h"
#include "tests/verify/hosts.h"
#include "verify/verifier.h"

namespace fabrix::verify {
namespace {

namespace c = compiler;
using net::Field;
using policy::Interval;
using policy::PredicatePtr;
using program::Row;
using program::TableId;
using Values = std::vector<Interval>;

Row row_of(Field field, std::uint64_t bits, std::uint64_t mask) {
  Row row;
  row.match.ternary(field, bits, mask);
  return row;
}

Values hosts(std::size_t count) {
  Values values;
  for (std::uint64_t i = 0; i < count; ++i) values.push_back({1000 + 2 * i, 1000 + 2 * i});
  return values;
}

policy::ClauseList gate(const Values& in, std::uint16_t port = 22) {
  return c::list_of({c::clause(c::all_of({from_any(in), c::not_of(c::dst_port(port))}),
                               c::fwd(c::participant(1))),
                     c::clause(c::not_of(from_any(in)), policy::Drop{})});
}

std::vector<FewPackets> all_between(const policy::ClauseList& before, const policy::ClauseList& now,
                                    const std::vector<Row>& rows) {
  std::vector<const Row*> all;
  for (const Row& each : rows) all.push_back(&each);
  return packets_between(before, now, all);
}
// Of one key. None: they are unknown.
std::optional<FewPackets> between(const policy::ClauseList& before, const policy::ClauseList& now,
                                  const std::vector<Row>& rows) {
  const auto found = all_between(before, now, rows);
  EXPECT_LE(found.size(), 1U);
  return found.empty() ? std::nullopt : std::optional(found.front());
}

// Blocks of values of one field.
std::vector<ValueBlock> blocks(const Values& values) {
  std::vector<ValueBlock> all;
  for (const Interval& each : values) all.push_back({each, {}});
  return all;
}

constexpr std::uint64_t kExact = 0xffffffff;
constexpr std::uint64_t kAllBits = ~std::uint64_t{0};

TEST(FewPacketsTest, AreThoseOfTheValuesThatCameAndWent) {
  Values other = hosts(100);
  other.erase(other.begin() + 40);    // 1080
  other.push_back({0x9000, 0x9003});  // a block
  const auto few =
      between(gate(hosts(100)), gate(other),
              {row_of(Field::kSrcIp4, 1080, kExact), row_of(Field::kSrcIp4, 0x9000, kExact - 3)});
  ASSERT_TRUE(few);
  EXPECT_EQ(few->key(), Key{.field = Field::kSrcIp4});
  EXPECT_EQ(few->blocks(), blocks({{1080, 1080}, {0x9000, 0x9003}}));
  EXPECT_TRUE(few->may_match(row_of(Field::kSrcIp4, 0x9002, kExact)));
  EXPECT_FALSE(few->may_match(row_of(Field::kSrcIp4, 0x9004, kExact)));
  EXPECT_TRUE(few->may_match(row_of(Field::kDstPort, 80, 0xffff)));
  EXPECT_EQ(few->passing({Field::kSrcIp4, {{0, 1080}, {0x9001, 0x9002}, {0x9100, 0x9200}}}),
            (Values{{1080, 1080}, {0x9001, 0x9002}}));
  EXPECT_FALSE(few->passing({Field::kDstPort, {{80, 80}}}));
}

TEST(FewPacketsTest, AreThoseOfRowsToo) {
  Values other = hosts(100);
  other.push_back({5000, 5000});
  const auto few =
      between(gate(hosts(100)), gate(other),
              {row_of(Field::kSrcIp4, 5000, kExact), row_of(Field::kSrcIp4, 77, kExact)});
  ASSERT_TRUE(few);
  EXPECT_EQ(few->blocks(), blocks({{77, 77}, {5000, 5000}}));
}

TEST(FewPacketsTest, AreThoseOfAHostAndNotOfItsNetwork) {
  const auto list = [](const Values& low) {
    return c::list_of({c::clause(
        c::all_of({c::test(Field::kSrcIp6High, {{7, 7}}), c::test(Field::kSrcIp6Low, low)}),
        policy::Drop{})});
  };
  Row row = row_of(Field::kSrcIp6High, 7, ~std::uint64_t{0});
  row.match.ternary(Field::kSrcIp6Low, 5, ~std::uint64_t{0});
  const auto few = between(list({{1, 1}, {3, 3}}), list({{1, 1}, {3, 3}, {5, 5}}), {row});
  ASSERT_TRUE(few);
  EXPECT_EQ(few->key(), (Key{.field = Field::kSrcIp6High, .low = Field::kSrcIp6Low}));
  EXPECT_EQ(few->blocks(), (std::vector<ValueBlock>{{{7, 7}, {5, 5}}}));
  EXPECT_FALSE(few->may_match(row_of(Field::kSrcIp6High, 8, kAllBits)));
  EXPECT_FALSE(few->may_match(row_of(Field::kSrcIp6Low, 4, kAllBits)));
  EXPECT_TRUE(few->may_match(row_of(Field::kSrcIp6Low, 4, ~std::uint64_t{1})));
}

// As a policy says it that names hosts of both families.
PredicatePtr from_hosts(const Values& ip4, const std::vector<Interval>& networks) {
  std::vector<PredicatePtr> hosts;
  for (const Interval& each : networks) {
    hosts.push_back(
        c::all_of({c::test(Field::kSrcIp6High, {each}), c::test(Field::kSrcIp6Low, {{1, 1}})}));
  }
  return c::any_of(
      {from_any(ip4), c::all_of({c::ether_type(net::kEthTypeIpv6), c::any_of(hosts)})});
}
policy::ClauseList both_in(const Values& ip4, const std::vector<Interval>& networks) {
  return c::list_of({c::clause(c::not_of(from_hosts(ip4, networks)), policy::Drop{})});
}
Row row6(std::uint64_t network, std::uint64_t host) {
  Row row = row_of(Field::kEthType, net::kEthTypeIpv6, 0xffff);
  row.match.exact(Field::kSrcIp6High, network);
  row.match.exact(Field::kSrcIp6Low, host);
  return row;
}
Row row4(std::uint64_t host) {
  Row row = row_of(Field::kEthType, net::kEthTypeIpv4, 0xffff);
  row.match.exact(Field::kSrcIp4, host);
  return row;
}

TEST(FewPacketsTest, AreThoseOfTheFamilyOfWhichSomebodyCame) {
  Values networks = hosts(100);
  networks.push_back({5000, 5000});
  const auto of6 =
      between(both_in(hosts(80), hosts(100)), both_in(hosts(80), networks), {row6(5000, 1)});
  ASSERT_TRUE(of6);
  const Key key6{net::kEthTypeIpv6, Field::kSrcIp6High, Field::kSrcIp6Low};
  EXPECT_EQ(of6->key(), key6);
  EXPECT_EQ(of6->blocks(), (std::vector<ValueBlock>{{{5000, 5000}, {1, 1}}}));
  EXPECT_TRUE(of6->may_match(row6(5000, 1)));
  EXPECT_FALSE(of6->may_match(row6(5000, 2)));
  EXPECT_FALSE(of6->may_match(row6(5001, 1)));
  EXPECT_FALSE(of6->may_match(row4(1000)));
  EXPECT_EQ(of6->passing({Field::kEthType, {{net::kEthTypeIpv4, net::kEthTypeIpv4}}}), Values{});
  Values more = hosts(80);
  more.push_back({5000, 5000});
  const auto of4 = between(both_in(hosts(80), hosts(100)), both_in(more, hosts(100)), {row4(5000)});
  ASSERT_TRUE(of4);
  EXPECT_EQ(of4->key(), (Key{net::kEthTypeIpv4, Field::kSrcIp4, {}}));
  EXPECT_EQ(of4->blocks(), blocks({{5000, 5000}}));
}

TEST(FewPacketsTest, AreOfBothFamiliesWhereSomebodyOfBothCame) {
  Values networks = hosts(100);
  networks.erase(networks.begin() + 10);
  Values more = hosts(80);
  more.push_back({5000, 5000});
  const auto before = both_in(hosts(80), hosts(100));
  const auto now = both_in(more, networks);
  const auto both = all_between(before, now, {row4(5000), row6(1020, 1)});
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].blocks(), blocks({{5000, 5000}}));
  EXPECT_EQ(both[1].blocks(), (std::vector<ValueBlock>{{{1020, 1020}, {1, 1}}}));
  // Also where only the clauses of a family changed, for whatever reason.
  const auto missing = all_between(before, now, {row4(5000)});
  ASSERT_EQ(missing.size(), 2U);
  EXPECT_EQ(missing[1].blocks(), both[1].blocks());
}

TEST(FewPacketsTest, AreWholeNetworksWhereTheseCame) {
  const auto list = [](const Values& networks) {
    return c::list_of({c::clause(
        c::all_of({c::ether_type(net::kEthTypeIpv6), c::test(Field::kSrcIp6High, networks)}),
        policy::Drop{})});
  };
  Row row = row_of(Field::kEthType, net::kEthTypeIpv6, 0xffff);
  row.match.ternary(Field::kSrcIp6High, 0x40, ~std::uint64_t{0xf});
  const auto few = between(list({{1, 1}}), list({{1, 1}, {0x40, 0x4f}}), {row});
  ASSERT_TRUE(few);
  EXPECT_TRUE(few->may_match(row6(0x42, 9)));
  EXPECT_FALSE(few->may_match(row6(0x50, 9)));
  EXPECT_FALSE(few->may_match(row6(1, 9)));
}

TEST(FewPacketsTest, AreUnknownWhereMoreThanValuesOfAFieldChanged) {
  const Row row = row_of(Field::kSrcIp4, 5000, kExact);
  Values other = hosts(100);
  other.push_back({5000, 5000});
  EXPECT_TRUE(between(gate(hosts(100)), gate(other), {row}));
  EXPECT_FALSE(between(gate(hosts(100)), gate(other), {}));
  EXPECT_FALSE(between(gate(hosts(100)), gate(other, 23), {row})) << "another port";
  EXPECT_FALSE(between(gate(hosts(100)), gate(other), {row, row_of(Field::kDstPort, 80, 0xffff)}));
  EXPECT_FALSE(between(gate(hosts(100)), gate(other), {row, row_of(Field::kSrcIp4, 1, 1)}));
  auto elsewhere = gate(other);
  elsewhere.clauses[0].verdict = c::fwd(c::participant(2));
  EXPECT_FALSE(between(gate(hosts(100)), elsewhere, {row}));
  auto more = gate(other);
  more.clauses.push_back(c::clause(c::anything(), policy::Drop{}));
  EXPECT_FALSE(between(gate(hosts(100)), more, {row}));
  EXPECT_FALSE(between(gate(hosts(100)), gate(hosts(100 + kMaxFewValues)), {row}));
}

TEST(FewPacketsTest, AreUnknownWhereARowTestsABitThatItsMaskDoesNotHave) {
  Values other = hosts(100);
  other.push_back({5000, 5000});
  Row row = row_of(Field::kSrcIp4, 5000, kExact);
  row.match.fields.front().mask = kExact - 0xff;
  EXPECT_FALSE(between(gate(hosts(100)), gate(other), {row}));
}

TEST(FewPacketsTest, AConditionOfAnotherFormIsBoundedByWhatItNames) {
  const auto list = [](PredicatePtr when) {
    return c::list_of({c::clause(std::move(when), policy::Drop{})});
  };
  const std::vector<Row> rows{row_of(Field::kSrcIp4, 5, kExact)};
  const auto few = between(list(c::make({policy::Constant{false}})),
                           list(c::any_of({from_any({{5, 5}}), from_any({{9, 9}})})), rows);
  ASSERT_TRUE(few);
  EXPECT_EQ(few->blocks(), blocks({{5, 5}, {9, 9}}));
  EXPECT_FALSE(between(list(c::anything()), list(from_any({{5, 5}})), rows));
  EXPECT_FALSE(between(list(c::not_of(from_any({{5, 5}}))), list(from_any({{5, 5}})), rows));
}

// Member A lets hosts through to B, of which one comes; rows as the compiler has them, or others.
class OneHostMore : public ::testing::Test {
 protected:
  OneHostMore() : world_({1, 1, 1}), compiler_(world_.exchange, world_.routes) {
    world_.routes.announce(c::router(1), c::prefix("140.0.0.0/16"));
    world_.routes.announce(c::router(2), c::prefix("140.0.0.0/16"), 1);
    compiler_.routes_changed(std::vector<net::Prefix>{c::prefix("140.0.0.0/16")});
    set(gate(hosts(200)));
    EXPECT_TRUE(check([](std::vector<Row>&) {}).empty());
    Values more = hosts(200);
    more.push_back({5000, 5000});
    set(gate(more));
  }

  void set(policy::ClauseList list) {
    world_.policies[0] = c::policy_of(std::move(list));
    ASSERT_TRUE(compiler_.set_policy(c::participant(0), world_.policies[0], "a"));
  }
  // The violations of the Program that has these outbound rows of A's after the change.
  std::vector<Violation> check(const std::function<void(std::vector<Row>&)>& change,
                               std::vector<exchange::PlacedPrefix> changed = {}) {
    const auto output = compiler_.compile({});
    auto copy = std::make_shared<program::Program>(*output.program);
    auto& table = copy->tables.at(static_cast<std::size_t>(TableId::kOutbound));
    const auto& block = table.block(program::block_of(c::participant(0)));
    std::vector<Row> rows(block->begin(), block->end());
    change(rows);
    if (rows != *block) {
      table.set_block(program::block_of(c::participant(0)), program::make_block(rows));
    }
    const World meant{.exchange = &world_.exchange,
                      .reachability = &world_.routes,
                      .policies = world_.policies,
                      .port_up = world_.port_up};
    const CompiledNextHops hops(compiler_, [this](net::ParticipantId client, const auto& prefix) {
      const auto other = compiler_.virtual_next_hop(client, prefix);
      const auto best = world_.routes.routes(client, prefix).front();
      return other ? *other : world_.exchange.router(best).addresses.front();
    });
    Terms terms;
    terms.meanings = output.meanings;
    auto found =
        verifier_.check({meant, copy, hops, terms}, {.prefixes = changed, .renumbered = {}});
    kept_ = copy;
    return found;
  }
  static bool is_of(const Row& row, std::uint64_t host) {
    const auto test =
        std::ranges::find(row.match.fields, Field::kSrcIp4, &program::FieldMatch::field);
    return test != row.match.fields.end() && test->bits == host;
  }

  c::World world_;
  c::Compiler compiler_;
  Verifier verifier_;
  program::ProgramPtr kept_;
};

TEST_F(OneHostMore, IsRight) {
  EXPECT_TRUE(check([](std::vector<Row>&) {}).empty());
  EXPECT_FALSE(verifier_.coverage().full);
  EXPECT_EQ(verifier_.coverage().senders, 1U);
}

TEST_F(OneHostMore, IsMissedWhereItHasNoRows) {
  EXPECT_FALSE(check([](std::vector<Row>& rows) {
                 std::erase_if(rows, [](const Row& row) { return is_of(row, 5000); });
               }).empty());
}

TEST_F(OneHostMore, IsSeenWhereItGoesElsewhere) {
  EXPECT_FALSE(check([](std::vector<Row>& rows) {
                 for (Row& row : rows) {
                   if (is_of(row, 5000)) row.next = program::Discard{};
                 }
               }).empty());
}

TEST_F(OneHostMore, DoesNotHideWhatIsWrongOfAnother) {
  EXPECT_FALSE(check([](std::vector<Row>& rows) {
                 std::erase_if(rows, [](const Row& row) { return is_of(row, 1010); });
               }).empty());
}

TEST_F(OneHostMore, DoesNotHideWhatIsWrongOfAll) {
  EXPECT_FALSE(check([](std::vector<Row>& rows) {
                 Row all = rows.front();
                 all.priority = compiler::kTopPriority + 1;
                 std::erase_if(all.match.fields,
                               [](const auto& test) { return test.field == Field::kSrcIp4; });
                 rows.push_back(all);
               }).empty());
}

TEST_F(OneHostMore, DoesNotHideThatOthersAskForRoutesThatCame) {
  world_.routes.hide(c::participant(2), c::participant(0));
  world_.routes.hide(c::participant(2), c::participant(1));
  compiler_.routes_changed(std::vector<net::Prefix>{c::prefix("140.0.0.0/16")});
  const auto list = [](const Values& in) {
    auto all = gate(in).clauses;
    const auto from_there = c::in_prefixes_of(c::participant(2), policy::Side::kSource);
    all.insert(all.begin(), c::clause(c::all_of({from_there, c::dst_port(25)}), policy::Drop{}));
    return c::list_of(std::move(all));
  };
  set(list(hosts(200)));
  const auto moved = world_.routes.placed(c::prefix("140.0.0.0/16"));
  EXPECT_TRUE(check([](std::vector<Row>&) {}, {moved}).empty());
  Values more = hosts(200);
  more.push_back({5000, 5000});
  set(list(more));
  // The rows do not know of it.
  world_.routes.announce(c::router(2), c::prefix("0.0.4.0/22"));
  const auto found =
      check([](std::vector<Row>&) {}, {world_.routes.placed(c::prefix("0.0.4.0/22"))});
  EXPECT_FALSE(found.empty());
}

}  // namespace
}  // namespace fabrix::verify
