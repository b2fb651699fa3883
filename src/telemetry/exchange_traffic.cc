#include "telemetry/exchange_traffic.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "net/address_bits.h"
#include "sflow/xdr.h"
#include "telemetry/announced.h"
#include "telemetry/routing_attribute.h"

namespace fabrix::telemetry {
namespace {

using sflow::LayerKind;

constexpr std::uint16_t kBgpPort = 179;
constexpr std::chrono::minutes kSweepEvery{1};

// An end of a frame: a MAC address, or more than one is.
constexpr std::uint64_t kMember = std::uint64_t{1} << 48U;  // and its number
constexpr std::uint64_t kRouteServer = std::uint64_t{2} << 48U;
constexpr std::uint64_t kMulticast = std::uint64_t{3} << 48U;
constexpr std::uint64_t kBroadcast = std::uint64_t{4} << 48U;
constexpr std::uint64_t kDiscarded = std::uint64_t{5} << 48U;
constexpr std::uint64_t kNoEnd = std::uint64_t{6} << 48U;
constexpr std::uint64_t kKindMask = ~((std::uint64_t{1} << 48U) - 1);

constexpr std::uint64_t kIpv6Block = std::uint64_t{1} << 48U;

constexpr std::uint64_t kCopied = 1;
constexpr std::uint64_t kNobodys = 2;

struct Size {
  std::uint32_t from;
  std::string_view text;
};
// As RMON counts them (RFC 2819), and what is longer.
constexpr std::array kSizes{Size{0, "0-64"},      Size{65, "65-127"},    Size{128, "128-255"},
                            Size{256, "256-511"}, Size{512, "512-1023"}, Size{1024, "1024-1518"},
                            Size{1519, "1519-"}};

using enum TrafficField;
constexpr std::array<TrafficViewInfo, kTrafficViews> kViews{{
    {"matrix", "who sends to whom", {{{"source", kEnd}, {"destination", kEnd}, {}}}},
    {"ethertypes",
     "what kinds of frames who sends",
     {{{"ethertype", kEthertype}, {"source", kEnd}, {}}}},
    {"sizes", "how long frames are", {{{"octets", kSize}, {}, {}}}},
    {"unknown",
     "frames from MAC addresses that are nobody's",
     {{{"source", kEnd}, {"ifindex", kPort}, {}}}},
    {"spoofed",
     "packets from addresses that the member does not announce",
     {{{"source", kEnd}, {"block", kBlock}, {}}}},
    {"bogons",
     "packets from addresses that nobody has",
     {{{"source", kEnd}, {"block", kBlock}, {}}}},
    {"bgp", "BGP sessions that are not the route server's", {{{"a", kEnd}, {"b", kEnd}, {}}}},
    {"flooding",
     "unicast frames to several ports, or to nobody's address",
     {{{"source", kEnd}, {"destination", kEnd}, {"reason", kReason}}}},
}};

std::uint64_t end_of(const Members& members, const std::optional<net::MacAddress>& mac,
                     const std::optional<MemberId>& member) {
  if (member) return kMember | member->value;
  if (!mac) return kNoEnd;
  if (members.is_route_server(*mac)) return kRouteServer;
  if (*mac == net::MacAddress::broadcast()) return kBroadcast;
  return mac->is_multicast() ? kMulticast : mac->to_u64();
}

std::uint64_t block_of(const net::IpAddress& address) {
  const net::AddressBits bits = net::AddressBits::of(address);
  return address.family() == net::Family::kIpv4 ? bits.high >> 40U : kIpv6Block | bits.high >> 16U;
}

std::string block_text(std::uint64_t block) {
  const bool six = (block & kIpv6Block) != 0;
  const net::AddressBits bits{.high = six ? block << 16U : block << 40U, .low = 0};
  const auto family = six ? net::Family::kIpv6 : net::Family::kIpv4;
  return net::Prefix::containing(bits.to_address(family), six ? 48 : 24)->to_string();
}

std::string end_text(const Members& members, std::uint64_t end) {
  switch (end & kKindMask) {
    case kMember:
      return std::string(members.name_of(MemberId{static_cast<std::uint16_t>(end)}));
    case kRouteServer:
      return std::string(Members::kRouteServer);
    case kMulticast:
      return "multicast";
    case kBroadcast:
      return "broadcast";
    case kDiscarded:
      return "discarded";
    case kNoEnd:
      return "unknown";
    default:
      return fmt::format("{:012X}", end);
  }
}

// Addresses that a host has before it has one, or for its link alone.
bool is_of_link(const net::IpAddress& address) {
  if (address == net::IpAddress::unspecified(address.family())) return true;
  const auto octets = address.octets();
  return address.family() == net::Family::kIpv6 && octets[0] == 0xfe && (octets[1] & 0xc0U) == 0x80;
}

}  // namespace

const TrafficViewInfo& info_of(TrafficView view) {
  return kViews[static_cast<std::size_t>(view)];
}

struct ExchangeTraffic::Frame {
  const Sample* sample;
  FrameEnds ends;
  std::uint64_t from;
  std::uint64_t to;
  Time now;
  bool is_unknown;

