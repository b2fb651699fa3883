// A state that has not come and whose rows break an invariant: the real compiler's Program of each
// state, damaged in one of them, and the real verifier.
#include "controller/fsm_foresight.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "controller/symbols.h"
#include "policy/parse.h"
#include "policy/report.h"
#include "tests/verify/compiled_next_hops.h"
#include "tests/verify/walkthrough.h"
#include "verify/report.h"
#include "verify/verifier.h"

namespace fabrix::controller {
namespace {

using program::Metadata;
using program::Row;
using program::TableId;
using verify::Walkthrough;
using Kind = program::Origin::Kind;

// While the gate is open A sends as in the walkthrough, else all by default.
constexpr const char* kGate =
    "event open : bool\n"
    "fsm gate {\n"
    "  var is : bool\n"
    "  on open { is = value }\n"
    "  policy = case {\n"
    "    is -> (match(dstport=80) >> fwd(B)) + (match(dstport=4321/4322) >> fwd(C))\n"
    "    else -> none\n"
    "  }\n"
    "}\n"
    "outbound = gate\n";

std::string per_source() {
  std::string text = kGate;
  text.replace(text.find("fsm gate"), 8, "fsm gate per srcip");
  return text;
}

Row& web_row(program::Program& program) {
  auto& rows = program.table(TableId::kOutbound);
  return *std::ranges::find_if(rows, [](const Row& each) {
    return each.origin.kind == Kind::kOutboundClause && each.origin.clause == 0;
  });
}

class Foreseen : public testing::Test {
 protected:
  using Damage = std::function<void(Walkthrough&, verify::Terms&)>;

  // What is found in the states of the policy, where the open gate's Program is damaged so.
  std::optional<std::string> fault(const std::string& text, const Damage& damage) {
    auto parsed = policy::parse(text, "A.policy", symbols_for(exchange(), Walkthrough::kA));
    EXPECT_TRUE(parsed) << render(parsed.error(), text);
    const policy::FsmPolicy& fsms = *parsed->fsms;
    const auto present = std::make_shared<const policy::Policy>(std::move(parsed->policy));
    EXPECT_TRUE(walkthrough_.compiler->set_policy(Walkthrough::kA, present, "A.policy"));
    EXPECT_EQ(prove(present, {}), std::nullopt);
    auto found =
        first_fault(fsms, {.read =
                               [&](const policy::Combination& each) {
                                 policy::Report report("");
                                 const bool is_present = each == fsms.combinations().front();
                                 return is_present ? nullptr
                                                   : std::make_shared<const policy::Policy>(
                                                         fsms.read(each, report).policy);
                               },
                           .prove =
                               [&](const Foresight::PolicyPtr& policy) {
                                 EXPECT_TRUE(walkthrough_.compiler->change_state(
                                     Walkthrough::kA, policy, "A.policy"));
                                 return prove(policy, damage);
                               },
                           .is_spent = [] { return false; }});
    EXPECT_TRUE(walkthrough_.compiler->change_state(Walkthrough::kA, present, "A.policy"));
    EXPECT_EQ(prove(present, {}), std::nullopt) << "the state in force is as it was";
    return found;
  }

  const exchange::Exchange& exchange() const { return walkthrough_.exchange; }

 private:
  std::optional<std::string> prove(const Foresight::PolicyPtr& policy, const Damage& damage) {
    walkthrough_.policies[Walkthrough::kA.index()] = policy;
    const auto output = walkthrough_.compiler->compile({});
    walkthrough_.program = *output.program;
    walkthrough_.program.canonicalize();
    terms_ = {.meanings = output.meanings};
    if (damage) damage(walkthrough_, terms_);
    const verify::World world = walkthrough_.world();
    const verify::CompiledNextHops hops(
        *walkthrough_.compiler, [this](net::ParticipantId client, const net::Prefix& prefix) {
          return walkthrough_.next_hop(client, prefix);
        });
    const auto violations = verifier_.check(
        {world, std::make_shared<const program::Program>(walkthrough_.program), hops, terms_},
        {.prefixes = {}, .renumbered = output.renumbered});
    if (violations.empty()) return std::nullopt;
    return verify::summary(violations.front(), exchange(),
                           [](net::ParticipantId /*owner*/) { return "A.policy"; });
  }

