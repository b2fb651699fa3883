#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "net/address_bits.h"
#include "program/evaluate.h"
#include "program/tag.h"
#include "verify/findings.h"
#include "verify/tag_fields.h"
#include "verify/traffic.h"

namespace fabrix::verify {
namespace {

using diagram::Diagram;
using exchange::Router;
using program::Metadata;
using program::TableId;

constexpr std::uint64_t kArpRequest = 1;

// The route server's port, with its MAC; written if the frame may have another.
Effect to_route_server(const exchange::RouteServerSite& site) {
  return {.kind = Effect::Kind::kOutput,
          .table = TableId::kAdmit,
          .metadata = 0,
          .port = site.port,
          .writes = {}};
}

// Rows by what they test exactly, so that a question with most fields known finds the few that may
// match among thousands: a group has rows that test the same fields, and agree in all that is no
// address.
class SortedRows {
 public:
  explicit SortedRows(const RowIndex::Rows& rows) {
    for (const program::Row* row : rows) add(*row);
  }

  // All that may match, and few others, highest priority first.
  std::vector<const program::Row*> find(std::uint64_t metadata, const Fixed& fixed) const {
    std::vector<const program::Row*> found;
    for (const auto& [shape, rows] : groups_) {
      if (is_out_of_question(shape, metadata, fixed)) continue;
      if (const auto values = values_in(shape, fixed)) {
        const auto exact = rows.find(*values);
        if (exact != rows.end()) append(found, exact->second);
      } else {
        for (const auto& [others, several] : rows) append(found, several);
      }
    }
    if (found.size() > 1) {
      std::ranges::stable_sort(found, std::ranges::greater{}, &program::Row::priority);
    }
    return found;
  }

 private:
  using Values = std::vector<std::uint64_t>;
  using Several = std::vector<const program::Row*>;
  struct Shape {
    Metadata metadata;
    std::vector<program::FieldMatch> common;
    std::vector<std::pair<net::Field, std::uint64_t>> masks;  // of addresses

    friend auto operator<=>(const Shape&, const Shape&) = default;
  };

  void add(const program::Row& row) {
    Shape shape{.metadata = row.match.metadata, .common = {}, .masks = {}};
    Values values;
    for (const program::FieldMatch& test : row.match.fields) {
      if (is_address_field(test.field)) {
        shape.masks.emplace_back(test.field, test.mask);
        values.push_back(test.bits);
      } else {
        shape.common.push_back(test);
      }
    }
    groups_[std::move(shape)][std::move(values)].push_back(&row);
  }
  static bool is_address_field(net::Field field) {
    return field != net::Field::kEthType && field != net::Field::kProtocol &&
           field != net::Field::kIcmpType;
  }
  static void append(Several& to, const Several& from) {
    to.insert(to.end(), from.begin(), from.end());
  }
  static std::optional<std::uint64_t> value_in(const Fixed& fixed, net::Field field) {
    const auto found = std::ranges::find(fixed, field, &Fixed::value_type::first);
    return found == fixed.end() ? std::nullopt : std::optional(found->second);
  }
  static bool is_out_of_question(const Shape& shape, std::uint64_t metadata, const Fixed& fixed) {
    if ((metadata & shape.metadata.mask) != shape.metadata.bits) return true;
    return std::ranges::any_of(shape.common, [&](const program::FieldMatch& test) {
      const auto value = value_in(fixed, test.field);
      return value && (*value & test.mask) != test.bits;
    });
  }
  // What the group's rows must test, if all of it is known.
  static std::optional<Values> values_in(const Shape& shape, const Fixed& fixed) {
    Values values;
    for (const auto& [field, mask] : shape.masks) {
      const auto value = value_in(fixed, field);
      if (!value) return std::nullopt;
      values.push_back(*value & mask);
    }
    return values;
  }