  bool is_discarded() const {
    return !is_unknown && sample->output.is(sflow::Interface::Format::kDiscarded);
  }
  // Above, what is no MAC address, member or route server.
  bool is_unicast() const { return from < kMulticast && to < kMulticast; }
};

void ExchangeTraffic::count(TrafficView view, const TrafficKey& key, const Frame& frame) {
  tables_[static_cast<std::size_t>(view)].add(key, frame.sample->sampling_rate,
                                              frame.sample->packet->frame_length(), frame.now);
}

void ExchangeTraffic::add(const Members& members, const RouteTable* table, const Sample& sample,
                          Time now, const FrameExit& exit) {
  const bool goes_out = sample.source.type == 0 && sample.source.index == sample.output.value &&
                        sample.source.index != sample.input.value;
  if (goes_out || sample.drop_reason) return;
  Frame frame{.sample = &sample,
              .ends = ends_of(members, sample),
              .from = 0,
              .to = 0,
              .now = now,
              .is_unknown = exit.is_unknown};
  if (!frame.ends.receiver) frame.ends.receiver = exit.receiver;
  // A sender is who its address says, and nobody who has another one at the same port.
  const auto& source = frame.ends.source;
  if (source && source == members.exchange().prober) return;
  frame.from = end_of(members, source, source ? members.of_mac(*source) : std::nullopt);
  frame.to = end_of(members, frame.ends.destination, frame.ends.receiver);
  const std::uint64_t to = frame.is_discarded() ? kDiscarded : frame.to;
  count(TrafficView::kMatrix, {frame.from, to, 0}, frame);
  const auto* const ethernet = sample.packet->layers().find(LayerKind::kEthernet);
  if (ethernet != nullptr) {
    count(TrafficView::kEthertypes, {ethernet->detail, frame.from, 0}, frame);
  }
  const auto* const size =
      std::ranges::upper_bound(kSizes, sample.packet->frame_length(), {}, &Size::from);
  count(TrafficView::kSizes, {std::prev(size)->from, 0, 0}, frame);
  if (frame.from < kMember) {
    count(TrafficView::kUnknown, {frame.from, sample.input.value, 0}, frame);
  }
  add_addresses(members, table, frame);
  add_bgp(frame);
  add_flooding(frame);
}

void ExchangeTraffic::add_addresses(const Members& members, const RouteTable* table,
                                    const Frame& frame) {
  const auto address = address_of(*frame.sample, Side::kSource);
  if (!address || frame.from == kRouteServer || is_of_link(*address)) return;
  const TrafficKey key{frame.from, block_of(*address), 0};
  const bool on_lan = members.on_peering_lan(*address);
  const auto is_bogon = members.exchange().is_bogon;
  if (is_bogon != nullptr && !on_lan && is_bogon(*address)) {
    count(TrafficView::kBogons, key, frame);
  }
  const auto sender = frame.ends.source ? members.of_mac(*frame.ends.source) : std::nullopt;
  if (!sender || table == nullptr || table->announced_by(*sender) == 0) return;
  const bool is_own =
      on_lan ? members.of_address(*address) == sender : announces(*table, *sender, *address);
  if (!is_own) count(TrafficView::kSpoofed, key, frame);
}

void ExchangeTraffic::add_bgp(const Frame& frame) {
  const sflow::Bytes tcp = frame.sample->packet->layers().octets(LayerKind::kTcp);
  if (tcp.size() < 4 || !frame.is_unicast()) return;
  const std::uint32_t ports = sflow::load_u32(tcp.data());
  if (ports >> 16U != kBgpPort && (ports & 0xffffU) != kBgpPort) return;
  if (frame.from == kRouteServer || frame.to == kRouteServer) return;
  const auto [a, b] = std::minmax(frame.from, frame.to);
  count(TrafficView::kBgp, {a, b, 0}, frame);
}

void ExchangeTraffic::add_flooding(const Frame& frame) {
  if (!frame.is_unicast() || frame.is_discarded() || frame.is_unknown) return;
  const sflow::Interface& output = frame.sample->output;
  const bool is_copied = output.is(sflow::Interface::Format::kMultiple);
  const bool is_nobodys = frame.to < kMember && output.value != sflow::Interface::kInternal;
  if (!is_copied && !is_nobodys) return;
  count(TrafficView::kFlooding, {frame.from, frame.to, is_copied ? kCopied : kNobodys}, frame);
}

void ExchangeTraffic::tick(Time now) {
  if (now < swept_ + kSweepEvery) return;
  swept_ = now;
  for (TrafficTable& table : tables_) table.forget_idle(now);
}

std::string ExchangeTraffic::text_of(const Members& members, TrafficField field,
                                     std::uint64_t value) {
  switch (field) {
    case kNone:
      return "";
    case kEnd:
      return end_text(members, value);
    case kEthertype:
      return fmt::format("0x{:04x}", value);
    case kPort:
      return fmt::to_string(value);
    case kBlock:
      return block_text(value);
    case kReason:
      return value == kCopied ? "copied" : "unknown";
    case kSize:
      break;
  }
  const auto* const size = std::ranges::find(kSizes, value, &Size::from);
  return size != kSizes.end() ? std::string(size->text) : "";
}

}  // namespace fabrix::telemetry
