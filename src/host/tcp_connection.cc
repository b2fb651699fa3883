#include "host/tcp_connection.h"

#include <array>
#include <utility>

#include "sflow/header_layers.h"
#include "sflow/record.h"
#include "sflow/xdr.h"

namespace fabrix::host {
namespace {

using sflow::LayerKind;

struct Addresses {
  net::IpAddress source;
  net::IpAddress destination;
};

std::optional<Addresses> addresses_of(const sflow::HeaderLayers& layers) {
  const sflow::Layer* const v4 = layers.find(LayerKind::kIpv4);
  const sflow::Layer* const v6 = layers.find(LayerKind::kIpv6);
  if (v4 != nullptr && (v6 == nullptr || v4->offset < v6->offset)) {
    sflow::XdrReader in(layers.octets(*v4).subspan(12));  // RFC 791 §3.1
    const auto source = in.ipv4();
    return Addresses{.source = source, .destination = in.ipv4()};
  }
  if (v6 == nullptr) return std::nullopt;
  sflow::XdrReader in(layers.octets(*v6).subspan(8));  // RFC 8200 §3
  const auto source = in.ipv6();
  return Addresses{.source = source, .destination = in.ipv6()};
}

}  // namespace

std::optional<TcpConnection> connection_of(sflow::HeaderProtocol protocol, sflow::Bytes header,
                                           Way way) {
  const sflow::HeaderLayers layers(static_cast<std::uint32_t>(protocol), header);
  const sflow::Bytes tcp = layers.octets(LayerKind::kTcp);
  const auto addresses = addresses_of(layers);
  if (tcp.size() < 4 || !addresses) return std::nullopt;
  if (layers.find(LayerKind::kIpv4, 1) != nullptr || layers.find(LayerKind::kIpv6, 1) != nullptr) {
    return std::nullopt;
  }
  TcpConnection connection{.local = addresses->source,
                           .remote = addresses->destination,
                           .local_port = sflow::load_u16(tcp.data()),
                           .remote_port = sflow::load_u16(tcp.data() + 2)};
  if (way == Way::kReceived) {
    std::swap(connection.local, connection.remote);
    std::swap(connection.local_port, connection.remote_port);
  }
  return connection;
}

sflow::Record tcp_record(const TcpState& state, Way way) {
  constexpr auto kTcpInfo = sflow::Tag::of(0, 2209);
  const auto number = [](std::uint64_t value) { return sflow::FieldValue(value); };
  const std::array<sflow::FieldValue, 12> values{number(static_cast<std::uint64_t>(way)),
                                                 number(state.send_mss),
                                                 number(state.receive_mss),
                                                 number(state.unacknowledged),
                                                 number(state.lost),
                                                 number(state.retransmitted),
                                                 number(state.path_mtu),
                                                 number(state.rtt_us),
                                                 number(state.rtt_variance_us),
                                                 number(state.congestion_window),
                                                 number(state.reordering),
                                                 number(state.least_rtt_us)};
  return {.tag = kTcpInfo,
          .octets = sflow::encode_record(*sflow::find_flow_schema(kTcpInfo), values)};
}

}  // namespace fabrix::host