  std::map<Shape, std::map<Values, Several>> groups_;
};

// Checks that real addresses lead to their owners, past every tag.
class ResolutionCheck {
 public:
  explicit ResolutionCheck(const Task& task)
      : task_(task),
        exchange_(*task.world.exchange),
        space_(task.work.space),
        effects_(task.work.effects),
        symbolic_(task.symbolic()),
        rows_(task.index.others(TableId::kResolve)) {}

  void run();

 private:
  void check_row(const program::Row& row);
  void check_drops();
  void check_sponge(const program::Row& row);
  void check_mac(net::MacAddress mac, const Effect& data, std::string_view name);
  void complain(std::string_view invariant, std::string message,
                const std::optional<net::Packet>& witness, std::vector<program::Row> rows) {
    task_.findings.add({.invariant = std::string(invariant),
                        .message = std::move(message),
                        .witness = witness,
                        .rows = std::move(rows)});
  }
  void check_tags();
  void check_lookups();
  void check_lookup(const net::IpAddress& address, const Effect& to, const Writes& writes);
  // Thousands are asked about, and mostly nothing is to be said: `where` and `name` are called
  // then.
  template <typename Where, typename Name>
  void expect(const Metadata& metadata, const Fixed& fixed, const Where& where,
              const Effect& effect, const Name& name);
  Effect towards(const Router& router, const Metadata& metadata) const;

