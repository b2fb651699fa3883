// BMP messages (RFC 7854, version 3): their values and their encoding. bmp_decoder.h decodes them.
//
//   RFC 7854 §4.2   per-peer header: global instance peers, flags V, L and A
//   RFC 7854 §4.3-4.10   initiation, termination, route monitoring, statistics, peer down, peer up
//   RFC 8671 §4     flag O: Adj-RIB-Out
//
// Regular values. encode_bmp() appends one whole message with its header. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/byte_writer.h"
#include "bgp/open_message.h"
#include "bgp/update_message.h"
#include "monitoring/table.h"
#include "net/asn.h"
#include "net/ip_address.h"

namespace fabrix::monitoring {

inline constexpr std::uint8_t kBmpVersion = 3;
inline constexpr std::size_t kBmpHeaderSize = 6;

// RFC 7854 §4.1, as on the wire.
enum class BmpType : std::uint8_t {
  kRouteMonitoring = 0,
  kStatisticsReport = 1,
  kPeerDown = 2,
  kPeerUp = 3,
  kInitiation = 4,
  kTermination = 5,
};

// Which of a peer's RIBs a message is about: the flags L (post-policy) and O (Adj-RIB-Out).
enum class RibView : std::uint8_t {
  kAdjRibIn = 0x00,
  kAdjRibInPostPolicy = 0x40,
  kAdjRibOut = 0x10,
  kAdjRibOutPostPolicy = 0x50,
};

// The per-peer header.
struct BmpPeer {
  net::IpAddress address = net::IpAddress::unspecified(net::Family::kIpv4);
  net::Asn asn;
  std::uint32_t bgp_identifier = 0;
  RibView view = RibView::kAdjRibIn;
  bgp::AsnWidth width = bgp::AsnWidth::kFourOctets;  // of AS_PATH in the message: flag A
  Timestamp time;                                    // when the routes came; 0: unknown

  friend bool operator==(const BmpPeer&, const BmpPeer&) = default;
};

BmpPeer bmp_peer(const PeerSession& session);

// RFC 7854 §4.3. More of each is legal, but says no more.
struct Initiation {
  std::string description;        // sysDescr
  std::string name;               // sysName
  std::vector<std::string> text;  // free

  friend bool operator==(const Initiation&, const Initiation&) = default;
};

// RFC 7854 §4.5, as on the wire.
enum class TerminationReason : std::uint16_t {
  kAdministrativelyClosed = 0,
  kUnspecified = 1,
  kOutOfResources = 2,
  kRedundantConnection = 3,
  kPermanentlyClosed = 4,
};

struct Termination {
  TerminationReason reason = TerminationReason::kUnspecified;
  std::vector<std::string> text;

  friend bool operator==(const Termination&, const Termination&) = default;
};

// RFC 7854 §4.6.
struct RouteMonitoring {
  BmpPeer peer;
  std::vector<std::byte> update;  // a whole UPDATE message

  friend bool operator==(const RouteMonitoring&, const RouteMonitoring&) = default;
};

// RFC 7854 §4.8.
struct StatisticsReport {
  BmpPeer peer;
  std::vector<Statistic> statistics;

  friend bool operator==(const StatisticsReport&, const StatisticsReport&) = default;
};

// RFC 7854 §4.9.
struct PeerDown {
  BmpPeer peer;
  DownReason reason;

  friend bool operator==(const PeerDown&, const PeerDown&) = default;
};

// RFC 7854 §4.10. The local address is of the peer's family.
struct PeerUp {
  BmpPeer peer;
  net::IpAddress local_address = net::IpAddress::unspecified(net::Family::kIpv4);
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
  bgp::OpenMessage sent;
  bgp::OpenMessage received;
  std::vector<std::string> text;

  friend bool operator==(const PeerUp&, const PeerUp&) = default;
};

PeerUp peer_up_message(const PeerSession& session);

using BmpMessage =
    std::variant<RouteMonitoring, StatisticsReport, PeerDown, PeerUp, Initiation, Termination>;

// Strings longer than 65,535 octets are cut.
void encode_bmp(const BmpMessage& message, ByteWriter& out);

// Route monitoring without a copy of the UPDATE.
void encode_route_monitoring(const BmpPeer& peer, std::span<const std::byte> update,
                             ByteWriter& out);

// How many octets the value of a statistic has: a counter, a gauge, or a family and a gauge; 0 if
// the type is not known.
std::size_t statistic_size(StatisticType type);

}  // namespace fabrix::monitoring
