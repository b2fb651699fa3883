#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "program/evaluate.h"
#include "verify/clause_diagram.h"
#include "verify/findings.h"
#include "verify/traffic.h"

namespace fabrix::verify {
namespace {

using diagram::Diagram;
using exchange::Router;
using program::Metadata;
using program::TableId;

constexpr std::uint64_t kSenderMask = 0xfff;

// NOLINTBEGIN(misc-no-recursion): bounded by policy::kMaxDepth.
void collect_senders(const policy::Predicate& predicate, std::set<net::ParticipantId>& found) {
  if (const auto* from = std::get_if<policy::FromParticipant>(&predicate.node)) {
    found.insert(from->participant);
  } else if (const auto* negated = std::get_if<policy::Not>(&predicate.node)) {
    collect_senders(*negated->operand, found);
  } else if (const auto* all = std::get_if<policy::And>(&predicate.node)) {
    for (const auto& each : all->operands) collect_senders(*each, found);
  } else if (const auto* any = std::get_if<policy::Or>(&predicate.node)) {
    for (const auto& each : any->operands) collect_senders(*each, found);
  }
}

// NOLINTEND(misc-no-recursion)

// Checks what one participant receives.
class InboundCheck {
 public:
  InboundCheck(const Task& task, net::ParticipantId receiver)
      : task_(task),
        exchange_(*task.world.exchange),
        receiver_(exchange_.participant(receiver)),
        space_(task.work.space),
        effects_(task.work.effects),
        symbolic_(task.symbolic()) {}

  void run();

 private:
  using Senders = std::vector<net::ParticipantId>;
  // Senders that nothing tells from each other: one, or all but some.
  struct Group {
    net::ParticipantId example;
    bool is_rest = false;
  };

  void find_groups();
  Senders senders_of(const Group& group) const;
  void check(const Router& router, const Group& group);
  void check_control(const Router& router, net::ParticipantId sender);
  void report(const Router& router, const net::Packet& witness, Diagram actual, Diagram expected);

  const Task& task_;
  const exchange::Exchange& exchange_;
  const exchange::Participant& receiver_;
  PacketSpace& space_;
  Effects& effects_;
  SymbolicProgram symbolic_;
  std::set<net::ParticipantId> alone_;
  std::vector<Group> groups_;
};

void InboundCheck::run() {
  find_groups();
  for (const net::RouterId id : exchange_.routers_of(receiver_.id)) {
    const Router& router = exchange_.router(id);
    for (const Group& group : groups_) {
      if (task_.findings.full()) return;
      check(router, group);
      check_control(router, group.example);
    }
  }
}

// Senders that the policy or a row tells from others, each alone; then all others together.
void InboundCheck::find_groups() {
  if (const auto& policy = task_.world.policies[receiver_.id.index()]) {
    for (const auto& clause : policy->inbound.clauses) collect_senders(*clause.when, alone_);
  }
  const std::uint64_t egress = Metadata::egress(receiver_.id).bits;
  bool partial = false;
  for (const auto* row : task_.index.rows(TableId::kInbound, egress, {})) {
    const Metadata& metadata = row->match.metadata;
    const std::uint64_t mask = metadata.mask & kSenderMask;
    const std::uint64_t code = metadata.bits & kSenderMask;
    if (mask == kSenderMask && code != 0) {
      alone_.insert(net::ParticipantId{static_cast<std::uint16_t>(code - 1)});
    }
    partial = partial || (mask != 0 && mask != kSenderMask);
  }
  const auto is_present = [](const auto& participant) { return !participant.routers.empty(); };
  if (partial) {
    for (const auto& each : exchange_.participants) alone_.insert(each.id);
  }
  for (const net::ParticipantId id : alone_) {
    if (id.index() >= exchange_.participants.size()) break;
    if (is_present(exchange_.participant(id))) groups_.push_back({.example = id});
  }
  // Mostly it is the first.
  const auto other = std::ranges::find_if(exchange_.participants, [&](const auto& each) {
    return is_present(each) && !alone_.contains(each.id);
  });
  if (other != exchange_.participants.end()) {
    groups_.push_back({.example = other->id, .is_rest = true});
  }
}

InboundCheck::Senders InboundCheck::senders_of(const Group& group) const {
  if (!group.is_rest) return {group.example};
  Senders others;
  for (const auto& participant : exchange_.participants) {
    if (!participant.routers.empty() && !alone_.contains(participant.id)) {
      others.push_back(participant.id);
    }
  }
  return others;
}

void InboundCheck::check(const Router& router, const Group& group) {
  const net::ParticipantId sender = group.example;
  const Fixed fixed{{net::Field::kDstMac, router.mac.to_u64()}};
  const auto actual = symbolic_.run({.table = TableId::kInbound,
                                     .metadata = on_the_way(task_.world, sender, router.id),
                                     .known = known(fixed)},
                                    TableId::kTransit);
  if (!actual) {
    task_.findings.add(
        {.invariant = "I11",
         .message = fmt::format("the inbound rows of {} are too wide to check", receiver_.name),
         .witness = {},
         .rows = {}});
    return;
  }
  const Diagram expected =
      space_.fix(inbound_meaning(task_.world, router.id, sender, space_, effects_), fixed);
  // Which ports the senders have matters only if something depends on it.
  if (!space_.difference(*actual, expected, space_.well_formed_ip(), fixed)) return;
  const Diagram where = space_.store().conjunction(
      task_.work.entering_from(exchange_, senders_of(group)), space_.well_formed_ip());
  const auto witness = space_.difference(*actual, expected, where, fixed);
  if (witness) report(router, *witness, *actual, expected);
}

void InboundCheck::report(const Router& router, const net::Packet& witness, Diagram actual,
                          Diagram expected) {
  const Effect is = effect_at(task_.work, actual, witness);
  const Effect should = effect_at(task_.work, expected, witness);
  std::string_view invariant = is.kind == Effect::Kind::kDrop ? "I4" : "I11";
  if (differ_in_counters(is, should)) invariant = "I13";
  task_.findings.add(
      {.invariant = std::string(invariant),
       .message = fmt::format("what comes for {} of {} is {}, and should be {}", router.name,
                              receiver_.name, describe(is, exchange_), describe(should, exchange_)),
       .witness = witness,
       .rows = rows_for(task_.program, witness)});
}

// I8: control traffic passes as it is, whoever sends it.
void InboundCheck::check_control(const Router& router, net::ParticipantId sender) {
  const std::uint64_t metadata =
      on_the_way(task_.world, sender, router.id) | Metadata::control().bits;
  const auto actual = symbolic_.run({.table = TableId::kInbound, .metadata = metadata, .known = {}},
                                    TableId::kTransit);
  const Diagram expected = space_.store().leaf(effects_.leaf_of({.kind = Effect::Kind::kContinue,
                                                                 .table = TableId::kTransit,
                                                                 .metadata = metadata,
                                                                 .port = {},
                                                                 .writes = {}}));
  if (actual == expected) return;
  std::vector<program::Row> rows;
  for (const auto* row : task_.index.rows(TableId::kInbound, metadata, {})) {
    const Metadata& match = row->match.metadata;
    if ((metadata & match.mask) == match.bits && rows.empty()) rows.push_back(*row);
  }
  task_.findings.add({.invariant = "I8",
                      .message = fmt::format("control traffic from {} for {} goes through a policy",
                                             exchange_.participant(sender).name, router.name),
                      .witness = {},
                      .rows = std::move(rows)});
}

}  // namespace

void check_inbound(const Task& task, net::ParticipantId receiver) {
  InboundCheck(task, receiver).run();
}

}  // namespace fabrix::verify