  const Task& task_;
  const exchange::Exchange& exchange_;
  PacketSpace& space_;
  Effects& effects_;
  SymbolicProgram symbolic_;
  SortedRows rows_;
};

Effect ResolutionCheck::towards(const Router& router, const Metadata& metadata) const {
  const Metadata to = Metadata::egress(router.participant) | Metadata::egress_router(router.id);
  return {.kind = Effect::Kind::kContinue,
          .table = entrance_of(task_.world, router.participant),
          .metadata = (to | metadata).bits,
          .port = {},
          .writes = {}};
}

// A row says by an exact MAC, by an inline tag or by an address lookup whose packets it means.
void ResolutionCheck::check_row(const program::Row& row) {
  const auto test_of = [&row](net::Field field) -> const program::FieldMatch* {
    const auto found = std::ranges::find(row.match.fields, field, &program::FieldMatch::field);
    return found == row.match.fields.end() ? nullptr : &*found;
  };
  const std::uint64_t sender_mask = Metadata::sender(net::ParticipantId{0}).mask;
  if ((row.match.metadata.mask & sender_mask) != 0 || test_of(net::Field::kInPort) != nullptr) {
    complain("I11", "a row that resolves addresses looks at who sends", {}, {row});
  }
  const auto* target = test_of(net::Field::kDstIp4);
  if (target != nullptr && std::holds_alternative<program::ToController>(row.next)) {
    return check_sponge(row);
  }
  if (std::holds_alternative<program::Discard>(row.next)) return;
  const auto* mac = test_of(net::Field::kDstMac);
  if (mac == nullptr) {
    const bool lookup = test_of(net::Field::kEthType) != nullptr &&
                        (row.match.metadata.bits & Metadata::control().bits) != 0;
    if (!lookup) complain("I2", "a row resolves packets whatever their destination MAC", {}, {row});
    return;
  }
  const net::MacAddress address = net::MacAddress::from_u64(mac->bits);
  const program::MacPattern tag = program::match_kind(program::TagKind::kInline);
  const bool is_tag = (mac->mask & tag.mask) == tag.mask && (mac->bits & tag.mask) == tag.bits;
  const bool is_owned = mac->mask == net::max_value(net::Field::kDstMac) &&
                        (address == exchange_.route_server.mac || task_.directory.find(address));
  if (!is_tag && !is_owned)
    complain("I2", "a row resolves a destination MAC that nobody has", {}, {row});
}

// What no other row resolves may be dropped by the port it came from.
void ResolutionCheck::check_drops() {
  const auto& others = task_.index.others(TableId::kResolve);
  for (const RowKey key : task_.index.keys(TableId::kResolve)) {
    for (const program::Row* row : task_.index.keyed(TableId::kResolve, key)) {
      const bool drops = std::holds_alternative<program::Discard>(row->next);
      const bool below = others.empty() || row->priority < others.back()->priority;
      if (drops && below) continue;
      complain("I11", "a row that resolves addresses looks at who sends", {}, {*row});
    }
  }
}

// Fabrix answers requests for addresses that nobody has, if it is to.
void ResolutionCheck::check_sponge(const program::Row& row) {
  const bool requests = std::ranges::any_of(row.match.fields, [](const auto& test) {
    return test.field == net::Field::kProtocol && test.bits == kArpRequest;
  });
  const bool below_owners = std::ranges::none_of(
      task_.index.others(TableId::kResolve), [&row](const program::Row* other) {
        const bool owned =
            other->origin.kind == program::Origin::Kind::kAddressLookup && other->next != row.next;
        return owned && other->priority <= row.priority;
      });
  if (exchange_.arp_sponge && requests && below_owners) return;
  complain("I8", "a row gives lookups of somebody's address to the controller", {}, {row});
}

template <typename Where, typename Name>
void ResolutionCheck::expect(const Metadata& metadata, const Fixed& fixed, const Where& where,
                             const Effect& effect, const Name& name) {
  if (task_.findings.full()) return;
  const auto rows = rows_.find(metadata.bits, fixed);
  const auto actual = symbolic_.read(
      rows, {.table = TableId::kResolve, .metadata = metadata.bits, .known = known(fixed)});
  const Diagram expected = space_.store().leaf(effects_.leaf_of(effect));
  if (actual == expected) return;
  std::optional<net::Packet> witness;
  if (actual) {
    const Diagram space = space_.store().conjunction(space_.well_formed(), space_.of(*where(), {}));
    witness = space_.difference(*actual, expected, space, fixed);
    if (!witness) return;
  }
  const bool is_control = (metadata.bits & Metadata::control().bits) != 0;
  Violation violation{.invariant = is_control ? "I8" : "I2",
                      .message = fmt::format("what is addressed to {} is resolved wrongly", name()),
                      .witness = witness,
                      .rows = {}};
  for (const auto* row : rows) {
    if (witness && program::matches(row->match, *witness, metadata.bits)) {
      violation.rows.push_back(*row);
      break;
    }
  }
  task_.findings.add(std::move(violation));
}

// Frames to a real MAC, data and control; address lookups have their own rules.
void ResolutionCheck::check_mac(net::MacAddress mac, const Effect& data, std::string_view name) {
  Effect control = data;
  if (control.kind == Effect::Kind::kContinue) control.metadata |= Metadata::control().bits;
  for (const std::uint64_t eth_type : {net::kEthTypeIpv4, net::kEthTypeIpv6}) {
    Fixed fixed{{net::Field::kDstMac, mac.to_u64()}, {net::Field::kEthType, eth_type}};
    expect({}, fixed, is_ip, data, [name] { return name; });
    fixed.emplace_back(net::Field::kIcmpType, 0);
    expect(Metadata::control(), fixed, is_ip, control, [name] { return name; });
  }
}

// What asks for an address, or answers its owner, goes there whatever its destination MAC.
void ResolutionCheck::check_lookup(const net::IpAddress& address, const Effect& to,
                                   const Writes& writes) {
  Effect effect = to;
  effect.writes = writes;
  const auto bits = net::AddressBits::of(address);
  const auto name = [&address] { return address.to_string(); };
  Fixed fixed{{net::Field::kDstMac, net::MacAddress::broadcast().to_u64()}};
  if (address.family() == net::Family::kIpv4) {
    fixed.emplace_back(net::Field::kEthType, net::kEthTypeArp);
    fixed.emplace_back(net::Field::kDstIp4, bits.high >> 32U);
    expect(Metadata::control(), fixed, is_arp, effect, name);
    return;
  }
  constexpr std::uint64_t kSolicitation = 135;
  constexpr std::uint64_t kAdvertisement = 136;
  fixed.emplace_back(net::Field::kEthType, net::kEthTypeIpv6);
  fixed.emplace_back(net::Field::kProtocol, net::kProtocolIcmpv6);
  Fixed asked = fixed;
  asked.emplace_back(net::Field::kIcmpType, kSolicitation);
  asked.emplace_back(net::Field::kNdTargetHigh, bits.high);
  asked.emplace_back(net::Field::kNdTargetLow, bits.low);
  expect(Metadata::control(), asked, is_neighbor_discovery, effect, name);
  Fixed told = std::move(fixed);
  told.emplace_back(net::Field::kIcmpType, kAdvertisement);
  told.emplace_back(net::Field::kDstIp6High, bits.high);
  told.emplace_back(net::Field::kDstIp6Low, bits.low);
  expect(Metadata::control(), told, is_neighbor_discovery, effect, name);
}

void ResolutionCheck::check_lookups() {
  for (const Router& router : exchange_.routers) {
    if (!router.present) continue;  // a dynamic neighbour has an address and no port
    for (const net::IpAddress& address : router.addresses) {
      check_lookup(address, towards(router, Metadata::control()), {});
    }
  }
  const exchange::RouteServerSite& site = exchange_.route_server;
  for (const net::IpAddress& address : site.addresses) {
    check_lookup(address, to_route_server(site),
                 {{.field = net::Field::kDstMac, .value = site.mac.to_u64()}});
  }
}

// Tags lead to the best route's router.
void ResolutionCheck::check_tags() {
  const auto actual = symbolic_.read(
      task_.index.rows(TableId::kResolve, 0, {}),
      {.table = TableId::kResolve, .metadata = 0, .known = {}, .destination = Destination::kTag});
  std::vector<Diagram> expected;
  std::vector<Diagram> known_tags;
  for (const Router& router : exchange_.routers) {
    if (!router.is_reachable()) continue;
    known_tags.push_back(space_.of_tag(program::match_egress(router.id)));
    expected.push_back(space_.store().restrict(
        known_tags.back(), space_.store().leaf(effects_.leaf_of(towards(router, {})))));
  }
  if (!actual) return complain("I11", "the rows that resolve tags are too wide to check", {}, {});
  const Diagram where =
      space_.store().conjunction(space_.store().disjunction(known_tags), space_.well_formed_ip());
  const auto point = space_.store().witness_of_difference(
      space_.store().restrict(where, *actual),
      space_.store().restrict(where, space_.store().over(expected)));
  if (!point) return;
  net::Packet witness = packet_at(*point, {});
  witness.dst_mac = tag_of(*point);
  std::vector<program::Row> rows;
  for (const auto* row : task_.index.rows(TableId::kResolve, 0, {})) {
    if (rows.empty() && program::matches(row->match, witness, 0)) rows.push_back(*row);
  }
  const auto egress = program::decode_tag(witness.dst_mac)->egress;
  complain("I2",
           fmt::format("what BGP sends to {} by its tag is {}", exchange_.router(*egress).name,
                       describe(effects_.at(space_.store().evaluate(*actual, *point)), exchange_)),
           witness, std::move(rows));
}

void ResolutionCheck::run() {
  for (const program::Row* row : task_.index.others(TableId::kResolve)) check_row(*row);
  check_drops();
  check_tags();
  for (const Router& router : exchange_.routers) {
    if (router.is_reachable()) check_mac(router.mac, towards(router, {}), router.name);
  }
  check_mac(exchange_.route_server.mac, to_route_server(exchange_.route_server),
            "the route server");
  check_lookups();
}

}  // namespace

void check_resolution(const Task& task) {
  ResolutionCheck(task).run();
}

}  // namespace fabrix::verify
