#include "compiler/witness.h"

#include <array>
#include <cstdint>

#include "compiler/box.h"

namespace fabrix::compiler {
namespace {

using diagram::Diagram;
using net::Field;

struct Wish {
  Field field;
  std::uint64_t value;
};

constexpr std::uint64_t kDocumentationHigh = 0x20010db800000000;  // RFC 3849

// The more important first: a wish that cannot be had besides the earlier ones is forgotten.
constexpr std::array kWishes{
    Wish{Field::kEthType, net::kEthTypeIpv4},
    Wish{Field::kEthType, net::kEthTypeIpv6},
    Wish{Field::kProtocol, net::kProtocolTcp},
    Wish{Field::kProtocol, net::kProtocolUdp},
    Wish{Field::kSrcIp4, 0x64000001},
    Wish{Field::kDstIp4, 0x8c000001},
    Wish{Field::kSrcIp6High, kDocumentationHigh},
    Wish{Field::kSrcIp6Low, 1},
    Wish{Field::kDstIp6High, kDocumentationHigh},
    Wish{Field::kDstIp6Low, 2},
    Wish{Field::kSrcPort, 1024},
    Wish{Field::kDstPort, 1024},
};

bool is_empty(diagram::Store& store, Diagram predicate) {
  return predicate == store.none();
}

// An address that ends in 1 looks more like a host than one that ends in 0.
void prefer_host(diagram::Store& store, Diagram predicate, diagram::Point& point, Field field) {
  if ((point[index_of(field)] & 0xffU) != 0) return;
  diagram::Point host = point;
  host[index_of(field)] |= 1U;
  if (store.evaluate(predicate, host) == diagram::kTrue) point = host;
}

}  // namespace

std::optional<net::Packet> witness(diagram::Store& store, Diagram predicate) {
  if (is_empty(store, predicate)) return std::nullopt;
  Diagram likely = predicate;
  for (const Wish& wish : kWishes) {
    const Diagram granted =
        store.conjunction(likely, store.test(index_of(wish.field), wish.value, wish.value));
    if (!is_empty(store, granted)) likely = granted;
  }
  auto point = store.find_point(likely, [](diagram::Leaf leaf) { return leaf == diagram::kTrue; });
  if (!point) return std::nullopt;
  const bool ip6 = (*point)[index_of(Field::kEthType)] == net::kEthTypeIpv6;
  for (const Field field : ip6 ? std::array{Field::kSrcIp6Low, Field::kDstIp6Low}
                               : std::array{Field::kSrcIp4, Field::kDstIp4}) {
    prefer_host(store, predicate, *point, field);
  }
  net::Packet packet;
  net::set_value(packet, Field::kEthType, (*point)[index_of(Field::kEthType)]);
  for (std::size_t i = 0; i < net::kFieldCount; ++i) {
    const auto field = static_cast<Field>(i);
    const bool other_family = ip6 ? field == Field::kSrcIp4 || field == Field::kDstIp4
                                  : field >= Field::kSrcIp6High && field <= Field::kDstIp6Low;
    if (!other_family) net::set_value(packet, field, (*point)[i]);
  }
  return packet;
}

}  // namespace fabrix::compiler
