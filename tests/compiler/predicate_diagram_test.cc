#include "compiler/predicate_diagram.h"

#include <functional>

#include <gtest/gtest.h>

#include "compiler/box.h"
#include "tests/compiler/random_world.h"

namespace fabrix::compiler {
namespace {

diagram::Point point_of(const net::Packet& packet, net::ParticipantId sender) {
  diagram::Point point;
  for (std::size_t i = 0; i < net::kFieldCount; ++i) {
    point.push_back(net::value_of(packet, static_cast<net::Field>(i)));
  }
  point.push_back(sender_value(sender));
  point.resize(kPolicyFieldCount);  // nobody asks about routes
  return point;
}

bool within(const std::vector<Box>& boxes, const diagram::Point& point) {
  return std::ranges::any_of(boxes, [&](const Box& box) {
    return std::ranges::all_of(box.ranges, [&](const FieldRange& range) {
      return std::ranges::any_of(range.intervals, [&](const policy::Interval& interval) {
        return interval.low <= point[range.field] && point[range.field] <= interval.high;
      });
    });
  });
}

TEST(PredicateDiagram, DiagramAndBoxesSayWhatThePredicateMeans) {
  constexpr std::uint32_t kSeed = 7;
  RandomWorld random(kSeed);
  World& world = random.world();
  diagram::Store store(policy_field_widths());
  const std::function<bool(net::ParticipantId, const net::IpAddress&)> announced =
      [&](net::ParticipantId whose, const net::IpAddress& address) {
        const auto prefixes = world.routes.announced_by(whose);
        return std::ranges::any_of(prefixes,
                                   [&](const net::Prefix& each) { return each.contains(address); });
      };
  for (int round = 0; round < 100; ++round) {
    const auto policy = random.any_policy(participant(0));
    for (const policy::Clause& each : policy->inbound.clauses) {
      const diagram::Diagram whole = diagram_of(store, *each.when, {world.routes});
      const auto boxes = boxes_of(*each.when, {world.routes});
      for (int i = 0; i < 20; ++i) {
        const net::Packet packet = random.any_packet();
        const net::ParticipantId sender = random.any_participant();
        const bool expected =
            policy::holds(*each.when, packet, {.sender = sender, .announced = &announced});
        const auto point = point_of(packet, sender);
        ASSERT_EQ(store.evaluate(whole, point) == diagram::kTrue, expected) << "seed " << kSeed;
        if (boxes) {
          ASSERT_EQ(within(*boxes, point), expected) << "seed " << kSeed;
        }
      }
    }
  }
}

// Hosts of which some are named twice: each says the same as the diagram of all with its value.
TEST(PredicateDiagram, AFieldThatIsKnownIsNotTested) {
  const World world({1, 1});
  diagram::Store store(policy_field_widths());
  const auto some = test(net::Field::kSrcIp4, {{10, 19}, {30, 30}});
  const auto others = test(net::Field::kSrcIp4, {{15, 24}});
  const auto when = any_of({all_of({some, dst_port(80)}), all_of({not_of(others), dst_port(443)})});
  const auto whole = diagram_of(store, *when, {world.routes});
  for (const std::uint64_t host : {9U, 10U, 14U, 15U, 19U, 20U, 24U, 25U, 30U}) {
    const KnownField known = [host](const policy::FieldTest& each) -> std::optional<bool> {
      if (each.field != net::Field::kSrcIp4) return std::nullopt;
      return std::ranges::any_of(each.intervals, [host](const auto& values) {
        return values.low <= host && host <= values.high;
      });
    };
    EXPECT_EQ(diagram_of(store, *when, {world.routes}, known),
              store.cofactor(whole, index_of(net::Field::kSrcIp4), host))
        << host;
  }
}

}  // namespace
}  // namespace fabrix::compiler
