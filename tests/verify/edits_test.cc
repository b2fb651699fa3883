// Whether what is wrong is seen whatever was right before: lists of clauses that are edited, with
// rows that have been damaged.
#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "policy/address_set.h"
#include "policy/extras.h"
#include "program/delta.h"
#include "tests/compiler/world.h"
#include "tests/verify/compiled_next_hops.h"
#include "verify/few_packets.h"
#include "verify/verifier.h"

namespace fabrix::verify {
namespace {

namespace c = compiler;
using net::Field;
using policy::PredicatePtr;
using program::Row;
using program::TableId;

// Where hosts are that come and go: single ones mostly, and now and then a network.
enum class Hosts : std::uint8_t {
  kIpv4,
  kOneNetwork,    // of IPv6, and IPv4
  kManyNetworks,  // IPv6 in many, and IPv4
  kSameInEach,    // IPv6 alone: of many networks the same few hosts
};

// Member A's clauses at random, of which hosts come and go.
class Edits {
 public:
  Edits(unsigned seed, Hosts hosts)
      : random_(seed), hosts_(hosts), compiler_(world_.exchange, world_.routes) {
    announce(c::router(2), "140.0.0.0/16");
    announce(c::router(3), "140.0.0.0/16", 1);
    announce(c::router(3), "150.0.0.0/16");
    for (int i = 0; i < 60; ++i) {
      in_.insert(any_host());
      out_.insert(any_host());
    }
    for (std::size_t i = 0, count = 2 + below(4); i < count; ++i) forms_.push_back(any_form());
    set(list());
    compile();
    EXPECT_TRUE(check(verifier_).empty());
  }

  // Hosts come and go, and now and then something else changes.
  void edit() {
    const auto clauses = world_.policies[0]->outbound;
    const auto program = program_;
    changed_.clear();
    for (std::size_t i = 0, count = 1 + below(3); i < count; ++i) {
      std::set<net::Prefix>& hosts = below(2) == 0 ? in_ : out_;
      // Somebody else, or somebody who is there.
      const bool goes = !hosts.empty() && below(3) == 0;
      const auto there = static_cast<std::ptrdiff_t>(goes ? below(hosts.size()) : 0);
      const net::Prefix host = goes ? *std::next(hosts.begin(), there) : any_host();
      if (hosts.erase(host) == 0) hosts.insert(host);
    }
    if (below(8) == 0) forms_[below(forms_.size())] = any_form();
    if (below(8) == 0) announce(c::router(2 + static_cast<unsigned>(below(2))), "160.0.0.0/16");
    if (below(12) == 0) {
      world_.port_up[2] = !world_.port_up[2];
      compiler_.set_port(c::router(2), world_.port_up[2]);
    }
    set(list());
    compile();
    fresh_.clear();
    for (const Row& row : block()) {
      if (!std::ranges::binary_search(block_of(*program), row, by_place)) fresh_.push_back(row);
    }
    if (is_of_few(clauses, *program)) ++of_few;
  }

  // One row, of those that came or any, of the outbound rows of A.
  void damage() {
    std::vector<Row> rows(block().begin(), block().end());
    if (rows.empty()) return;
    auto place = rows.begin() + static_cast<std::ptrdiff_t>(below(rows.size()));
    if (!fresh_.empty() && below(2) == 0) {
      place = std::ranges::find(rows, fresh_[below(fresh_.size())]);
    }
    damage(rows, place);
    auto copy = std::make_shared<program::Program>(*program_);
    copy->tables.at(static_cast<std::size_t>(TableId::kOutbound))
        .set_block(program::block_of(c::participant(0)), program::make_block(std::move(rows)));
    program_ = copy;
  }

  // By one that saw what was before, and by one that did not.
  bool is_refused_now() { return !check(verifier_).empty(); }
  bool is_refused_alone() {
    Verifier alone;
    return !check(alone).empty();
  }
  void repair() { compile(); }

  int of_few = 0;  // edits that made a difference to few packets

 private:
  // A clause, but for the hosts.
  struct Form {
    unsigned hosts = 0;
    bool by_port = false;
    std::uint16_t port = 0;
    policy::Verdict verdict;
    std::vector<policy::Write> writes;
    policy::Extras extras;
    std::uint64_t counter = 0;
    bool of_routes = false;
  };

