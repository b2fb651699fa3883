#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "program/tag.h"
#include "verify/findings.h"
#include "verify/traffic.h"

namespace fabrix::verify {
namespace {

using diagram::Diagram;
using diagram::Leaf;
using program::Metadata;
using program::TableId;

constexpr std::uint64_t kArpRequest = 1;
constexpr std::uint64_t kNeighborSolicitation = 135;

// A port of the fabric that belongs to somebody: a router, or the route server.
struct Site {
  std::string name;
  net::PortNo port;
  net::MacAddress mac;
  const std::vector<net::IpAddress>* addresses;
  std::optional<net::ParticipantId> participant;  // none: the route server
};

// A kind of traffic and what the first table must do with it. Of several, the first counts.
struct Rule {
  std::string_view invariant;  // that is violated when it does not
  PredicatePtr when;
  Effect effect;
};

Effect drop() {
  return {};
}

Effect go_to(TableId table, const Metadata& metadata) {
  return {.kind = Effect::Kind::kContinue,
          .table = table,
          .metadata = metadata.bits,
          .port = {},
          .writes = {}};
}

Effect ask_controller() {
  return {.kind = Effect::Kind::kController,
          .table = TableId::kAdmit,
          .metadata = 0,
          .port = {},
          .writes = {}};
}

// Ternary tests of the destination MAC as a predicate: the bits in which inline tags agree lie in
// octet 0, so these are a few ranges.
PredicatePtr to_inline_tag() {
  const program::MacPattern pattern = program::match_kind(program::TagKind::kInline);
  constexpr std::uint64_t kOctet = std::uint64_t{1} << 40U;
  std::vector<PredicatePtr> any;
  for (std::uint64_t octet = 0; octet < 256; ++octet) {
    const std::uint64_t low = octet * kOctet;
    if ((low & pattern.mask) != pattern.bits) continue;
    any.push_back(between(net::Field::kDstMac, low, low + kOctet - 1));
  }
  return any_of(std::move(any));
}

class AdmissionCheck {
 public:
  explicit AdmissionCheck(const Task& task)
      : task_(task),
        exchange_(*task.world.exchange),
        space_(*task.world.reachability),
        symbolic_(task.index, space_, effects_) {}

  void run();

 private:
  void check_row(const program::Row& row);
  void check_site(const Site& site);
  std::vector<Rule> rules_for(const Site& site) const;
  void add_requests(const Site& site, std::vector<Rule>& rules) const;
  static PredicatePtr own_arp(const Site& site);
  PredicatePtr to_lan() const;
  bool has_outbound(const Site& site) const;
  static const Rule& rule_of(const std::vector<Rule>& rules, const net::Packet& packet);

