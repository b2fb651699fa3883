#include "openflow/label_actions.h"

#include "openflow/wire.h"

namespace fabrix::openflow {
namespace {

constexpr std::uint16_t kPushVlan = 17;
constexpr std::uint16_t kPopVlan = 18;
constexpr std::uint16_t kGroup = 22;
constexpr std::uint16_t kTagType = 0x8100;

}  // namespace

OpaqueAction push_vlan() {
  WireWriter out;
  out.u16(kTagType);
  out.zeros(2);
  return {.type = kPushVlan, .body = out.take()};
}

SetField set_vlan_id(std::uint16_t vid) {
  return {.field = OxmField::kVlanVid, .value = std::uint64_t{kVlanPresent} | vid};
}

OpaqueAction pop_vlan() {
  WireWriter out;
  out.zeros(4);
  return {.type = kPopVlan, .body = out.take()};
}

OpaqueAction to_group(std::uint32_t id) {
  WireWriter out;
  out.u32(id);
  return {.type = kGroup, .body = out.take()};
}

}  // namespace fabrix::openflow