  std::size_t below(std::size_t bound) { return random_() % bound; }
  std::uint64_t any_number() { return 0x300 + below(0x200); }
  net::Prefix any_host() {
    const bool is_ip4 = hosts_ == Hosts::kIpv4 || (hosts_ != Hosts::kSameInEach && below(2) == 0);
    if (is_ip4) return c::prefix(fmt::format("0.0.{}.{}/32", below(2) + 3, below(200)));
    // Of a network all hosts, or those of some networks.
    const bool is_network = hosts_ != Hosts::kOneNetwork && below(20) == 0;
    const std::size_t network = hosts_ == Hosts::kOneNetwork ? 0 : below(200);
    if (is_network) return c::prefix(fmt::format("2001:db8:0:{:x}::/{}", network & 0xfcU, 62));
    if (below(20) == 0) return c::prefix(fmt::format("2001:db8:0:{:x}::10/124", network));
    const std::size_t number = below(hosts_ == Hosts::kSameInEach ? 2 : 200);
    return c::prefix(fmt::format("2001:db8:0:{:x}::{:x}/128", network, number));
  }

  Form any_form() {
    Form form{.hosts = static_cast<unsigned>(below(5)),
              .by_port = below(2) == 0,
              .port = static_cast<std::uint16_t>(80 + below(3)),
              .verdict = policy::Drop{},
              .writes = {},
              .extras = {},
              .counter = below(4) == 0 ? 700 + forms_.size() : 0,
              .of_routes = below(12) == 0};
    const std::size_t kind = below(6);
    if (kind < 3) form.verdict = c::fwd(c::participant(1 + static_cast<unsigned>(below(2))));
    if (kind == 3) form.verdict = policy::UseDefault{};
    const bool drops = std::holds_alternative<policy::Drop>(form.verdict);
    if (below(4) == 0 && !drops) form.writes = {{Field::kDscp, below(64)}};
    if (below(12) == 0 && !drops) form.writes = {{Field::kDstIp4, 0x8c000001}};
    if (below(4) == 0) form.extras.police = policy::Police{.number = 0, .kbps = 1000};
    if (below(4) == 0) form.extras.mirrors = {c::router(1)};
    form.extras = policy::normal(form.extras, form.verdict);
    return form;
  }

  static PredicatePtr from(const std::set<net::Prefix>& hosts) {
    policy::AddressSet all;
    for (const net::Prefix& host : hosts) all = policy::unite(all, policy::block(host));
    return policy::address_in(all, policy::Side::kSource);
  }
  policy::ClauseList list() const {
    std::vector<policy::Clause> clauses;
    for (const Form& form : forms_) {
      const PredicatePtr in = from(in_);
      const PredicatePtr out = from(out_);
      const std::vector<PredicatePtr> kinds{in, out, c::not_of(in), c::all_of({in, c::not_of(out)}),
                                            c::anything()};
      std::vector<PredicatePtr> all{kinds.at(form.hosts)};
      if (form.by_port) all.push_back(c::dst_port(form.port));
      if (form.of_routes) {
        all.push_back(c::in_prefixes_of(c::participant(2), policy::Side::kDestination));
      }
      policy::Clause clause = c::clause(c::all_of(all), form.verdict, form.writes);
      clause.extras = form.extras;
      if (form.counter != 0) {
        clause.counter = std::make_shared<const policy::ClauseCounter>(
            policy::ClauseCounter{.id = form.counter, .label = std::to_string(form.counter)});
      }
      clauses.push_back(clause);
    }
    return c::list_of(std::move(clauses));
  }

  void announce(net::RouterId from, const std::string& prefix, int rank = 0) {
    world_.routes.announce(from, c::prefix(prefix), rank);
    changed_ = {c::prefix(prefix)};
    compiler_.routes_changed(std::span<const net::Prefix>(changed_));
  }
  void set(policy::ClauseList list) {
    world_.policies[0] = c::policy_of(std::move(list));
    ASSERT_TRUE(compiler_.set_policy(c::participant(0), world_.policies[0], "a"));
  }

  void compile() {
    output_ = compiler_.compile({});
    EXPECT_TRUE(output_.problems.empty());
    program_ = output_.program;
  }

  static const std::vector<Row>& block_of(const program::Program& program) {
    static const std::vector<Row> none;
    const auto& block =
        program.table(TableId::kOutbound).block(program::block_of(c::participant(0)));
    return block ? *block : none;
  }
  const std::vector<Row>& block() const { return block_of(*program_); }
  static bool by_place(const Row& a, const Row& b) {
    return a.priority != b.priority ? a.priority > b.priority : a.match < b.match;
  }
  bool is_of_few(const policy::ClauseList& clauses, const program::Program& before) const {
    const auto delta = program::difference(before, *program_);
    std::vector<const Row*> rows;
    for (const auto* changed : {&delta.remove, &delta.modify, &delta.add}) {
      for (const auto& [table, row] : *changed) {
        if (table == TableId::kOutbound) rows.push_back(row);
      }
    }
    return !packets_between(clauses, world_.policies[0]->outbound, rows).empty();
  }

