#include "program/program.h"

#include <algorithm>
#include <tuple>

#include "base/assert.h"
#include "net/address_bits.h"

namespace fabrix::program {
namespace {

constexpr std::uint64_t kIdMask = 0xfff;
constexpr unsigned kSenderShift = 0;
constexpr unsigned kEgressShift = 12;
constexpr unsigned kEgressRouterShift = 24;
constexpr unsigned kViaShift = 37;
constexpr std::uint64_t kControlBit = std::uint64_t{1} << 36U;

Metadata place_id(std::uint16_t id, unsigned shift) {
  FABRIX_ASSERT(id < kIdMask);
  return {.bits = (std::uint64_t{id} + 1) << shift, .mask = kIdMask << shift};
}

// The order of rows in a table. Everything takes part, so that it is total.
bool precedes(const Row& a, const Row& b) {
  if (a.priority != b.priority) return a.priority > b.priority;
  return std::tie(a.match, a.set_fields, a.write_metadata, a.next, a.origin, a.queries, a.meter,
                  a.copies, a.hashes) < std::tie(b.match, b.set_fields, b.write_metadata, b.next,
                                                 b.origin, b.queries, b.meter, b.copies, b.hashes);
}

}  // namespace

std::string_view name_of(TableId table) {
  switch (table) {
    case TableId::kAdmit:
      return "admit";
    case TableId::kSent:
      return "sent";
    case TableId::kOutbound:
      return "outbound";
    case TableId::kResolve:
      return "resolve";
    case TableId::kDelivered:
      return "delivered";
    case TableId::kInbound:
      return "inbound";
    case TableId::kTransit:
      return "transit";
  }
  return "unknown";
}

Metadata Metadata::sender(net::ParticipantId id) {
  return place_id(id.value, kSenderShift);
}

Metadata Metadata::egress(net::ParticipantId id) {
  return place_id(id.value, kEgressShift);
}

Metadata Metadata::egress_router(net::RouterId id) {
  return place_id(id.value, kEgressRouterShift);
}

Metadata Metadata::via(net::RouterId middlebox) {
  return place_id(middlebox.value, kViaShift);
}

Metadata Metadata::control() {
  return {.bits = kControlBit, .mask = kControlBit};
}

Metadata Metadata::not_control() {
  return {.bits = 0, .mask = kControlBit};
}

Match& Match::exact(net::Field field, std::uint64_t value) {
  return ternary(field, value, net::max_value(field));
}

Match& Match::ternary(net::Field field, std::uint64_t bits, std::uint64_t mask) {
  FABRIX_ASSERT(mask != 0 && (bits & ~mask) == 0 && mask <= net::max_value(field));
  const auto place = std::ranges::lower_bound(fields, field, {}, &FieldMatch::field);
  FABRIX_ASSERT(place == fields.end() || place->field != field);
  const auto index = place - fields.begin();
  constexpr std::size_t kMore = 5;  // tests rarely come alone
  if (fields.size() == fields.capacity()) fields.reserve(fields.size() + kMore);
  fields.insert(fields.begin() + index, FieldMatch{.field = field, .bits = bits, .mask = mask});
  return *this;
}

std::uint64_t Origin::cookie() const {
  return static_cast<std::uint64_t>(kind) << 56U | std::uint64_t{participant.value} << 40U | clause;
}

std::string_view name_of(Origin::Kind kind) {
  switch (kind) {
    case Origin::Kind::kAntiSpoof:
      return "anti-spoof";
    case Origin::Kind::kAddressLookup:
      return "address-lookup";
    case Origin::Kind::kControlPlane:
      return "control-plane";
    case Origin::Kind::kOutboundClause:
      return "outbound-clause";
    case Origin::Kind::kInboundClause:
      return "inbound-clause";
    case Origin::Kind::kBestRoute:
      return "best-route";
    case Origin::Kind::kRealMac:
      return "real-mac";
    case Origin::Kind::kDefault:
      return "default";
    case Origin::Kind::kTransit:
      return "transit";
    case Origin::Kind::kQuery:
      return "query";
    case Origin::Kind::kDrop:
      return "drop";
  }
  return "unknown";
}

std::uint64_t Meter::burst_kbits() const {
  constexpr std::uint64_t kTenLongFrames = 120;
  return std::max(kbps / 10, kTenLongFrames);
}

Meter meter_of(net::ParticipantId owner, std::uint32_t number, std::uint64_t kbps) {
  FABRIX_ASSERT(number < kMetersPerParticipant);
  return {.id = owner.value * kMetersPerParticipant + number + 1, .kbps = kbps};
}

std::size_t Program::row_count() const {
  std::size_t count = 0;
  for (const auto& rows : tables) count += rows.size();
  return count;
}

std::vector<Meter> Program::meters() const {
  std::vector<Meter> found;
  for (const auto& rows : tables) {
    for (const Row& row : rows) {
      if (row.meter) found.push_back(*row.meter);
    }
  }
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

void Program::canonicalize() {
  for (Rows& rows : tables) {
    if (!rows.own().empty()) std::ranges::sort(rows.edit(), precedes);
  }
  if (!neighbors.own().empty()) std::ranges::sort(neighbors.edit());
}

Rows::Block make_block(std::vector<Row> rows) {
  if (rows.empty()) return nullptr;
  if (std::ranges::is_sorted(rows, precedes)) {
    return std::make_shared<const std::vector<Row>>(std::move(rows));
  }
  // Rows are large: each is moved once.
  std::vector<Row*> order;
  order.reserve(rows.size());
  for (Row& row : rows) order.push_back(&row);
  std::ranges::sort(order, [](const Row* a, const Row* b) { return precedes(*a, *b); });
  std::vector<Row> sorted;
  sorted.reserve(rows.size());
  for (Row* row : order) sorted.push_back(std::move(*row));
  return std::make_shared<const std::vector<Row>>(std::move(sorted));
}

namespace {

// A neighbour's place among others, in their order, in as few words as are compared at once: a
// sender is asked about thousands.
struct Rank {
  net::ParticipantId sender;
  net::Family family = net::Family::kIpv4;
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  static Rank of(net::ParticipantId sender, const net::IpAddress& address) {
    const auto bits = net::AddressBits::of(address);
    return {sender, address.family(), bits.high, bits.low};
  }
  friend auto operator<=>(const Rank&, const Rank&) = default;
};

}  // namespace

const VirtualNeighbor* find_neighbor(const Program& program, net::ParticipantId sender,
                                     const net::IpAddress& address) {
  const Rank wanted = Rank::of(sender, address);
  const auto rank_of = [](const VirtualNeighbor& each) {
    return Rank::of(each.sender, each.address);
  };
  const Neighbors::Block& block = program.neighbors.block(sender.index());
  if (const VirtualNeighbor* found = block ? block->find(address) : nullptr) return found;
  const std::vector<VirtualNeighbor>& own = program.neighbors.own();
  const auto found = std::ranges::lower_bound(own, wanted, {}, rank_of);
  return found != own.end() && rank_of(*found) == wanted ? &*found : nullptr;
}

}  // namespace fabrix::program
