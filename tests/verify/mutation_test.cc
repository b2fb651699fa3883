// Wrong Programs: a right one with one row damaged at random. validate() finds the damage, or it
// makes no difference to any packet.
#include <gtest/gtest.h>

#include "tests/verify/compiled_world.h"
#include "tests/verify/copies.h"

namespace fabrix::verify {
namespace {

using program::Program;
using program::Row;

bool same_outcome(const program::Outcome& a, const program::Outcome& b) {
  const bool same = a.output == b.output && a.to_controller == b.to_controller &&
                    lines_of(a.copies, {}) == lines_of(b.copies, {}) &&
                    meters_of(a) == meters_of(b);
  return same && (!a.output || a.packet == b.packet);
}

void send_elsewhere(RandomWorld& random, Row& row) {
  if (auto* output = std::get_if<program::Output>(&row.next)) {
    output->port = random.any_router().port;
  } else if (row.write_metadata.mask != 0) {
    const auto& router = random.any_router();
    row.write_metadata.bits = (program::Metadata::egress(router.participant) |
                               program::Metadata::egress_router(router.id) |
                               program::Metadata::sender(router.participant))
                                  .bits &
                              row.write_metadata.mask;
  }
}

// One branch less, or two where there was one way.
void branch_otherwise(Row& row) {
  if (auto* fork = std::get_if<program::Fork>(&row.next)) {
    fork->branches.pop_back();
  } else if (row.write_metadata.mask != 0) {
    const auto* jump = std::get_if<program::Goto>(&row.next);
    if (jump == nullptr) return;
    const program::Branch copy{.metadata = row.write_metadata, .table = jump->table};
    row.next = program::Fork{.branches = {copy, copy}};
  }
}

std::string damage(RandomWorld& random, Program& program) {
  std::size_t table = random.below(program::kTableCount);
  while (program.tables.at(table).empty()) table = random.below(program::kTableCount);
  auto& rows = program.tables.at(table).edit();
  const std::size_t place = random.below(rows.size());
  Row& row = rows[place];
  const std::string before = to_string(row);
  switch (random.below(10)) {
    case 0:
      rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(place));
      program.canonicalize();
      return "removed " + before;
    case 1:
      row.priority = static_cast<std::uint16_t>(row.priority + (random.below(2) == 0 ? 11 : -11));
      break;
    case 2:
      row.next = program::Discard{};
      break;
    case 3:
      if (row.match.fields.empty()) break;
      row.match.fields.erase(row.match.fields.begin() +
                             static_cast<std::ptrdiff_t>(random.below(row.match.fields.size())));
      break;
    case 4:
      send_elsewhere(random, row);
      break;
    case 5:
      row.meter = program::meter_of(row.origin.participant, 0, row.meter ? 77 : 1000);
      break;
    case 6:
      if (row.copies.empty()) {
        row.copies = {random.any_router().port};
      } else {
        row.copies.clear();
      }
      break;
    case 7:
      branch_otherwise(row);
      break;
    case 8:
      row.hashes = row.hashes.empty() ? net::HashKeys{net::HashKey::kFlow} : net::HashKeys{};
      break;
    default:
      row.set_fields.push_back({.field = net::Field::kDstPort, .value = 9});
      break;
  }
  const std::string after = to_string(row);
  program.canonicalize();
  return before + "  =>  " + after;
}

// Packets of every kind, addressed as the sender's router would.
std::vector<net::Packet> sample(CompiledWorld& compiled, int count) {
  std::vector<net::Packet> packets;
  for (int i = 0; i < count; ++i) {
    const auto& from = compiled.random.any_router();
    net::Packet packet = compiled.random.routed_packet(from.id);
    if (const auto mac = compiled.mac_for(from.participant, packet.dst_ip)) {
      packet.dst_mac = *mac;
      packets.push_back(packet);
    }
    packets.push_back(compiled.random.lan_frame(from.id));
  }
  return packets;
}

TEST(MutationTest, DamageIsFoundOrMakesNoDifference) {
  int found = 0;
  int harmless = 0;
  for (std::uint32_t seed = 1000; seed < 1006; ++seed) {
    const auto sources = seed < 1005 ? RandomWorld::Sources::kAny : RandomWorld::Sources::kChecked;
    CompiledWorld compiled(seed, RandomWorld::Middleboxes::kNone, sources);
    const Program right = compiled.program;
    const auto packets = sample(compiled, 200);
    for (int i = 0; i < 12; ++i) {
      compiled.program = right;
      const std::string what = damage(compiled.random, compiled.program);
      SCOPED_TRACE(std::to_string(seed) + ": " + what);
      if (!compiled.validate_it().empty()) {
        ++found;
        continue;
      }
      ++harmless;
      for (const net::Packet& packet : packets) {
        const bool same = same_outcome(program::evaluate(right, packet),
                                       program::evaluate(compiled.program, packet));
        EXPECT_TRUE(same) << net::to_string(packet) << " from port " << packet.in_port.value
                          << " to " << packet.dst_mac.to_string();
        if (!same) return;
      }
    }
  }
  EXPECT_GT(found, harmless);
}

TEST(MutationTest, APrecedentHidesNoDamage) {
  for (std::uint32_t seed = 2000; seed < 2006; ++seed) {
    SCOPED_TRACE(seed);
    CompiledWorld compiled(seed);
    Verifier verifier;
    ASSERT_TRUE(compiled.check_by(verifier).empty());
    for (int round = 0; round < 6; ++round) {
      SCOPED_TRACE(round);
      compiled.change();
      compiled.compile();
      const Program right = compiled.program;
      const auto found = compiled.check_by(verifier);
      EXPECT_TRUE(found.empty()) << describe(found);
      EXPECT_FALSE(verifier.coverage().full);
      compiled.changed.clear();
      SCOPED_TRACE(damage(compiled.random, compiled.program));
      const bool harmless = compiled.validate_it().empty();
      const auto known = compiled.check_by(verifier);
      EXPECT_FALSE(verifier.coverage().full);
      // What changes nothing but rows is interference even where it does no harm.
      const bool only_interferes =
          std::ranges::all_of(known, [](const Violation& each) { return each.invariant == "I10"; });
      EXPECT_TRUE(harmless ? only_interferes : !known.empty()) << describe(known);
      compiled.program = right;
      ASSERT_TRUE(compiled.check_by(verifier).empty());
    }
  }
}

}  // namespace
}  // namespace fabrix::verify
