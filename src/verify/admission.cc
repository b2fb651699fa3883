#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "program/drop.h"
#include "program/tag.h"
#include "verify/admission_form.h"
#include "verify/findings.h"
#include "verify/traffic.h"

namespace fabrix::verify {
namespace {

using diagram::Diagram;
using diagram::Leaf;
using exchange::Router;
using program::Metadata;
using program::TableId;

constexpr std::uint64_t kArpRequest = 1;
constexpr std::uint64_t kNeighborSolicitation = 135;

// A kind of traffic and what the first table must do with it. Of several, the first counts.
struct Rule {
  std::string_view invariant;  // that is violated when it does not
  std::string_view traffic;
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

Effect limited(Effect effect, const std::optional<program::Meter>& meter) {
  if (meter) effect.meters.push_back(*meter);
  return effect;
}

std::string describe_admission(const Effect& effect) {
  switch (effect.kind) {
    case Effect::Kind::kDrop:
      return "dropped";
    case Effect::Kind::kController:
      return "given to the controller";
    case Effect::Kind::kOutput:
      return fmt::format("put out at port {}", effect.port.value);
    case Effect::Kind::kContinue:
      break;
  }
  const bool control = (effect.metadata & Metadata::control().bits) != 0;
  std::string text = fmt::format("sent to table {}{}", program::name_of(effect.table),
                                 control ? " as control traffic" : "");
  const std::uint64_t sender = effect.metadata & Metadata::sender(net::ParticipantId{0}).mask;
  return text + (sender == 0 ? " of nobody" : fmt::format(" of participant {}", sender - 1));
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
        space_(task.work.space),
        effects_(task.work.effects) {}

  void check(const Site& site);
  void check_middlebox(const Router& box, const Site& site);

 private:
  std::vector<Rule> rules_for(const Site& site) const;
  std::vector<Rule> rules_for_open(const Site& site) const;
  std::vector<Rule> rules_for_quarantined(const Site& site) const;
  std::vector<Rule> rules_for_middlebox(const Router& box, bool has_outbound) const;
  PredicatePtr own_packets(const Router& box) const;
  Rule returned_to(net::RouterId id, const Router& box) const;
  void add_requests(const Site& site, std::vector<Rule>& rules) const;
  static PredicatePtr own_arp(const Site& site);
  PredicatePtr from_lan() const;
  PredicatePtr to_lan() const;
  static PredicatePtr is_announced(const Site& site);
  const Rule& rule_of(const std::vector<Rule>& rules, const net::Packet& packet) const;
  bool has_priorities(const Site& site) const {
    return check_priorities(task_, TableId::kAdmit, site.port.value);
  }
  bool is_hashed(const Site& site) const;
  bool is_right(const Site& site, const std::vector<Rule>& rules);

  const Task& task_;
  const exchange::Exchange& exchange_;
  PacketSpace& space_;
  Effects& effects_;
};

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

PredicatePtr AdmissionCheck::from_lan() const {
  std::vector<PredicatePtr> any;
  for (const net::Prefix& lan : exchange_.peering_lan) any.push_back(is_from(lan));
  return any_of(std::move(any));
}

// From an address that the member announces, or may have all the same.
PredicatePtr AdmissionCheck::is_announced(const Site& site) {
  const auto announced = std::make_shared<const policy::Predicate>(policy::Predicate{
      policy::InPrefixesOf{.participant = *site.participant, .side = policy::Side::kSource}});
  std::vector<PredicatePtr> any{is_from_any(*site.addresses), is_from_link_local(), announced};
  for (const net::Prefix& each : site.sources->allowed) any.push_back(is_from(each));
  return any_of(std::move(any));
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
      rules.push_back({"I8", "a request for a virtual next hop",
                       all_of({own_arp(site), equals(net::Field::kProtocol, kArpRequest),
                               address_in(AddressField::kDestination, range)}),
                       limited(ask_controller(), site.punts)});
    } else {
      rules.push_back({"I8", "a request for a virtual next hop",
                       all_of({solicitation, address_in(AddressField::kNdTarget, range)}),
                       limited(ask_controller(), site.punts)});
    }
  }
}

std::vector<Rule> AdmissionCheck::rules_for(const Site& site) const {
  switch (site.standing) {
    case exchange::Standing::kOpen:
      return rules_for_open(site);
    case exchange::Standing::kQuarantined:
      return rules_for_quarantined(site);
    case exchange::Standing::kShutDown:
      break;
  }
  return {{"I9", "a frame at a port that is shut down", always(), drop()}};
}

// SEMANTICS, step 1; FABRIC, table 0; RELIABILITY, port security.
std::vector<Rule> AdmissionCheck::rules_for_open(const Site& site) const {
  const bool is_member = site.participant.has_value();
  const Metadata sender = is_member ? Metadata::sender(*site.participant) : Metadata{};
  const Effect control = go_to(TableId::kResolve, sender | Metadata::control());
  const Effect lookup = limited(control, site.lookups);
  // All that is counted goes one way.
  const TableId next = site.is_counted ? TableId::kSent : TableId::kResolve;
  const Effect data = is_member ? go_to(next, sender) : control;
  const bool differs = site.has_outbound && !site.is_counted;
  const Effect tagged = differs ? go_to(TableId::kOutbound, sender) : data;
  const auto own = is_from_any(*site.addresses);
  std::vector<Rule> rules;
  rules.push_back({"I9", "a frame of link control", to_link_control(), drop()});
  rules.push_back({"I9", "a packet with a foreign source MAC",
                   negation(equals(net::Field::kSrcMac, site.mac.to_u64())), drop()});
  if (is_member) add_requests(site, rules);
  rules.push_back({"I8", "an ARP packet", own_arp(site), lookup});
  rules.push_back({"I9", "a spoofed ARP packet", is_arp(), drop()});
  rules.push_back({"I8", "neighbour discovery", is_discovery_of(*site.addresses), lookup});
  rules.push_back({"I9", "spoofed neighbour discovery", is_neighbor_discovery(), drop()});
  rules.push_back({"I8", "host discovery", is_host_discovery(), drop()});
  rules.push_back({"I9", "DHCP", is_dhcp_on(exchange_.peering_lan), drop()});
  rules.push_back(
      {"I11", "a packet to a group address", all_of({is_ip(), to_group_mac()}), drop()});
  if (is_member) {
    rules.push_back({"I8", "BGP or BFD", all_of({is_bgp_or_bfd(), to_lan(), own}), control});
  }
  rules.push_back(
      {"I9", "a packet from somebody else's address", all_of({from_lan(), negation(own)}), drop()});
  if (site.sources != nullptr && site.sources->mode == exchange::SourceCheck::kDrop) {
    rules.push_back({"I9", "a packet from an address that its sender does not announce",
                     all_of({is_ip(), negation(is_announced(site))}), drop()});
  }
  rules.push_back({"I11", "a packet with a tag", all_of({is_ip(), to_inline_tag()}), tagged});
  rules.push_back({"I11", "an IP packet", is_ip(), data});
  rules.push_back({"I11", "a frame that is not for this LAN", always(), drop()});
  return rules;
}

// The router and the route server speak to each other.
std::vector<Rule> AdmissionCheck::rules_for_quarantined(const Site& site) const {
  const Effect control =
      go_to(TableId::kResolve, Metadata::sender(*site.participant) | Metadata::control());
  const Effect lookup = limited(control, site.lookups);
  const exchange::RouteServerSite& server = exchange_.route_server;
  std::vector<PredicatePtr> asked;
  std::vector<PredicatePtr> to_server;
  for (const net::IpAddress& address : server.addresses) {
    to_server.push_back(
        is_for(net::Prefix::containing(address, net::width_of(address.family())).value()));
    const bool is_ip4 = address.family() == net::Family::kIpv4;
    asked.push_back(is_ip4
                        ? all_of({own_arp(site), address_is(AddressField::kDestination, address)})
                        : all_of({is_discovery_of(*site.addresses),
                                  equals(net::Field::kIcmpType, kNeighborSolicitation),
                                  address_is(AddressField::kNdTarget, address)}));
  }
  const auto to_server_mac = equals(net::Field::kDstMac, server.mac.to_u64());
  const auto answer = all_of(
      {is_discovery_of(*site.addresses), equals(net::Field::kIcmpType, kNeighborSolicitation + 1),
       any_of({any_of(to_server), all_of({to_server_mac, is_for(link_local())})})});
  return {{"I9", "a packet with a foreign source MAC",
           negation(equals(net::Field::kSrcMac, site.mac.to_u64())), drop()},
          {"I8", "a lookup of the route server", any_of(std::move(asked)), lookup},
          {"I8", "an answer to the route server", answer, lookup},
          {"I8", "BGP or BFD with the route server",
           all_of({is_bgp_or_bfd(), is_from_any(*site.addresses), any_of(std::move(to_server)),
                   to_server_mac}),
           control},
          {"I9", "a frame at a port in quarantine", always(), drop()}};
}

// What comes back for one of the owner's routers is past the inbound policy. It goes there, perhaps
// by the next middlebox.
Rule AdmissionCheck::returned_to(net::RouterId id, const Router& box) const {
  const Router& router = exchange_.router(id);
  Metadata to = Metadata::egress(router.participant) | Metadata::egress_router(id);
  if (const auto next = next_received(task_.world, box.id)) to = to | Metadata::via(*next);
  return {"I11", "a packet given back to a router",
          all_of({is_ip(), equals(net::Field::kDstMac, router.mac.to_u64())}),
          go_to(TableId::kTransit, to)};
}

// Of a middlebox port: no control traffic; then what its owner receives, and what it sends.
std::vector<Rule> AdmissionCheck::rules_for_middlebox(const Router& box, bool has_outbound) const {
  if (box.standing != exchange::Standing::kOpen) {
    return {{"I9", "a frame at a port that is not open", always(), drop()}};
  }
  const Effect data = go_to(TableId::kResolve, Metadata::sender(box.participant));
  const Effect tagged = go_to(TableId::kOutbound, Metadata::sender(box.participant));
  std::vector<PredicatePtr> own;
  std::vector<Rule> rules;
  rules.push_back({"I9", "a frame of link control", to_link_control(), drop()});
  rules.push_back({"I9", "an ARP packet", is_arp(), drop()});
  rules.push_back({"I9", "neighbour discovery", is_neighbor_discovery(), drop()});
  rules.push_back({"I9", "host discovery", is_host_discovery(), drop()});
  rules.push_back(
      {"I11", "a packet to a group address", all_of({is_ip(), to_group_mac()}), drop()});
  rules.push_back({"I9", "BGP or BFD", all_of({is_bgp_or_bfd(), to_lan()}), drop()});
  for (const net::RouterId router : exchange_.routers_of(box.participant)) {
    own.push_back(equals(net::Field::kSrcMac, exchange_.router(router).mac.to_u64()));
  }
  rules.push_back({"I9", "DHCP", all_of({any_of(own), is_dhcp_on(exchange_.peering_lan)}), drop()});
  for (const net::RouterId router : exchange_.routers_of(box.participant)) {
    rules.push_back(returned_to(router, box));
  }
  rules.push_back(
      {"I9", "a packet with a foreign source MAC", negation(any_of(std::move(own))), drop()});
  rules.push_back({"I9", "a packet from somebody else's address",
                   all_of({from_lan(), negation(own_packets(box))}), drop()});
  rules.push_back({"I11", "a packet with a tag", all_of({is_ip(), to_inline_tag()}),
                   has_outbound ? tagged : data});
  rules.push_back({"I11", "an IP packet", is_ip(), data});
  rules.push_back({"I11", "a frame that is not for this LAN", always(), drop()});
  return rules;
}

// With the MAC and from an address of one of the owner's routers.
PredicatePtr AdmissionCheck::own_packets(const Router& box) const {
  std::vector<PredicatePtr> any;
  for (const net::RouterId id : exchange_.routers_of(box.participant)) {
    const Router& router = exchange_.router(id);
    any.push_back(
        all_of({equals(net::Field::kSrcMac, router.mac.to_u64()), is_from_any(router.addresses)}));
  }
  return any_of(std::move(any));
}

void AdmissionCheck::check_middlebox(const Router& box, const Site& site) {
  if (has_priorities(site) && is_hashed(site)) {
    is_right(site, rules_for_middlebox(box, site.has_outbound));
  }
}

const Rule& AdmissionCheck::rule_of(const std::vector<Rule>& rules,
                                    const net::Packet& packet) const {
  const std::function<bool(net::ParticipantId, const net::IpAddress&)> announced =
      [this](net::ParticipantId participant, const net::IpAddress& address) {
        const auto prefixes = task_.world.reachability->announced_by(participant);
        return std::ranges::any_of(prefixes,
                                   [&](const auto& prefix) { return prefix.contains(address); });
      };
  const policy::PacketContext context{.sender = {}, .announced = &announced};
  return *std::ranges::find_if(
      rules, [&](const Rule& rule) { return policy::holds(*rule.when, packet, context); });
}

// Later tables test buckets of data only: what goes on as control traffic, or straight to the last
// table, meets no policy.
bool AdmissionCheck::is_hashed(const Site& site) const {
  const std::uint64_t control = Metadata::control().bits;
  const auto rows = task_.index.rows(TableId::kAdmit, 0, site.port.value);
  const auto wrong = std::ranges::find_if(rows, [&](const program::Row* row) {
    const auto* jump = std::get_if<program::Goto>(&row->next);
    const bool goes_on = jump != nullptr && jump->table != TableId::kTransit;
    const bool is_control = (row->write_metadata.bits & control) != 0;
    return goes_on && !is_control && !row->hashes.contains(site.hashes);
  });
  if (wrong == rows.end()) return true;
  task_.findings.add(
      {.invariant = "I11",
       .message = fmt::format("packets that enter at the port of {} are not hashed, and policies "
                              "test their buckets",
                              site.name),
       .witness = {},
       .rows = {**wrong}});
  return false;
}

void AdmissionCheck::check(const Site& site) {
  auto form = form_of(site, task_.index.rows(TableId::kAdmit, 0, site.port.value));
  auto& known = task_.work.right_forms;
  if (form && std::ranges::find(known, *form) != known.end()) return;
  const bool right = has_priorities(site) && is_hashed(site) && is_right(site, rules_for(site));
  if (right && form && known.size() < kMaxForms) known.push_back(*std::move(form));
}

// Reports it if not.
bool AdmissionCheck::is_right(const Site& site, const std::vector<Rule>& rules) {
  const Fixed fixed{{net::Field::kInPort, site.port.value}};
  const auto actual = task_.symbolic().run(
      {.table = TableId::kAdmit, .metadata = 0, .known = known(fixed)}, TableId::kSent);
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
    return false;
  }
  const auto witness = space_.difference(*actual, expected, space_.well_formed(), fixed);
  if (!witness) return true;
  const Rule& rule = rule_of(rules, *witness);
  const Effect is = effect_at(task_.work, *actual, *witness);
  task_.findings.add({.invariant = std::string(rule.invariant),
                      .message = fmt::format(
                          "{} that enters at the port of {} is {}, and should be {}", rule.traffic,
                          site.name, describe_admission(is), describe_admission(rule.effect)),
                      .witness = *witness,
                      .rows = rows_for(task_.program, *witness)});
  return false;
}

}  // namespace