  std::uint64_t any_bits(Field field) {
    if (field == Field::kSrcIp4) return any_number();
    return field == Field::kSrcIp6Low ? below(4) : 0x20010db800000000 + below(200);
  }
  void damage(std::vector<Row>& rows, std::vector<Row>::iterator row) {
    const bool by_low = below(2) == 0;
    const auto host = std::ranges::find_if(row->match.fields, [by_low](const auto& test) {
      return test.field == Field::kSrcIp4 ||
             test.field == (by_low ? Field::kSrcIp6Low : Field::kSrcIp6High);
    });
    switch (below(9)) {
      case 0:
        rows.erase(row);
        break;
      case 1:
        row->next = program::Discard{};
        break;
      case 2:
        row->priority = static_cast<std::uint16_t>(row->priority + (below(2) == 0 ? 3 : -3));
        break;
      case 3:
        if (host != row->match.fields.end()) row->match.fields.erase(host);
        break;
      case 4:
        if (host != row->match.fields.end()) host->bits = any_bits(host->field) & host->mask;
        break;
      case 5:
        row->meter = row->meter ? std::nullopt
                                : std::optional(program::meter_of(c::participant(0), 0, 1000));
        break;
      case 6:
        row->queries =
            row->queries.empty() ? std::vector<std::uint64_t>{700} : std::vector<std::uint64_t>{};
        break;
      case 7:
        row->copies = row->copies.empty() ? std::vector{world_.exchange.router(c::router(1)).port}
                                          : std::vector<net::PortNo>{};
        break;
      default:
        if (host != row->match.fields.end()) host->mask &= ~std::uint64_t{1};
        if (host != row->match.fields.end()) host->bits &= host->mask;
        break;
    }
  }

  std::vector<Violation> check(Verifier& verifier) {
    const World meant{.exchange = &world_.exchange,
                      .reachability = &world_.routes,
                      .policies = world_.policies,
                      .port_up = world_.port_up};
    const CompiledNextHops hops(compiler_, [this](net::ParticipantId client, const auto& prefix) {
      const auto other = compiler_.virtual_next_hop(client, prefix);
      const auto best = world_.routes.routes(client, prefix).front();
      return other ? *other : world_.exchange.router(best).addresses.front();
    });
    const Terms terms{.shortfalls = output_.shortfalls, .meanings = output_.meanings};
    const auto placed = world_.routes.placed(changed_);
    return verifier.check({meant, program_, hops, terms},
                          {.prefixes = placed, .renumbered = output_.renumbered});
  }

  std::mt19937 random_;
  Hosts hosts_;
  c::World world_{{2, 1, 1}};
  c::Compiler compiler_;
  Verifier verifier_;
  std::set<net::Prefix> in_;
  std::set<net::Prefix> out_;
  std::vector<Form> forms_;
  std::vector<net::Prefix> changed_;
  c::Output output_;
  program::ProgramPtr program_;
  std::vector<Row> fresh_;  // rows that came
};

class EditsTest : public ::testing::TestWithParam<Hosts> {};

TEST_P(EditsTest, WhatIsWrongIsRefusedWhateverWasBefore) {
  int of_few = 0;
  int refused = 0;
  int harmless = 0;
  for (unsigned seed = 1; seed <= 5; ++seed) {
    Edits edits(seed, GetParam());
    for (int round = 0; round < 24; ++round) {
      SCOPED_TRACE(fmt::format("{} {}", seed, round));
      edits.edit();
      if (round % 4 == 0) {
        EXPECT_FALSE(edits.is_refused_now());
        continue;
      }
      edits.damage();
      const bool is_wrong = edits.is_refused_alone();
      EXPECT_EQ(edits.is_refused_now(), is_wrong);
      ++(is_wrong ? refused : harmless);
      if (!is_wrong) continue;
      edits.repair();
      EXPECT_FALSE(edits.is_refused_now());
    }
    of_few += edits.of_few;
  }
  EXPECT_GT(of_few, 30);
  EXPECT_GT(refused, 20);
  EXPECT_GT(harmless, 3);
}

INSTANTIATE_TEST_SUITE_P(Everywhere, EditsTest,
                         ::testing::Values(Hosts::kIpv4, Hosts::kOneNetwork, Hosts::kManyNetworks,
                                           Hosts::kSameInEach));

}  // namespace
}  // namespace fabrix::verify
