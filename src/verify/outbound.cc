#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "verify/clause_diagram.h"
#include "verify/findings.h"
#include "verify/inquiry.h"
#include "verify/tag_fields.h"

namespace fabrix::verify {
namespace {

using diagram::Diagram;
using program::TableId;

// A packet with a tag, for which the rows do something else than the clauses mean.
using Shown = Inquiry::Difference;

std::optional<Shown> difference(const Task& task, const exchange::Participant& sender,
                                Diagram actual, Diagram expected) {
  diagram::Store& store = task.work.space.store();
  const Diagram routed = task.work.routed(*task.world.exchange);
  const auto differ = [&](Diagram where) {
    return store.witness_of_difference(store.restrict(where, actual),
                                       store.restrict(where, expected));
  };
  if (!differ(routed)) return std::nullopt;
  // Which ports the sender has matters only if something depends on it.
  const std::vector<net::ParticipantId> senders{sender.id};
  const auto point =
      differ(store.conjunction(task.work.entering_from(*task.world.exchange, senders), routed));
  if (!point) return std::nullopt;
  Shown shown{.packet = packet_at(*point, {}),
              .is = task.work.effects.at(store.evaluate(actual, *point)),
              .should = task.work.effects.at(store.evaluate(expected, *point))};
  shown.packet.dst_mac = tag_of(*point);
  return shown;
}

// Whether it goes where no route leads.
bool is_unroutable(const Task& task, net::ParticipantId sender, const Effect& effect,
                   const exchange::Routes& routes) {
  const bool is_delivery = effect.table == TableId::kDelivered || effect.table == TableId::kInbound;
  return effect.kind == Effect::Kind::kContinue && is_delivery &&
         std::ranges::none_of(routes, [&](net::RouterId router) {
           return effect.metadata == on_the_way(task.world, sender, router);
         });
}

// Whether a middlebox port's packet would go to one again.
bool loops(const Task& task, const net::Packet& packet, const Effect& is) {
  const auto from = task.directory.find(packet.in_port);
  return is.kind == Effect::Kind::kOutput && from && task.world.exchange->router(*from).middlebox;
}

std::string_view invariant_of(const Task& task, net::ParticipantId sender, const Shown& shown,
                              const exchange::Routes& routes) {
  const auto& [packet, is, should] = shown;
  if (differ_in_counters(is, should)) return "I13";
  if (loops(task, packet, is)) return "I5";
  if (is.kind == Effect::Kind::kDrop) return "I4";
  return is_unroutable(task, sender, is, routes) ? "I2" : "I11";
}

// The routes that a tag claims.
exchange::Routes claimed(const Task& task, net::ParticipantId sender, net::MacAddress tag) {
  exchange::Routes routes;
  if (const auto decoded = program::decode_tag(tag); decoded && decoded->egress) {
    routes.push_back(*decoded->egress);
  }
  const program::TagMeaning* meaning = task.meaning_of(sender);
  if (meaning == nullptr) return routes;
  for (const program::Reached& each : meaning->reached) {
    const bool says = std::ranges::any_of(
        each.tests, [tag](const program::MacPattern& test) { return matches(test, tag); });
    if (says) routes.push_back(each.router);
  }
  return routes;
}

// With packets to a prefix that was announced, if some show it.
void report(const Task& task, const exchange::Participant& sender, const Shown& shown) {
  const exchange::Exchange& exchange = *task.world.exchange;
  Inquiry inquiry(task, sender.id);
  if (const auto found = inquiry.any()) {
    const std::string tag =
        task.tag_of(sender.id, found->next_hop).value_or(net::MacAddress{}).to_string();
    task.findings.add(
        {.invariant = std::string(invariant_of(task, sender.id, found->difference, found->routes)),
         .message = fmt::format("what {} sends to {} by the next hop {} ({}) is {}", sender.name,
                                found->prefix.to_string(), found->next_hop.to_string(), tag,
                                inquiry.describe(found->difference)),
         .witness = found->difference.packet,
         .rows = rows_for(task.program, found->difference.packet)});
    return;
  }
  const auto routes = claimed(task, sender.id, shown.packet.dst_mac);
  task.findings.add(
      {.invariant = std::string(invariant_of(task, sender.id, shown, routes)),
       .message = fmt::format("what {} sends with the tag {} is {}, and should be {}", sender.name,
                              shown.packet.dst_mac.to_string(), describe(shown.is, exchange),
                              describe(shown.should, exchange)),
       .witness = shown.packet,
       .rows = rows_for(task.program, shown.packet)});
}

}  // namespace

bool sends_right(const Task& task, net::ParticipantId sender, const FewPackets& few) {
  const auto& policy = task.world.policies[sender.index()];
  if (!policy || !policy->has_outbound()) return false;
  const std::uint64_t metadata = program::Metadata::sender(sender).bits;
  auto rows = task.index.rows(TableId::kOutbound, metadata, {});
  std::erase_if(rows, [&few](const program::Row* row) { return !few.may_match(*row); });
  const auto actual = task.symbolic().read(rows, {.table = TableId::kOutbound,
                                                  .metadata = metadata,
                                                  .known = {},
                                                  .destination = Destination::kTag});
  if (!actual) return false;
  diagram::Store& store = task.work.space.store();
  for (const diagram::Leaf leaf : store.leaves(*actual)) {
    const Effect& effect = task.work.effects.at(leaf);
    if (effect.kind == Effect::Kind::kContinue && effect.table < TableId::kResolve) return false;
  }
  OutboundMeaning meaning(task.world, sender, task.work.space, task.work.effects, &few);
  const Diagram expected = meaning.under(task.meaning_of(sender));
  const auto agree = [&](Diagram where) {
    return store.restrict(where, *actual) == store.restrict(where, expected);
  };
  const Diagram these = task.work.space.of(few);
  return agree(these) || agree(store.conjunction(these, task.work.routed(*task.world.exchange)));
}

// All tags at once: each says what it claims to say.
void check_outbound(const Task& task, net::ParticipantId id) {
  const exchange::Participant& sender = task.world.exchange->participant(id);
  const auto& policy = task.world.policies[id.index()];
  if (sender.routers.empty() || !policy || !policy->has_outbound()) return;
  const auto actual = task.symbolic().run({.table = TableId::kOutbound,
                                           .metadata = program::Metadata::sender(id).bits,
                                           .known = {},
                                           .destination = Destination::kTag},
                                          TableId::kResolve);
  if (!actual) {
    task.findings.add(
        {.invariant = "I11",
         .message = fmt::format("the outbound rows of {} are too wide to check", sender.name),
         .witness = {},
         .rows = {}});
    return;
  }
  OutboundMeaning meaning(task.world, id, task.work.space, task.work.effects);
  const Diagram expected = meaning.under(task.meaning_of(id));
  if (*actual == expected) return;
  if (const auto shown = difference(task, sender, *actual, expected)) report(task, sender, *shown);
}

}  // namespace fabrix::verify