  const Task& task_;
  const exchange::Exchange& exchange_;
  PacketSpace space_;
  Effects effects_;
  SymbolicProgram symbolic_;
};

void AdmissionCheck::run() {
  for (const program::Row& row : task_.program.table(TableId::kAdmit)) check_row(row);
  for (const exchange::Router& router : exchange_.routers) {
    if (!router.present) continue;
    check_site({router.name, router.port, router.mac, &router.addresses, router.participant});
  }
  const exchange::RouteServerSite& site = exchange_.route_server;
  check_site({"the route server", site.port, site.mac, &site.addresses, {}});
}

// I9: nothing enters but at a port that somebody owns.
void AdmissionCheck::check_row(const program::Row& row) {
  if (std::holds_alternative<program::Discard>(row.next)) return;
  const auto& fields = row.match.fields;
  const auto port = std::ranges::find(fields, net::Field::kInPort, &program::FieldMatch::field);
  const bool exact = port != fields.end() && port->mask == net::max_value(net::Field::kInPort);
  if (exact) {
    const net::PortNo number{static_cast<std::uint32_t>(port->bits)};
    if (number == exchange_.route_server.port || exchange_.find_router(number) != nullptr) return;
  }
  task_.findings.add({.invariant = "I9",
                      .message = "a row lets packets in at a port that nobody owns",
                      .witness = {},
                      .rows = {row}});
}

PredicatePtr AdmissionCheck::own_arp(const Site& site) {
  std::vector<PredicatePtr> own;
  for (const net::IpAddress& address : *site.addresses) {
    if (address.family() != net::Family::kIpv4) continue;
    own.push_back(address_is(AddressField::kSource, address));
  }
  return all_of(
      {is_arp(), equals(net::Field::kArpSenderMac, site.mac.to_u64()), any_of(std::move(own))});
}

PredicatePtr AdmissionCheck::to_lan() const {
  std::vector<PredicatePtr> any;
  for (const net::Prefix& lan : exchange_.peering_lan) any.push_back(is_for(lan));
  return any_of(std::move(any));
}

bool AdmissionCheck::has_outbound(const Site& site) const {
  if (!site.participant) return false;
  const auto& policy = task_.world.policies[site.participant->index()];
  return policy && !policy->outbound.clauses.empty();
}

// Requests for virtual next hops, from the router's own addresses: Fabrix answers.
void AdmissionCheck::add_requests(const Site& site, std::vector<Rule>& rules) const {
  std::vector<PredicatePtr> own{is_from_link_local()};
  for (const net::IpAddress& address : *site.addresses) {
    if (address.family() != net::Family::kIpv6) continue;
    own.push_back(address_is(AddressField::kSource, address));
  }
  const auto solicitation =
      all_of({is_neighbor_discovery(), equals(net::Field::kIcmpType, kNeighborSolicitation),
              any_of(std::move(own))});
  for (const net::Prefix& range : exchange_.virtual_next_hops) {
    if (range.family() == net::Family::kIpv4) {
      rules.push_back({"I8",
                       all_of({own_arp(site), equals(net::Field::kProtocol, kArpRequest),
                               address_in(AddressField::kDestination, range)}),
                       ask_controller()});
    } else {
      rules.push_back({"I8", all_of({solicitation, address_in(AddressField::kNdTarget, range)}),
                       ask_controller()});
    }
  }
}

// SEMANTICS, step 1; FABRIC, table 0.
std::vector<Rule> AdmissionCheck::rules_for(const Site& site) const {
  const bool is_member = site.participant.has_value();
  const Metadata sender = is_member ? Metadata::sender(*site.participant) : Metadata{};
  const Effect control = go_to(TableId::kResolve, sender | Metadata::control());
  const Effect data = is_member ? go_to(TableId::kResolve, sender) : control;
  const Effect tagged = has_outbound(site) ? go_to(TableId::kOutbound, sender) : data;
  std::vector<Rule> rules;
  rules.push_back({"I9", negation(equals(net::Field::kSrcMac, site.mac.to_u64())), drop()});
  if (is_member) add_requests(site, rules);
  rules.push_back({"I8", own_arp(site), control});
  rules.push_back({"I9", is_arp(), drop()});
  rules.push_back({"I8", is_neighbor_discovery(), control});
  rules.push_back({"I8", is_host_discovery(), drop()});
  rules.push_back({"I11", all_of({is_ip(), to_group_mac()}), drop()});
  rules.push_back({"I8", all_of({is_bgp_or_bfd(), to_lan()}), control});
  rules.push_back({"I11", all_of({is_ip(), to_inline_tag()}), tagged});
  rules.push_back({"I11", is_ip(), data});
  rules.push_back({"I11", always(), drop()});
  return rules;
}

const Rule& AdmissionCheck::rule_of(const std::vector<Rule>& rules, const net::Packet& packet) {
  return *std::ranges::find_if(
      rules, [&](const Rule& rule) { return policy::holds(*rule.when, packet, {.sender = {}}); });
}

void AdmissionCheck::check_site(const Site& site) {
  if (task_.findings.full()) return;
  const Fixed fixed{{net::Field::kInPort, site.port.value}};
  const auto actual = symbolic_.run(
      {.table = TableId::kAdmit, .metadata = 0, .known = known(fixed)}, TableId::kSent);
  const std::vector<Rule> rules = rules_for(site);
  Diagram expected = space_.store().none();
  for (std::size_t i = rules.size(); i > 0; --i) {
    const Rule& rule = rules[i - 1];
    const Diagram effect = space_.store().leaf(effects_.leaf_of(rule.effect));
    expected = space_.store().if_then_else(space_.of(*rule.when, {}), effect, expected);
  }
  expected = space_.fix(expected, fixed);
  if (!actual) {
    task_.findings.add(
        {.invariant = "I11",
         .message = fmt::format("the rows for the port of {} are too wide to check", site.name),
         .witness = {},
         .rows = {}});
    return;
  }
  const auto witness = space_.difference(*actual, expected, space_.well_formed(), fixed);
  if (!witness) return;
  const Rule& rule = rule_of(rules, *witness);
  task_.findings.add({.invariant = std::string(rule.invariant),
                      .message = fmt::format(
                          "a packet that enters at the port of {} is admitted wrongly", site.name),
                      .witness = *witness,
                      .rows = rows_for(task_.program, *witness)});
}

}  // namespace

void check_admission(const Task& task) {
  AdmissionCheck(task).run();
}

}  // namespace fabrix::verify
