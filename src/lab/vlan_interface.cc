#include "lab/vlan_interface.h"

#include <cstddef>

#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <net/if.h>
#include <netinet/in.h>

#include "ebpf/assembler.h"
#include "io/bpf_program.h"

namespace fabrix::lab {
namespace {

using ebpf::Assembler;
using ebpf::Condition;
using ebpf::Helper;
using enum ebpf::Register;

constexpr std::uint16_t kTagType = 0x8100;
constexpr std::int32_t kIdMask = 0xfff;

// The end of both: the packet goes on where r0 is 0.
Result<ebpf::Code> finish(Assembler& out, Assembler::Label dropped) {
  out.jump_if(Condition::kNotEqual, r0, 0, dropped);
  out.exit();
  out.bind(dropped);
  out.move(r0, TC_ACT_SHOT);
  out.exit();
  static_assert(TC_ACT_OK == 0);
  return out.finish();
}

Result<ebpf::Code> tagging(std::uint16_t vlan) {
  Assembler out;
  const auto dropped = out.new_label();
  out.move(r2, htons(kTagType));
  out.move(r3, vlan);
  out.call(Helper::kVlanPush);
  return finish(out, dropped);
}

Result<ebpf::Code> untagging(std::uint16_t vlan) {
  Assembler out;
  const auto dropped = out.new_label();
  out.load(ebpf::Width::k32, r2, {r1, offsetof(__sk_buff, vlan_present)});
  out.jump_if(Condition::kEqual, r2, 0, dropped);
  out.load(ebpf::Width::k32, r2, {r1, offsetof(__sk_buff, vlan_tci)});
  out.calculate(ebpf::Operation::kAnd, r2, kIdMask);
  out.jump_if(Condition::kNotEqual, r2, vlan, dropped);
  out.call(Helper::kVlanPop);
  return finish(out, dropped);
}

}  // namespace

Result<void> make_vlan_interface(const std::string& interface, std::uint16_t vlan) {
  const unsigned index = if_nametoindex(interface.c_str());
  if (index == 0) return fail(io::errno_error("interface " + interface));
  FABRIX_TRY(const auto in, untagging(vlan));
  FABRIX_TRY(const auto out, tagging(vlan));
  FABRIX_TRY(const auto ingress, io::load_bpf_program("vlan_in", in));
  FABRIX_TRY(const auto egress, io::load_bpf_program("vlan_out", out));
  return io::attach_for_good({.ingress = ingress, .egress = egress}, index);
}

}  // namespace fabrix::lab