// I9: nothing enters but at a port that somebody owns.
void check_entrance(const Task& task, const Placed& placed) {
  if (std::holds_alternative<program::Discard>(placed.row->next)) return;
  if (placed.key) {
    const net::PortNo number{static_cast<std::uint32_t>(*placed.key)};
    if (number == task.world.exchange->route_server.port || task.directory.find(number)) return;
  }
  task.findings.add({.invariant = "I9",
                     .message = "a row lets packets in at a port that nobody owns",
                     .witness = {},
                     .rows = {*placed.row}});
}

void check_admission(const Task& task, const exchange::Router& router) {
  const auto& policy = task.world.policies[router.participant.index()];
  const policy::Shortfall* const shortfall = task.shortfall_of(router.participant);
  const bool is_checked = router.sources.mode != exchange::SourceCheck::kOff &&
                          (shortfall == nullptr || !shortfall->no_source_check);
  const Site site{.name = router.name,
                  .port = router.port,
                  .mac = router.mac,
                  .addresses = &router.addresses,
                  .participant = router.participant,
                  .has_outbound = policy && policy->has_outbound(),
                  .is_counted = policy && !policy->outbound.queries.empty(),
                  .hashes = task.hashing.of_sender(router.participant),
                  .standing = router.standing,
                  .lookups = program::lookup_meter(router.id, router.port),
                  .punts = program::punt_meter(router.id, router.port),
                  .peering_lan = &task.world.exchange->peering_lan,
                  .sources = is_checked ? &router.sources : nullptr};
  AdmissionCheck check(task);
  if (router.middlebox) {
    check.check_middlebox(router, site);
  } else {
    check.check(site);
  }
}

void check_site_admission(const Task& task) {
  const exchange::RouteServerSite& site = task.world.exchange->route_server;
  AdmissionCheck(task).check({.name = "the route server",
                              .port = site.port,
                              .mac = site.mac,
                              .addresses = &site.addresses,
                              .participant = {},
                              .has_outbound = false,
                              .is_counted = false,
                              .hashes = {},
                              .peering_lan = &task.world.exchange->peering_lan});
}

}  // namespace fabrix::verify