  Walkthrough walkthrough_;
  verify::Terms terms_;
  verify::Verifier verifier_;
};

// What must not happen, and how it is made to: by the rows of the open gate, or beside them.
struct Injection {
  std::string invariant;
  bool has_witness;
  std::function<void(Walkthrough&, verify::Terms&)> damage;
};

std::vector<Injection> injections() {
  return {
      {"I1", false,
       [](auto& w, auto&) { web_row(w.program).copies = {w.exchange.routers.back().port}; }},
      {"I2", true,
       [](auto& w, auto&) {
         web_row(w.program).write_metadata =
             Metadata::egress(Walkthrough::kD) | Metadata::egress_router(Walkthrough::kD1);
       }},
      {"I3", false,
       [](auto& w, auto&) { w.program.neighbors.edit().front().mac = w.exchange.routers[1].mac; }},
      {"I4", true, [](auto& w, auto&) { web_row(w.program).next = program::Discard{}; }},
      {"I5", false,
       [](auto& w, auto&) {
         web_row(w.program).write_metadata =
             Metadata::egress(Walkthrough::kA) | Metadata::egress_router(Walkthrough::kA1);
       }},
      {"I6", false,
       [](auto& w, auto&) {
         Row other = web_row(w.program);
         other.match.exact(net::Field::kDscp, 46);
         other.next = program::Discard{};
         w.program.table(TableId::kOutbound).push_back(other);
       }},
      {"I7", false,
       [](auto& w, auto&) {
         web_row(w.program).set_fields.push_back({.field = net::Field::kSrcMac, .value = 1});
       }},
      {"I8", true,
       [](auto& w, auto&) {
         std::erase_if(w.program.table(TableId::kAdmit), [](const Row& each) {
           const auto tests_port = [](const auto& test) {
             return test.field == net::Field::kDstPort;
           };
           return each.origin.kind == Kind::kControlPlane &&
                  each.origin.participant == Walkthrough::kA &&
                  std::ranges::any_of(each.match.fields, tests_port);
         });
       }},
      {"I9", true,
       [](auto& w, auto&) {
         Row& row = w.row_of(TableId::kAdmit, Kind::kAntiSpoof, Walkthrough::kA);
         std::erase_if(row.match.fields,
                       [](const auto& test) { return test.field == net::Field::kSrcMac; });
       }},
      {"I10", true,
       [](auto& w, auto&) {
         w.row_of(TableId::kInbound, Kind::kInboundClause, Walkthrough::kC).next =
             program::Discard{};
       }},
      {"I11", true,
       [](auto& w, auto&) {
         std::erase_if(w.program.table(TableId::kOutbound), [](const Row& each) {
           return each.origin.kind == Kind::kOutboundClause && each.origin.clause == 0;
         });
       }},
      {"I12", false, [](auto& w, auto& terms) { terms.max_rows = w.program.row_count() - 1; }},
  };
}

TEST_F(Foreseen, NothingIsWrongInAnyStateOfAGoodPolicy) {
  EXPECT_EQ(fault(kGate, {}), std::nullopt);
  EXPECT_EQ(fault(per_source(), {}), std::nullopt);
}

TEST_F(Foreseen, EachInvariantIsProvedOfAStateThatHasNotCome) {
  for (const std::string& text : {std::string(kGate), per_source()}) {
    for (const Injection& each : injections()) {
      SCOPED_TRACE(each.invariant + "\n" + text);
      const auto found = fault(text, [&each](Walkthrough& walkthrough, verify::Terms& terms) {
        each.damage(walkthrough, terms);
        walkthrough.program.canonicalize();
      });
      ASSERT_TRUE(found);
      const std::string state = "in the states gate: is=true: " + each.invariant + " (";
      EXPECT_EQ(found->substr(0, state.size()), state) << *found;
      EXPECT_EQ(found->find("; witness: ") != std::string::npos, each.has_witness) << *found;
    }
  }
}

// Of three states the one in between; the last one is not looked at any more.
TEST(FirstFault, NamesTheFirstState) {
  const Walkthrough walkthrough;
  auto parsed = policy::parse(
      "event e : bool\n"
      "fsm f { var n : 0..2\non e { n = n + 1 }\n"
      "policy = case { n == 2 -> fwd(B); n == 1 -> fwd(C); else -> none } }\n"
      "outbound = f\n",
      "A.policy", symbols_for(walkthrough.exchange, Walkthrough::kA));
  ASSERT_TRUE(parsed);
  auto empty = std::make_shared<const policy::Policy>();
  std::vector<policy::Combination> asked;
  Foresight foresight{.read =
                          [&](const policy::Combination& each) {
                            asked.push_back(each);
                            return empty;
                          },
                      .prove =
                          [&](const auto&) {
                            return asked.size() == 2 ? std::optional<std::string>("wrong")
                                                     : std::nullopt;
                          },
                      .is_spent = [] { return false; }};
  EXPECT_EQ(first_fault(*parsed->fsms, foresight), "in the states f: n=1: wrong");
  EXPECT_EQ(asked.size(), 2U);
  asked.clear();
  foresight.is_spent = [] { return true; };
  EXPECT_EQ(first_fault(*parsed->fsms, foresight), std::nullopt);
  EXPECT_EQ(asked.size(), 1U);
}

}  // namespace
}  // namespace fabrix::controller
